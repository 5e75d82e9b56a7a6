package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/status"
	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// runOptions are the flags of run.
type runOptions struct {
	all         bool
	mode        string
	dryRun      bool
	collectOnly bool
	deliverOnly bool
	remap       bool
	approve     bool   // changes of a new mapping version
	deletes     string // approve deletes, in the ledger and to receivers: number of a list, or shownList
	refused     bool   // with remap: only rows behind open rejects
	reread      bool   // ask the departments again for the rows behind open rejects, and for no others
	rule        string
	chosen      map[int64]bool // of those, the rejects of these numbers alone; nil: all
	failOn      string
	limit       int64
	since       string
	batch       bool // leave continuous pipelines alone: they are being followed
}

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	c := &cobra.Command{
		Use:     "run PIPELINE… | --all",
		Short:   a.t("现在归集并上报一次", "collect and deliver once, now"),
		Example: "  banjian run provident-fund-accept\n  banjian run --all --json\n  banjian run provident-fund-accept --limit 200 --dry-run\n  banjian run provident-fund-accept --since \"2026-11-01 08:00\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(o.check(a, args), o.checkBounds(a, cmd.Flags().Changed("limit"))); err != nil {
				return err
			}
			return a.withHouse(func(h *house) error { return a.run(cmd.Context(), h, args, o) })
		},
	}
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, a.t("本站点的全部管道", "every pipeline of the site"))
	f.StringVar(&o.mode, "mode", "", a.t("full 全量 | incremental 增量 | compare 全量比对（默认按管道文件）", "full | incremental | compare (default: as the pipeline says)"))
	f.StringVar(&o.since, "since", "", a.t("再读一遍部门从时刻 `T` 起改过的行（按更新时间列）：2026-11-01、\"2026-11-01 08:00\"（北京时间）或 36h、7d（往回）；读取位置不倒退，没有变化的行不会再上报", "read once more what changed at the department from `T` on, by its column of the time of change: 2026-11-01, \"2026-11-01 08:00\" (Beijing time) or 36h, 7d (back from now); the stored position does not go back, rows that did not change are not delivered again"))
	f.Int64Var(&o.limit, "limit", 0, a.t("这次最多从每条管道的来源读 `N` 行；余下的留给下次，没读到的不当作已消失", "read at most `N` rows of each pipeline's source now; the rest waits for the next run and is not taken for gone"))
	f.BoolVar(&o.dryRun, "dry-run", false, a.t("只读取和映射，什么也不写", "read and map only, write nothing"))
	f.BoolVar(&o.collectOnly, "collect-only", false, a.t("只归集", "collect only"))
	f.BoolVar(&o.deliverOnly, "deliver-only", false, a.t("只上报台账里已有的", "deliver what the ledger holds"))
	f.BoolVar(&o.remap, "remap", false, a.t("对保留的来源数据重新映射，不再读部门视图", "apply the mapping to the kept source rows instead of reading the department's view"))
	f.BoolVar(&o.approve, "approve-changes", false, a.t("同意新映射引起的重新上报，不论多少条；同意视图结构的变化", "approve what a changed mapping issues again, however many records, and that the view changed"))
	f.StringVar(&o.deletes, "approve-deletes", "", a.t("同意删除名单 `N` 上的记录（banjian deletes list），并向接收方撤销；不写号即现有的名单和已挂起的撤销，不包括还没列出过的", "approve deleting the records on list `N` (banjian deletes list), also at the receivers; without a number: the lists there are and the deletes that are held, nothing that was not shown"))
	f.Lookup("approve-deletes").NoOptDefVal = shownList
	f.StringVar(&o.failOn, "fail-on", "new", a.t("何时以 3 退出：new 有新问题或新挂起 | any 有任何未决 | none 从不", "when to exit 3: new rejects or holds | any open ones | none"))
	return c
}

func (o *runOptions) check(a *app, args []string) error {
	switch {
	case o.all == (len(args) > 0):
		return usageError{errors.New(a.t("写出管道名，或用 --all", "name pipelines, or use --all"))}
	case o.collectOnly && o.deliverOnly:
		return usageError{errors.New(a.t("--collect-only 与 --deliver-only 不能同用", "--collect-only and --deliver-only exclude each other"))}
	case o.remap && (o.deliverOnly || o.mode != ""):
		return usageError{errors.New(a.t("--remap 不与 --deliver-only、--mode 同用", "--remap excludes --deliver-only and --mode"))}
	case o.deletes != "" && o.deletes != shownList && o.list() == 0:
		return usageError{errors.New(a.t("--approve-deletes=N：N 是名单的号", "--approve-deletes=N: N is the number of a list"))}
	case o.failOn != "new" && o.failOn != "any" && o.failOn != "none":
		return usageError{errors.New(a.t("--fail-on 只能是 new、any 或 none", "--fail-on is new, any or none"))}
	case o.mode != "" && o.mode != "full" && o.mode != "incremental" && o.mode != "compare":
		return usageError{errors.New(a.t("--mode 只能是 full、incremental 或 compare", "--mode is full, incremental or compare"))}
	}
	return nil
}

// run collects the named pipelines one after another, feeds their receivers beside
// them, prints the summary and sets the exit code.
func (a *app) run(ctx context.Context, h *house, names []string, o runOptions) error {
	specs, err := h.Pipelines(names)
	if err != nil {
		return err
	}
	if len(specs) == 0 {
		return h.NoPipelines()
	}
	if o.batch {
		if specs = slices.DeleteFunc(specs, func(s pipelines.Spec) bool { return s.Continuous() }); len(specs) == 0 {
			return nil
		}
	}
	plans, err := plansOf(h, specs, o)
	if err != nil {
		return err
	}
	store, err := h.OpenLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := o.checkList(ctx, store, specs); err != nil {
		return err
	}
	runner := a.runner(store)
	w := &work{app: a, house: h, runner: runner, plans: plans, reports: map[string]jobs.Report{}, left: map[string]map[string]int64{}, failed: map[string]error{}}
	if err := w.openReceivers(ctx, h, store, specs, o); err != nil {
		return err
	}
	defer w.closeReceivers()
	w.do(ctx, o)
	w.noteVanished()
	w.listen(ctx, h, store)
	if !o.dryRun && ctx.Err() == nil {
		if err := runner.Prune(ctx, time.Duration(h.Site().Ledger.Keep)*24*time.Hour); err != nil {
			return err
		}
	}
	return a.finish(ctx, w, specs, o, store)
}

// plansOf joins every pipeline before anything is connected, so that a broken mapping
// stops the command before it starts.
func plansOf(h *house, specs []pipelines.Spec, o runOptions) ([]*jobs.CollectPlan, error) {
	bounds, err := o.bounds(h)
	if err != nil {
		return nil, err
	}
	if specs, err = bounds.of(specs); err != nil {
		return nil, err
	}
	var plans []*jobs.CollectPlan
	for _, s := range specs {
		if o.mode != "" && !s.Continuous() && s.From.Files == "" { // what a file has is not for the command to say
			s.From.Mode, s.From.Compare = o.mode, nil
		}
		p, err := h.CollectPlan(s)
		if err != nil {
			return nil, err
		}
		p.Dry, p.Remap, p.Fuse.Approved, p.Approve = o.dryRun, o.remap, o.approve, o.approval()
		p.Refused, p.Rule, p.Chosen, p.AllFiles = o.refused, o.rule, o.chosen, !o.batch
		bounds.Set(p)
		switch {
		case o.reread:
			if err := h.Reread(p); err != nil {
				return nil, err
			}
		case o.refused:
			p.Spec.From.Mode = "redrive"
		case o.remap:
			p.Spec.From.Mode = "remap"
		}
		plans = append(plans, p)
	}
	slices.SortStableFunc(plans, func(a, b *jobs.CollectPlan) int { return h.Rank(a.Primary) - h.Rank(b.Primary) })
	return plans, nil
}

// work is one command's collects and deliveries under way.
type work struct {
	app     *app
	house   *house
	runner  *jobs.Runner
	plans   []*jobs.CollectPlan
	targets []*jobs.DeliverPlan
	resting []string                    // receivers that are left alone
	reports map[string]jobs.Report      // by pipeline
	left    map[string]map[string]int64 // rows left out, by pipeline and filter
	mu      sync.Mutex
	failed  map[string]error // by receiver

	returned int64 // records that receivers sent back
}

// openReceivers prepares the way to the receivers of the pipelines, but for those that
// are to be left alone now.
func (w *work) openReceivers(ctx context.Context, h *house, store ledger.Store, specs []pipelines.Spec, o runOptions) error {
	if o.collectOnly || o.dryRun {
		return nil
	}
	for _, r := range receiversOf(specs) {
		feed, err := w.app.rests.feed(ctx, w.app, h, store, r, time.Now())
		if err != nil {
			return err
		}
		if !feed {
			w.resting = append(w.resting, r)
			if why := w.app.rests.said[r].Broken; !why.IsZero() {
				w.failed[r] = fault.New(fault.Transient, "deliver", r, why, text.F("banjian status 说到什么时候；已经修好：banjian receivers resume %s", "banjian status says until when; if it is mended: banjian receivers resume %s", r))
			}
			continue
		}
		p, err := w.app.deliverPlan(ctx, h, store, r)
		if err != nil {
			w.resting, w.failed[r] = append(w.resting, r), err
			continue
		}
		p.Leave = leave(h, store, r)
		approved, err := o.approvedAt(ctx, store, r, specs)
		if err != nil {
			w.closeReceivers()
			return err
		}
		for i := range p.Subjects {
			p.Subjects[i].Order.Approved = approved
		}
		w.targets = append(w.targets, p)
	}
	return nil
}

// receiversOf is the receivers the pipelines deliver to, by name.
func receiversOf(specs []pipelines.Spec) []string {
	wanted := map[string]bool{}
	for _, s := range specs {
		for _, r := range s.Deliver {
			wanted[r] = true
		}
	}
	return slices.Sorted(maps.Keys(wanted))
}

func (w *work) closeReceivers() {
	for _, t := range w.targets {
		t.Close()
	}
}

// do runs collects in order and deliveries beside them.
func (w *work) do(ctx context.Context, o runOptions) {
	plans := w.plans
	if o.deliverOnly {
		plans = nil
	}
	var subjects []string
	for _, p := range plans {
		subjects = append(subjects, p.Primary)
	}
	collecting := jobs.NewCollecting(subjects...)
	var wg sync.WaitGroup
	for _, t := range w.targets {
		wg.Go(func() {
			if err := w.runner.Deliver(ctx, t, collecting); err != nil {
				w.mu.Lock()
				w.failed[t.Receiver] = err
				w.mu.Unlock()
			}
		})
	}
	for _, p := range plans {
		bar := w.app.progress(p.Spec.Pipeline)
		p.Beside = collecting
		w.reports[p.Spec.Pipeline] = w.runner.Collect(ctx, p, bar.update)
		w.left[p.Spec.Pipeline] = wiring.LeftOut(p)
		bar.finish()
		w.app.noteDrift(w.reports[p.Spec.Pipeline])
		collecting.Done(p.Primary)
	}
	wg.Wait()
}

// listen finds out what receivers did with what they were given before, where the site
// wants to know.
func (w *work) listen(ctx context.Context, h *house, store ledger.Store) {
	for _, t := range w.targets {
		if h.Feedback(t.Receiver) == nil || w.failed[t.Receiver] != nil || ctx.Err() != nil {
			continue
		}
		refused, err := w.app.readFeedback(ctx, h, store, t.Receiver)
		if w.returned += refused; err != nil {
			w.failed[t.Receiver] = err
		}
	}
}

// finish prints the summary and decides the exit code.
func (a *app) finish(ctx context.Context, w *work, specs []pipelines.Spec, o runOptions, store status.Open) error {
	sums := slices.DeleteFunc(w.summaries(specs), func(s summary) bool { return a.inOtherHands(s.failure) })
	a.printSummaries(sums)
	a.printAbsent(sums)
	a.printRefused(w.house, sums)
	var errs []error
	for _, s := range sums {
		if s.failure != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.Pipeline, s.failure))
		}
	}
	for _, r := range slices.Sorted(maps.Keys(w.failed)) {
		errs = append(errs, fmt.Errorf("%s: %w", r, w.failed[r]))
	}
	if len(errs) > 0 {
		return a.reportAll(errs)
	}
	for _, s := range sums {
		if o.failOn != "none" && s.news() {
			a.code = exitNews
		}
	}
	if o.failOn != "none" && w.returned > 0 {
		a.code = exitNews
	}
	if o.failOn == "any" {
		open, err := status.AnyOpen(ctx, store)
		if err != nil {
			return err
		}
		if open {
			a.code = exitNews
		}
	}
	return nil
}

// reportAll prints every failure with its hint, one that several pipelines share
// once; the command failed if any run did.
func (a *app) reportAll(errs []error) error {
	a.code = exitUsage
	var said []string
	for _, err := range errs {
		line := fault.Say(err, a.lang)
		if errors.Is(err, context.Canceled) {
			line = "stopped" // one stop, however many were stopped
		}
		if codeOf(err) == exitFailed {
			a.code = exitFailed
		}
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(line, s) }) {
			a.report(err)
			said = append(said, line)
		}
	}
	return nil
}
