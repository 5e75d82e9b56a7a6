package jobs_test

import (
	"context"
	"strings"
	"testing"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/collect"
)

// deletesOf runs with a fuse that lets nothing pass, and an approval of a list; 0: none.
func (w *world) deletesOf(view *memory.View, list int64) jobs.Report {
	plan := w.comparing(view, memory.Options{})
	plan.Deletes = collect.DeleteFuse{}
	if list != 0 {
		plan.Approve = &jobs.Approval{List: list, Who: "张三@政务"}
	}
	return w.runner.Collect(context.Background(), plan, nil)
}

func (w *world) lists(pipeline string) string {
	w.Helper()
	list, err := w.store.ListDeletes(context.Background(), pipeline, "")
	if err != nil {
		w.Fatalf("%v", err)
	}
	var said []string
	for _, l := range list {
		said = append(said, l.State+":"+strings.Repeat("x", int(l.Records)))
	}
	return strings.Join(said, " ")
}

func TestAnApprovalCoversTheListThatWasShownAndNothingElse(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x", "C=x", "D=x", "E=x"))
	first := w.deletesOf(w.rowsOf("A=x", "B=x", "C=x"), 0)
	if !fault.Is(first.Err, fault.Config) || first.Absence.List == 0 || !strings.Contains(fault.HintOf(first.Err).EN, "--approve-deletes=1") {
		t.Fatalf("%v, %+v", first.Err, first.Absence)
	}
	if again := w.deletesOf(w.rowsOf("A=x", "B=x", "C=x"), 0); again.Absence.List != first.Absence.List {
		t.Errorf("the same records have another number: %d", again.Absence.List)
	}
	// B leaves, too, D changed and E is back before anybody runs it.
	w.compares(w.rowsOf("A=x", "B=x", "C=x", "D=y", "E=x"))
	if got := w.lists("collect-" + subjectAccept); got != "settled:xx" {
		t.Fatalf("what is back waits no more: %s", got)
	}
	second := w.deletesOf(w.rowsOf("A=x", "B=x"), 0) // C D E
	rep := w.deletesOf(w.rowsOf("A=x", "E=x"), second.Absence.List)
	if a := rep.Absence; !fault.Is(rep.Err, fault.Config) || a.Approved != 2 || a.Deleted != 3 || !a.Stopped || len(a.Which) != 1 || a.Which[0].Key[0] != "B" || a.List == second.Absence.List {
		t.Errorf("%v, %+v", rep.Err, rep.Absence)
	}
	for lang, want := range map[text.Lang]string{text.EN: "2 that were approved are deleted; beside them 1 of", text.ZH: "批准过的 2 条已删除；另外，"} {
		if said := fault.Say(rep.Err, lang); !strings.Contains(said, want) {
			t.Errorf("%s", said)
		}
	}
	if got := w.alive(subjectAccept); got != "A=x@1 B=x@1 E=x@1" {
		t.Errorf("alive: %s", got)
	}
	if got := w.lists("collect-" + subjectAccept); got != "open:x settled:xxx settled:xx" {
		t.Errorf("lists: %s", got)
	}
	if rep := w.deletesOf(w.rowsOf("A=x", "E=x"), rep.Absence.List); rep.Err != nil || rep.Absence.Approved != 1 || rep.Absence.Stopped {
		t.Errorf("%v, %+v", rep.Err, rep.Absence)
	}
}

func TestARecordThatChangedSinceTheListWasMadeIsNotOnIt(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x"))
	list := w.deletesOf(w.rowsOf("A=x"), 0).Absence.List
	plan := w.comparing(w.rowsOf("A=x", "B=y"), memory.Options{})
	plan.Spec.From.Absent = "keep"
	plan.Spec.From.Mode = "incremental"
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil {
		t.Fatal(rep.Err)
	}
	rep := w.deletesOf(w.rowsOf("A=x"), list)
	if !fault.Is(rep.Err, fault.Config) || rep.Absence.Approved != 0 || w.alive(subjectAccept) != "A=x@1 B=y@2" {
		t.Errorf("%v, %+v, %s", rep.Err, rep.Absence, w.alive(subjectAccept))
	}
}

// Nobody has seen a list: an approval without one approves nothing.
func TestAnApprovalBeforeAnythingWasShownIsNone(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x"))
	plan := w.comparing(w.rowsOf("A=x"), memory.Options{})
	plan.Deletes, plan.Approve = collect.DeleteFuse{}, &jobs.Approval{Who: "李四"}
	if rep := w.runner.Collect(context.Background(), plan, nil); !fault.Is(rep.Err, fault.Config) || w.alive(subjectAccept) != "A=x@1 B=x@1" {
		t.Errorf("%v, %s", rep.Err, w.alive(subjectAccept))
	}
	if rep := w.runner.Collect(context.Background(), plan, nil); rep.Err != nil || w.alive(subjectAccept) != "A=x@1" {
		t.Errorf("shown and approved: %v, %s", rep.Err, w.alive(subjectAccept))
	}
}

// The process ends when the word was stored, or right after what it covers was deleted.
func TestAnApprovalOutlivesTheRunItWasGivenTo(t *testing.T) {
	for _, after := range []bool{false, true} {
		w := newWorld(t, t.TempDir())
		w.compares(w.rowsOf("A=x", "B=x", "C=x"))
		list := w.deletesOf(w.rowsOf("A=x"), 0).Absence.List
		w.store.crashAt(2, after) // the first write is that of the batch that was read
		if rep := w.deletesOf(w.rowsOf("A=x"), list); rep.Err == nil {
			t.Fatal("it did not crash")
		}
		w.store.crashAt(0, false)
		w.reopen()
		if rep := w.deletesOf(w.rowsOf("A=x"), 0); rep.Err != nil || w.alive(subjectAccept) != "A=x@1" {
			t.Errorf("after %t: %v, %s", after, rep.Err, w.alive(subjectAccept))
		}
		all, err := w.store.ListDeletes(context.Background(), "collect-"+subjectAccept, "")
		if err != nil || len(all) != 1 || all[0].State != ledger.ListSettled || all[0].Who != "张三@政务" || all[0].Decided.IsZero() {
			t.Errorf("after %t: %+v, %v", after, all, err)
		}
		w.close()
	}
}

func TestADryRunMakesNoList(t *testing.T) {
	w := newWorld(t, t.TempDir())
	defer w.close()
	w.compares(w.rowsOf("A=x", "B=x"))
	plan := w.comparing(w.rowsOf("A=x"), memory.Options{})
	plan.Deletes, plan.Dry = collect.DeleteFuse{}, true
	rep := w.runner.Collect(context.Background(), plan, nil)
	if !fault.Is(rep.Err, fault.Config) || rep.Absence.List != 0 || w.lists("collect-"+subjectAccept) != "" {
		t.Errorf("%v, %+v, %s", rep.Err, rep.Absence, w.lists("collect-"+subjectAccept))
	}
}
