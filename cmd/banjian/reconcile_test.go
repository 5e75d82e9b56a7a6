package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"banjian/jobs/reconcile"
)

func (w *troubled) reconcile(args ...string) (int, *reconcile.Report) {
	w.t.Helper()
	code, out, errOut := w.says(append([]string{"reconcile", "--json", "--site", w.dir}, args...)...)
	if code != exitDone && code != exitNews {
		w.t.Fatalf("exited %d: %s", code, errOut)
	}
	var r reconcile.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		w.t.Fatalf("%v: %s", err, out)
	}
	return code, &r
}

// A row that is missing at the receiver, altered there or too much is found and named by the
// key the department knows, on a real server and on SQLite; nothing else is.
func TestReconcilingNamesWhatIsMissingAlteredOrTooMuch(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *world{"embedded": embedded, "MariaDB": onMariaDB} {
		t.Run(name, func(t *testing.T) {
			w := newTroubled(t, open(t))
			w.mustRun()
			code, r := w.reconcile()
			if code != exitDone || r.Differs() {
				t.Fatalf("exited %d: %+v", code, r.Differences)
			}
			w.addsUp(r)

			missing, altered := w.text("SELECT row_guid FROM up_pro_accept ORDER BY project_no LIMIT 1"), w.text("SELECT row_guid FROM up_pro_process ORDER BY row_guid LIMIT 1")
			w.exchangeExec("DELETE FROM up_pro_accept WHERE row_guid='" + missing + "'")
			w.exchangeExec("UPDATE up_pro_process SET handle_explain='另一意见' WHERE row_guid='" + altered + "'")
			w.exchangeExec("UPDATE up_pro_result SET row_guid='00000000-0000-4000-8000-000000000001' WHERE row_guid=(SELECT g FROM (SELECT MIN(row_guid) g FROM up_pro_result) x)")
			code, r = w.reconcile("--receiver", "national")
			if code != exitNews || len(r.Differences) != 4 || r.More != 0 {
				t.Fatalf("exited %d: %+v", code, r.Differences)
			}
			kinds := map[string]string{}
			for _, d := range r.Differences {
				kinds[d.GUID] = d.Kind
				if d.Kind != reconcile.Extra && (len(d.Key) == 0 || d.Source != "gjj-core" || d.Version == 0 || len(d.Batch) != 32 || d.At.IsZero()) {
					t.Errorf("%+v", d)
				}
			}
			if kinds[missing] != reconcile.Missing || kinds[altered] != reconcile.Altered || kinds["00000000-0000-4000-8000-000000000001"] != reconcile.Extra {
				t.Errorf("%v", kinds)
			}
			if _, r = w.reconcile("--receiver", "national", "--named", "1"); len(r.Differences) != 1 || r.More != 3 {
				t.Errorf("%d named, %d more", len(r.Differences), r.More)
			}
			w.writesABook()
		})
	}
}

// addsUp checks the sum of every line, and that the ledger's side is whole.
func (w *troubled) addsUp(r *reconcile.Report) {
	w.t.Helper()
	records, acknowledged := map[string]int64{}, int64(0)
	for _, l := range r.Lines {
		if l.Collected != l.Delivered+l.Held+l.Refused+l.NotApplicable+l.Pending+l.Diverged {
			w.t.Errorf("does not add up: %+v", l)
		}
		records[l.Receiver+" "+l.Subject] += l.Delivered
		acknowledged += l.Acknowledged
	}
	for subject, table := range map[string]string{"case/accept": "up_pro_accept", "case/step": "up_pro_process", "case/result": "up_pro_result", "case/material": "up_pro_material"} {
		if got, want := count(records["national "+subject]), w.text("SELECT COUNT(DISTINCT row_guid) FROM "+table); got != want {
			w.t.Errorf("%s: %s delivered, %s rows", subject, got, want)
		}
	}
	if acknowledged != 0 {
		w.t.Errorf("%d rows acknowledged, and nobody has read them", acknowledged)
	}
	if len(r.Timely) == 0 || r.Timely[0].Accepts == 0 {
		w.t.Errorf("%+v", r.Timely)
	}
}

func (w *troubled) writesABook() {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "对账.xlsx")
	code, out, errOut := w.says("reconcile", "--receiver", "national", "--out", file, "--lang", "zh", "--site", w.dir)
	if code != exitNews || !strings.Contains(out, "缺失") || !strings.Contains(errOut, "账不平") {
		w.t.Errorf("exited %d\n%s%s", code, out, errOut)
	}
	book, err := excelize.OpenFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("差异")
	if err != nil || len(rows) != 5 {
		w.t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestReconcilingOneDayCountsTheRecordsOfThatDay(t *testing.T) {
	w := newRan(t)
	day := w.text("SELECT date(accept_date) FROM up_pro_accept GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1")
	_, r := w.reconcile("--day", day, "--receiver", "national")
	for _, l := range r.Lines {
		if l.Day != day {
			t.Errorf("%+v", l)
		}
		if want := w.text("SELECT COUNT(*) FROM up_pro_accept WHERE date(accept_date)='" + day + "'"); l.Subject == "case/accept" && count(l.Delivered) != want {
			t.Errorf("%d accepts of %s delivered, want %s", l.Delivered, day, want)
		}
	}
	for _, args := range [][]string{{"--day", "gestern"}, {"--receiver", "nobody"}, {"--department", "nobody"}, {"--out", "x.txt"}} {
		if code, _, errOut := w.says(append([]string{"reconcile", "--site", w.dir}, args...)...); code != exitUsage || errOut == "" {
			t.Errorf("%v exited %d: %s", args, code, errOut)
		}
	}
}
