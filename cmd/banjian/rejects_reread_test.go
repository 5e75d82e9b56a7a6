package main

import (
	"strings"
	"testing"
)

// A row that the department mended without its time of change moving is not read by a run;
// asked for again by its key it is, with nothing else, and what waited for it goes along.
func TestAMendedRowIsTakenWhenItIsReadAgain(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *world{"embedded": embedded, "MariaDB": onMariaDB} {
		t.Run(name, func(t *testing.T) {
			w := newTroubled(t, open(t))
			w.mustRun()
			localNo := w.ofDirt("unknown_applicant_type")
			all := len(w.lines("--pipeline", "provident-fund-accept", "--rule", "unmapped_code"))
			store := w.openLedger()
			before, err := store.Position(t.Context(), "provident-fund-accept")
			store.Close()
			if err != nil {
				t.Fatal(err)
			}
			w.sourceExec("UPDATE gjj_ywsl SET sqrlx='个人' WHERE slbh=?", localNo)
			w.mustRun("--fail-on", "none")
			if open := w.rejects("provident-fund-accept", localNo, "open"); len(open) != 1 {
				t.Fatalf("a run took it, or lost it: %+v", open)
			}
			w.overlayPipelines("rejects: {max: 100000, ratio: 20%, after: 500}", "rejects: {max: 1, ratio: 1%, after: 1}") // of rows that are all rejects it says nothing
			code, out, errOut := w.says("rejects", "redrive", "--reread", "--pipeline", "provident-fund-accept", "--rule", "unmapped_code", "--json", "--site", w.dir)
			var s summary
			decode(t, out, &s)
			if code != exitDone || s.Mode != "reread" || s.Read != int64(all) || s.Collected != 1 || s.Rejected != int64(all)-1 {
				t.Fatalf("exited %d, %d rejects: %+v\n%s", code, all, s, errOut)
			}
			if open := w.rejects("provident-fund-accept", localNo, "open"); len(open) != 0 {
				t.Errorf("still open: %+v", open)
			}
			number := w.sourceText("SELECT bjbh FROM gjj_ywsl WHERE slbh=?", localNo)
			out, _ = w.must(exitDone, "case", "show", localNo, "--lang", "en")
			if strings.Contains(out, "waits") {
				t.Errorf("case %s: %s", number, out)
			}
			store = w.openLedger()
			after, err := store.Position(t.Context(), "provident-fund-accept")
			store.Close()
			if err != nil || after != before {
				t.Errorf("the position moved from %s to %s, %v", before, after, err)
			}
			w.sourceExec("DELETE FROM gjj_ywsl WHERE slbh IN (SELECT slbh FROM (SELECT slbh FROM gjj_ywsl WHERE sqr IS NULL OR sqr='') x)")
			gone := w.lines("--pipeline", "provident-fund-accept", "--rule", "required")
			code, _, errOut = w.says("rejects", "redrive", "--reread", "--rule", "required", "--lang", "en", "--site", w.dir)
			if code != exitDone || len(gone) == 0 || !strings.Contains(errOut, "not in the department's view any more") {
				t.Errorf("exited %d: %s", code, errOut)
			}
		})
	}
}
