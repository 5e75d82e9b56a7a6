package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"banjian/deploy/demo"
	"banjian/ledger"
	"banjian/ledger/sqlite"
)

// expectation is what the generator foretells, made anew from the same options.
type expectation struct {
	lines    []demo.Line
	summary  demo.Summary
	national map[string]map[string]demo.NationalRow // table → row_guid
	messages map[string]demo.Message                // by effectKey
}

// at is what happens where the named receivers alone are fed.
func (e expectation) at(receivers ...string) expectation {
	e.lines = slices.DeleteFunc(slices.Clone(e.lines), func(l demo.Line) bool { return l.Receiver != "" && !slices.Contains(receivers, l.Receiver) })
	return e
}

var subjectOfTable = map[string]string{"up_pro_accept": "case/accept", "up_pro_process": "case/step", "up_pro_material": "case/material", "up_pro_result": "case/result"}

func expect(t *testing.T) expectation {
	t.Helper()
	return expectOf(t, demo.Options{})
}

func expectOf(t *testing.T, o demo.Options) expectation {
	t.Helper()
	var lines, rows, messages bytes.Buffer
	db := open(t, filepath.Join(t.TempDir(), "again.db"))
	db.SetMaxOpenConns(1)
	if _, err := demo.Generate(t.Context(), db, demo.SQLite, o, demo.Writers{Expected: &lines, National: &rows, Platform: &messages}); err != nil {
		t.Fatal(err)
	}
	e := expectation{national: map[string]map[string]demo.NationalRow{}, messages: map[string]demo.Message{}}
	for line := range strings.Lines(lines.String()) {
		if strings.Contains(line, `"summary":true`) {
			decode(t, line, &e.summary)
			continue
		}
		var l demo.Line
		decode(t, line, &l)
		e.lines = append(e.lines, l)
	}
	for line := range strings.Lines(rows.String()) {
		var r demo.NationalRow
		decode(t, line, &r)
		if e.national[r.Table] == nil {
			e.national[r.Table] = map[string]demo.NationalRow{}
		}
		e.national[r.Table][guidText(subjectOfTable[r.Table], r.Key)] = r
	}
	for line := range strings.Lines(messages.String()) {
		var m demo.Message
		decode(t, line, &m)
		key := effectKey(m.Interface, m.Key)
		if _, twice := e.messages[key]; twice {
			t.Errorf("two messages of %s are foretold", key)
		}
		e.messages[key] = m
	}
	return e
}

func decode(t *testing.T, line string, v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
}

func guidText(subject string, key []string) string {
	g := ledger.GUID(ledger.Stream{Source: "gjj-core", Subject: subject}, ledger.EncodeKey(key...))
	return fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:])
}

func TestDemoDoesExactlyWhatTheGeneratorForetells(t *testing.T) {
	for name, make := range map[string]func(*testing.T) *world{"embedded": embedded, "MariaDB": onMariaDB} {
		t.Run(name, func(t *testing.T) {
			w, e := make(t), expect(t)
			code, sums := w.demo()
			if code != exitNews {
				t.Errorf("exit code %d, want %d: some rows are rejected", code, exitNews)
			}
			w.attach()
			w.wantSummaries(e, sums)
			w.wantRejects(e)
			w.wantHeld(e)
			w.wantNational(e)
			w.wantPlatform(e)
			w.wantNothingNew()
			w.wantOneChange(e)
		})
	}
}

func (w *world) wantSummaries(e expectation, sums map[string]summary) {
	w.t.Helper()
	for pipeline, want := range e.summary.Pipelines {
		s := sums[pipeline]
		got := [...]int64{s.Read, s.Filtered, s.Unchanged, s.Rejected, s.Collected, s.Records, s.Blanked}
		if wanted := [...]int64{int64(want.Read), int64(want.Filtered), 0, int64(want.Rejected), int64(want.Collected), int64(want.Records), int64(want.Blanked)}; got != wanted {
			w.t.Errorf("%s: read, filtered, unchanged, rejected, collected, records, blanked = %v, want %v", pipeline, got, wanted)
		}
		fed := 0
		for receiver, side := range e.summary.Receivers {
			r, feeds := side[pipeline]
			if !feeds {
				continue
			}
			fed++
			c := s.Receivers[receiver]
			if got, wanted := [...]int64{c.Delivered, c.Held, c.Rejected, c.NotApplicable, c.Pending}, [...]int64{int64(r.Delivered), int64(r.Held), int64(r.Rejected), int64(r.NotApplicable), 0}; got != wanted {
				w.t.Errorf("%s → %s: delivered, held, rejected, not applicable, pending = %v, want %v", pipeline, receiver, got, wanted)
			}
		}
		if len(s.Receivers) != fed {
			w.t.Errorf("%s feeds %v, want %d receivers", pipeline, slices.Sorted(maps.Keys(s.Receivers)), fed)
		}
	}
}

// openLedger opens the ledger beside the product.
func (w *world) openLedger() *sqlite.Store {
	w.t.Helper()
	s, err := sqlite.Open(w.t.Context(), filepath.Join(w.dir, "data/ledger.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// same compares two multisets of lines.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	count := map[string]int{}
	for _, g := range got {
		count[g]++
	}
	for _, x := range want {
		count[x]--
	}
	for _, k := range slices.Sorted(maps.Keys(count)) {
		if count[k] > 0 {
			t.Errorf("%s: not foretold: %s", what, k)
		} else if count[k] < 0 {
			t.Errorf("%s: missing: %s", what, k)
		}
	}
}

func (w *world) wantRejects(e expectation) {
	w.t.Helper()
	store := w.openLedger()
	defer store.Close()
	list, err := store.Rejects(w.t.Context(), ledger.RejectQuery{State: "open"})
	if err != nil {
		w.t.Fatal(err)
	}
	var got, want []string
	for _, r := range list {
		got = append(got, fmt.Sprint(r.Receiver, r.Pipeline, ledger.DecodeKey(r.Key), r.Rule, r.Field))
	}
	for _, l := range e.lines {
		if l.Outcome == "rejected" {
			want = append(want, fmt.Sprint(l.Receiver, l.Pipeline, l.Key, l.Rule, l.Field))
		}
	}
	same(w.t, "reject", got, want)
}

func (w *world) wantHeld(e expectation) {
	w.t.Helper()
	store := w.openLedger()
	defer store.Close()
	list, err := store.Exceptions(w.t.Context(), ledger.ExceptionQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	var got, want []string
	for _, x := range list {
		if x.State != ledger.Rejected {
			got = append(got, fmt.Sprint(x.Receiver, x.Pipeline, x.State, ledger.DecodeKey(x.Key), x.Rule))
		}
	}
	for _, l := range e.lines {
		if l.Outcome == string(ledger.Held) || l.Outcome == string(ledger.NotApplicable) {
			want = append(want, fmt.Sprint(l.Receiver, l.Pipeline, l.Outcome, l.Key, l.Rule))
		}
	}
	same(w.t, "held or not applicable", got, want)
}

// wantNational compares every row of the exchange tables, column by column.
func (w *world) wantNational(e expectation) {
	w.t.Helper()
	for table, rows := range e.national {
		got := w.tableRows(table)
		if len(got) != len(rows) {
			w.t.Errorf("%s has %d rows, want %d", table, len(got), len(rows))
		}
		wrong := 0
		for guid, want := range rows {
			if diff := differ(got[guid], want.Row); diff != "" && wrong < 10 {
				wrong++
				w.t.Errorf("%s %v: %s", table, want.Key, diff)
			}
		}
	}
}

// tableRows reads a table by row_guid; a row_guid that stands twice is an error.
func (w *world) tableRows(table string) map[string]map[string]string {
	w.t.Helper()
	rows, err := w.exchange.QueryContext(w.t.Context(), "SELECT * FROM "+table)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	values, dest := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range values {
		dest[i] = &values[i]
	}
	got := map[string]map[string]string{}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			w.t.Fatal(err)
		}
		row := map[string]string{}
		for i, n := range names {
			if values[i].Valid {
				row[n] = values[i].String
			}
		}
		if got[row["row_guid"]] != nil {
			w.t.Errorf("%s: row_guid %s stands twice", table, row["row_guid"])
		}
		got[row["row_guid"]] = row
	}
	return got
}

// differ names the first column that is not as foretold; the sink's own columns must
// be filled.
func differ(got map[string]string, want map[string]any) string {
	if got == nil {
		return "row is missing"
	}
	for _, c := range slices.Sorted(maps.Keys(want)) {
		if fmt.Sprint(want[c]) != strings.Replace(strings.TrimSuffix(got[c], "Z"), "T", " ", 1) && fmt.Sprint(want[c]) != got[c] {
			return fmt.Sprintf("%s = %q, want %q", c, got[c], want[c])
		}
	}
	for c := range got {
		switch c {
		case "row_guid", "cd_time", "ID", "update_time", "Cd_source", "is_sync":
		case "cd_operation":
			if got[c] != "I" {
				return "cd_operation = " + got[c]
			}
		case "cd_batch":
			if len(got[c]) != 32 {
				return "cd_batch = " + got[c]
			}
		case "data_source":
			if got[c] != "144" {
				return "data_source = " + got[c]
			}
		default:
			if _, foretold := want[c]; !foretold {
				return fmt.Sprintf("%s = %q, want NULL", c, got[c])
			}
		}
	}
	return ""
}
