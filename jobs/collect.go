package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// CollectPlan is one pipeline ready to run.
type CollectPlan struct {
	Spec    pipelines.Spec
	Primary string              // subject whose key names a source row
	Keys    map[string][]string // natural key fields by subject
	Mapping string              // version of the mapping
	Stage   pipelines.Stage
	KeyOf   func(arrow.Record) (arrow.Record, error)
	Open    func(context.Context, pipelines.Position) (pipelines.Source, error)
	Placed  bool // set before Open: the source tells which part of the view a row lies in, if it can (pipelines.LeafColumn)
	Dry     bool
	Remap   bool           // apply the mapping to kept source rows instead of asking the department
	Refused bool           // of those, only rows behind open rejects
	Rule    string         // of those, only this rule's
	Chosen  map[int64]bool // of those, only the rejects of these numbers; nil = any
	Again   *Again         // asks the department once more for the rows behind open rejects, those of Rule alone; nil = no
	Fuse    collect.ChangeFuse
	Deletes collect.DeleteFuse
	Approve *Approval        // what a person says of deletes that the fuse stopped; nil = nothing
	Zone    *time.Location   // of the times of a scope; nil = UTC+8
	Now     func() time.Time // nil = time.Now
	Beside  *Collecting      // tells deliveries beside it; nil = there are none
	Parts   *Parts           // the source comes in parts, each with a position of its own; nil = it does not
	slot    string           // of the part in hand
	ranged  bool             // which is a range of a first load

	// Fresh is another stage that does the same, with a KeyOf of its own, for what works beside
	// Stage: the ranges of a first load, and what reads kept rows; nil: one at a time.
	Fresh func() (pipelines.Stage, func(arrow.Record) (arrow.Record, error), error)

	Files    pipelines.Filler    // fetches files that records refer to; nil = they refer to none
	Verified map[string][]string // fields that are verified, by subject
	Recheck  pipelines.Rechecker // verifies again what could not be; nil = nobody
	AllFiles bool                // asks for those that are owed before they are due, too

	Limit int64     // rows of the source that are read at most; 0: all there are. Set before Open; less by what was read after each portion and part
	Since time.Time // what changed at the source from then on is read once more; zero: nothing is
}

// Settler is implemented by sources that leave rows too young for the next run.
type Settler interface{ Settling() int64 }

// Report is what one collect came to.
type Report struct {
	Run      ledger.Run
	Counts   pipelines.Counts
	Elapsed  time.Duration
	Drift    []pipelines.Drift   // how the view differs from what it was at the last run
	Verified int64               // doubts about records that were settled: their records go
	Absence  *collect.Absence    // of a run that read everything and says what a vanished row means
	Refused  []ledger.RejectKind // what a dry run would have refused
	Cut      bool                // Limit was reached and rows are left: it was no complete reading
	Moved    bool                // with Cut: the next run goes on behind what was read
	Err      error

	more bool // another portion waits
}

// Collect runs a pipeline from its last position to what the source has now: once, or, of
// a source that gives portions, once for each. The report is complete even when the run failed half-way: what was counted is in
// the ledger.
func (r *Runner) Collect(ctx context.Context, plan *CollectPlan, progress func(pipelines.Counts)) Report {
	if plan.Parts != nil && !plan.Remap {
		rep := r.collectParts(ctx, plan, progress)
		if rep.Err == nil && !plan.Dry {
			files := r.SettleFiles(ctx, plan)
			rep.Counts.Records, rep.Counts.NewRejects, rep.Err = rep.Counts.Records+files.Counts.Records, rep.Counts.NewRejects+files.Counts.NewRejects, files.Err
		}
		if rep.Err == nil && !plan.Dry {
			again := r.SettleDoubts(ctx, plan)
			rep.Counts.NewRejects, rep.Verified, rep.Err = rep.Counts.NewRejects+again.Counts.NewRejects, again.Verified, again.Err
		}
		return rep
	}
	return r.portions(ctx, plan, progress)
}

func (r *Runner) collectOnce(ctx context.Context, plan *CollectPlan, progress func(pipelines.Counts)) Report {
	start := time.Now()
	rep := Report{Run: ledger.Run{Pipeline: plan.Spec.Pipeline, Mode: plan.Spec.From.Mode, State: "failed"}}
	err := r.underLease(ctx, CollectLease(plan.Spec.Pipeline), 0, func(ctx context.Context, lease *hold) error {
		if err := r.settleMode(ctx, plan); err != nil {
			return err
		}
		run := ledger.Run{Pipeline: plan.Spec.Pipeline, Mode: plan.Spec.From.Mode, Mapping: plan.Mapping, Started: start}
		var err error
		if !plan.Dry {
			if run, err = r.Store.StartRun(ctx, plan.Spec.Pipeline, plan.Spec.From.Mode, plan.Mapping); err != nil {
				return err
			}
		}
		r.Tally.Current(run.Num)
		rep.Run = run
		err = r.collect(ctx, plan, lease.Lease, &rep, progress)
		for _, d := range []debt{r.files(plan), r.doubts(plan)} {
			if err == nil && !plan.Dry && !plan.Remap {
				err = r.settle(ctx, plan, d, lease.Lease, &rep)
			}
		}
		rep.Run.State = stateOf(err, rep)
		if err != nil {
			rep.Run.Error = text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN)).Packed()
		}
		rep.Run.Counts = rep.Counts
		if plan.Dry {
			return err
		}
		return errors.Join(err, r.Store.EndRun(context.WithoutCancel(ctx), rep.Run))
	})
	rep.Err, rep.Elapsed = err, time.Since(start)
	return rep
}

// stateOf names how a run ended: a stop on request and a limit leave a part.
func stateOf(err error, rep Report) string {
	switch {
	case err == nil && !rep.Cut:
		return "done"
	case err == nil, errors.Is(err, context.Canceled), fault.Is(err, fault.Data) && rep.Counts.Read > 0:
		return "partial"
	}
	return "failed"
}

// whole says that the plan reads every row there is.
func (p *CollectPlan) whole() bool {
	return !p.Remap && !p.ranged && p.Spec.From.Whole()
}

// vanishing is what a row means that the plan does not come upon.
func (p *CollectPlan) vanishing() collect.Vanishing {
	if !p.whole() || p.Spec.From.Absent != pipelines.AbsentDelete {
		return collect.Vanishing{}
	}
	return collect.Vanishing{Delete: true, Scope: p.Spec.From.Scope, Zone: p.Zone, Now: p.Now}
}

// limits is when the plan's run stops.
func (p *CollectPlan) limits() (pipelines.Limits, error) {
	l, err := p.Spec.Limits()
	l.Dry = p.Dry
	return l, err
}

// collect fills in what the report says of the run so far; rep.Run is the run.
func (r *Runner) collect(ctx context.Context, plan *CollectPlan, lease ledger.Lease, rep *Report, progress func(pipelines.Counts)) error {
	limits, err := plan.limits()
	if err != nil {
		return err
	}
	if plan.Refused || plan.Again != nil { // every row was refused before
		limits = pipelines.Limits{}
	}
	if err := r.approve(ctx, plan, lease); err != nil {
		return err
	}
	c, err := r.collector(ctx, plan, lease, rep.Run)
	if err != nil {
		return err
	}
	cmp := comparison{plan: plan, collector: c, store: r.Store}
	if err := cmp.prepare(ctx); err != nil {
		return err
	}
	begun, err := plan.begun(ctx, c)
	if err != nil {
		return err
	}
	source, err := r.openSource(ctx, plan, c)
	if err != nil {
		return err
	}
	defer source.Close()
	defer r.putAway(ctx, plan, c, source)
	if l, ok := source.(pipelines.Loader); ok {
		defer func() {
			load := l.Load()
			load.Add(rep.Counts.Load)
			rep.Counts.Load = load
		}()
	}
	if err := r.checkShape(ctx, plan, lease, rep, source); err != nil {
		return err
	}
	if split := splitOf(plan, source); split != nil {
		if s, ok := source.(Settler); ok {
			rep.Counts.Settling = s.Settling()
		}
		return r.collectSplit(ctx, plan, lease, rep, split, progress)
	}
	if err := cmp.begin(ctx, source); err != nil {
		return err
	}
	if plan.Beside != nil {
		progress = givingWay(ctx, plan, progress)
	}
	if d, ok := source.(pipelines.Drifter); ok {
		progress = r.telling(plan, rep, d, progress)
	}
	p := pipelines.Pipeline{Name: plan.Spec.Pipeline, Source: source, Stage: c, Sink: c, Limits: limits, Log: r.Log, Progress: progress}
	rep.Counts, err = p.Run(ctx)
	rep.Refused = c.Refused()
	err = ofKept(plan, err)
	if s, ok := source.(Settler); ok {
		rep.Counts.Settling = s.Settling()
	}
	if err == nil {
		err = c.Stopped(ctx)
	}
	if err != nil {
		return err
	}
	if kept, ok := source.(*collect.KeptSource); ok {
		if err := c.Superseded(ctx, kept.Anew()); err != nil {
			return err
		}
	}
	r.acknowledge(ctx, plan, source)
	return r.ended(ctx, plan, lease, rep, &read{source, c, &cmp, begun})
}

// read is what a run read to its end, or to its limit.
type read struct {
	source    pipelines.Source
	collector *collect.Collector
	cmp       *comparison
	begun     pipelines.Position // of the run, where it has a limit
}

// ended judges what is gone, where everything was read that there is outside, and tells how
// far the run came.
func (r *Runner) ended(ctx context.Context, plan *CollectPlan, lease ledger.Lease, rep *Report, all *read) error {
	source, c, cmp := all.source, all.collector, all.cmp
	if rep.Cut = cut(source); rep.Cut {
		at, err := c.Load(ctx)
		if err != nil {
			return err
		}
		rep.Moved = at != all.begun
	}
	portions, given := source.(pipelines.Portioned)
	whole := plan.whole() && !rep.Cut && (!given || portions.Whole())
	given = given || plan.ranged
	rep.Run.Whole, rep.Counts.Compared = whole && !cmp.part, cmp.compared()
	if rep.more = portions != nil && portions.More(); rep.Cut || given && !whole {
		return r.settleLists(ctx, plan, lease, false)
	}
	gone, absence, err := c.Vanished(ctx)
	rep.Counts.Add(gone)
	rep.Absence = absence
	rep.Run.Compared = compared(whole, absence, err)
	if err != nil {
		return err
	}
	if err := cmp.end(ctx, lease); err != nil {
		return err
	}
	return r.settleLists(ctx, plan, lease, rep.Run.Compared)
}

// ofKept tells a column that was never kept from one that the view does not have.
func ofKept(plan *CollectPlan, err error) error {
	if e := new(fault.Error); plan.Remap && errors.As(err, &e) && e.Kind == fault.Config && e.Op == "bind mapping" {
		return fault.Wrap(err, fault.Config, "map kept rows", "", text.T("留存的来源数据与映射对不上（只留当时映射读的列）", "the source rows that are kept do not suit the mapping (columns are kept that it read then)"),
			text.F("视图里有这一列的，重读视图：banjian run %s --mode full", "if the view has the column, read the view again: banjian run %s --mode full", plan.Spec.Pipeline))
	}
	return err
}

// collector is the plan's way into the ledger.
func (r *Runner) collector(ctx context.Context, plan *CollectPlan, lease ledger.Lease, run ledger.Run) (*collect.Collector, error) {
	cfg := plan.config(r.Alloc)
	cfg.Slot, cfg.Changes, cfg.Vanishing, cfg.Keep = plan.slot, plan.slot != "" && !plan.ranged, plan.vanishing(), true
	cfg.Fuse, cfg.Deletes, cfg.Dry, cfg.Lease, cfg.Run, cfg.Now, cfg.Verified = plan.Fuse, plan.Deletes, plan.Dry, lease, run, plan.Now, plan.Verified
	return collect.New(ctx, r.Store, cfg)
}

// config is what the plan's rows are and become.
func (p *CollectPlan) config(alloc memory.Allocator) collect.Config {
	return collect.Config{Pipeline: p.Spec.Pipeline, Source: p.Spec.From.SourceID, Primary: p.Primary, Keys: p.Keys, Mapping: p.Mapping,
		Stage: p.Stage, KeyOf: p.KeyOf, Keyless: p.Spec.From.Key.None(), Marked: p.Spec.From.Deleted, Alloc: alloc}
}

// Audit is the plan's way to look at the ledger and leave it as it is.
func (p *CollectPlan) Audit() collect.Config {
	cfg := p.config(memory.DefaultAllocator)
	cfg.Dry, cfg.Vanishing, cfg.Now = true, p.vanishing(), p.Now
	return cfg
}

// givingWay lets deliveries keep up with every batch that changed something.
func givingWay(ctx context.Context, plan *CollectPlan, shown func(pipelines.Counts)) func(pipelines.Counts) {
	var collected int64
	return func(c pipelines.Counts) {
		if shown != nil {
			shown(c)
		}
		if c.Collected > collected {
			collected = c.Collected
			plan.Beside.Wrote(ctx, plan.Primary)
		}
	}
}

// openSource opens the department's view where the last run ended, or what was kept of
// its rows.
func (r *Runner) openSource(ctx context.Context, plan *CollectPlan, c *collect.Collector) (pipelines.Source, error) {
	if plan.Remap {
		keyOf := plan.KeyOf // goes by the mapping in hand, which Stage is at work with while this reads
		if plan.Fresh != nil {
			var err error
			if _, keyOf, err = plan.Fresh(); err != nil {
				return nil, err
			}
		}
		return collect.NewKeptSource(ctx, r.Store, collect.KeptConfig{Pipeline: plan.Spec.Pipeline, Stream: ledger.Stream{Source: plan.Spec.From.SourceID, Subject: plan.Primary},
			Key: plan.Keys[plan.Primary], KeyOf: keyOf, Refused: plan.Refused, Rule: plan.Rule, Chosen: plan.Chosen, Alloc: r.Alloc})
	}
	position, err := c.Load(ctx)
	if err != nil {
		return nil, err
	}
	if plan.Again != nil {
		return r.openAgain(ctx, plan, position)
	}
	return plan.Open(ctx, position)
}
