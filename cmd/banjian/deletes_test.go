package main

import (
	"strings"
	"testing"
)

// A department takes rows out of its view. A compare finds them, a large number stops it,
// the national receiver is told once a person approves, a finished case stays.
func TestWhatLeavesAViewIsTakenBackOnceAPersonApproves(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("absent: keep", "absent: delete")
	w.mustRun("--mode", "full", "--fail-on", "none")

	const open = "slbh NOT IN (SELECT slbh FROM gjj_bjjg WHERE slbh IS NOT NULL)"
	var finished, unfinished, pages int
	w.ask(&finished, "SELECT count(DISTINCT clid) FROM gjj_sqcl WHERE NOT ("+open+") AND slbh LIKE '%1'")
	w.ask(&unfinished, "SELECT count(DISTINCT clid) FROM gjj_sqcl WHERE "+open+" AND slbh LIKE '%1'")
	w.ask(&pages, "SELECT count(*) FROM gjj_sqcl")
	if finished == 0 || unfinished == 0 {
		t.Fatalf("%d and %d rows to take away", finished, unfinished)
	}
	if _, err := w.source.Exec("DELETE FROM gjj_sqcl WHERE slbh LIKE '%1'"); err != nil {
		t.Fatal(err)
	}

	const name = "provident-fund-material"
	code, out, errOut := w.says("run", name, "--mode", "compare", "--lang", "zh", "--site", w.dir)
	if code != exitUsage || !strings.Contains(errOut, "--mode compare --approve-deletes") || !strings.Contains(out, "待批准删除") || !strings.Contains(out, "case/material") {
		t.Fatalf("exited %d\n%s\n%s", code, out, errOut)
	}
	if n := w.deletesSent(); n != 0 {
		t.Errorf("%d deletes went out unasked", n)
	}

	w.overlayPipelines("absent: keep", "absent: delete")
	w.edit("pipelines/provident-fund.yaml", "deliver: [national]", "deletes: {max: 5000, ratio: 90%}\ndeliver: [national]")
	sums := w.mustRun("--mode", "compare", "--fail-on", "none")
	s := sums[name]
	if s.Deleted == 0 || s.Deleted > int64(unfinished) || s.Records != s.Deleted || s.Absent.Finished == 0 || s.Absent.Finished > int64(finished) {
		t.Errorf("deleted %d of %d unfinished, kept %+v of %d finished, records %d", s.Deleted, unfinished, s.Absent, finished, s.Records)
	}
	held := s.Receivers["national"].Held
	if held == 0 || w.deletesSent() != 0 {
		t.Errorf("%d wait for approval, %d went out", held, w.deletesSent())
	}
	if _, out, _ := w.says("held", "list", "--rule", "waits_delete", "--lang", "en", "--site", w.dir); !strings.Contains(out, "--approve-deletes") {
		t.Errorf("held list does not say what to do:\n%s", out)
	}

	w.mustRun("--deliver-only", "--approve-deletes", "--fail-on", "none")
	if n := w.deletesSent(); n != held {
		t.Errorf("%d deletes went out, %d were approved", n, held)
	}
	if again := w.mustRun("--mode", "compare", "--fail-on", "none")[name]; again.Records != 0 || again.Absent.Deleted != 0 {
		t.Errorf("deleted again: %+v", again)
	}
}

func (w *troubled) ask(to *int, query string) {
	w.t.Helper()
	if err := w.source.QueryRow(query).Scan(to); err != nil {
		w.t.Fatal(err)
	}
}

// deletesSent is how many rows told the national receiver to take a record back.
func (w *troubled) deletesSent() (n int64) {
	w.t.Helper()
	if err := w.exchange.QueryRow("SELECT count(*) FROM up_pro_material WHERE cd_operation='D'").Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}
