package main

import (
	"slices"
	"strings"
	"testing"

	"banjian/jobs/reconcile"
)

// sourceAddsUp checks that every row of a view is accounted for, on a day of its own where
// its records have one.
func (w *troubled) sourceAddsUp(r *reconcile.Report) {
	w.t.Helper()
	rows := map[string]int64{}
	for _, l := range r.Lines {
		s := l.AtSource
		if s == nil {
			w.t.Fatalf("not asked: %+v", l)
		}
		if s.Rows != s.Known+s.LeftOut+s.Refused+s.Waiting+s.Uncollected+s.Outdated {
			w.t.Errorf("does not add up: %+v", *s)
		}
		if l.Collected != s.Known+s.Outdated+s.Gone && l.Day != "" && s.Refused == 0 {
			w.t.Errorf("%d collected, and at the source %+v", l.Collected, *s)
		}
		rows[l.Subject] += s.Rows
	}
	for subject, view := range map[string]string{"case/accept": "v_gjj_accept", "case/step": "v_gjj_step", "case/result": "v_gjj_result", "case/material": "v_gjj_material"} {
		if got, want := count(rows[subject]), w.sourceText("SELECT COUNT(*) FROM "+view); got != want {
			w.t.Errorf("%s: %s rows, the view has %s", subject, got, want)
		}
	}
}

// kinds is the differences by kind: the last part of each key.
func kinds(r *reconcile.Report) map[string][]string {
	found := map[string][]string{}
	for _, d := range r.Differences {
		found[d.Kind] = append(found[d.Kind], d.Key[len(d.Key)-1])
	}
	return found
}

// What the ledger never got of a department, has otherwise, or has though the department does
// not any more, is found and named; what the next run takes by itself is no difference.
func TestReconcilingWithTheDepartmentNamesWhatCollectingMissed(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *world{"embedded": embedded, "MariaDB": onMariaDB} {
		t.Run(name, func(t *testing.T) {
			w := newTroubled(t, open(t))
			w.mustRun()
			ask := []string{"--source", "--receiver", "national"}
			code, r := w.reconcile(ask...)
			if code != exitDone || len(r.Differences) != 0 || len(r.Unasked) != 0 {
				t.Fatalf("exited %d: %+v, %+v", code, r.Differences, r.Unasked)
			}
			w.sourceAddsUp(r)
			days := 0
			for _, l := range r.Lines {
				if l.Rejected != l.AtSource.Refused {
					t.Errorf("%d rejected, %d at the source: %+v", l.Rejected, l.AtSource.Refused, l)
				}
				if l.Day != "" && l.Rejected > 0 {
					days++
				}
			}
			if days == 0 {
				t.Error("no refused row is counted on the day it would have been collected on")
			}

			copied := "INSERT INTO gjj_bljl SELECT id+7000000+%d, %s, slbh, hjxh, hjdm, hjmc, hjzt, dz, blyj, blr, blrgh, jgbh, kssj, jssj, bz, %s FROM gjj_bljl WHERE hjid=?"
			local := w.clean()
			first := w.sourceText("SELECT MIN(hjid) FROM gjj_bljl WHERE slbh=?", local)
			last := w.sourceText("SELECT MAX(hjid) FROM gjj_bljl WHERE slbh=?", local)
			put := func(n int, id, at string) {
				q := strings.Replace(strings.Replace(strings.Replace(copied, "%d", count(int64(n)), 1), "%s", "'"+id+"'", 1), "%s", at, 1)
				w.sourceExec(q, first)
			}
			put(1, "MISSED", "'2001-01-01 00:00:00'")
			put(2, "LATER", w.now)
			w.sourceExec("UPDATE gjj_bljl SET hjmc='改名' WHERE hjid=?", first)
			w.sourceExec("DELETE FROM gjj_bljl WHERE hjid=?", last)
			code, r = w.reconcile(ask...)
			got := kinds(r)
			if code != exitNews || len(r.Differences) != 3 || !slices.Equal(got[reconcile.Uncollected], []string{"MISSED"}) || !slices.Equal(got[reconcile.Outdated], []string{first}) || !slices.Equal(got[reconcile.Gone], []string{last}) {
				t.Fatalf("exited %d: %+v", code, r.Differences)
			}
			w.sourceAddsUp(r)
			waiting := int64(0)
			for _, l := range r.Lines {
				waiting += l.AtSource.Waiting
			}
			if waiting != 1 {
				t.Errorf("%d rows wait for the next run", waiting)
			}
			w.mustRun("--mode", "compare", "--fail-on", "none")
			if code, r = w.reconcile(ask...); code != exitDone || len(kinds(r)[reconcile.Gone]) != 1 || !r.Differences[0].Agreed {
				t.Errorf("exited %d after a whole read: %+v", code, r.Differences)
			}
			if code, out, errOut := w.says("reconcile", "--source", "--lang", "zh", "--site", w.dir, "--daily"); code != exitDone || !strings.Contains(out, "来源已无（按约保留）") || !strings.Contains(errOut, "账平") {
				t.Errorf("exited %d\n%s%s", code, out, errOut)
			}
		})
	}
}
