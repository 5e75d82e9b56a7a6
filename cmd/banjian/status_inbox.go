package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// inboxStand is how what one approval system was told of stands.
type inboxStand struct {
	System      string `json:"system"`
	Announced   int64  `json:"announced"` // flow numbers, each submission once
	Fetched     int64  `json:"fetched"`
	Waiting     int64  `json:"waiting"` // to be fetched
	Oldest      string `json:"oldest_waiting,omitempty"`
	Nothing     int64  `json:"nothing_given"` // of those that wait: the platform gives nothing for them
	Files       int64  `json:"files_waiting"`
	FilesFailed int64  `json:"files_failed"`
	Withdrawn   int64  `json:"withdrawn"`
	Refused     int64  `json:"withdrawals_refused"`
	Unknown     int64  `json:"withdrawals_unknown"`
	Outage      string `json:"outage_since,omitempty"`
	Why         string `json:"outage,omitempty"`

	oldest, outage time.Time
	why, nothing   text.Text
}

// When what comes in needs a person: a platform that cannot be asked, and a number it gives
// nothing for, so long.
const (
	outageLong = 10 * time.Minute
	givenLong  = time.Hour
)

// lookInbox gathers what platforms sent, and what no route fits.
func (h *house) lookInbox(ctx context.Context, store ledger.Receivers, s *statusReport) error {
	conf := h.Site().Gateway
	if conf == nil {
		return nil
	}
	unrouted, err := store.Exceptions(ctx, ledger.ExceptionQuery{Rule: waitsRoute, State: ledger.Held})
	if err != nil {
		return err
	}
	s.Unrouted = int64(len(unrouted))
	for i := range unrouted {
		s.unroutedSince = earliestOf(s.unroutedSince, unrouted[i].Since)
	}
	if _, err := os.Stat(conf.Journal); err != nil {
		return nil // nothing has come in yet
	}
	j, done, err := h.Journal(ctx)
	if err != nil {
		return err
	}
	defer done()
	list, err := j.Stands(ctx, slices.Sorted(maps.Keys(conf.Systems)))
	for _, x := range list {
		s.Inbox = append(s.Inbox, &inboxStand{System: x.System, Announced: x.Announced, Fetched: x.Fetched, Waiting: x.Waiting, Oldest: rfc3339(x.Oldest), Nothing: x.Refused, Files: x.Files, FilesFailed: x.Failed,
			Withdrawn: x.Withdrawn, Refused: x.WithdrawRefused, Unknown: x.WithdrawUnknown, Outage: rfc3339(x.Outage), oldest: x.Oldest, outage: x.Outage, why: x.OutageWhy, nothing: x.Why})
	}
	return err
}

// waitsRoute is the rule of a record that no route fits.
const waitsRoute = "waits_route"

// troublesInbox lists what of it needs a person.
func (s *statusReport) troublesInbox(a *app, add func(since time.Time, where, what, hint string)) {
	if s.Unrouted > 0 {
		add(s.unroutedSince, a.t("路由", "routes"), fmt.Sprintf(a.t("不知归哪个部门 %d 条：banjian held list --rule waits_route", "nobody's by the table of routes %d: banjian held list --rule waits_route"), s.Unrouted), a.t("在 routes.yaml 里补上", "add routes to routes.yaml"))
	}
	for _, x := range s.Inbox {
		where := a.t("收件 / ", "inbox / ") + x.System
		x.Why = x.why.In(a.lang)
		if !x.outage.IsZero() && s.now.Sub(x.outage) > outageLong {
			add(x.outage, where, fmt.Sprintf(a.t("问不到中台，%d 个流水号在等：%s", "the platform cannot be asked, %d flow numbers wait: %s"), x.Waiting, x.Why), "")
		}
		if x.Nothing > 0 && s.now.Sub(x.oldest) > givenLong {
			add(x.oldest, where, fmt.Sprintf(a.t("中台没有给出 %d 个流水号的内容：%s", "the platform gives nothing for %d flow numbers: %s"), x.Nothing, x.nothing.In(a.lang)), "")
		}
		if x.FilesFailed > 0 {
			add(time.Time{}, where, fmt.Sprintf(a.t("%d 个附件取不到或与说明不符，会再取", "%d files are not given or not what they should be; they are asked for again"), x.FilesFailed), "")
		}
	}
}

// printInbox is one line for each system.
func (a *app) printInbox(s *statusReport) {
	for _, x := range s.Inbox {
		parts := []string{fmt.Sprintf(a.t("流水号 %s", "flow numbers %s"), count(x.Announced)), fmt.Sprintf(a.t("已取 %s", "fetched %s"), count(x.Fetched))}
		waiting := fmt.Sprintf(a.t("待取 %s", "waiting %s"), count(x.Waiting))
		if x.Waiting > 0 {
			waiting += a.t("（最早 ", " (oldest ") + a.since(x.oldest, s.now) + a.t("）", ")")
		}
		parts = append(parts, waiting)
		for _, more := range []struct {
			n      int64
			zh, en string
		}{{x.Files, "附件待取 %s", "files waiting %s"}, {x.Withdrawn, "撤销 %s", "withdrawn %s"}, {x.Refused, "受理后撤销被拒 %s", "withdrawals refused %s"}, {x.Unknown, "撤销的流水号不认识 %s", "withdrawals of unknown numbers %s"}} {
			if more.n > 0 {
				parts = append(parts, fmt.Sprintf(a.t(more.zh, more.en), count(more.n)))
			}
		}
		fmt.Fprintf(a.out, a.t("收件 %s：%s\n", "inbox %s: %s\n"), x.System, strings.Join(parts, " · "))
	}
}

// flowInbox says how far a pipeline has come that reads what a platform sends.
func (p *pipelineStand) flowInbox(ctx context.Context, h *house, store ledger.Store, spec *pipelines.Spec) error {
	since, err := ledger.PausedSince(ctx, store, p.Pipeline)
	if err != nil {
		return err
	}
	if !since.IsZero() {
		p.State, p.Paused = pipelinePaused, rfc3339(since)
	}
	slots, err := store.Slots(ctx, p.Pipeline)
	if err != nil || h.Site().Gateway == nil {
		return err
	}
	if _, err := os.Stat(h.Site().Gateway.Journal); err != nil {
		return nil // nothing has come in yet
	}
	at := int64(0)
	for _, s := range slots {
		n, _ := strconv.ParseInt(string(s.Position), 10, 64) // of another kind of source: the pipeline's next run says so
		at = max(at, n)
	}
	j, done, err := h.Journal(ctx)
	if err != nil {
		return err
	}
	defer done()
	behind, err := j.Behind(ctx, spec.From.SourceID, spec.From.Inbox, at)
	p.Behind = &behind
	return err
}
