package rejects

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/cmd/internal/codesheet"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Mended is what a table corrects that its department changed.
type Mended struct {
	Pipelines []string // of the corrected rows, in order of first sight
	Same      int      // rejects whose row is as it was
	Closed    int      // not open any more

	byRow map[sourceRow]*ledger.Correction // cells that are changed now
	was   map[sourceRow]map[string]*string // those that were before
	order []sourceRow
	kinds map[string][]string // by pipeline, the columns of corrected rows as they were kept
	found fault.List

	path string // of the file, for what is told
	who  string
	now  time.Time
	kept kept
}

// sourceRow is a row of a pipeline's source, whichever runs it was refused in.
type sourceRow struct {
	pipeline string
	row      pipelines.Hash
}

// Kept is where rejects are, and the source rows behind them.
type Kept interface {
	Found
	Batches
	Corrected
}

// ReadMended compares the sheets of a file with the source rows that they were made of. It
// tells all that is wrong with them by file and line; who changed them stands in the
// corrections.
func ReadMended(ctx context.Context, store Kept, path string, sheets []*codesheet.Sheet, who string, now time.Time) (*Mended, error) {
	m := &Mended{path: path, who: who, now: now, byRow: map[sourceRow]*ledger.Correction{}, was: map[sourceRow]map[string]*string{}, kinds: map[string][]string{}, kept: kept{store: store}}
	defer m.kept.release()
	for _, s := range sheets {
		if err := m.sheet(ctx, store, s); err != nil {
			return nil, err
		}
	}
	return m, m.found.Err()
}

// Corrections is a correction a row, in the order of the file; cells that were corrected
// before and are left as they are stay so.
func (m *Mended) Corrections() []ledger.Correction {
	list := make([]ledger.Correction, len(m.order))
	for i, at := range m.order {
		list[i] = *m.byRow[at]
		list[i].Cells = map[string]*string{}
		maps.Copy(list[i].Cells, m.was[at])
		maps.Copy(list[i].Cells, m.byRow[at].Cells)
	}
	return list
}

// Rows is how many rows are corrected, Cells how many cells of them.
func (m *Mended) Rows() int { return len(m.order) }

func (m *Mended) Cells() (n int) {
	for _, at := range m.order {
		n += len(m.byRow[at].Cells)
	}
	return n
}

func (m *Mended) wrong(row int, what, hint text.Text) {
	m.found.Add(fault.New(fault.Config, "import rejects", fmt.Sprintf("%s:%d", m.path, row), what, hint))
}

// sheet reads one page: a watermark, the headings, rows.
func (m *Mended) sheet(ctx context.Context, store Kept, s *codesheet.Sheet) error {
	columns, key, first := headingsOf(s)
	if columns == nil {
		m.wrong(1, text.F("%s 里没有“编号”一列", "%s has no column “id”", s.Name), text.T("用 rejects export --with-source 导出的表格，保留它的表头", "use a table of rejects export --with-source and keep its headings"))
		return nil
	}
	for _, l := range s.Lines {
		if l.Row < first || len(l.Cells) == 0 || strings.Join(l.Cells, "") == "" {
			continue
		}
		if err := m.line(ctx, store, columns, key, l); err != nil {
			return err
		}
	}
	return nil
}

// headingsOf finds the headings: for each cell the source column that stands below it, the
// reject's number being "#"; fixed columns are empty. key is where the row's key stands, -1 =
// nowhere.
func headingsOf(s *codesheet.Sheet) (columns []string, key, first int) {
	for _, l := range s.Lines {
		at := slices.IndexFunc(l.Cells, func(c string) bool { return isHeading(headings()[0], c) })
		if at < 0 {
			continue
		}
		columns = make([]string, len(l.Cells))
		columns[at] = "#"
		n := fixedFrom(l.Cells[at:])
		for i := at + n; i < len(columns); i++ {
			columns[i] = strings.TrimSpace(l.Cells[i])
		}
		key = slices.IndexFunc(l.Cells[at:at+n], func(c string) bool { return isHeading(headings()[keyCell], c) })
		if key >= 0 {
			key += at
		}
		return columns, key, l.Row + 1
	}
	return nil, -1, 0
}

// fixedFrom is how many of the cells are fixed headings: an earlier release wrote fewer.
func fixedFrom(cells []string) int {
	n := 0
	for _, h := range headings() {
		if n < len(cells) && isHeading(h, cells[n]) {
			n++
		}
	}
	return n
}

func isHeading(t text.Text, cell string) bool {
	cell = strings.TrimSpace(cell)
	return cell == t.ZH || cell == t.EN
}

// line takes what was changed in a row; key is where its key stands.
func (m *Mended) line(ctx context.Context, store Kept, columns []string, key int, l codesheet.Line) error {
	id, err := strconv.ParseInt(strings.TrimSpace(cellAt(l, slices.Index(columns, "#"))), 10, 64)
	if err != nil {
		m.wrong(l.Row, text.T("编号不是数字", "the id is no number"), text.T("编号一列不要改", "leave the column of ids alone"))
		return nil
	}
	list, err := store.Rejects(ctx, ledger.RejectQuery{ID: id, Limit: 1})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		m.wrong(l.Row, text.F("没有编号 %d 的问题数据", "there is no reject %d", id), text.Text{})
		return nil
	}
	r := &list[0]
	if r.State != "open" {
		m.Closed++
		return nil
	}
	names, row, err := m.kept.row(ctx, r)
	if err != nil {
		return err
	}
	if names == nil || r.KeptRow < 0 {
		if untouched(columns, l) { // nothing was exported of its row, and nothing is to be changed in it
			m.Same++
			return nil
		}
		m.wrong(l.Row, text.F("编号 %d 的来源行已不在台账里，不能在这里更正", "the source row of reject %d is not in the ledger: it cannot be mended here", id),
			text.T("请部门在自己的系统里更正；这样的行从表里删去再导入", "have the department mend it in its own system; delete such rows from the table and import it again"))
		return nil
	}
	row, before, err := m.kept.asCorrected(ctx, store, r, row)
	if err != nil {
		return err
	}
	m.was[sourceRow{r.Pipeline, m.kept.hash(r)}] = before
	cells := m.changed(names, row, columns, l)
	if len(cells) == 0 {
		m.Same++
		return nil
	}
	if said := cellAt(l, key); said != "" && len(r.Key) > 0 && !untold(said, keyText(r)) {
		m.wrong(l.Row, text.F("编号 %d 不是这一行的：标识对不上", "the id %d is not of this row: the key is another one", id),
			text.T("编号、标识和来源列要一起排序、一起移动；重新导出一份再改", "sort and move ids, keys and source columns together; export anew and change that"))
		return nil
	}
	return m.note(r, cells, l.Row)
}

// untouched says that a line has no source column filled in.
func untouched(columns []string, l codesheet.Line) bool {
	for i, column := range columns {
		if column != "" && column != "#" && cellAt(l, i) != "" {
			return false
		}
	}
	return true
}

func cellAt(l codesheet.Line, at int) string {
	if at < 0 || at >= len(l.Cells) {
		return ""
	}
	return l.Cells[at]
}

// changed is the cells of a row that are not as they were.
func (m *Mended) changed(names []string, row []Column, columns []string, l codesheet.Line) map[string]*string {
	was := map[string]Column{}
	for _, c := range row {
		was[c.Name] = c
	}
	cells := map[string]*string{}
	for i, column := range columns {
		now, old := cellAt(l, i), was[column]
		if column == "" || column == "#" {
			continue
		}
		if !slices.Contains(names, column) {
			if now != "" {
				m.wrong(l.Row, text.F("来源没有 %s 这一列", "the source has no column %s", column), nearest.Hint(column, names))
			}
			continue
		}
		if untold(now, old.Value) || untold(now, old.Masked()) {
			continue
		}
		cells[column] = &now
		if now == "" {
			cells[column] = nil
		}
	}
	return cells
}

// note adds a correction; two rejects of one row may both carry the same one.
func (m *Mended) note(r *ledger.Reject, cells map[string]*string, line int) error {
	rec := m.kept.rec
	for i, f := range rec.Schema().Fields() {
		v, changed := cells[f.Name]
		if !changed {
			continue
		}
		if v != nil && rounded.MatchString(*v) && f.Type.ID() == arrow.STRING {
			m.wrong(line, text.F("%s 的值被表格软件改写成了科学计数，后面的数字已经没有了", "the spreadsheet rewrote the value of %s as a rounded number, its last digits are lost", f.Name),
				text.T("把这一格设为文本格式再填", "make the cell a text cell and fill it in again"))
			return nil
		}
		cell, err := ledger.CorrectedCell(rec.Column(i).DataType(), v, memory.DefaultAllocator)
		if err != nil {
			m.wrong(line, text.F("%s 的值不是这一列的写法", "the value of %s is not written as the column has it", f.Name), text.T("日期、数字照导出时的写法", "write dates and numbers as they were exported"))
			return nil
		}
		cell.Release()
	}
	at := sourceRow{r.Pipeline, m.kept.hash(r)}
	if before := m.byRow[at]; before != nil {
		for column, v := range cells {
			if old, both := before.Cells[column]; both && !equalCells(old, v) {
				m.wrong(line, text.F("同一来源行的 %s 改成了两个值", "%s of one source row was changed to two values", column), text.T("一行有几条问题时，各条改成一样", "where a row has several rejects, change them alike"))
			}
			before.Cells[column] = v
		}
		return nil
	}
	m.byRow[at] = &ledger.Correction{Pipeline: r.Pipeline, Row: at.row, Cells: cells, Reject: r.ID, Who: m.who, At: m.now}
	m.order = append(m.order, at)
	for _, f := range rec.Schema().Fields() {
		if f.Name != pipelines.UnreadColumn && f.Name != pipelines.PlaceColumn && !slices.Contains(m.kinds[r.Pipeline], f.Name) {
			m.kinds[r.Pipeline] = append(m.kinds[r.Pipeline], f.Name)
		}
	}
	if !slices.Contains(m.Pipelines, r.Pipeline) {
		m.Pipelines = append(m.Pipelines, r.Pipeline)
	}
	return nil
}

func equalCells(a, b *string) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
