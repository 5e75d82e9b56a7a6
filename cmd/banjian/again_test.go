package main

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"banjian/deploy/demo"
	"banjian/ledger"
)

// wantNothingNew runs again: nothing is collected, nothing goes out, exit 0.
func (w *world) wantNothingNew() {
	w.t.Helper()
	rows, effects := w.totalRows(), w.effects()
	code, sums := w.demo()
	if code != exitDone {
		w.t.Errorf("second run exited %d, want 0", code)
	}
	for name, s := range sums {
		if s.Collected != 0 {
			w.t.Errorf("%s: second run collected %d", name, s.Collected)
		}
		for receiver, r := range s.Receivers {
			if r.Delivered+r.Released != 0 {
				w.t.Errorf("%s → %s: second run delivered: %+v", name, receiver, r)
			}
		}
	}
	if after := w.totalRows(); after != rows {
		w.t.Errorf("second run delivered %d rows", after-rows)
	}
	if !reflect.DeepEqual(w.effects(), effects) {
		w.t.Error("second run changed what the platform has")
	}
}

func (w *world) totalRows() int {
	w.t.Helper()
	total := 0
	for table := range subjectOfTable {
		var n int
		if err := w.exchange.QueryRowContext(w.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
			w.t.Fatal(err)
		}
		total += n
	}
	return total
}

// openCase is a case that both receivers have and that has not ended: the platform takes
// no acceptance after the end.
func (w *world) openCase(e expectation) (localNo string, message demo.Message) {
	w.t.Helper()
	const query = `SELECT slbh, sblsh, sxbm FROM gjj_ywsl WHERE sblsh IS NOT NULL AND slzt='1' AND slbh NOT IN (SELECT slbh FROM gjj_bjjg) ORDER BY id`
	rows, err := w.source.QueryContext(w.t.Context(), query)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var flow, item string
		if err := rows.Scan(&localNo, &flow, &item); err != nil {
			w.t.Fatal(err)
		}
		m, delivered := e.messages[effectKey("accept", []string{flow, item})]
		if _, too := e.national["up_pro_accept"][guidText("case/accept", []string{localNo, "1"})]; delivered && too {
			return localNo, m
		}
	}
	w.t.Fatal("no case is open")
	return "", demo.Message{}
}

// wantOneChange changes one source row: exactly that record goes out again, to national
// as U with the same row_guid, to the platform as the second revision of its message.
func (w *world) wantOneChange(e expectation) {
	w.t.Helper()
	localNo, message := w.openCase(e)
	rows, want := w.totalRows(), w.effects()
	res, err := w.source.ExecContext(w.t.Context(), "UPDATE gjj_ywsl SET blr='贺补录', gxsj="+w.now+" WHERE slbh=?", localNo)
	if err != nil {
		w.t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n != 1 {
		w.t.Fatalf("changed %d source rows", n)
	}
	deadline := time.Now().Add(patience)
	for w.totalRows() == rows && time.Now().Before(deadline) {
		w.demo()
	}
	if after := w.totalRows(); after != rows+1 {
		w.t.Fatalf("%d rows went out, want 1", after-rows)
	}
	var op, guid, clerk string
	if err := w.exchange.QueryRowContext(w.t.Context(), "SELECT cd_operation, row_guid, handle_user_name FROM up_pro_accept ORDER BY ID DESC LIMIT 1").Scan(&op, &guid, &clerk); err != nil {
		w.t.Fatal(err)
	}
	if wanted := guidText("case/accept", []string{localNo, "1"}); op != "U" || guid != wanted || clerk != "贺补录" {
		w.t.Errorf("got %s %s %s, want U %s 贺补录", op, guid, clerk, wanted)
	}
	key := effectKey(message.Interface, message.Key)
	values := maps.Clone(want[key].values)
	values["SHOULI/YWSLRMC"] = "贺补录"
	want[key] = effect{2, values}
	for k, got := range w.effects() {
		if fmt.Sprint(got) != fmt.Sprint(want[k]) {
			w.t.Errorf("platform, %s: revision %d %v, want %v", k, got.revision, got.values, want[k])
		}
	}
}

// A case that has ended is ended at the platform: a later word on its acceptance is
// refused there, and shown, while national takes it; the result itself may be corrected
// at both.
func TestAfterTheEndThePlatformTakesNoOtherResultAndNoOtherAcceptance(t *testing.T) {
	w := embedded(t)
	w.flags = append(w.flags, "--cases", fmt.Sprint(fewCases))
	e := expectOf(t, demo.Options{Cases: fewCases})
	w.demo()
	w.attach()
	tw := &troubled{world: w, e: e}
	no := tw.clean()
	whose := []string{tw.sourceText("SELECT sblsh FROM gjj_ywsl WHERE slbh=?", no), tw.sourceText("SELECT sxbm FROM gjj_ywsl WHERE slbh=?", no)}
	rows, want := w.totalRows(), w.effects()
	tw.sourceExec("UPDATE gjj_ywsl SET blr='贺补录', gxsj="+soon+" WHERE slbh=?", no)
	tw.sourceExec("UPDATE gjj_bjjg SET jgms='更正后的结果', gxsj="+soon+" WHERE slbh=?", no)
	sums := tw.mustRun()
	if after := w.totalRows(); after != rows+2 {
		t.Errorf("%d rows went to national, want 2", after-rows)
	}
	if c := sums["provident-fund-accept"].Receivers[demo.Platform]; c.Rejected != 1 || c.Delivered != 0 {
		t.Errorf("the acceptance at the platform: %+v", c)
	}
	if c := sums["provident-fund-result"].Receivers[demo.Platform]; c.Held != 1 || c.Delivered != 0 {
		t.Errorf("the result at the platform: %+v", c)
	}
	if out, _ := tw.must(exitDone, "held", "list", "--json", "--receiver", demo.Platform, "--rule", "update_not_taken"); !strings.Contains(out, "diverged") {
		t.Errorf("a corrected result is not shown to a person: %s", out)
	}
	if finish := effectKey("finish", whose); !reflect.DeepEqual(w.effects(), want) {
		t.Errorf("the platform has %+v, want %+v", w.effects()[finish], want[finish])
	}
	store := w.openLedger()
	defer store.Close()
	list, err := store.Rejects(t.Context(), ledger.RejectQuery{Pipeline: "provident-fund-accept", State: "open", KeyPrefix: ledger.EncodeKey(no)})
	if err != nil || len(list) != 1 || list[0].Receiver != demo.Platform || !strings.Contains(fmt.Sprint(list[0].Args), "顺序不对") {
		t.Errorf("rejects %+v, %v", list, err)
	}
}
