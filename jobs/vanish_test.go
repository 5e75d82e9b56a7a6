package jobs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// loose is a fuse that lets a test delete what it likes, but for everything.
var loose = collect.DeleteFuse{Max: 100, Ratio: 0.9}

// comparing reads the whole of a view and takes what is absent for deleted.
func (w *world) comparing(view *memory.View, o memory.Options) *jobs.CollectPlan {
	plan := w.collectPlan(subjectAccept, view, o, again)
	plan.Spec.From.Mode, plan.Spec.From.Absent, plan.Deletes = "full", pipelines.AbsentDelete, loose
	return plan
}

func (w *world) compares(view *memory.View) jobs.Report {
	w.Helper()
	rep := w.runner.Collect(context.Background(), w.comparing(view, memory.Options{}), nil)
	if rep.Err != nil {
		w.Fatalf("%v", rep.Err)
	}
	if err := rep.Counts.Check(); err != nil {
		w.Errorf("%v", err)
	}
	return rep
}

// alive is the records of a subject that are not deleted, "key=what@version".
func (w *world) alive(subject string) string {
	w.Helper()
	var list []string
	for _, r := range w.log(subject) {
		local, n, _ := strings.Cut(r.key, "/")
		e, err := w.store.Lookup(context.Background(), ledger.Stream{Source: sourceID, Subject: subject}, [][]byte{ledger.EncodeKey(local, n)})
		if err != nil {
			w.Fatalf("%v", err)
		}
		if !r.dead && !e[0].Deleted {
			list = append(list, fmt.Sprint(local, "=", r.what, "@", r.version))
		}
	}
	return strings.Join(list, " ")
}

func TestARowThatLeftTheViewIsDeletedAndOneThatComesBackIsNewAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x", "C=x"))
	rep := w.compares(w.rowsOf("A=x", "C=y"))
	if c := rep.Counts; c.Read != 2 || c.Unchanged != 1 || c.Collected != 1 || c.Records != 2 || c.Deleted != 1 {
		t.Errorf("counts %+v", c)
	}
	if got := w.alive(subjectAccept); got != "A=x@1 C=y@2" {
		t.Errorf("alive: %s", got)
	}
	if rep := w.compares(w.rowsOf("A=x", "C=y")); rep.Counts.Records != 0 {
		t.Errorf("deleted once more: %+v", rep.Counts)
	}
	w.compares(w.rowsOf("A=x", "B=x", "C=y"))
	if got := w.alive(subjectAccept); got != "A=x@1 C=y@2 B=x@3" {
		t.Errorf("alive: %s", got)
	}
}

func TestAbsenceIsNoDeletionUnlessThePipelineSaysSo(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x"))
	for _, change := range []func(*jobs.CollectPlan){
		func(p *jobs.CollectPlan) { p.Spec.From.Absent = pipelines.AbsentKeep },
		func(p *jobs.CollectPlan) { p.Spec.From.Absent = "" },
		func(p *jobs.CollectPlan) { p.Spec.From.Mode = "incremental" }, // did not look at every row
	} {
		plan := w.comparing(w.rowsOf("A=x"), memory.Options{})
		change(plan)
		if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Deleted != 0 {
			t.Errorf("%+v, %v", rep.Counts, rep.Err)
		}
	}
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1" {
		t.Errorf("alive: %s", got)
	}
}

func TestManyDeletesStopBeforeTheFirstUntilAPersonApproves(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x", "C=x", "D=x"))
	for name, c := range map[string]struct {
		fuse collect.DeleteFuse
		rows []string
	}{
		"more than the number":              {collect.DeleteFuse{Max: 1, Ratio: 1}, []string{"A=x", "B=x"}},
		"more than the share":               {collect.DeleteFuse{Max: 100, Ratio: 0.25}, []string{"A=x", "B=x"}},
		"few, but all there are":            {collect.DeleteFuse{Max: 100, Ratio: 0.01, Few: 10}, nil},
		"one, where every delete is asked":  {collect.DeleteFuse{}, []string{"A=x", "B=x", "C=x"}},
		"one, beside a row nobody can tell": {loose, []string{"A=x", "B=x", "C=x", "=x"}},
	} {
		plan := w.comparing(w.rowsOf(c.rows...), memory.Options{})
		plan.Deletes = c.fuse
		rep := w.runner.Collect(context.Background(), plan, nil)
		if !fault.Is(rep.Err, fault.Config) || !strings.Contains(fault.HintOf(rep.Err).EN, "--mode full --approve-deletes") || rep.Absence == nil || !rep.Absence.Stopped {
			t.Errorf("%s: %v, %+v", name, rep.Err, rep.Absence)
		}
		if strings.Contains(fault.Say(rep.Err, text.EN), "B") {
			t.Errorf("%s: a key in an error: %v", name, rep.Err)
		}
	}
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1 C=x@1 D=x@1" {
		t.Fatalf("alive: %s", got)
	}
	plan := w.comparing(w.rowsOf("A=y"), memory.Options{})
	plan.Deletes = collect.DeleteFuse{}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if a := rep.Absence; a.Absent != 3 || a.Deleted != 3 || fmt.Sprint(a.Which) != "[{case/accept [B 1]} {case/accept [C 1]} {case/accept [D 1]}]" {
		t.Errorf("%+v", a)
	}
	if got := w.alive(subjectAccept); got != "B=x@1 C=x@1 D=x@1 A=y@2" {
		t.Errorf("changes of a run that is stopped are kept, deletes are not made: %s", got)
	}
	plan.Approve = &jobs.Approval{List: rep.Absence.List, Who: "张三"}
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Deleted != 3 {
		t.Errorf("approved: %+v, %v", rep.Counts, rep.Err)
	}
	if got := w.alive(subjectAccept); got != "A=y@2" {
		t.Errorf("alive: %s", got)
	}
}

func TestAFewDeletesPassWhateverTheirShare(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x"))
	plan := w.comparing(w.rowsOf("A=x"), memory.Options{})
	plan.Deletes = collect.DeleteFuse{Max: 1000, Ratio: 0.01, Few: 5}
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Counts.Deleted != 1 {
		t.Errorf("%+v, %v", rep.Counts, rep.Err)
	}
}

// A case with a result, from whichever pipeline, is not deleted by absence.
func TestAFinishedCaseIsNeverDeletedByAbsenceAlone(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x", "C=x"))
	if rep := w.collect("case/result", w.rowsOf("B=granted"), memory.Options{}, again); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	rep := w.compares(w.rowsOf("A=x"))
	if a := rep.Absence; a.Absent != 2 || a.Finished != 1 || a.Deleted != 1 {
		t.Errorf("%+v", a)
	}
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1" {
		t.Errorf("alive: %s", got)
	}
}

func TestOnlyWhatTheViewCanBeExpectedToShowIsMissed(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=new", "B=old", "C=new"))
	plan := w.comparing(w.rowsOf("A=new"), memory.Options{})
	plan.Spec.From.Scope = []pipelines.ScopeRule{{Field: "what", In: []string{"new", "newer"}}}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if rep.Err != nil || rep.Absence.OutOfScope != 1 || rep.Absence.Deleted != 1 {
		t.Fatalf("%+v, %v", rep.Absence, rep.Err)
	}
	if got := w.alive(subjectAccept); got != "A=new@1 B=old@1" {
		t.Errorf("alive: %s", got)
	}
	plan.Spec.From.Scope = []pipelines.ScopeRule{{Field: "nothing", Since: "year"}}
	plan.Open = func(_ context.Context, _ pipelines.Position) (pipelines.Source, error) {
		return w.rowsOf().Open("", memory.Options{Alloc: w.alloc})
	}
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || rep.Absence.OutOfScope != 2 {
		t.Errorf("a record that does not say is not missed: %+v, %v", rep.Absence, rep.Err)
	}
}

func TestTheEdgeOfAScopeIsLeftAloneForADay(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, zone)
	for since, want := range map[string]string{"year": "2026-01-02 00:00", "month": "2026-03-02 00:00", "2025-12-31": "2026-01-01 00:00", "30d": "2026-02-09 12:00"} {
		from, ok, err := (pipelines.ScopeRule{Field: "f", Since: since}).From(now, zone)
		if got := from.Format("2006-01-02 15:04"); !ok || err != nil || got != want {
			t.Errorf("%s: %s, %v", since, got, err)
		}
	}
}

// A row that is refused, left out, or of another pipeline is there; what a row does not
// make any more is not.
func TestRecordsBesideTheOneARowIsNamedByGoWithTheirRow(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	row := func(local, what, more string) memory.Row {
		if more == "" {
			return memory.Row{local, int64(1), what, nil}
		}
		return memory.Row{local, int64(1), what, more}
	}
	view := memory.NewView(sourceSchema, row("A", "x", "a"), row("B", "x", "b"), row("C", "x", "c"), row("D", "x", "d"), row("E", "x", "e"))
	w.compares(view)
	// The step of D is collected by another pipeline, too, which changes it.
	other := w.collectPlan(subjectStep, w.rowsOf("D=dd"), memory.Options{}, again)
	other.Keys = map[string][]string{subjectStep: {"local_no", "n"}}
	if rep := w.runner.Collect(context.Background(), other, nil); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	view.Set(row("A", "x", "a"), row("B", isBad, "b"), row("C", isSkipped, "c"), row("E", "x", ""))
	rep := w.compares(view)
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1 C=x@1 E=x@1" {
		t.Errorf("accepts: %s", got)
	}
	if got := w.alive(subjectStep); got != "A=a@1 B=b@1 C=c@1 D=dd@2" {
		t.Errorf("steps: %s, %+v", got, rep.Absence)
	}
}

func TestAnInterruptedCompareDeletesNothing(t *testing.T) {
	for name, o := range map[string]memory.Options{
		"the source fails":           {Batches: []int{1}, Script: []memory.Step{memory.FailAfter(1, errCrash)}},
		"the source ends in a crash": {Batches: []int{1}, Script: []memory.Step{memory.FailBatch(2, errCrash)}},
	} {
		w := newWorld(t, t.TempDir())
		w.compares(w.rowsOf("A=x", "B=x", "C=x"))
		if rep := w.runner.Collect(context.Background(), w.comparing(w.rowsOf("A=y", "B=y"), o), nil); rep.Err == nil {
			t.Fatalf("%s: it did not", name)
		}
		if got := w.alive(subjectAccept); !strings.Contains(got, "C=x@1") || !strings.Contains(got, "B=") {
			t.Errorf("%s: %s", name, got)
		}
		w.close()
	}
}

// The process ends before, or right after, the transaction that deletes.
func TestACrashWhileDeletingIsMadeGoodByTheNextCompare(t *testing.T) {
	for _, after := range []bool{false, true} {
		w := newWorld(t, t.TempDir())
		w.compares(w.rowsOf("A=x", "B=x", "C=x"))
		view := w.rowsOf("A=x")
		w.store.crashAt(2, after) // the first write is that of the batch that was read
		if rep := w.runner.Collect(context.Background(), w.comparing(view, memory.Options{}), nil); rep.Err == nil {
			t.Fatal("it did not crash")
		}
		w.store.crashAt(0, false)
		w.reopen()
		w.compares(view)
		if got := w.alive(subjectAccept); got != "A=x@1" {
			t.Errorf("after %t: %s", after, got)
		}
		for _, r := range w.log(subjectAccept) {
			if r.version > 2 {
				t.Errorf("after %t: deleted twice: %+v", after, r)
			}
		}
		w.close()
	}
}

func TestARecordThatChangedMeanwhileIsNotDeleted(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x", "C=x"))
	plan := w.comparing(w.rowsOf("A=x", "B=x"), memory.Options{})
	open := plan.Open
	store := &broken{Store: w.store}
	w.runner.Store = store
	plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
		s, err := open(ctx, at)
		return atEnd{s, func() { store.commit = ledger.ErrConflict }}, err
	}
	rep := w.runner.Collect(context.Background(), plan, nil)
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1" || rep.Counts.Deleted != 1 {
		t.Errorf("a conflict is looked at again: %s, %+v", got, rep.Counts)
	}
}

// atEnd does something once the one batch of a source is written.
type atEnd struct {
	pipelines.Source
	do func()
}

func (s atEnd) Commit(ctx context.Context, p pipelines.Position) error {
	s.do() // the batch is written; what follows is what is deleted
	return s.Source.Commit(ctx, p)
}

func TestADryCompareSaysWhatItWouldDelete(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x", "C=x"))
	plan := w.comparing(w.rowsOf("A=y", "D=new"), memory.Options{})
	plan.Dry = true
	rep := w.runner.Collect(context.Background(), plan, nil)
	if rep.Err != nil || rep.Absence.Deleted != 2 {
		t.Errorf("%+v, %v", rep.Absence, rep.Err)
	}
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1 C=x@1" {
		t.Errorf("alive: %s", got)
	}
}

// A delete goes to a receiver that has the record and takes deletes, once a person has
// approved it where one is asked.
func TestADeleteGoesToReceiversAsTheirRulesAllow(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	target := memory.NewTarget()
	feed := func(ask, approved, cannot bool) (held int) {
		t.Helper()
		plan := w.deliverPlan(target)
		for i := range plan.Subjects {
			o := &plan.Subjects[i].Order
			if o.AskDeletes, o.NoDelete = ask, cannot; approved {
				o.Approved = ledger.ApproveAll()
			}
		}
		if err := w.runner.Deliver(context.Background(), plan, jobs.NewCollecting()); err != nil {
			t.Fatal(err)
		}
		list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver, State: ledger.Held, Rule: "waits_delete"})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	w.compares(w.rowsOf("A=x", "B=x", "C=x"))
	feed(true, false, false)
	w.compares(w.rowsOf("A=x"))
	if n := feed(true, false, false); n != 2 || len(target.Effects()) != 3 {
		t.Errorf("unapproved: %d held, %d effects", n, len(target.Effects()))
	}
	w.compares(w.rowsOf("A=x", "C=x")) // C is back before anybody approved
	if n := feed(true, false, false); n != 1 {
		t.Errorf("back again: %d held", n)
	}
	if n := feed(true, true, false); n != 0 {
		t.Errorf("approved: %d held", n)
	}
	ops := ""
	for _, d := range target.Effects() {
		ops += string(rune(d.Op))
	}
	if ops != "IIIUD" {
		t.Errorf("operations %s", ops)
	}
	w.compares(w.rowsOf("C=x"))
	feed(true, true, true)
	list, err := w.store.Exceptions(context.Background(), ledger.ExceptionQuery{Receiver: receiver, State: ledger.Diverged})
	if err != nil || len(list) != 1 || list[0].Rule != "delete_not_taken" {
		t.Errorf("a receiver that takes none: %+v, %v", list, err)
	}
}
