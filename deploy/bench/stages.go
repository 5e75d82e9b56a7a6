package main

import (
	"context"
	"fmt"
	"io/fs"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/sqldialect"
	"banjian/mappings"
	"banjian/schemas"
)

// stageRows is the size of the records the stages are measured on.
const stageRows = 8192

// stageTime is how long each is repeated.
const stageTime = 2 * time.Second

// stage is the cost of one mapping, its checks included.
type stage struct {
	Name        string  `json:"name"`
	NS          float64 `json:"ns_per_row"`
	Allocs      float64 `json:"allocs_per_row"`
	Interpreted bool    `json:"interpreted"` // a part of it is left to the CEL interpreter
}

// mappingResult is every stage measured.
type mappingResult []stage

// stages measures the two mappings of the whole way in this process and those of the
// package's own benchmarks.
func stages(ctx context.Context) (mappingResult, error) {
	cat, err := schemas.Load()
	if err != nil {
		return nil, err
	}
	p, err := newPeople(cat)
	if err != nil {
		return nil, err
	}
	collect, err := compile(cat, "bench/accept", "")
	if err != nil {
		return nil, err
	}
	in := sourceRecord(p, collect.Columns(), stageRows)
	defer in.Release()
	first, canonical, err := repeat(collect, in)
	if err != nil {
		return nil, err
	}
	defer canonical.Release()
	deliver, err := compile(cat, "national-2020/accept", "case/accept")
	if err != nil {
		return nil, err
	}
	second, national, err := repeat(deliver, canonical)
	if err != nil {
		return nil, err
	}
	national.Release()
	first.Name, second.Name = "bench/accept", "national-2020/accept"
	own, err := packageBenchmarks(ctx)
	return append(mappingResult{first, second}, own...), err
}

// compile reads a mapping of the bench site or of the catalog.
func compile(cat *schemas.Catalog, name, from string) (*mappings.Mapping, error) {
	site, err := fs.Sub(siteFiles, "site/mappings")
	if err != nil {
		return nil, err
	}
	data, path, err := mappings.Load(name, site)
	if err != nil {
		return nil, err
	}
	f, err := mappings.Parse(path, data)
	if err != nil {
		return nil, err
	}
	subject, _ := cat.Subject(from)
	return mappings.Compile(f, cat, subject)
}

// sourceRecord is rows of the view as sqlview reads them.
func sourceRecord(p *people, columns []string, rows int) arrow.Record {
	place := map[string]int{}
	for i, c := range viewColumns {
		place[c] = i
	}
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		kind, typ := sqldialect.Text, arrow.DataType(arrow.BinaryTypes.String)
		switch c {
		case intColumn:
			kind, typ = sqldialect.Int, arrow.PrimitiveTypes.Int64
		case "gxsj":
			kind = sqldialect.Datetime
		}
		fields[i] = arrow.Field{Name: c, Type: typ, Nullable: true, Metadata: arrow.NewMetadata([]string{sqldialect.MetaKind}, []string{string(kind)})}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for n := range rows {
		row := p.viewRow(n)
		for i, c := range columns {
			appendText(b.Field(i), row[place[c]])
		}
	}
	return b.NewRecord()
}

func appendText(b array.Builder, v string) {
	if v == "" {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		n, _ := strconv.ParseInt(v, 10, 64)
		b.Append(n)
	case *array.StringBuilder:
		b.Append(v)
	}
}

// repeat applies m to in for stageTime and returns what it made of it.
func repeat(m *mappings.Mapping, in arrow.Record) (stage, arrow.Record, error) {
	alloc := memory.DefaultAllocator
	program, err := m.Bind(in.Schema())
	if err != nil {
		return stage{}, nil, err
	}
	out, err := program.Apply(alloc, in)
	if err != nil {
		return stage{}, nil, err
	}
	defer out.Release()
	if len(out.Outputs) != 1 || out.Outputs[0].Record.NumRows() != in.NumRows() {
		return stage{}, nil, fmt.Errorf("the mapping refused rows of the benchmark: %+v", out.Issues[:min(3, len(out.Issues))])
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start, rounds := time.Now(), 0
	for ; time.Since(start) < stageTime; rounds++ {
		again, err := program.Apply(alloc, in)
		if err != nil {
			return stage{}, nil, err
		}
		again.Release()
	}
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	rows := float64(rounds) * float64(in.NumRows())
	rec := out.Outputs[0].Record
	rec.Retain()
	return stage{NS: float64(elapsed.Nanoseconds()) / rows, Allocs: float64(after.Mallocs-before.Mallocs) / rows}, rec, nil
}

var benchLine = regexp.MustCompile(`(?m)^Benchmark(Apply\S*?)(?:-\d+)?\s+\d+\s(.*)$`)

// packageBenchmarks runs those of package mappings.
func packageBenchmarks(ctx context.Context) ([]stage, error) {
	out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkApply", "-benchtime", stageTime.String(), "banjian/mappings").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test -bench: %w: %s", err, out)
	}
	var list []stage
	for _, m := range benchLine.FindAllStringSubmatch(string(out), -1) {
		s := stage{Name: "mappings." + m[1], Interpreted: strings.Contains(m[1], "Interpreted")}
		s.NS, s.Allocs = metric(m[2], "ns/row"), metric(m[2], "allocs/row")
		list = append(list, s)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("go test -bench printed no benchmark: %s", out)
	}
	return list, nil
}

// metric is the number that stands before unit on a benchmark's line.
func metric(line, unit string) float64 {
	fields := strings.Fields(line)
	for i := 1; i < len(fields); i++ {
		if fields[i] == unit {
			v, _ := strconv.ParseFloat(fields[i-1], 64)
			return v
		}
	}
	return 0
}
