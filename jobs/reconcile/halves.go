package reconcile

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/text"
	"banjian/pipelines"
)

// Halves says that a record goes to the receiver as several messages, a request and a result.
// A list has a row for each record, or, where it has Column, one for each message.
type Halves struct {
	Column  string            // that says which half a row is
	Present map[string]string // half → the column of our records that is filled where there is one
}

// inHalves says that the list has a row for each message.
func (l *Listing) inHalves() bool { return l.half >= 0 }

func (l *Listing) codes() []string { return slices.Sorted(maps.Keys(l.Halves.Present)) }

// once is the columns, but of a list with a row for each record those of the later half whose
// heading an earlier column has: nobody knows which of the two it shows.
func (l *Listing) once() []Column {
	if l.Halves == nil || slices.ContainsFunc(l.Columns, func(c Column) bool { return c.Name == l.Halves.Column }) {
		return l.Columns
	}
	var list []Column
	for _, c := range l.Columns {
		if c.Half == "" || !slices.ContainsFunc(list, func(o Column) bool { return o.Heading == c.Heading }) {
			list = append(list, c)
		}
	}
	return list
}

// has says which halves a record of ours has.
func (l *Listing) has(rec arrow.Record, row int) func(code string) bool {
	return func(code string) bool {
		at := rec.Schema().FieldIndices(l.Halves.Present[code])
		return len(at) == 1 && !rec.Column(at[0]).IsNull(row) && rec.Column(at[0]).ValueStr(row) != ""
	}
}

// checkHalf says what is wrong with the half of a row.
func (l *Listing) checkHalf(cells []string) error {
	if !l.inHalves() {
		return nil
	}
	c := &l.Columns[l.half]
	if _, known := l.Halves.Present[c.listed(cells[l.half], fineMost)]; !known {
		return c.wrong(text.F("列 %s 没有说这一行是哪一半", "column %s does not say which half the row is", c.Heading), text.T("写成代码或它的名称，例如 0 申请、1 结果", "write the code or its name, such as 0 or request"))
	}
	return nil
}

// halfDigest is what one half says.
func (l *Listing) halfDigest(code string, cell func(i int) string) uint64 {
	return l.digest(code, cell, func(i int) bool { return l.Columns[i].Half == code })
}

// holdsHalves gives a row for each record of a list that has one for each message. The file
// is read twice, so that not more than a digest a half is kept.
func (l *Listing) holdsHalves(ctx context.Context, each func(pipelines.HeldRow) error) error {
	codes, held := l.codes(), map[[16]byte][]uint64{}
	err := l.each(ctx, func(c []string, _ string) error {
		cell := l.cells(c)
		id := l.id(cell)
		if held[id] == nil {
			held[id] = make([]uint64, len(codes))
		}
		if n := slices.Index(codes, cell(l.half)); n >= 0 { // as it was checked
			held[id][n] = l.halfDigest(codes[n], cell) // of several the last stands
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return l.each(ctx, func(c []string, at string) error {
		id := l.id(l.cells(c))
		halves, first := held[id]
		if !first {
			return ctx.Err()
		}
		delete(held, id)
		row := pipelines.HeldRow{Op: pipelines.OpInsert, GUID: id, Name: func() ([]string, string) { return slices.Clone(c[:l.keys]), at }}
		for _, digest := range halves {
			row.Digest += digest
		}
		return each(row)
	})
}

// unlike adds to what is otherwise in a record what a row of its half says otherwise.
func (l *Listing) unlike(one *listedPair, code string, listed func(i int) string) {
	one.listed = append(one.listed, code)
	for i := l.keys; i < len(l.Columns); i++ {
		c := &l.Columns[i]
		if c.Half == code && one.has(code) && listed(i) != one.cells[i] && !slices.Contains(one.d.Fields, c.Heading) {
			one.d.Fields = append(one.d.Fields, c.Heading)
		}
	}
}

// lacking names the halves that stand on one side alone.
func (l *Listing) lacking(one *listedPair) {
	for _, code := range l.codes() {
		if one.has(code) != slices.Contains(one.listed, code) {
			one.d.Fields = append(one.d.Fields, l.Columns[l.half].Heading+"="+code)
		}
	}
}
