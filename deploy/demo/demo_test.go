package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"banjian/schemas/ids"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "d.db")+"?_pragma=journal_mode(off)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

type made struct {
	db       *sql.DB
	sum      *Summary
	lines    []Line
	national []NationalRow
	messages []Message
	raw      []byte
}

func makeDemo(t *testing.T, o Options) *made {
	t.Helper()
	m := &made{db: open(t)}
	var expected, national, platform bytes.Buffer
	var err error
	if m.sum, err = Generate(context.Background(), m.db, SQLite, o, Writers{Expected: &expected, National: &national, Platform: &platform}); err != nil {
		t.Fatal(err)
	}
	m.raw = slices.Concat(expected.Bytes(), national.Bytes(), platform.Bytes())
	var told *Summary
	if m.lines, told, err = readExpected(&expected); err != nil || !reflect.DeepEqual(told, m.sum) {
		t.Fatalf("%v: %+v read back as %+v", err, m.sum, told)
	}
	m.national = decode[NationalRow](t, strings.Split(strings.TrimSpace(national.String()), "\n"))
	m.messages = decode[Message](t, strings.Split(strings.TrimSpace(platform.String()), "\n"))
	return m
}

// readExpected reads expected.jsonl back.
func readExpected(r io.Reader) ([]Line, *Summary, error) {
	var lines []Line
	d := json.NewDecoder(r)
	for {
		var either struct {
			Line
			Summary
		}
		switch err := d.Decode(&either); {
		case err == io.EOF:
			return lines, nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, nil, err
		case either.Summary.Summary:
			return lines, &either.Summary, nil
		}
		lines = append(lines, either.Line)
	}
}

func decode[T any](t *testing.T, lines []string) []T {
	t.Helper()
	out := make([]T, len(lines))
	for i, l := range lines {
		if err := json.Unmarshal([]byte(l), &out[i]); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
	}
	return out
}

func dump(t *testing.T, db *sql.DB, table string) string {
	t.Helper()
	h := sha256.New()
	rows, err := db.Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			fmt.Fprintf(h, "%v\x00", *v.(*any))
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestSameOptionsGiveTheSameDepartment(t *testing.T) {
	a, b := makeDemo(t, Options{Cases: 300, Seed: 7}), makeDemo(t, Options{Cases: 300, Seed: 7})
	other := makeDemo(t, Options{Cases: 300, Seed: 8})
	if !bytes.Equal(a.raw, b.raw) || bytes.Equal(a.raw, other.raw) {
		t.Error("expectations do not depend on the seed alone")
	}
	for _, table := range tables {
		if dump(t, a.db, table.view) != dump(t, b.db, table.view) {
			t.Errorf("%s differs between two runs", table.view)
		}
	}
	if !Filled(context.Background(), a.db, Options{Cases: 300, Seed: 7}) || Filled(context.Background(), a.db, Options{Cases: 300}) {
		t.Error("Filled does not know its options")
	}
}

func TestACaseDoesNotDependOnTheNumberOfCases(t *testing.T) {
	few, many := makeDemo(t, Options{Cases: 100}), makeDemo(t, Options{Cases: 400})
	for i, row := range few.national {
		if fmt.Sprint(row) != fmt.Sprint(many.national[i]) {
			t.Fatalf("row %d differs:\n%v\n%v", i, row, many.national[i])
		}
	}
	for i, m := range few.messages {
		if fmt.Sprint(m) != fmt.Sprint(many.messages[i]) {
			t.Fatalf("message %d differs:\n%v\n%v", i, m, many.messages[i])
		}
	}
}

func TestEveryDirtFallsAndItsShareIsSmall(t *testing.T) {
	m := makeDemo(t, Options{Cases: 2000})
	seen, read := map[string]int{}, 0
	for _, l := range m.lines {
		if l.Dirt != "" {
			seen[l.Dirt]++
		}
	}
	for _, d := range dirts {
		if seen[d.name] == 0 {
			t.Errorf("no row with %s", d.name)
		}
	}
	for _, p := range m.sum.Pipelines {
		read += p.Read
	}
	share := float64(m.sum.Dirty) / float64(read)
	t.Logf("%d kinds, %d of %d rows dirty (%.2f %%)", len(seen), m.sum.Dirty, read, 100*share)
	if share < 0.02 || share > 0.05 || len(seen) < 16 {
		t.Errorf("%.2f %% dirty rows of %d kinds", 100*share, len(seen))
	}
}

func TestSumsMatchTheTables(t *testing.T) {
	m := makeDemo(t, Options{Cases: 1000})
	rowsOf, messages := map[string]int{}, map[string]int{}
	for _, row := range m.national {
		rowsOf[row.Table]++
	}
	for _, x := range m.messages {
		messages[x.Interface]++
	}
	for i := range tables {
		name, view := tables[i].pipeline, tables[i].view
		var rows int
		if err := m.db.QueryRow("SELECT count(*) FROM " + view).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		p := m.sum.Pipelines[name]
		if rows != p.Read || p.Read != p.Filtered+p.Rejected+p.Collected {
			t.Errorf("%s: %d rows, %+v", name, rows, *p)
		}
		for _, receiver := range receivers {
			r := m.sum.Receivers[receiver][name]
			if (r == nil) != (receiver == Platform && i == tabMaterial) {
				t.Errorf("%s → %s: %+v", name, receiver, r)
			} else if r != nil && p.Records != r.Delivered+r.Held+r.Rejected+r.NotApplicable {
				t.Errorf("%s → %s: %+v, %+v", name, receiver, *p, *r)
			}
		}
	}
	for name, n := range m.sum.Tables {
		if rowsOf[name] != n || n == 0 {
			t.Errorf("%s: %d rows listed, %d summed", name, rowsOf[name], n)
		}
	}
	for name, n := range m.sum.Messages {
		if messages[name] != n || n == 0 {
			t.Errorf("%s: %d messages listed, %d summed", name, messages[name], n)
		}
	}
}

func TestInventedNumbersHaveRightCheckDigits(t *testing.T) {
	m := newMaker(Options{Seed: 3}.withDefaults())
	for range 2000 {
		id, x, unit := residentID(m.r), residentIDEndingX(m.r), creditCode(m.r, "91")
		if f := ids.ResidentID(id); !f.OK() {
			t.Fatalf("%s: %+v", id, f)
		}
		if f := ids.ResidentID(x); !f.OK() || x[17] != 'X' {
			t.Fatalf("%s: %+v", x, f)
		}
		if f := ids.USCC(unit); !f.OK() {
			t.Fatalf("%s: %+v", unit, f)
		}
		if f := ids.OrgCode(unit[8:17]); !f.OK() {
			t.Fatalf("%s: %+v", unit, f)
		}
		if ids.ResidentID(spoil(id, "0123456789X")).OK() || ids.USCC(spoil(unit, usccAlphabet)).OK() {
			t.Fatalf("a spoilt %s or %s passes", id, unit)
		}
		if f := ids.Mobile(mobile(m.r)); !f.OK() {
			t.Fatal(f)
		}
	}
	if f := ids.USCC(centreCode()); !f.OK() {
		t.Fatalf("%s: %+v", centreCode(), f)
	}
}

func TestTimesOfACaseAreInOrder(t *testing.T) {
	o := Options{}.withDefaults()
	m := newMaker(o)
	for n := range 3000 {
		c := m.make(n, wish{})
		if c.appliedAt.After(c.acceptedAt) || c.result != nil && c.result.at.Before(c.acceptedAt) ||
			!c.promisedOn.IsZero() && c.promisedOn.Before(c.acceptedAt) {
			t.Fatalf("case %d: applied %v, accepted %v", n, c.appliedAt, c.acceptedAt)
		}
		for _, s := range c.steps {
			if s.done && (s.end.Before(s.start) || s.end.Before(c.acceptedAt)) || s.stamp.After(o.Base) {
				t.Fatalf("case %d, step %s: %v – %v", n, s.name, s.start, s.end)
			}
		}
		if c.result != nil && c.result.stamp.After(o.Base) || len(c.project()) > 50 {
			t.Fatalf("case %d: result after the base, or case number %s too long", n, c.project())
		}
	}
}
