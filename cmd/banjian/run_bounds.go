package main

import (
	"errors"
	"fmt"
	"time"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/pace"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/pipelines"
)

// checkBounds says whether --limit and --since go with the other flags; limited: --limit is
// written.
func (o *runOptions) checkBounds(a *app, limited bool) error {
	switch {
	case limited && o.limit < 1:
		return usageError{errors.New(a.t("--limit 至少是 1", "--limit is 1 or more"))}
	case (limited || o.since != "") && (o.deliverOnly || o.remap):
		return usageError{errors.New(a.t("--limit、--since 说的是怎么读来源，不与 --deliver-only、--remap 同用", "--limit and --since say how the source is read: --deliver-only and --remap exclude them"))}
	case o.since != "" && o.mode != "" && o.mode != "incremental":
		return usageError{fmt.Errorf(a.t("--mode %s 本来就全部重读，不与 --since 同用", "--mode %s reads everything again anyway: it excludes --since"), o.mode)}
	}
	return nil
}

// runBounds are the bounds of one command.
type runBounds struct{ wiring.Bounds }

// bounds reads what --limit and --since say. A time without a zone is in the site's.
func (o *runOptions) bounds(h *house) (runBounds, error) {
	b := runBounds{wiring.Bounds{Limit: o.limit}}
	if o.since == "" {
		return b, nil
	}
	now := time.Now()
	if back, ok := pace.Duration(o.since); ok {
		b.Since = now.Add(-back)
		return b, nil
	}
	at, err := jobs.ParseTime(o.since, h.Zone())
	if err != nil || at.After(now) {
		return b, fault.New(fault.Config, "read --since", "--since "+o.since, text.T("不是过去的时刻", "this is no moment of the past"),
			text.T("写成 2026-11-01、\"2026-11-01 08:00\"，或往回的时长 36h、7d", "write 2026-11-01, \"2026-11-01 08:00\", or a length of time back from now: 36h, 7d"))
	}
	b.Since = at
	return b, nil
}

// of is the pipelines as they run within the bounds; with an error, which tells all that
// cannot, none is run.
func (b runBounds) of(specs []pipelines.Spec) ([]pipelines.Spec, error) {
	var found fault.List
	list := make([]pipelines.Spec, len(specs))
	for i, s := range specs {
		var err error
		list[i], err = b.Of(s)
		found.Add(err)
	}
	return list, found.Err()
}

// leftBehind says what becomes of the rows that a limit left.
func leftBehind(rep jobs.Report) text.Text {
	name, mode := rep.Run.Pipeline, rep.Run.Mode
	switch {
	case rep.Run.ID == "":
		return text.F("%s：读满 --limit，还有没读的行", "%s: the limit was reached, there are more rows", name)
	case rep.Moved:
		return text.F("%s：读满 --limit，余下的行下次接着读", "%s: the limit was reached; the next run goes on with the rows that are left", name)
	case mode == "full" || mode == "compare":
		return text.F("%s：读满 --limit，还有没读的行；整个视图不算读完，没读到的不当作已消失，下次从头读", "%s: the limit was reached, there are more rows; this was no complete reading, nothing is taken for gone, the next run begins again", name)
	}
	return text.F("%s：读满 --limit 时还没读到新的行（读到的是要重读的），读取位置没有动；加大 --limit 或不带它", "%s: the limit was reached before any new row (those that came are read again), and the stored position did not move: raise --limit, or leave it out", name)
}
