package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"banjian/connectors/kafka"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// statusReport is status as scripts read it.
type statusReport struct {
	At          string           `json:"at"`
	NeedsPerson bool             `json:"needs_person"`
	Totals      statusTotals     `json:"totals"`
	Trouble     []concern        `json:"trouble"`
	Pipelines   []*pipelineStand `json:"pipelines"`
	Receivers   []*receiverStand `json:"receivers"`
	Inbox       []*inboxStand    `json:"inbox,omitempty"`
	Unrouted    int64            `json:"unrouted,omitempty"` // records no route fits

	unroutedSince time.Time
	Files         []owedFiles  `json:"files_owed,omitempty"`
	Unverified    []unverified `json:"unverified,omitempty"`

	now     time.Time
	rejects []ledger.RejectTotal
	blocked []int64             // records that wait for the acceptances among them
	deletes []ledger.DeleteList // that wait for an approval
	silent  []silentSystem
}

type statusTotals struct {
	Pipelines   int   `json:"pipelines"`
	Late        int   `json:"late"`
	Failed      int   `json:"failed"`
	OpenRejects int64 `json:"open_rejects"`
	Receivers   int   `json:"receivers"`
	Blocked     int   `json:"blocked"`
	Pending     int64 `json:"pending"`
	Held        int64 `json:"held"`
	HeldLong    int64 `json:"held_long"`
	Diverged    int64 `json:"diverged"`
	Rejected    int64 `json:"rejected"`
	FilesOwed   int64 `json:"files_owed,omitempty"`
	Unverified  int64 `json:"unverified,omitempty"`
}

// concern is one thing that needs a person.
type concern struct {
	Since string `json:"since,omitempty"`
	Where string `json:"where"` // department / pipeline, or receiver
	What  string `json:"what"`
	Hint  string `json:"hint,omitempty"`
	since time.Time
}

// What a pipeline can be in.
const (
	pipelineWell    = "well"
	pipelineLate    = "late"   // 迟: a job came due and it has not succeeded since
	pipelineFailed  = "failed" // its newest run
	pipelineRunning = "running"
	pipelineNever   = "never" // has not run yet, and nothing has come due
	pipelinePaused  = "paused"
)

// pipelineStand is how one pipeline is.
type pipelineStand struct {
	Department  string `json:"department"`
	Pipeline    string `json:"pipeline"`
	State       string `json:"state"`
	LastGood    string `json:"last_good,omitempty"`
	LastRun     string `json:"last_run,omitempty"`
	Run         string `json:"run,omitempty"` // id of the newest
	Job         string `json:"job,omitempty"` // that is late
	LateSince   string `json:"late_since,omitempty"`
	Error       string `json:"error,omitempty"`
	OpenRejects int64  `json:"open_rejects"` // those of receivers included
	Blocked     int64  `json:"blocked"`      // records of other kinds that wait for the acceptances among them

	LastCompared   string `json:"last_compared,omitempty"`         // when the whole view was, of a pipeline that does so by itself
	CompareOverdue string `json:"compare_overdue_since,omitempty"` // when that should have been done again

	Paused string `json:"paused_since,omitempty"` // of a continuous pipeline, as the rest
	Behind *int64 `json:"behind,omitempty"`       // messages, when positions were last stored
	Newest string `json:"newest,omitempty"`       // when the newest message read was written

	comparing                                     bool
	good, failed, late, newest, compared, overdue time.Time
}

// lateAfter is how long after its time a run may begin: jobs run one after another.
const lateAfter = 10 * time.Minute

// look gathers how everything is.
func (h *house) look(ctx context.Context, store ledger.Store, f statusFilter, now time.Time) (*statusReport, error) {
	s := &statusReport{At: rfc3339(now), now: now, Pipelines: []*pipelineStand{}, Receivers: []*receiverStand{}}
	var err error
	if s.rejects, err = h.openTotals(ctx, store, f); err != nil {
		return nil, err
	}
	s.blocked = make([]int64, len(s.rejects))
	for i := range s.rejects {
		if s.blocked[i], err = h.blockedTotal(ctx, store, s.rejects[i]); err != nil {
			return nil, err
		}
	}
	if f.receiver == "" {
		if s.Pipelines, err = h.pipelineStands(ctx, store, f.department, now); err != nil {
			return nil, err
		}
	}
	if s.deletes, err = h.waitingDeletes(ctx, store, f); err != nil {
		return nil, err
	}
	stands, err := h.stands(ctx, store, f.receiver, f.department, now)
	if err != nil {
		return nil, err
	}
	s.Receivers = append(s.Receivers, stands...)
	if f.receiver == "" {
		if err := h.lookInbox(ctx, store, s); err != nil {
			return nil, err
		}
	}
	if s.Unverified, err = h.unverified(ctx, store, f); err != nil {
		return nil, err
	}
	if s.Files, err = h.owedFiles(ctx, store, f); err != nil {
		return nil, err
	}
	if s.silent, err = h.silentSystems(ctx, store, f, now); err != nil {
		return nil, err
	}
	s.sum()
	return s, nil
}

// openTotals counts open rejects: with a receiver those that it refused.
func (h *house) openTotals(ctx context.Context, store ledger.Overviews, f statusFilter) ([]ledger.RejectTotal, error) {
	list, err := store.RejectTotals(ctx)
	return slices.DeleteFunc(list, func(r ledger.RejectTotal) bool {
		source, known := h.SourceOf(r.Pipeline)
		return f.receiver != "" && r.Receiver != f.receiver || f.department != "" && (!known || source != f.department)
	}), err
}

func (s *statusReport) sum() {
	t := &s.Totals
	t.Pipelines, t.Receivers = len(s.Pipelines), len(s.Receivers)
	byPipeline, blocked := map[string]int64{}, map[string]int64{}
	for i, r := range s.rejects {
		t.OpenRejects += r.Open
		byPipeline[r.Pipeline] += r.Open
		blocked[r.Pipeline] += s.blocked[i]
	}
	for _, p := range s.Pipelines {
		p.OpenRejects, p.Blocked = byPipeline[p.Pipeline], blocked[p.Pipeline]
		switch p.State {
		case pipelineLate:
			t.Late++
		case pipelineFailed:
			t.Failed++
		}
	}
	for _, o := range s.Files {
		t.FilesOwed += o.Files
	}
	for _, u := range s.Unverified {
		t.Unverified += u.Records
	}
	for _, r := range s.Receivers {
		if r.inTrouble() {
			t.Blocked++
		}
		t.Pending, t.Held, t.HeldLong = t.Pending+r.Pending, t.Held+r.Held, t.HeldLong+r.HeldLong
		t.Diverged, t.Rejected = t.Diverged+r.Diverged, t.Rejected+r.Rejected
	}
}

// pipelineStands is every pipeline of the site, by department.
func (h *house) pipelineStands(ctx context.Context, store ledger.Store, department string, now time.Time) ([]*pipelineStand, error) {
	specs, err := h.Pipelines(nil)
	if err != nil {
		return nil, err
	}
	last, err := runsByPipeline(store.LastRuns(ctx))
	if err != nil {
		return nil, err
	}
	good, err := runsByPipeline(store.GoodRuns(ctx))
	if err != nil {
		return nil, err
	}
	schedules, err := jobs.Load(h.Site().Folder("jobs"))
	if err != nil {
		return nil, err
	}
	list := []*pipelineStand{}
	for _, spec := range specs {
		if department != "" && spec.From.SourceID != department {
			continue
		}
		p := &pipelineStand{Department: spec.From.SourceID, Pipeline: spec.Pipeline, comparing: spec.From.Compare != nil}
		p.judge(last[spec.Pipeline], good[spec.Pipeline])
		if err := p.broken(ctx, store, &spec, last[spec.Pipeline]); err != nil {
			return nil, err
		}
		if err := p.compares(ctx, store, &spec, now); err != nil {
			return nil, err
		}
		if spec.Continuous() {
			flow := p.flow
			if spec.From.Inbox != "" {
				flow = func(ctx context.Context, store ledger.Store) error { return p.flowInbox(ctx, h, store, &spec) }
			}
			if err := flow(ctx, store); err != nil {
				return nil, err
			}
			list = append(list, p)
			continue
		}
		for i := range schedules {
			if err := p.due(ctx, store, &schedules[i], last[spec.Pipeline], good[spec.Pipeline], now); err != nil {
				return nil, err
			}
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b *pipelineStand) int { return cmp.Compare(a.Department, b.Department) })
	return list, nil
}

func runsByPipeline(list []ledger.Run, err error) (map[string]ledger.Run, error) {
	runs := make(map[string]ledger.Run, len(list))
	for _, r := range list {
		runs[r.Pipeline] = r
	}
	return runs, err
}

// judge says how the pipeline is by its runs.
func (p *pipelineStand) judge(last, good ledger.Run) {
	p.good, p.LastGood, p.LastRun, p.Run = good.Ended, rfc3339(good.Ended), rfc3339(last.Started), last.ID
	switch {
	case last.Num == 0:
		p.State = pipelineNever
	case last.State == "running":
		p.State = pipelineRunning
	case last.State == "failed", last.State == "partial" && last.Error != "" && !strings.Contains(last.Error, context.Canceled.Error()):
		p.State, p.Error, p.failed = pipelineFailed, last.Error, last.Started
	default:
		p.State = pipelineWell
	}
}

// flow says how far a continuous pipeline has come.
func (p *pipelineStand) flow(ctx context.Context, store ledger.Store) error {
	since, err := ledger.PausedSince(ctx, store, p.Pipeline)
	if err != nil {
		return err
	}
	if !since.IsZero() {
		p.State, p.Paused = pipelinePaused, rfc3339(since)
	}
	slots, err := store.Slots(ctx, p.Pipeline)
	if err != nil || len(slots) == 0 {
		return err
	}
	behind := int64(0)
	for _, s := range slots {
		at, err := kafka.ReadPlace(s.Position)
		if err != nil {
			continue // of another kind of source: the pipeline's next run says so
		}
		behind += at.Lag()
		if at.At().After(p.newest) {
			p.newest = at.At()
		}
	}
	p.Behind, p.Newest = &behind, rfc3339(p.newest)
	return nil
}

// due marks the pipeline as late when a job with it came due and it has not succeeded
// since. A run under way is in time if it began after that.
func (p *pipelineStand) due(ctx context.Context, store ledger.Schedules, j *jobs.Job, last, good ledger.Run, now time.Time) error {
	if p.State == pipelineFailed || len(j.Pipelines) > 0 && !slices.Contains(j.Pipelines, p.Pipeline) {
		return nil
	}
	since := good.Started
	if last.State == "running" && last.Started.After(since) {
		since = last.Started
	}
	var due time.Time
	if since.IsZero() { // never succeeded: what counts is when the job was started
		at, err := store.Due(ctx, j.Job)
		if err != nil || at.IsZero() {
			return err
		}
		due = at
	} else {
		due = j.Next(since)
	}
	if due.IsZero() || due.Add(lateAfter).After(now) || !p.late.IsZero() && p.late.Before(due) {
		return nil
	}
	p.State, p.Job, p.late, p.LateSince = pipelineLate, j.Job, due, rfc3339(due)
	return nil
}

func (a *app) pipelineState(s string) string {
	zh := map[string]string{pipelineWell: "正常", pipelineLate: "迟了", pipelineFailed: "失败", pipelineRunning: "运行中", pipelineNever: "还没有运行过", pipelinePaused: "已暂停"}
	en := map[string]string{pipelineNever: "has not run yet"}
	if a.lang == text.ZH {
		return zh[s]
	}
	if en[s] != "" {
		return en[s]
	}
	return s
}

// rfc3339 is t, empty for a time that never was.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
