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

	Halves *Halves // records go as several messages; nil = each as one
	// Elsewhere says that a record of ours goes in another list; nil = none does.
	Elsewhere func(rec arrow.Record, row int) bool
	// Also gives records of other subjects that were delivered and stand in this list; nil = none.
	Also func(ctx context.Context, each func(rec arrow.Record, row int) error) error

	also map[[16]byte]bool // what Also gave
	half int               // which of Columns says what half a row is; below 0: none does

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
	l.half = -1
	l.Columns = l.once()
	l.keys, l.fine = 0, make([]int, len(l.Columns))
	for i := range l.Columns {
		if l.Halves != nil && l.Columns[i].Name == l.Halves.Column {
			l.half = i
		}
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
		if err := l.checkHalf(cells); err != nil {
			found.Add(placed(err, where))
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

func placed(err error, where string) error {
	if f, ok := err.(*fault.Error); ok {
		f.Where = where
	}
	return err
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
	if l.inHalves() {
		return l.holdsHalves(ctx, each)
	}
	var cells []string
	var where string
	name := func() ([]string, string) { return slices.Clone(cells[:l.keys]), where }
	return l.each(ctx, func(c []string, at string) error {
		cells, where = c, at
		row := pipelines.HeldRow{Op: pipelines.OpInsert, Name: name}
		row.GUID, row.Digest = l.known(l.cells(c), nil)
		return each(row)
	})
}

// cells is those of a row in the words of the receiver's records.
func (l *Listing) cells(c []string) func(i int) string {
	return func(i int) string { return l.Columns[i].listed(c[i], l.fine[i]) }
}

// known is what a record is told by, and what it says, which of one in halves is what those
// say that it has.
func (l *Listing) known(cell func(i int) string, has func(code string) bool) (id [16]byte, digest uint64) {
	if !l.inHalves() {
		return l.id(cell), l.digest("", cell, func(int) bool { return true })
	}
	for _, code := range l.codes() {
		if has(code) {
			digest += l.halfDigest(code, cell)
		}
	}
	return l.id(cell), digest
}

func (l *Listing) id(cell func(i int) string) (id [16]byte) {
	var buf []byte
	for i := range l.keys {
		buf = withCell(buf, cell(i))
	}
	sum := sha256.Sum256(buf)
	copy(id[:], sum[:])
	return id
}

// digest is that of the columns picked of those that tell no rows apart.
func (l *Listing) digest(half string, cell func(i int) string, pick func(i int) bool) uint64 {
	buf := []byte(half)
	for i := l.keys; i < len(l.Columns); i++ {
		if pick(i) {
			buf = withCell(buf, cell(i))
		}
	}
	sum := sha256.Sum256(buf)
	return binary.LittleEndian.Uint64(sum[:])
}

func withCell(buf []byte, c string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(c))), c...)
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
		e.guid, e.digest = l.known(l.ours(rec, row), l.has(rec, row))
		e.flags &^= known
		if l.Elsewhere != nil && l.Elsewhere(rec, row) {
			e.flags |= elsewhere
		}
		if e.delivered == p.Version && e.flags&underway == 0 { // of an older one nobody knows what it said
			e.flags |= known
		}
		return ctx.Err()
	})
	if err == nil && w.n > 0 {
		w.indexGUID()
	}
	if err != nil || l.Also == nil {
		return err
	}
	l.also = map[[16]byte]bool{}
	return l.Also(ctx, func(rec arrow.Record, row int) error {
		l.also[l.id(l.ours(rec, row))] = true
		return ctx.Err()
	})
}

// listedPair is a record whose rows in the list are otherwise.
type listedPair struct {
	d      *Difference
	cells  []string
	has    func(code string) bool
	listed []string // halves that stand in the list
}

// explain tells in which columns rows are otherwise, and where they stand.
func (l *Listing) explain(ctx context.Context, subject string, open map[int64]*Difference) error {
	altered := map[[16]byte]*listedPair{}
	if !slices.ContainsFunc(slices.Collect(maps.Values(open)), func(d *Difference) bool { return d.Kind == Altered }) {
		return nil
	}
	err := l.Ours(ctx, subject, func(p *ledger.Projected, rec arrow.Record, row int) error {
		if d := open[p.Rec]; d != nil && d.Kind == Altered {
			cell := l.ours(rec, row)
			one := &listedPair{d: d, cells: make([]string, len(l.Columns))}
			for i := range one.cells {
				one.cells[i] = string([]byte(cell(i)))
			}
			if l.inHalves() {
				has := map[string]bool{}
				for _, code := range l.codes() {
					has[code] = l.has(rec, row)(code)
				}
				one.has = func(code string) bool { return has[code] }
			}
			altered[l.id(cell)] = one
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	err = l.each(ctx, func(cells []string, where string) error {
		listed := l.cells(cells)
		if one := altered[l.id(listed)]; one != nil {
			one.d.Where = where
			if l.inHalves() {
				l.unlike(one, listed(l.half), listed)
				return ctx.Err()
			}
			one.d.Fields = nil
			for i := l.keys; i < len(l.Columns); i++ {
				if listed(i) != one.cells[i] {
					one.d.Fields = append(one.d.Fields, l.Columns[i].Heading)
				}
			}
		}
		return ctx.Err()
	})
	if err == nil && l.inHalves() {
		for _, one := range altered {
			l.lacking(one)
		}
	}
	return err
}
