package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Listing (导出清单) is a table that a receiver's people exported, as what the receiver
// holds: rows are told by some of its columns and compared in others. Columns that neither
// side has are left alone.
type Listing struct {
	Name    string   // of the file
	Columns []Column // those that tell rows apart first
	// Open reads the file: a column of text for each of Columns, in their order.
	Open func(context.Context) (pipelines.Source, error)
	// Ours gives every record as it would go to the receiver, whose columns are called as
	// those of the file are here.
	Ours func(ctx context.Context, subject string, each func(p *ledger.Projected, rec arrow.Record, row int) error) error

	keys int   // how many of Columns tell rows apart
	fine []int // of each column of times, how much of them the file has: 10, 16 or 19 characters
}

var _ pipelines.Holder = (*Listing)(nil)

// Digests are those of the rows in a file, made when it is read.
func (l *Listing) Digests(*pipelines.Delivery) ([]uint64, error) { return nil, nil }

// mistakes is how many mistakes of a file are told together.
const mistakes = 20

// Check reads the file once and tells every row that cannot be understood.
func (l *Listing) Check(ctx context.Context) error {
	l.keys, l.fine = 0, make([]int, len(l.Columns))
	for i := range l.Columns {
		if l.Columns[i].Key {
			l.keys++
		}
		l.fine[i] = fineMost
	}
	var found fault.List
	rows := 0
	err := l.each(ctx, func(cells []string, where string) error {
		rows++
		for i := range cells {
			err := l.Columns[i].check(cells[i], &l.fine[i])
			if err != nil {
				err.Where = where
				found.Add(err)
			}
		}
		if found.Len() >= mistakes {
			return found.Err()
		}
		return nil
	})
	if err == nil {
		err = found.Err()
	}
	if err == nil && rows == 0 {
		err = fault.New(fault.Config, "read listing", l.Name, text.T("清单里一行也没有", "there is no row in the list"), text.T("没有导出到内容，或列名行写错了（--header）", "nothing was exported, or --header names the wrong row"))
	}
	return err
}

// each gives the rows of the file, trimmed.
func (l *Listing) each(ctx context.Context, each func(cells []string, where string) error) error {
	source, err := l.Open(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	cells := make([]string, len(l.Columns))
	return eachBatch(ctx, source, func(rec arrow.Record) error {
		columns, place, unread := make([]func(int) string, len(l.Columns)), textColumn(rec, pipelines.PlaceColumn), textColumn(rec, pipelines.UnreadColumn)
		for i := range columns {
			columns[i] = textColumn(rec, l.Columns[i].Heading)
		}
		for row := range int(rec.NumRows()) {
			if why := unread(row); why != "" {
				return unreadable(why, place(row))
			}
			for i := range cells {
				cells[i] = trimmed(columns[i](row))
			}
			if err := each(cells, place(row)); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

func unreadable(why, where string) error {
	u, err := pipelines.UnpackUnread(why)
	if err != nil {
		return err
	}
	return fault.New(fault.Config, "read listing", where, text.F("这一行读不出来（%s）", "this row cannot be read (%s)", u.Rule), text.T("在表格软件里打开看这一行，另存后再试", "look at this row in a spreadsheet, save it and try again"))
}

// Holds gives the rows of the file; of several with one identity the last stands.
func (l *Listing) Holds(ctx context.Context, _ string, each func(pipelines.HeldRow) error) error {
	var cells []string
	var where string
	name := func() ([]string, string) { return slices.Clone(cells[:l.keys]), where }
	return l.each(ctx, func(c []string, at string) error {
		cells, where = c, at
		row := pipelines.HeldRow{Op: pipelines.OpInsert, Name: name}
		row.GUID, row.Digest = l.known(func(i int) string { return l.Columns[i].listed(c[i], l.fine[i]) })
		return each(row)
	})
}

// known is what a row is told by, and what it says.
func (l *Listing) known(cell func(i int) string) (id [16]byte, digest uint64) {
	var buf []byte
	add := func(i int) {
		c := cell(i)
		buf = append(binary.AppendUvarint(buf, uint64(len(c))), c...)
	}
	for i := range l.keys {
		add(i)
	}
	sum := sha256.Sum256(buf)
	copy(id[:], sum[:])
	buf = buf[:0]
	for i := l.keys; i < len(l.Columns); i++ {
		add(i)
	}
	sum = sha256.Sum256(buf)
	return id, binary.LittleEndian.Uint64(sum[:])
}

// ours is the cells of a record as it would go to the receiver.
func (l *Listing) ours(rec arrow.Record, row int) func(i int) string {
	return func(i int) string {
		at := rec.Schema().FieldIndices(l.Columns[i].Name)
		if len(at) != 1 {
			return ""
		}
		return l.Columns[i].ours(rec.Column(at[0]), row, l.fine[i])
	}
}

// identify has records known by what the receiver's list tells them by.
func (w *sheet) identify(ctx context.Context) error {
	l := w.plan.Listing
	if err := l.Check(ctx); err != nil {
		return err
	}
	err := l.Ours(ctx, w.subject.Name, func(p *ledger.Projected, rec arrow.Record, row int) error {
		e := w.ofRec(p.Rec)
		if e == nil {
			return nil
		}
		e.guid, e.digest = l.known(l.ours(rec, row))
		e.flags &^= known
		if e.delivered == p.Version && e.flags&underway == 0 { // of an older one nobody knows what it said
			e.flags |= known
		}
		return ctx.Err()
	})
	if err == nil && w.n > 0 {
		w.indexGUID()
	}
	return err
}

// explain tells in which columns rows are otherwise, and where they stand.
func (l *Listing) explain(ctx context.Context, subject string, open map[int64]*Difference) error {
	type pair struct {
		d     *Difference
		cells []string
	}
	altered := map[[16]byte]*pair{}
	if !slices.ContainsFunc(slices.Collect(maps.Values(open)), func(d *Difference) bool { return d.Kind == Altered }) {
		return nil
	}
	err := l.Ours(ctx, subject, func(p *ledger.Projected, rec arrow.Record, row int) error {
		if d := open[p.Rec]; d != nil && d.Kind == Altered {
			cell := l.ours(rec, row)
			one := &pair{d: d, cells: make([]string, len(l.Columns))}
			for i := range one.cells {
				one.cells[i] = string([]byte(cell(i)))
			}
			id, _ := l.known(cell)
			altered[id] = one
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return l.each(ctx, func(cells []string, where string) error {
		listed := func(i int) string { return l.Columns[i].listed(cells[i], l.fine[i]) }
		id, _ := l.known(listed)
		if one := altered[id]; one != nil {
			one.d.Where, one.d.Fields = where, nil
			for i := l.keys; i < len(l.Columns); i++ {
				if listed(i) != one.cells[i] {
					one.d.Fields = append(one.d.Fields, l.Columns[i].Heading)
				}
			}
		}
		return ctx.Err()
	})
}
