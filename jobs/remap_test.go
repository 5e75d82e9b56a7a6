package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// mended is a plan whose mapping was changed: it knows what to make of bad rows, and adds
// suffix to every value.
func (w *world) mended(view *memory.View, suffix string) *jobs.CollectPlan {
	plan := w.collectPlan(subjectAccept, view, memory.Options{}, again)
	plan.Mapping = "mended" + suffix
	plan.Stage = pipelines.StageFunc(func(_ context.Context, in arrow.Record) (pipelines.Result, error) {
		b := array.NewRecordBuilder(w.alloc, canonical)
		defer b.Release()
		rows := make([]int32, in.NumRows())
		for i := range rows {
			rows[i] = int32(i)
			b.Field(0).(*array.StringBuilder).Append(in.Column(0).(*array.String).Value(i))
			b.Field(1).(*array.Int64Builder).Append(in.Column(1).(*array.Int64).Value(i))
			b.Field(2).(*array.StringBuilder).Append(in.Column(2).(*array.String).Value(i) + suffix)
		}
		return pipelines.Result{Outputs: []pipelines.Output{{Subject: subjectAccept, Record: b.NewRecord(), Rows: rows}}}, nil
	})
	return plan
}

func (w *world) rowsOf(names ...string) *memory.View {
	view := memory.NewView(sourceSchema)
	for _, n := range names {
		local, what, _ := strings.Cut(n, "=")
		view.Append(memory.Row{local, int64(1), what, nil})
	}
	return view
}

// newest is the newest version of each record in the log.
func (w *world) newest() string {
	var list []string
	for _, r := range w.log(subjectAccept) {
		if !r.dead {
			list = append(list, fmt.Sprint(r.key, "=", r.what, "@", r.version))
		}
	}
	return strings.Join(list, " ")
}

func TestARemapAppliesAMendedMappingWithoutAskingTheDepartment(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	if rep := w.collect(subjectAccept, w.rowsOf("A=x", "B=old", "C=bad"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	if rep := w.collect(subjectAccept, w.rowsOf("A=x", "B=y", "C=bad"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	stood, err := w.store.Position(context.Background(), "collect-"+subjectAccept)
	if err != nil {
		t.Fatal(err)
	}
	plan := w.mended(w.rowsOf(), "")
	plan.Remap = true
	plan.Open = func(context.Context, pipelines.Position) (pipelines.Source, error) {
		return nil, errors.New("the department was asked")
	}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if rep.Err != nil {
		t.Fatal(rep.Err)
	}
	if got := w.newest(); got != "A/1=x@1 B/1=y@2 C/1=bad@1" {
		t.Errorf("the ledger has %s", got)
	}
	if c := rep.Counts; c.Read != 3 || c.Collected != 1 || c.Unchanged != 2 {
		t.Errorf("counts %+v: the old version of B is not to be read", c)
	}
	if open, err := w.store.OpenRejects(context.Background(), "collect-"+subjectAccept); err != nil || len(open) != 0 {
		t.Errorf("rejects still open: %+v, %v", open, err)
	}
	if at, err := w.store.Position(context.Background(), "collect-"+subjectAccept); err != nil || at != stood {
		t.Errorf("the position moved from %q to %q, %v", stood, at, err)
	}
	// A second remap, with yet another mapping, finds the rows again.
	plan = w.mended(w.rowsOf(), "!")
	plan.Remap, plan.Fuse.Max = true, 10
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Collected != 3 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
}

// openRejects is what is open of the pipeline, with the length of each key.
func (w *world) openRejects(t *testing.T) string {
	t.Helper()
	open, err := w.store.OpenRejects(context.Background(), "collect-"+subjectAccept)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range open {
		list = append(list, fmt.Sprint(r.Rule, " ", strings.HasPrefix(ledger.FirstOfKey(r.Key), "#")))
	}
	return strings.Join(list, ", ")
}

func TestARowWithoutAKeyIsOneRejectUnderEveryMapping(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := w.rowsOf("A=x", "=bad")
	if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	for _, mapping := range []string{"m2", "m2", "m3"} {
		plan := w.collectPlan(subjectAccept, view, memory.Options{}, again)
		plan.Mapping, plan.Remap, plan.Fuse.Max = mapping, true, 10
		rep := w.runner.Collect(context.Background(), plan, nil)
		if rep.Err != nil || rep.Counts.Read != 2 || rep.Counts.Rejected != 1 {
			t.Errorf("%s: %+v, %v", mapping, rep.Counts, rep.Err)
		}
		if got := w.openRejects(t); got != "bad_code true" {
			t.Errorf("%s: open are %s", mapping, got)
		}
	}
}

func TestARowWhoseKeyComesOutWithAMendedMappingIsMappedAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	if rep := w.collect(subjectAccept, w.rowsOf("A=x", "=bad"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.collectPlan(subjectAccept, w.rowsOf(), memory.Options{}, again)
	plan.Mapping, plan.Remap, plan.Refused = "mended", true, true
	plan.KeyOf = func(in arrow.Record) (arrow.Record, error) {
		return array.NewRecord(canonical, []arrow.Array{in.Column(2), in.Column(1), in.Column(2)}, in.NumRows()), nil
	}
	plan.Stage = pipelines.StageFunc(func(_ context.Context, in arrow.Record) (pipelines.Result, error) {
		out := array.NewRecord(canonical, []arrow.Array{in.Column(2), in.Column(1), in.Column(2)}, in.NumRows())
		return pipelines.Result{Outputs: []pipelines.Output{{Subject: subjectAccept, Record: out, Rows: []int32{0}}}}, nil
	})
	rep := w.runner.Collect(context.Background(), plan, nil)
	if rep.Err != nil || rep.Counts.Read != 1 || rep.Counts.Collected != 1 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
	if got := w.newest(); got != "A/1=x@1 bad/1=bad@1" {
		t.Errorf("the ledger has %s", got)
	}
	if got := w.openRejects(t); got != "" {
		t.Errorf("open are %s", got)
	}
}

func TestARemapThatMissesAColumnSaysToReadTheViewAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	if rep := w.collect(subjectAccept, w.rowsOf("A=x"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.mended(w.rowsOf(), "")
	plan.Remap = true
	plan.Stage = pipelines.StageFunc(func(context.Context, arrow.Record) (pipelines.Result, error) {
		return pipelines.Result{}, fault.New(fault.Config, "bind mapping", "m.yaml:3:1", text.T("来源没有列 fj", "the source has no column fj"), text.Text{})
	})
	rep := w.runner.Collect(context.Background(), plan, nil)
	if e := new(fault.Error); !errors.As(rep.Err, &e) || !strings.Contains(e.Hint.EN, "run collect-case/accept --mode full") || !strings.Contains(fault.Say(rep.Err, text.ZH), "m.yaml:3:1: 来源没有列 fj") {
		t.Errorf("got %v", rep.Err)
	}
}

func TestAChangedMappingStopsBeforeItIssuesManyRecordsAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := w.rowsOf("A=x", "B=x", "C=x", "D=x", "E=x")
	if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	before := w.newest()
	plan := w.mended(view, "!")
	plan.Fuse = collect.ChangeFuse{Max: 2}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if !fault.Is(rep.Err, fault.Config) || !strings.Contains(fault.Say(rep.Err, text.EN), "5 records") {
		t.Fatalf("got %v", rep.Err)
	}
	if now := w.newest(); now != before {
		t.Errorf("the ledger has %s, had %s", now, before)
	}
	plan.Fuse.Approved = true
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Collected != 5 {
		t.Errorf("approved: %+v, %v", rep.Counts, rep.Err)
	}
	plan.Fuse.Approved = false
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil {
		t.Errorf("once approved, the mapping is the one in force: %v", rep.Err)
	}
}

// A re-drive looks at refused rows alone.
func TestARedriveMapsRefusedRowsAloneAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	if rep := w.collect(subjectAccept, w.rowsOf("A=x", "B=bad", "C=bad"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.mended(w.rowsOf(), "!")
	plan.Remap, plan.Refused, plan.Rule = true, true, "another"
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Read != 0 {
		t.Errorf("of another rule: %+v, %v", rep.Counts, rep.Err)
	}
	plan.Rule = "bad_code"
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Collected != 2 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
	if got := w.newest(); got != "A/1=x@1 B/1=bad!@1 C/1=bad!@1" {
		t.Errorf("the ledger has %s", got)
	}
}

// A run that reads only what changed says nothing of the records it did not look at.
func TestAnIncrementalRunDoesNotApproveTheMapping(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := w.rowsOf("A=x", "B=x", "C=x", "D=x", "E=x")
	if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.mended(w.rowsOf("A=y"), "!")
	plan.Spec.From.Mode, plan.Fuse.Max = "incremental", 2
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Collected != 1 {
		t.Fatalf("%+v, %v", rep.Counts, rep.Err)
	}
	plan = w.mended(view, "!")
	plan.Spec.From.Mode, plan.Fuse.Max = "full", 2
	rep := w.runner.Collect(context.Background(), plan, nil)
	if !fault.Is(rep.Err, fault.Config) || !strings.Contains(fault.Say(rep.Err, text.EN), "4 records") || !strings.Contains(fault.HintOf(rep.Err).EN, "--mode full --approve-changes") {
		t.Fatalf("got %v", rep.Err)
	}
}

// What changed at the source is not the mapping's doing.
func TestChangesAtTheSourceDoNotBlowTheFuse(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	if rep := w.collect(subjectAccept, w.rowsOf("A=x", "B=x", "C=x"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.mended(w.rowsOf("A=y", "B=y", "C=y"), "")
	plan.Fuse = collect.ChangeFuse{Max: 0}
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Collected != 3 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
}

// What is computed twice, because another pipeline wrote meanwhile, counts once.
func TestAConflictDoesNotCountChangesTwice(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := w.rowsOf("A=x", "B=x", "C=x")
	if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.mended(view, "!")
	plan.Fuse.Max = 3
	w.runner.Store = &broken{Store: w.store, commit: ledger.ErrConflict}
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Collected != 3 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
}

func TestOfTheRefusedRowsThoseThatAreChosenAreMappedAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	view := w.rowsOf("A="+isBad, "B="+isBad, "C="+isBad)
	if rep := w.collect(subjectAccept, view, memory.Options{}, again); rep.Err != nil || rep.Counts.Rejected != 3 {
		t.Fatalf("%+v, %v", rep.Counts, rep.Err)
	}
	refused := func() []ledger.Reject {
		list, err := w.store.OpenRejects(context.Background(), "collect-"+subjectAccept)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	open := refused()
	plan := w.mended(view, "!")
	plan.Remap, plan.Refused, plan.Chosen = true, true, map[int64]bool{open[1].ID: true}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if left := refused(); rep.Err != nil || rep.Counts.Read != 1 || rep.Counts.Collected != 1 || len(left) != 2 || left[0].ID == open[1].ID || left[1].ID == open[1].ID {
		t.Errorf("%+v, %v, %d are open", rep.Counts, rep.Err, len(left))
	}
}

func TestKeptRowsAreReadWithKeysOfTheirOwnBesideTheStageAtWork(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	if rep := w.collect(subjectAccept, w.rowsOf("A=x", "C=bad"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	plan := w.mended(w.rowsOf(), "")
	plan.Remap = true
	var ofStage, ofReader int
	keys := plan.KeyOf
	plan.KeyOf = func(in arrow.Record) (arrow.Record, error) { ofStage++; return keys(in) }
	plan.Fresh = func() (pipelines.Stage, func(arrow.Record) (arrow.Record, error), error) {
		return nil, func(in arrow.Record) (arrow.Record, error) { ofReader++; return keys(in) }, nil
	}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if rep.Err != nil || rep.Counts.Read != 2 {
		t.Fatalf("%+v, %v", rep.Counts, rep.Err)
	}
	if ofStage != 1 || ofReader != 1 {
		t.Errorf("one batch: its keys were computed %d times with the stage's mapping and %d times with the reader's", ofStage, ofReader)
	}
}

func TestASecondRowWithAKeyStaysRefusedUnderAMendedMapping(t *testing.T) {
	for _, refused := range []bool{true, false} {
		w := newWorld(t, t.TempDir())
		defer w.close()
		if rep := w.collect(subjectAccept, w.rowsOf("A=x", "A=twin"), memory.Options{}, again); rep.Err != nil {
			t.Fatal(rep.Err)
		}
		plan := w.mended(w.rowsOf(), "")
		plan.Remap, plan.Refused = true, refused
		rep := w.runner.Collect(context.Background(), plan, nil)
		if rep.Err != nil || rep.Counts.Rejected != 1 {
			t.Fatalf("%+v, %v", rep.Counts, rep.Err)
		}
		if got := w.newest(); got != "A/1=x@1" {
			t.Errorf("refused rows alone %v: the ledger has %s", refused, got)
		}
		if got := w.openRejects(t); got != "duplicate_key false" {
			t.Errorf("open are %s", got)
		}
	}
}

func TestASecondRowReadAgainUnderAMendedMappingStaysRefused(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	if rep := w.collect(subjectAccept, w.rowsOf("A=x", "A=twin"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	rep := w.runner.Collect(context.Background(), w.mended(w.rowsOf("A=twin"), ""), nil) // the view gives the one alone
	if rep.Err != nil || rep.Counts.Rejected != 1 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
	if got := w.newest(); got != "A/1=x@1" {
		t.Errorf("the ledger has %s", got)
	}
	rep = w.runner.Collect(context.Background(), w.mended(w.rowsOf("A=another"), ""), nil) // this one was never refused
	if rep.Err != nil || rep.Counts.Collected != 1 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
	if got := w.openRejects(t); got != "" {
		t.Errorf("open are %s", got)
	}
}
