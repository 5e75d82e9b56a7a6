package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"banjian/jobs/reconcile"
)

// Where a row that left the view means that its record is deleted, it is a difference until a
// run has deleted it; of a finished case it never is.
func TestARowThatLeftTheViewIsADifferenceWhereItsRecordIsToGo(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("mode: incremental, absent: keep", "mode: compare, absent: delete")
	w.mustRun("--fail-on", "none")
	ask := []string{"--source", "--receiver", "national"}
	if code, r := w.reconcile(ask...); code != exitDone {
		t.Fatalf("exited %d: %+v", code, r.Differences)
	}
	refused := map[string]bool{}
	for _, l := range w.lines() {
		refused[l.Key[0]] = true
	}
	open := ""
	for _, local := range strings.Split(w.sourceText("SELECT GROUP_CONCAT(slbh) FROM gjj_ywsl y WHERE slzt='1' AND NOT EXISTS (SELECT 1 FROM gjj_bjjg r WHERE r.slbh=y.slbh) AND EXISTS (SELECT 1 FROM gjj_bljl b WHERE b.slbh=y.slbh)"), ",") {
		if !refused[local] {
			open = local
		}
	}
	for _, local := range []string{open, w.clean()} {
		w.sourceExec("DELETE FROM gjj_bljl WHERE hjid=(SELECT MIN(hjid) FROM gjj_bljl WHERE slbh=?)", local)
	}
	code, r := w.reconcile(ask...)
	agreed := map[string]bool{}
	for _, d := range r.Differences {
		if d.Kind != reconcile.Gone || d.Subject != "case/step" {
			t.Errorf("%+v", d)
		}
		agreed[d.Key[0]] = d.Agreed
	}
	if is, named := agreed[open]; code != exitNews || len(agreed) != 2 || !named || is || !agreed[w.clean()] {
		t.Fatalf("exited %d: %+v", code, r.Differences)
	}
	w.mustRun("--fail-on", "none")
	if code, r = w.reconcile(ask...); code != exitDone || len(r.Differences) != 1 {
		t.Errorf("exited %d after the record was deleted: %+v", code, r.Differences)
	}
}

// A department that may not be read now is said so, and nobody says that the sides agree; the
// others are compared.
func TestADepartmentOutOfItsHoursIsNotAsked(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.mustRun("--fail-on", "none")
	far := time.Now().In(time.FixedZone("", 8*3600)).Add(12 * time.Hour)
	w.edit("banjian.yaml", "gjj: {", fmt.Sprintf("gjj: {hours: %q, ", far.Format("15:04")+"-"+far.Add(time.Minute).Format("15:04")))
	code, out, errOut := w.says("reconcile", "--source", "--receiver", "national", "--lang", "zh", "--site", w.dir)
	if code != exitFailed || !strings.Contains(errOut, "没有问：") || !strings.Contains(errOut, "账不能算平") || !strings.Contains(out, "已归集") {
		t.Errorf("exited %d\n%s%s", code, out, errOut)
	}
	for _, l := range strings.Split(out, "\n")[1:2] {
		if !strings.Contains(l, notAsked) {
			t.Error(l)
		}
	}
	if code, _, errOut = w.says("reconcile", "--receiver", "national", "--site", w.dir); code != exitDone {
		t.Errorf("without the departments: exited %d: %s", code, errOut)
	}
}

// A row whose correction was read back is as the ledger has it, though the department has
// another.
func TestACorrectedRowIsNoDifference(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.mustRun("--fail-on", "none")
	const pipeline = "provident-fund-accept"
	no := w.ofDirt("unknown_applicant_type")
	file := w.path("问题数据.xlsx")
	w.must(exitDone, "rejects", "export", "--out", file, "--pipeline", pipeline, "--with-source")
	mend(t, file, pipeline, map[string]map[string]string{count(w.rejects(pipeline, no, "open")[0].ID): {"sqrlx": "机关"}})
	w.says("rejects", "import", file, "--site", w.dir)
	if left := w.rejects(pipeline, no, "open"); len(left) != 0 {
		t.Fatalf("still open: %+v", left)
	}
	if code, r := w.reconcile("--source", "--receiver", "national"); code != exitDone {
		t.Errorf("exited %d: %+v", code, r.Differences)
	}
}

// Rows without a key are told by what they hold: a changed one is a row that came and a
// record whose row is gone. They cannot be asked for one by one.
func TestRowsWithoutAKeyAreReconciledByWhatTheyHold(t *testing.T) {
	w := keylessSite(t, "compare")
	w.collects("papers")
	w.collects("steps")
	ask := []string{"--source", "--department", "gjj-papers"}
	code, r := w.reconcile(ask...)
	if code != exitDone || len(r.Lines) != 1 || r.Lines[0].Receiver != "" || *r.Lines[0].AtSource != (reconcile.AtSource{Rows: 6, Known: 5, Refused: 1}) || r.Lines[0].Collected != 5 || r.Lines[0].Rejected != 1 {
		t.Fatalf("exited %d: %+v", code, r.Lines)
	}
	if code, r = w.reconcile("--source", "--department", "gjj-steps"); code != exitDone || len(r.Differences) != 0 {
		t.Errorf("exited %d: %+v", code, r.Differences)
	}
	w.do("UPDATE papers SET bz='原件' WHERE mc='身份证'")
	if code, r = w.reconcile(ask...); code != exitNews || len(r.Differences) != 2 || r.Lines[0].AtSource.Gone != 1 || r.Lines[0].AtSource.Uncollected != 1 {
		t.Errorf("exited %d: %+v", code, r.Differences)
	}
	if code, _, errOut := w.says("rejects", "redrive", "--reread", "--pipeline", "papers", "--lang", "en", "--site", w.dir); code != exitUsage || !strings.Contains(errOut, "have no key of their own") {
		t.Errorf("exited %d: %s", code, errOut)
	}
}

// Files that were handed over cannot be asked for again: reconciling says so and tells the
// ledger's side alone, and a redrive says what to do instead.
func TestFilesSayThatTheyCannotBeAskedAgain(t *testing.T) {
	w := &troubled{world: fileSite(t, `files: "*.csv"`)}
	w.file("drop/1.csv", "a,b,c\nGJJ-1,M1,一\nGJJ-2,M1,\n")
	w.runFiles()
	code, r := w.reconcile("--source")
	if code != exitDone || len(r.Unasked) != 1 || r.Unasked[0].Failed || !strings.Contains(r.Unasked[0].Said, "handed over") || len(r.Lines) != 1 || r.Lines[0].AtSource != nil || r.Lines[0].Rejected != 1 {
		t.Errorf("exited %d: %+v", code, r)
	}
	code, _, errOut := w.says("rejects", "redrive", "--reread", "--lang", "zh", "--site", w.dir)
	if code != exitUsage || !strings.Contains(errOut, "不能按键再问") || !strings.Contains(errOut, "请部门交一份更正的文件") {
		t.Errorf("exited %d: %s", code, errOut)
	}
}
