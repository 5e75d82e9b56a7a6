package connectortest

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// HostileHarness is how the suite has a reader read hostile rows.
type HostileHarness struct {
	// World makes an outside world of these rows, in their order.
	World func(t *testing.T, rows []HostileRow) OpenSource
	// Holds says whether the outside world can hold a value of a column as it is; a row
	// with another one is left out. nil: it holds everything.
	Holds func(column, value string) bool
	// Reads is what the reader gives for a value where the outside world cannot tell some
	// apart, NULL and the empty text: nil, itself.
	Reads func(value *string) *string
}

// HostileReads has a reader read rows of every class. Each must come once, with every value
// byte by byte what the department has: judging it is the mapping's business.
func HostileReads(t *testing.T, h HostileHarness, bad int) {
	rows := Hostile(bad, bad, 1)
	if h.Holds != nil {
		rows = held(rows, h.Holds)
	}
	world := rows
	if h.Reads != nil {
		rows = slices.Clone(rows)
		for i := range rows {
			rows[i].Cells = slices.Clone(rows[i].Cells)
			for k, c := range rows[i].Cells {
				rows[i].Cells[k] = h.Reads(c)
			}
		}
	}
	want := map[string]*HostileRow{}
	for i := range rows {
		want[rows[i].id()] = &rows[i]
	}
	if len(want) != len(rows) {
		t.Fatalf("%d rows, %d tell themselves apart", len(rows), len(want))
	}
	read := 0
	w := newWorld(t, SourceHarness{World: func(t *testing.T, _ int) OpenSource { return h.World(t, world) }, Elements: func(rec arrow.Record) []int {
		read += int(rec.NumRows())
		for i := range int(rec.NumRows()) {
			row := rowOf(t, rec, i)
			if w := want[row.id()]; w == nil {
				t.Errorf("a row nobody wrote, or a second time: %.80q", row.id())
			} else if k := row.differs(w); k >= 0 {
				t.Errorf("%s %s: column %s is not what was written", w.Class, w.Tag, HostileColumns[k])
			}
			delete(want, row.id())
		}
		return nil
	}}, len(rows))
	s := w.source(context.Background(), "", 500)
	defer w.close(s)
	var err error
	for err == nil {
		_, err = w.next(context.Background(), s)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
	for _, row := range want {
		t.Errorf("%s %s was not read", row.Class, row.Tag)
	}
	if read != len(rows) {
		t.Errorf("%d rows read of %d", read, len(rows))
	}
}

func held(rows []HostileRow, holds func(column, value string) bool) []HostileRow {
	var out []HostileRow
	for _, r := range rows {
		ok := true
		for i, c := range r.Cells {
			ok = ok && (c == nil || holds(HostileColumns[i], *c))
		}
		if ok {
			out = append(out, r)
		}
	}
	return out
}

// id is what tells a row apart: its opinion, and where that is what is wrong its number.
func (r *HostileRow) id() string {
	number, opinion := r.Cells[0], r.Cells[hostileColumn("jgms")]
	if opinion == nil || len(*opinion) > 200 {
		return "number " + *number
	}
	return *opinion
}

func rowOf(t *testing.T, rec arrow.Record, i int) *HostileRow {
	row := &HostileRow{}
	for _, name := range HostileColumns {
		at := rec.Schema().FieldIndices(name)
		if len(at) != 1 {
			t.Fatalf("no column %s in %s", name, rec.Schema())
		}
		col := rec.Column(at[0]).(*array.String)
		if col.IsNull(i) {
			row.Cells = append(row.Cells, nil)
			continue
		}
		v := string([]byte(col.Value(i)))
		row.Cells = append(row.Cells, &v)
	}
	return row
}

// differs is the first column in which rows differ, -1: none.
func (r *HostileRow) differs(other *HostileRow) int {
	for i, c := range r.Cells {
		o := other.Cells[i]
		if (c == nil) != (o == nil) || c != nil && *c != *o {
			return i
		}
	}
	return -1
}
