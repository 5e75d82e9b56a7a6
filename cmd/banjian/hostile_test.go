package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/cmd/internal/wiring"
	"banjian/connectors"
	"banjian/connectors/connectortest"
	"banjian/connectors/memory"
	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// hostileFiles are a site with a check for each of connectortest.HostileColumns.
var hostileFiles = map[string]string{
	"banjian.yaml": "site: 测试\nconnections:\n  bj: {kind: sqlite, path: bj.db}\n",
	"pipelines/hostile.yaml": `pipeline: hostile
from: {connection: bj, source_id: bj, table: bj, key: [local_no, round]}
mapping: hostile/result
`,
	"mappings/hostile/result.yaml": `mapping: hostile/result
to: case/result
fields:
  local_no: slbh
  round: {const: 1}
  result_code: {from: jgdm, map: {"1": granted, "2": forwarded}}
  result_text: jgms
  finished_at: {from: bjsj, time: "2006-01-02 15:04:05"}
  user: spr
  dept_code: {const: 11440000MB2C70271K}
  dept_name: {const: 某局}
  region: {const: "440100000000"}
  pickup_id_no: {from: lqrsfz, check: resident_id}
  fee: je
  spare: {path: {from: bd, at: $.sqr.bz}}
`,
}

// hostileReader makes an outside world of rows and opens it.
type hostileReader struct {
	name  string
	holds func(v string) bool // nil: everything
	// whole says that a row cannot be read at all and is refused without its key; nil: none.
	whole func(r *connectortest.HostileRow) bool
	// again says that a later row of a key is a newer version and not a repeat.
	again bool
	// unordered says that rows of one key come in any order: the repeat may be the first.
	unordered bool
	// site is files of the site of its own, in the place of open.
	site func(t *testing.T, rows []connectortest.HostileRow) map[string]string
	open func(t *testing.T, rows []connectortest.HostileRow) func(context.Context, pipelines.Position, *jobs.CollectPlan) (pipelines.Source, error)
}

// hostileReaders are the readers that rows of the test are put before.
var hostileReaders = []hostileReader{
	{name: "memory", open: func(_ *testing.T, rows []connectortest.HostileRow) func(context.Context, pipelines.Position, *jobs.CollectPlan) (pipelines.Source, error) {
		var fields []arrow.Field
		for _, name := range connectortest.HostileColumns {
			fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
		}
		view := memory.NewView(arrow.NewSchema(fields, nil))
		for i := range rows {
			view.Append(memory.Row(cellsOf(&rows[i])))
		}
		return func(_ context.Context, at pipelines.Position, _ *jobs.CollectPlan) (pipelines.Source, error) {
			return view.Open(at, memory.Options{Batches: []int{3072}})
		}
	}},
	{name: "sqlite", open: func(t *testing.T, rows []connectortest.HostileRow) func(context.Context, pipelines.Position, *jobs.CollectPlan) (pipelines.Source, error) {
		cfg := sqldialect.Config{Kind: "sqlite", Path: filepath.Join(t.TempDir(), "bj.db")}
		return viaDatabase(t, cfg, "TEXT", rows)
	}},
	{name: "mariadb", holds: utf8.ValidString, open: func(t *testing.T, rows []connectortest.HostileRow) func(context.Context, pipelines.Position, *jobs.CollectPlan) (pipelines.Source, error) {
		server := testdb.MySQL(t)
		return viaDatabase(t, server.Config(server.CreateDatabase(t)), "LONGTEXT", rows)
	}},
	{name: "mariadb, UTF-8 in blobs", open: func(t *testing.T, rows []connectortest.HostileRow) func(context.Context, pipelines.Position, *jobs.CollectPlan) (pipelines.Source, error) {
		server := testdb.MySQL(t)
		return viaDatabase(t, server.Config(server.CreateDatabase(t)), "LONGBLOB", rows)
	}},
	{name: "postgres", unordered: true, holds: func(v string) bool { return utf8.ValidString(v) && !strings.Contains(v, "\x00") }, open: func(t *testing.T, rows []connectortest.HostileRow) func(context.Context, pipelines.Position, *jobs.CollectPlan) (pipelines.Source, error) {
		server := testdb.Postgres(t)
		return viaDatabase(t, server.Config(server.CreateDatabase(t)), "TEXT", rows)
	}},
	fileReader("csv"), fileReader("tsv"), fileReader("jsonl"), fileReader("xlsx"), fileReader("parquet"),
	topicReader("debezium"), topicReader("json"), topicReader("csv"),
}

func cellsOf(r *connectortest.HostileRow) []any {
	var out []any
	for _, c := range r.Cells {
		if c == nil {
			out = append(out, nil)
		} else {
			out = append(out, *c)
		}
	}
	return out
}

// viaDatabase puts rows into a table of the database and reads them as the site does.
func viaDatabase(t *testing.T, cfg sqldialect.Config, typ string, rows []connectortest.HostileRow) func(context.Context, pipelines.Position, *jobs.CollectPlan) (pipelines.Source, error) {
	t.Helper()
	db, err := cfg.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE bj (id INTEGER PRIMARY KEY, " + strings.Join(connectortest.HostileColumns, " "+typ+", ") + " " + typ + ")"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	d, err := cfg.Dialect()
	if err != nil {
		t.Fatal(err)
	}
	marks := make([]string, len(connectortest.HostileColumns)+1)
	for i := range marks {
		marks[i] = d.Placeholder(i + 1)
	}
	insert, err := tx.Prepare("INSERT INTO bj VALUES (" + strings.Join(marks, ", ") + ")")
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if _, err := insert.Exec(append([]any{i}, cellsOf(&rows[i])...)...); err != nil {
			t.Fatalf("%s: %v", rows[i].Class, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, at pipelines.Position, plan *jobs.CollectPlan) (pipelines.Source, error) {
		from := plan.Spec.From
		if strings.HasSuffix(typ, "BLOB") {
			from.Columns = map[string]pipelines.ColumnSpec{}
			for _, c := range connectortest.HostileColumns {
				from.Columns[c] = pipelines.ColumnSpec{Charset: "utf8"}
			}
		}
		return connectors.OpenSource(ctx, connectors.SourceOptions{DB: cfg, From: from, Columns: connectortest.HostileColumns, Key: []string{"slbh"}}, at)
	}
}

// hostileRun is what collecting rows came to.
type hostileRun struct {
	report  jobs.Report
	rejects []ledger.Reject
	records map[string]pipelines.Hash // of the rows' numbers that are in the ledger
	house   *house
	said    *app
}

// collectHostile collects rows into a ledger of its own.
func collectHostile(t *testing.T, reader hostileReader, rows []connectortest.HostileRow) hostileRun {
	t.Helper()
	dir, files := t.TempDir(), maps.Clone(hostileFiles)
	if reader.site != nil {
		maps.Copy(files, reader.site(t, rows))
	}
	for name, data := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a := &app{siteDir: dir, lang: "en", out: os.Stderr, err: os.Stderr}
	s, err := a.site()
	if err != nil {
		t.Fatal(err)
	}
	h, err := wiring.Open(s, wiring.Options{})
	if err != nil {
		t.Fatal(err)
	}
	specs, err := h.Pipelines([]string{"hostile"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := h.CollectPlan(specs[0])
	if err != nil {
		t.Fatal(err)
	}
	if reader.open != nil {
		open := reader.open(t, rows)
		plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) { return open(ctx, at, plan) }
	}
	store, err := h.OpenLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	out := hostileRun{report: jobs.NewRunner(store, slog.New(slog.DiscardHandler)).Collect(t.Context(), plan, nil), records: map[string]pipelines.Hash{}, house: h, said: a}
	if out.report.Err != nil {
		t.Fatal(out.report.Err)
	}
	if out.rejects, err = store.Rejects(t.Context(), ledger.RejectQuery{Pipeline: "hostile"}); err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	var numbers []string
	for i := range rows {
		if c := rows[i].Cells[0]; c != nil && *c != "" {
			keys, numbers = append(keys, ledger.EncodeKey(*c, "1")), append(numbers, *c)
		}
	}
	entries, err := store.Lookup(t.Context(), ledger.Stream{Source: "bj", Subject: "case/result"}, keys)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.Known() {
			out.records[numbers[i]] = e.Record
		}
	}
	return out
}

// Every hostile value is refused with the row it stands in, a rule and a reason, and the
// rows beside it become the records they would be without it.
func TestHostileValuesAreAllAccountedFor(t *testing.T) {
	t.Parallel()
	good, bad := 10_000, 10_000
	if testing.Short() {
		good, bad = 1200, 1200
	}
	whole := connectortest.Hostile(good, bad, 7)
	clean := slices.DeleteFunc(slices.Clone(whole), func(r connectortest.HostileRow) bool { return r.Class != "" })
	want := collectHostile(t, hostileReaders[0], clean)
	if len(want.records) != good || want.report.Counts.Rejected != 0 {
		t.Fatalf("without bad rows: %d records, %+v", len(want.records), want.report.Counts)
	}
	for _, reader := range hostileReaders {
		t.Run(reader.name, func(t *testing.T) {
			rows := slices.Clone(whole)
			if reader.holds != nil {
				rows = slices.DeleteFunc(rows, func(r connectortest.HostileRow) bool {
					return slices.ContainsFunc(r.Cells, func(c *string) bool { return c != nil && !reader.holds(*c) })
				})
			}
			if reader.again {
				rows = slices.DeleteFunc(rows, func(r connectortest.HostileRow) bool { return r.Class == "duplicate key" })
			}
			got := collectHostile(t, reader, rows)
			spoiled := int64(len(rows) - len(clean))
			c := got.report.Counts
			passed := map[string]int{}
			for i := range rows {
				if n := rows[i].Cells[0]; rows[i].Class != "" && n != nil && rows[i].Class != "duplicate key" {
					if _, ok := got.records[*n]; ok {
						passed[rows[i].Class]++
					}
				}
			}
			if len(passed) > 0 {
				t.Errorf("bad rows that became records: %v", passed)
			}
			if c.Read != int64(len(rows)) || c.Collected != int64(good) || c.Rejected != spoiled || c.Filtered+c.Unchanged != 0 {
				t.Fatalf("%d rows, %d of them bad: %+v", len(rows), spoiled, c)
			}
			if len(got.records) != good {
				t.Fatalf("%d records of %d good rows", len(got.records), good)
			}
			repeated := map[string]bool{}
			for i := range rows {
				if reader.unordered && rows[i].Class == "duplicate key" {
					repeated[*rows[i].Cells[0]] = true
				}
			}
			for number, hash := range want.records {
				if got.records[number] != hash && !repeated[number] {
					t.Errorf("record %s is not what it is without bad rows beside it", number)
				}
			}
			got.eachRejected(t, rows, reader.whole)
		})
	}
}

// eachRejected checks that every bad row has a reject of its own, by a rule of its class,
// that says why in both languages and shows nothing of the value.
func (h *hostileRun) eachRejected(t *testing.T, rows []connectortest.HostileRow, whole func(*connectortest.HostileRow) bool) {
	t.Helper()
	rules := map[string][]string{} // by key and source hash
	keyless := map[string]bool{}
	for i := range h.rejects {
		r := &h.rejects[i]
		key := ledger.DecodeKey(r.Key)
		if strings.HasPrefix(key[0], "#") {
			keyless[key[0]] = true
		}
		rules[key[0]] = append(rules[key[0]], r.Rule)
		line := h.said.rejectLine(h.house, r)
		if line.Reason == "" || line.Reason == r.Rule || len(line.Reason) > 400 || strings.ContainsAny(line.Reason, "\x00\x1b") || !utf8.ValidString(line.Reason) {
			t.Errorf("%s: reason %.200q", r.Rule, line.Reason)
		}
	}
	nulls := 0
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Class == "":
		case r.Cells[0] == nil || *r.Cells[0] == "", whole != nil && whole(r):
			nulls++
		case !slices.ContainsFunc(rules[*r.Cells[0]], func(rule string) bool { return slices.Contains(r.Rules, rule) }):
			t.Errorf("%s, row %s: rejected by %v, want one of %v", r.Class, *r.Cells[0], rules[*r.Cells[0]], r.Rules)
		}
	}
	if len(keyless) != nulls {
		t.Errorf("%d rows without a key, %d rejects of such rows", nulls, len(keyless))
	}
	t.Log(fmt.Sprint(len(h.rejects), " rejects"))
}
