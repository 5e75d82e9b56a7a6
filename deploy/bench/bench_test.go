package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/schemas"
)

func TestEveryRowPassesBothMappingsAndNoneIsInterpreted(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPeople(cat)
	if err != nil {
		t.Fatal(err)
	}
	collect, err := compile(cat, "bench/accept", "")
	if err != nil {
		t.Fatal(err)
	}
	deliver, err := compile(cat, "national-2020/accept", "case/accept")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(collect.Columns()); n != len(viewColumns) {
		t.Errorf("the mapping reads %d of %d columns", n, len(viewColumns))
	}
	if s := collect.Explain(text.EN) + deliver.Explain(text.EN); strings.Contains(s, "interpreted") {
		t.Error("a part is left to the CEL interpreter")
	}
	rec := sourceRecord(p, collect.Columns(), 3000)
	defer rec.Release()
	program, err := collect.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	res, err := program.Apply(memory.DefaultAllocator, rec)
	if err != nil || len(res.Issues) > 0 {
		t.Fatalf("%v %+v", err, res.Issues[:min(3, len(res.Issues))])
	}
	defer res.Release()
	canonical := res.Outputs[0].Record
	second, err := deliver.Bind(canonical.Schema())
	if err != nil {
		t.Fatal(err)
	}
	out, err := second.Apply(memory.DefaultAllocator, canonical)
	if err != nil || len(out.Issues) > 0 {
		t.Fatalf("%v %+v", err, out.Issues[:min(3, len(out.Issues))])
	}
	out.Release()
}

func TestLedgerIsMeasuredAtBothSizes(t *testing.T) {
	res, err := measureLedger(t.Context(), t.TempDir(), 2000, func(text.Text) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []speeds{res.Small, res.Large} {
		if s.Append <= 0 || s.Update <= 0 || s.Unchanged <= 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestReportNamesTargetsThatAreNotMet(t *testing.T) {
	ours, dump := usage{Rows: 100, Wall: 2, CPU: 1, Peak: 90}, usage{Rows: 100, Wall: 2, CPU: 1}
	load := usage{Rows: 100, Wall: 1.5, CPU: 1}
	res := &results{Whole: &wholeResult{Rows: 100, Pairs: []pair{{ours, dump, load}}}}
	for lang, want := range map[text.Lang][]string{text.EN: {"not met", "0.75"}, text.ZH: {"未达到", "达到"}} {
		var out bytes.Buffer
		printResults(&out, res, lang)
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: no %q in\n%s", lang, w, &out)
			}
		}
	}
}

func TestMetricOfABenchmarkLine(t *testing.T) {
	line := "BenchmarkApply30-2   \t     100\t  8895921 ns/op\t         0.03 allocs/row\t      1086 ns/row"
	m := benchLine.FindStringSubmatch(line)
	if m == nil || m[1] != "Apply30" || metric(m[2], "ns/row") != 1086 || metric(m[2], "allocs/row") != 0.03 {
		t.Fatalf("%q", m)
	}
}
