package main

import (
	"testing"

	"banjian/jobs/reconcile"
	"banjian/schemas"
)

// acceptLines is the sum of the acceptances of a report.
func acceptLines(r *reconcile.Report) reconcile.Line {
	var sum reconcile.Line
	for _, l := range reconcile.Total(r.Lines) {
		if l.Subject == "case/accept" && l.Receiver == "national" {
			sum = l
		}
	}
	return sum
}

// A row that the receiver sent back is refused there and no difference, whether it is still
// in the table or not; pushed again it is delivered, and altered it is found.
func TestReconcilingKnowsRowsThatWereSentBack(t *testing.T) {
	for name, on := range map[string]func(*testing.T) (*world, string){
		"sqlite":  func(t *testing.T) (*world, string) { return embedded(t), schemas.SQLite },
		"mariadb": func(t *testing.T) (*world, string) { return onMariaDB(t), schemas.MySQL },
	} {
		t.Run(name, func(t *testing.T) {
			made, dialect := on(t)
			w := listening(t, made, dialect)
			w.mustRun()
			_, r := w.reconcile()
			before := acceptLines(r)
			guid := w.text("SELECT MIN(row_guid) FROM up_pro_accept")
			w.sendBack("e1", "up_pro_accept", guid, w.text("SELECT cd_batch FROM up_pro_accept WHERE row_guid=?", guid), "代码错误", "x")
			w.returned("--read")

			code, r := w.reconcile()
			after := acceptLines(r)
			if code != exitDone || after.Refused != before.Refused+1 || after.Delivered != before.Delivered-1 || after.Collected != before.Collected {
				t.Fatalf("exited %d: %+v, before %+v; %+v", code, after, before, r.Differences)
			}
			w.exchangeExec("UPDATE up_pro_accept SET project_name='另一个' WHERE row_guid=?", guid)
			if code, r = w.reconcile(); code != exitDone {
				t.Errorf("what the receiver keeps of a row it sent back is its own: %+v", r.Differences)
			}
			w.must(exitDone, "rejects", "redrive", "--receiver", "national", "--rule", "receiver_returned")
			w.mustRun("--fail-on", "none")
			code, r = w.reconcile()
			if again := acceptLines(r); code != exitDone || again != before {
				t.Fatalf("exited %d: %+v, want %+v; %+v", code, again, before, r.Differences)
			}
			w.exchangeExec("UPDATE up_pro_accept SET project_name='另一个' WHERE row_guid=? AND cd_operation='U'", guid)
			code, r = w.reconcile()
			if code != exitNews || len(r.Differences) != 1 || r.Differences[0].GUID != guid || r.Differences[0].Kind != reconcile.Altered {
				t.Errorf("exited %d: %+v", code, r.Differences)
			}
			if d := r.Differences[0]; d.Batch != w.text("SELECT cd_batch FROM up_pro_accept WHERE row_guid=? AND cd_operation='U'", guid) {
				t.Errorf("it went in another batch than %s", d.Batch)
			}
			w.exchangeExec("DELETE FROM up_pro_accept WHERE row_guid=? AND cd_operation='U'", guid)
			if code, r = w.reconcile(); code != exitNews || len(r.Differences) != 1 {
				t.Errorf("the batch pushed again is missing: exited %d: %+v", code, r.Differences)
			}
		})
	}
}
