package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// A person approves the list that was shown. What left the view afterwards stops again, and
// at the national receiver only what was on the list goes.
func TestApprovingAListSendsNothingThatWasNotOnIt(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("absent: keep", "absent: delete")
	w.edit("pipelines/provident-fund.yaml", "deliver: [national]", "deletes: {max: 0, ratio: 0%}\ndeliver: [national]")
	w.mustRun("--mode", "full", "--fail-on", "none")
	const name = "provident-fund-material"
	var cases []string
	rows, err := w.source.Query("SELECT slbh FROM gjj_sqcl WHERE slbh NOT IN (SELECT slbh FROM gjj_bjjg WHERE slbh IS NOT NULL) GROUP BY slbh HAVING count(*) > 1 ORDER BY slbh LIMIT 3")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var no string
		if err := rows.Scan(&no); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, no)
	}
	rows.Close()
	gone := func(i int) { w.sourceExec("DELETE FROM gjj_sqcl WHERE slbh = '" + cases[i] + "'") }
	compare := func(flags ...string) (summary, string) {
		t.Helper()
		_, out, errOut := w.says(append([]string{"run", name, "--mode", "compare", "--json", "--lang", "zh", "--site", w.dir}, flags...)...)
		var s summary
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatalf("%v: %s%s", err, out, errOut)
		}
		return s, errOut
	}
	gone(0)
	first, errOut := compare()
	list := first.Absent.List
	if list == 0 || !strings.Contains(errOut, fmt.Sprintf("--approve-deletes=%d", list)) || !strings.Contains(errOut, fmt.Sprintf("banjian deletes show %d", list)) {
		t.Fatalf("%+v\n%s", first.Absent, errOut)
	}
	if _, out, _ := w.says("deletes", "list", "--lang", "en", "--site", w.dir); !strings.Contains(out, name) || !strings.Contains(out, "no longer in the view") {
		t.Errorf("deletes list:\n%s", out)
	}
	number := fmt.Sprint(list)
	if _, out, _ := w.says("deletes", "show", number, "--limit", "0", "--lang", "zh", "--site", w.dir); strings.Count(out, cases[0]+" / ") != int(first.Absent.Deleted) {
		t.Errorf("deletes show, %+v:\n%s", first.Absent, out)
	}
	for _, file := range []string{"待删除.csv", "待删除.xlsx"} {
		if code, _, errOut := w.says("deletes", "export", number, "--out", w.path(file), "--lang", "zh", "--site", w.dir); code != exitDone {
			t.Errorf("exported to %s: %d %s", file, code, errOut)
		}
	}
	if data, err := os.ReadFile(w.path("待删除.csv")); err != nil || strings.Count(string(data), cases[0]+" / ") != int(first.Absent.Deleted) {
		t.Errorf("%v\n%s", err, data)
	}
	if code, out, _ := w.says("status", "--lang", "zh", "--site", w.dir); code != exitNews || !strings.Contains(out, "banjian deletes show "+number) {
		t.Errorf("status: %d\n%s", code, out)
	}

	gone(1)
	s, errOut := compare("--approve-deletes=" + number)
	if s.Deleted != first.Absent.Deleted || s.Absent.Approved != s.Deleted || !s.Absent.Stopped || !strings.Contains(errOut, "批准过的") {
		t.Errorf("%+v %+v\n%s", s, s.Absent, errOut)
	}
	if n := w.deletesSent(); n != s.Receivers["national"].Delivered || n == 0 {
		t.Errorf("%d deletes went out, %+v", n, s.Receivers)
	}
	if code, _, errOut := w.says("run", name, "--mode", "compare", "--approve-deletes="+number, "--lang", "en", "--site", w.dir); code != exitUsage || !strings.Contains(errOut, "is settled") {
		t.Errorf("approved twice: %d %s", code, errOut)
	}
	if code, _, errOut := w.says("run", "provident-fund-accept", fmt.Sprintf("--approve-deletes=%d", s.Absent.List), "--lang", "en", "--site", w.dir); code != exitUsage || !strings.Contains(errOut, "of pipeline "+name) {
		t.Errorf("of another pipeline: %d %s", code, errOut)
	}
	gone(2)
	replaced, _ := compare()
	if code, _, errOut := w.says("run", name, "--mode", "compare", fmt.Sprintf("--approve-deletes=%d", s.Absent.List), "--lang", "zh", "--site", w.dir); code != exitUsage || !strings.Contains(errOut, "已被后来的一次比对换掉") {
		t.Errorf("replaced: %d %s", code, errOut)
	}
	sent := w.deletesSent()
	if last, _ := compare("--approve-deletes"); last.State != "done" || last.Deleted != replaced.Absent.Deleted || w.deletesSent() <= sent {
		t.Errorf("%+v %+v", last, last.Absent)
	}
	if _, out, _ := w.says("deletes", "list", "--all", "--json", "--site", w.dir); strings.Count(out, "\n") != 3 || strings.Count(out, `"approved_by"`) != 2 {
		t.Errorf("all lists:\n%s", out)
	}
}

// Keys are shown as people may see them, by the fields the pipeline's own key has.
func TestPersonalValuesInKeysAreMasked(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("key: [local_no, round]", "key: [local_no, applicant_id_no]")
	a := &app{out: os.Stderr, err: os.Stderr, siteDir: w.dir}
	err := a.withHouse(func(h *house) error {
		got := h.ShownKey("provident-fund-accept", "case/accept", []string{"GJJ1", "110101199003074290"})
		if got[0] != "GJJ1" || got[1] != "110***********4290" {
			t.Errorf("%v", got)
		}
		if got := h.ShownKey("provident-fund-accept", "case/material", []string{"GJJ1", "C1"}); got[0] != "GJJ1" || got[1] != "C1" {
			t.Errorf("%v", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
