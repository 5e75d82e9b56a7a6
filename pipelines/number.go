package pipelines

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// The columns a source adds where rows have no key of their own; a mapping uses them as it
// uses columns of the view.
const (
	NthColumn = "nth"    // From.Nth: which of the rows equal in these columns it is, from 1
	RowColumn = "row_id" // key: none: what the row holds, and which of the equal rows it is
)

// rowDigits is how much of a row's hash is its identity, in hexadecimal digits: 96 bits.
const rowDigits = 24

// mostHeld is how many rows wait at most until those equal to them were read.
const mostHeld = 200_000

// Numberer (相同行编号) gives rows a number among those equal to them. The number goes by
// what the rows hold, never by the order they are read in or by where batches are cut:
// rows equal in some columns are held back until all of them were read, and numbered in
// the order of the hashes of the whole rows; rows equal in every column are one like the
// other. It is used by one goroutine.
//
// It remembers 20 bytes for every row that is not equal to another.
type Numberer struct {
	among []string // nil: all columns
	alloc memory.Allocator
	count map[Hash]uint32 // of whole rows: numbers given; else the rows of a group
	held  map[Hash][]heldRow
	left  int
}

// heldRow is a row that waits, a record of its own.
type heldRow struct {
	rec  arrow.Record
	hash Hash
}

// NewNumberer numbers rows equal in these columns, for which Count is called with all rows
// first; nil: rows equal in every column.
func NewNumberer(among []string, alloc memory.Allocator) *Numberer {
	return &Numberer{among: among, alloc: alloc, count: map[Hash]uint32{}, held: map[Hash][]heldRow{}}
}

// Count notes the rows of rec, which has the columns of Among alone.
func (n *Numberer) Count(rec arrow.Record) {
	for _, h := range HashRows(rec, "") {
		n.count[h]++
	}
}

// Counted says that Count has had every row.
func (n *Numberer) Counted() {
	few := map[Hash]uint32{}
	for h, rows := range n.count {
		if rows > 1 {
			few[h] = rows
		}
	}
	n.count = few
}

// Number is the rows of rec, and those that waited for one of them, with their number; it
// may have no row. The caller releases both records.
func (n *Numberer) Number(rec arrow.Record) (arrow.Record, error) {
	if n.among == nil {
		return n.whole(rec), nil
	}
	part, err := columnsOf(rec, n.among)
	if err != nil {
		return nil, err
	}
	defer part.Release()
	groups := HashRows(part, "")
	var alone []int32
	var complete []Hash
	for row, g := range groups {
		rows := n.count[g]
		if rows == 0 {
			alone = append(alone, int32(row))
			continue
		}
		if err := n.hold(rec, row, g); err != nil {
			return nil, err
		}
		if len(n.held[g]) == int(rows) {
			complete = append(complete, g)
		}
	}
	return n.join(rec, alone, complete)
}

func (n *Numberer) hold(rec arrow.Record, row int, g Hash) error {
	if n.left++; n.left > mostHeld {
		return fault.New(fault.Config, "number rows", "", text.F("在这几列上相同的行太多，超过 %d 行", "more than %d rows are equal in these columns", mostHeld),
			text.T("nth 里再加几列，让相同的行只是少数", "name more columns under nth, so that few rows are equal"))
	}
	one, err := Take(rec, []int32{int32(row), int32(row)}, n.alloc) // a copy: a slice would keep the batch
	if err != nil {
		return err
	}
	defer one.Release()
	bare := withoutLeaf(one)
	defer bare.Release()
	n.held[g] = append(n.held[g], heldRow{rec: one.NewSlice(0, 1), hash: HashRows(bare, "")[0]})
	return nil
}

// join is the rows that have no equals, and the groups that are complete.
func (n *Numberer) join(rec arrow.Record, alone []int32, complete []Hash) (arrow.Record, error) {
	first, err := Take(rec, alone, n.alloc)
	if err != nil {
		return nil, err
	}
	parts, numbers := []arrow.Record{first}, make([]string, len(alone))
	defer func() {
		for _, p := range parts {
			p.Release()
		}
	}()
	for i := range numbers {
		numbers[i] = "1"
	}
	for _, g := range complete {
		rows := n.held[g]
		delete(n.held, g)
		n.left -= len(rows)
		slices.SortFunc(rows, func(a, b heldRow) int { return slices.Compare(a.hash[:], b.hash[:]) })
		for i, r := range rows {
			parts, numbers = append(parts, r.rec), append(numbers, strconv.Itoa(i+1))
		}
	}
	all := parts[0]
	if len(parts) > 1 {
		if all, err = concatenate(parts, n.alloc); err != nil {
			return nil, err
		}
		defer all.Release()
	}
	return n.with(all, NthColumn, numbers), nil
}

// whole numbers rows that are equal in every column.
func (n *Numberer) whole(rec arrow.Record) arrow.Record {
	bare := sortedColumns(rec)
	defer bare.Release()
	ids := make([]string, rec.NumRows())
	for row, h := range HashRows(bare, "") {
		n.count[h]++
		ids[row] = hex.EncodeToString(h[:])[:rowDigits]
		if k := n.count[h]; k > 1 {
			ids[row] += "-" + strconv.FormatUint(uint64(k), 10)
		}
	}
	return n.with(rec, RowColumn, ids)
}

// End is called when every row was numbered: a Transient fault if rows still wait, for then
// the view was not the same when it was counted.
func (n *Numberer) End() error {
	if n.left == 0 {
		return nil
	}
	return fault.New(fault.Transient, "number rows", "", text.F("视图在读取中变了：有 %d 行等不到与其相同的行", "the view changed while it was read: %d rows wait for rows equal to them", n.left), text.Text{})
}

// Release gives back the rows that still wait.
func (n *Numberer) Release() {
	for _, rows := range n.held {
		for _, r := range rows {
			r.rec.Release()
		}
	}
	n.held, n.left = nil, 0
}

// with is rec with a text column more, before the part of the view if it has one.
func (n *Numberer) with(rec arrow.Record, name string, values []string) arrow.Record {
	b := array.NewStringBuilder(n.alloc)
	defer b.Release()
	b.Reserve(len(values))
	for _, v := range values {
		b.Append(v)
	}
	col := b.NewArray()
	defer col.Release()
	at := bareColumns(rec)
	fields := slices.Insert(slices.Clone(rec.Schema().Fields()), at, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	cols := slices.Insert(slices.Clone(rec.Columns()), at, arrow.Array(col))
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

// bareColumns is how many columns rec has without the part of the view, which comes last.
func bareColumns(rec arrow.Record) int {
	at := int(rec.NumCols())
	if at > 0 && rec.ColumnName(at-1) == LeafColumn {
		at--
	}
	return at
}

func withoutLeaf(rec arrow.Record) arrow.Record {
	at := bareColumns(rec)
	return array.NewRecord(arrow.NewSchema(rec.Schema().Fields()[:at], nil), rec.Columns()[:at], rec.NumRows())
}

// sortedColumns is rec with its columns by name, so that the order a mapping names them in
// is no part of a row's identity.
func sortedColumns(rec arrow.Record) arrow.Record {
	order := make([]int, bareColumns(rec))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(rec.ColumnName(a), rec.ColumnName(b)) })
	fields, cols := make([]arrow.Field, len(order)), make([]arrow.Array, len(order))
	for i, at := range order {
		fields[i], cols[i] = rec.Schema().Field(at), rec.Column(at)
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

func columnsOf(rec arrow.Record, names []string) (arrow.Record, error) {
	fields, cols := make([]arrow.Field, len(names)), make([]arrow.Array, len(names))
	for i, name := range names {
		at := rec.Schema().FieldIndices(name)
		if len(at) != 1 {
			return nil, fault.New(fault.Bug, "number rows", "", text.F("没有列 %s", "there is no column %s", name), text.Text{})
		}
		fields[i], cols[i] = rec.Schema().Field(at[0]), rec.Column(at[0])
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows()), nil
}

func concatenate(parts []arrow.Record, alloc memory.Allocator) (arrow.Record, error) {
	var rows int64
	cols := make([]arrow.Array, parts[0].NumCols())
	defer func() {
		for _, c := range cols {
			if c != nil {
				c.Release()
			}
		}
	}()
	for _, p := range parts {
		rows += p.NumRows()
	}
	for i := range cols {
		list := make([]arrow.Array, len(parts))
		for j, p := range parts {
			list[j] = p.Column(i)
		}
		var err error
		if cols[i], err = array.Concatenate(list, alloc); err != nil {
			return nil, fault.Wrap(err, fault.Bug, "number rows", "", text.T("合并批次失败", "cannot join batches"), text.Text{})
		}
	}
	return array.NewRecord(parts[0].Schema(), cols, rows), nil
}
