package status

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// What a pipeline can be in.
const (
	Well    = "well"
	Late    = "late"   // 迟: a job came due and it has not succeeded since
	Failed  = "failed" // its newest run
	Running = "running"
	Never   = "never"  // has not run yet, and nothing has come due
	Paused  = "paused" // 暂停, by a person
)

// Pipeline is how one pipeline is.
type Pipeline struct {
	Department  string `json:"department"`
	Pipeline    string `json:"pipeline"`
	State       string `json:"state"`
	LastGood    Moment `json:"last_good,omitzero"` // its end
	LastRun     Moment `json:"last_run,omitzero"`  // its beginning
	Run         string `json:"run,omitempty"`      // id of the newest
	Job         string `json:"job,omitempty"`      // that is late
	LateSince   Moment `json:"late_since,omitzero"`
	Error       Words  `json:"error,omitzero"`
	OpenRejects int64  `json:"open_rejects"` // those of receivers included
	Blocked     int64  `json:"blocked"`      // records of other kinds that wait for the acceptances among them

	LastCompared   Moment `json:"last_compared,omitzero"`         // when the whole view was, of a pipeline that does so by itself
	CompareOverdue Moment `json:"compare_overdue_since,omitzero"` // when that should have been done again

	PausedSince Moment `json:"paused_since,omitzero"` // of a continuous pipeline, as the rest
	Behind      *int64 `json:"behind,omitempty"`      // messages, when positions were last stored
	Newest      Moment `json:"newest,omitzero"`       // when the newest message read was written

	Compares bool `json:"-"` // by itself
}

// lateAfter is how long after its time a run may begin: jobs run one after another.
const lateAfter = 10 * time.Minute

// pipelines is every pipeline of the site, by department.
func (s *Site) pipelines(ctx context.Context, of Scope, r *Report) error {
	if of.Receiver != "" {
		return nil
	}
	specs, err := s.House.Pipelines(nil)
	if err != nil {
		return err
	}
	last, err := byPipeline(s.Store.LastRuns(ctx))
	if err != nil {
		return err
	}
	good, err := byPipeline(s.Store.GoodRuns(ctx))
	if err != nil {
		return err
	}
	schedules, err := jobs.Load(s.House.Site().Folder("jobs"))
	if err != nil {
		return err
	}
	for i := range specs {
		spec := &specs[i]
		if of.Department != "" && spec.From.SourceID != of.Department {
			continue
		}
		p, err := s.pipeline(ctx, spec, last[spec.Pipeline], good[spec.Pipeline], schedules)
		if err != nil {
			return err
		}
		r.Pipelines = append(r.Pipelines, p)
	}
	slices.SortStableFunc(r.Pipelines, func(a, b *Pipeline) int { return cmp.Compare(a.Department, b.Department) })
	return nil
}

func byPipeline(list []ledger.Run, err error) (map[string]ledger.Run, error) {
	runs := make(map[string]ledger.Run, len(list))
	for _, r := range list {
		runs[r.Pipeline] = r
	}
	return runs, err
}

// pipeline looks at one, whose newest run and newest good one are these.
func (s *Site) pipeline(ctx context.Context, spec *pipelines.Spec, last, good ledger.Run, schedules []jobs.Job) (*Pipeline, error) {
	p := &Pipeline{Department: spec.From.SourceID, Pipeline: spec.Pipeline, Compares: spec.From.Compare != nil}
	p.judge(last, good)
	if err := p.broken(ctx, s.Store, spec, last); err != nil {
		return nil, err
	}
	if err := p.compared(ctx, s.Store, spec, s.Now); err != nil {
		return nil, err
	}
	switch {
	case spec.Continuous() && spec.From.Inbox != "":
		return p, s.flowInbox(ctx, p, spec)
	case spec.Continuous():
		return p, p.flow(ctx, s.Store)
	}
	for i := range schedules {
		if err := p.due(ctx, s.Store, &schedules[i], last, good, s.Now); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// judge says how the pipeline is by its runs.
func (p *Pipeline) judge(last, good ledger.Run) {
	p.LastGood, p.LastRun, p.Run = Moment{good.Ended}, Moment{last.Started}, last.ID
	switch {
	case last.Num == 0:
		p.State = Never
	case last.State == "running":
		p.State = Running
	case last.State == "failed", last.State == "partial" && last.Error != "" && !strings.Contains(last.Error, context.Canceled.Error()):
		p.State, p.Error.Text = Failed, text.Unpacked(last.Error)
	default:
		p.State = Well
	}
}

// runStore is what telling a broken run from a living one needs.
type runStore interface {
	Holds(ctx context.Context) ([]string, error)
	LastRun(ctx context.Context, pipeline string) (ledger.Run, error)
}

// broken says whether a run that the ledger has as running ended without a word: its
// process was killed, or the disk was too full to write how it ended. A run is under its
// pipeline's lease from before it is written down until after its end is, so that looking
// in this order never finds fault with a run that lives. Topics are read under the leases of
// their parts, which come and go.
func (p *Pipeline) broken(ctx context.Context, store runStore, spec *pipelines.Spec, last ledger.Run) error {
	if p.State != Running || spec.Continuous() {
		return nil
	}
	held, err := store.Holds(ctx)
	if err != nil || slices.Contains(held, jobs.CollectLease(spec.Pipeline)) {
		return err
	}
	now, err := store.LastRun(ctx, spec.Pipeline)
	if err != nil || now.Num != last.Num || now.State != last.State {
		return err
	}
	p.State = Failed
	p.Error.Text = text.T("没有做完就断了（进程被终止、停电或磁盘满）；再运行一次就接着做，不会重报", "it broke off (process killed, power cut or disk full); run it again, it goes on from there and sends nothing twice")
	return nil
}

// compareStore is what is known of comparisons.
type compareStore interface {
	LastCompared(ctx context.Context, pipeline string) (ledger.Run, error)
	RunsSince(ctx context.Context, since time.Time) ([]ledger.Run, error)
}

// compared says when the whole view of a pipeline that does so by itself was last compared,
// and since when it should have been again.
func (p *Pipeline) compared(ctx context.Context, store compareStore, spec *pipelines.Spec, now time.Time) error {
	c := spec.From.Compare
	if c == nil {
		return nil
	}
	last, err := store.LastCompared(ctx, spec.Pipeline)
	if err != nil {
		return err
	}
	p.LastCompared = Moment{last.Started}
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
		p.CompareOverdue = Moment{since.Add(time.Duration(c.Every))}
	}
	return nil
}

// due marks the pipeline as late when a job with it came due and it has not succeeded
// since. A run under way is in time if it began after that.
func (p *Pipeline) due(ctx context.Context, store ledger.Schedules, j *jobs.Job, last, good ledger.Run, now time.Time) error {
	if p.State == Failed || len(j.Pipelines) > 0 && !slices.Contains(j.Pipelines, p.Pipeline) {
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
	if due.IsZero() || due.Add(lateAfter).After(now) || !p.LateSince.IsZero() && p.LateSince.Before(due) {
		return nil
	}
	p.State, p.Job, p.LateSince = Late, j.Job, Moment{due}
	return nil
}

// StateText is what the pipeline is in, in words.
func (p *Pipeline) StateText() text.Text {
	switch p.State {
	case Well:
		return text.T("正常", "well")
	case Late:
		return text.T("迟了", "late")
	case Failed:
		return text.T("失败", "failed")
	case Running:
		return text.T("运行中", "running")
	case Never:
		return text.T("还没有运行过", "has not run yet")
	}
	return text.T("已暂停", "paused")
}
