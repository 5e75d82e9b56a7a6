package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// compares says when the whole view of a pipeline that does so by itself was last compared,
// and since when it should have been again.
func (p *pipelineStand) compares(ctx context.Context, store ledger.Store, spec *pipelines.Spec, now time.Time) error {
	c := spec.From.Compare
	if c == nil {
		return nil
	}
	last, err := store.LastCompared(ctx, spec.Pipeline)
	if err != nil {
		return err
	}
	p.compared, p.LastCompared = last.Started, rfc3339(last.Started)
	since := last.Started
	if last.Num == 0 { // not yet: what counts is since when it could have been
		runs, err := store.RunsSince(ctx, now.Add(-3*time.Duration(c.Every)))
		if err != nil {
			return err
		}
		for _, r := range runs {
			if r.Pipeline == spec.Pipeline {
				since = r.Started
			}
		}
	}
	if c.Overdue(since, now) {
		p.overdue = since.Add(time.Duration(c.Every))
		p.CompareOverdue = rfc3339(p.overdue)
	}
	return nil
}

// waitingDeletes is the lists that a person should look at.
func (h *house) waitingDeletes(ctx context.Context, store ledger.DeleteLists, f statusFilter) ([]ledger.DeleteList, error) {
	if f.receiver != "" {
		return nil, nil
	}
	list, err := store.ListDeletes(ctx, "", ledger.ListOpen)
	return slices.DeleteFunc(list, func(l ledger.DeleteList) bool {
		source, known := h.SourceOf(l.Pipeline)
		return !known || f.department != "" && source != f.department
	}), err
}

// comparedText is when the views of a department were last compared, the one longest ago.
func (a *app) comparedText(s *statusReport, department string) string {
	var oldest time.Time
	n, never := 0, 0
	for _, p := range s.Pipelines {
		switch {
		case p.Department != department || !p.comparing:
		case p.compared.IsZero():
			never++
		default:
			n++
			oldest = earliestOf(oldest, p.compared)
		}
	}
	said := ""
	if n > 0 {
		said = fmt.Sprintf(a.t("；%d 个定期比对，都在 %s内比对过", "; %d compare by themselves, each did within %s"), n, a.since(oldest, s.now))
	}
	if never > 0 {
		said += fmt.Sprintf(a.t("；%d 个还没有比对过", "; not compared yet: %d"), never)
	}
	return said
}
