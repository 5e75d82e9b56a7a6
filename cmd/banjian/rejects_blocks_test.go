package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"
)

// A refused acceptance says how many records of its case wait for it, wherever rejects are
// shown; a refused record that nothing waits for says none.
func TestARefusedAcceptanceTellsWhatItHoldsBack(t *testing.T) {
	w := newRan(t)
	waiting := map[string]int64{}
	for _, l := range w.held("--receiver", "national", "--rule", "waits_parent") {
		waiting[l.Key[0]]++
	}
	blocking, sum := int64(0), int64(0)
	for _, l := range w.lines() {
		want := waiting[l.Key[0]]
		if l.Pipeline != "provident-fund-accept" {
			want = 0
		}
		if l.Blocks != want {
			t.Errorf("%s %v holds back %d, want %d", l.Pipeline, l.Key, l.Blocks, want)
		}
		if want > 0 && l.Blocks == want {
			blocking = l.ID
		}
	}
	if blocking == 0 {
		t.Fatal("nothing is held back")
	}
	one := w.lines()[0]
	for _, l := range w.lines() {
		if l.ID == blocking {
			one = l
		}
	}
	out, _ := w.must(exitDone, "rejects", "show", fmt.Sprint(blocking), "--lang", "zh")
	wantText(t, out, fmt.Sprintf("影响: 挡住本件 %d 条记录", one.Blocks))
	out, _ = w.must(exitDone, "rejects", "list", "--lang", "zh")
	wantText(t, out, "挡住")
	file := w.path("问题.csv")
	w.must(exitDone, "rejects", "export", "--out", file, "--with-source")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for i, c := range rows[1] {
		if c == "挡住的记录" {
			at = i
		}
	}
	for _, r := range rows[2:] {
		if at > 0 && r[1] == fmt.Sprint(blocking) && r[at] != fmt.Sprint(one.Blocks) {
			t.Errorf("exported: %v", r)
		}
	}
	if at < 0 {
		t.Errorf("headings: %v", rows[1])
	}
	w.must(exitDone, "rejects", "import", file, "--dry-run")
	seen := map[string]bool{}
	for _, l := range w.lines("--pipeline", "provident-fund-accept") {
		if key := strings.Join(l.Key, "/"); !seen[key] {
			seen[key] = true
			sum += l.Blocks
		}
	}
	r := w.report(exitNews)
	for _, p := range r.Pipelines {
		if p.Pipeline == "provident-fund-accept" && p.Blocked != sum {
			t.Errorf("status: %d held back, want %d", p.Blocked, sum)
		}
	}
	text, _ := w.must(exitNews, "status", "--lang", "zh")
	wantText(t, text, fmt.Sprintf("其中的受理挡住 %d 条记录", sum))
}
