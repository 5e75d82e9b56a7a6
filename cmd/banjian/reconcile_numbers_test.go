package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"banjian/jobs/reconcile"
)

// Numbers that the platform announced while nobody heard it are found in its list, and once
// they are entered they are fetched and reach the department like any other.
func TestNumbersAnnouncedWhileWeWereDownAreFoundAndFetched(t *testing.T) {
	w := newInboxWorld(t)
	w.serve("")
	w.put("A1", nil)
	w.announce("A1", "0", "")
	w.wantRows("gjj", "application", "flow_no", "A1")
	w.stop()
	for _, no := range []string{"B1", "B2"} {
		w.put(no, nil)
	}
	w.write("流水号.csv", "流水号,事项编码,办件类型\nA1,GJJ-0302,业务受理\nB1,GJJ-0302,业务受理\nB2,GJJ-0302,业务受理\nB1,GJJ-0302,\n")
	file := filepath.Join(w.dir, "流水号.csv")
	ask := func(want int, args ...string) *reconcile.Report {
		t.Helper()
		code, out := w.says(append([]string{"reconcile", "--json", "--numbers", file, "--system", "spj", "--column", "SBLSH_SHORT=流水号", "--column", "XZQHDM==370102"}, args...)...)
		var r reconcile.Report
		if err := json.Unmarshal([]byte(out), &r); code != want || err != nil {
			t.Fatalf("exited %d: %s", code, out)
		}
		return &r
	}
	var told []string
	r := ask(exitNews)
	for _, d := range r.Differences {
		told = append(told, d.Kind+" "+d.Key[0]+" "+d.Where)
	}
	if !slices.Equal(told, []string{"unannounced B1 流水号.csv:3", "unannounced B2 流水号.csv:4"}) || r.Numbers[0] != (reconcile.NumbersCount{Platform: "ywzt-test", File: "流水号.csv", Listed: 4, Known: 1, Missing: 2}) {
		t.Fatalf("%q, %+v", told, r.Numbers)
	}
	if r = ask(exitNews, "--fetch-missing"); r.Numbers[0].Entered != 2 {
		t.Errorf("%+v", r.Numbers)
	}
	if r = ask(exitDone, "--fetch-missing"); len(r.Differences) != 0 || r.Numbers[0].Known != 4 {
		t.Errorf("again: %+v", r)
	}
	w.serve("")
	w.wantRows("gjj", "application", "flow_no", "A1", "B1", "B2")
	w.announce("B1", "0", "") // the platform calls after all
	w.stop()
	if r = ask(exitDone); r.Numbers[0].Known != 4 {
		t.Errorf("%+v", r.Numbers)
	}
	w.wantRows("gjj", "application", "flow_no", "A1", "B1", "B2")
	w.write("流水号.csv", "流水号,事项编码,办件类型,补正受理人姓名,补正材料清单,补正材料时间\nA1,GJJ-0302,业务受理,,,\nA1,GJJ-0302,补齐补正,李补正,身份证,2026-11-23 10:00\n")
	if r = ask(exitNews, "--fetch-missing"); r.Numbers[0].Known != 1 || r.Numbers[0].Entered != 1 || r.Differences[0].Where != "流水号.csv:3" {
		t.Errorf("a correction of a number that is known: %+v", r)
	}
	w.serve("")
	w.wantRows("gjj", "application", "flow_no, submission", "A1|0", "A1|1", "B1|0", "B2|0")
	w.stop()
	if r = ask(exitDone); r.Numbers[0].Known != 2 {
		t.Errorf("%+v", r.Numbers)
	}
	if code, out := w.says("reconcile", "--numbers", file, "--column", "SBLSH_SHORT=流水号"); code != exitUsage {
		t.Errorf("without --system, of which there are two: exited %d: %s", code, out)
	}
}
