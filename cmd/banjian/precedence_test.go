package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/deploy/demo"
)

const verticalPipelines = `pipeline: vertical-accept
from: {connection: vertical, source_id: gjj-vertical, view: v_gjj_accept, key: [local_no, round]}
mapping: provident-fund/accept
deliver: [national]
rejects: {max: 100000}
---
pipeline: vertical-result
from: {connection: vertical, source_id: gjj-vertical, view: v_gjj_result, key: [local_no, round]}
mapping: provident-fund/result
deliver: [national]
rejects: {max: 100000}
`

// The vertical system has the same cases; of three of them it says another name.
func TestTwoSystemsWithTheSameCasesAreReportedOnceAndCompared(t *testing.T) {
	w := newRan(t)
	copied, err := os.ReadFile(filepath.Join(w.dir, demo.DepartmentFile))
	if err != nil {
		t.Fatal(err)
	}
	site, err := os.ReadFile(filepath.Join(w.dir, "banjian.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	vertical := filepath.Join(w.dir, "data", "vertical.db")
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("data/vertical.db", string(copied))
	write("banjian.yaml", strings.Replace(string(site), "connections:\n", "connections:\n  vertical: {kind: sqlite, path: data/vertical.db}\n", 1))
	write("pipelines/vertical.yaml", verticalPipelines)
	write("precedence.yaml", `cases: [{item: "*", from: gjj-core, compare: gjj-vertical}]`)
	if _, err := open(t, vertical).Exec("UPDATE gjj_ywsl SET sqr='王五' WHERE id IN (SELECT id FROM gjj_ywsl WHERE slzt='1' AND sqr IS NOT NULL AND sxbm='GJJ-0302' ORDER BY id DESC LIMIT 3)"); err != nil {
		t.Fatal(err)
	}
	rows := func() (n [2]int) {
		for i, table := range []string{"up_pro_accept", "up_pro_result"} {
			if err := w.exchange.QueryRow("SELECT count(*) FROM " + table).Scan(&n[i]); err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	before := rows()
	_, sums := w.exec("run", "vertical-accept", "vertical-result", "--json", "--site", w.dir)
	if c := sums["vertical-accept"].Receivers["national"]; c.Compared == 0 || c.Compared != c.NotApplicable || c.Delivered+c.Rejected != 0 {
		t.Errorf("compared: %+v", c)
	}
	out, _ := w.must(exitNews, "precedence", "--lang", "zh")
	wantText(t, out, "gjj-vertical", "申请人名称 applicant_name", "王*")
	if strings.Contains(out, "王五") || strings.Count(out, "applicant_name") != 3 {
		t.Errorf("it says\n%s", out)
	}
	out, _ = w.must(exitNews, "status", "--lang", "en")
	wantText(t, out, "compared only ")
	write("precedence.yaml", `cases: [{item: "*", from: gjj-vertical, compare: gjj-core}]`)
	for range 2 {
		w.exec("run", "--all", "--json", "--site", w.dir)
		if after := rows(); after != before {
			t.Errorf("the receiver has %v rows, it had %v: cases were reported twice", after, before)
		}
	}
	if err := os.Remove(filepath.Join(w.dir, "precedence.yaml")); err != nil {
		t.Fatal(err)
	}
	_, errOut := w.must(exitUsage, "run", "--all", "--lang", "en")
	wantText(t, errOut, "receiver national: ", "of system gjj-vertical", "were left to gjj-core", "what to do: put the rule back")
}
