package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/spf13/cobra"

	"banjian/cmd/internal/codesheet"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) rejectsImportCommand() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: a.t("读回部门更正过的问题数据，立即重推", "read back rejects that the department mended, and drive them again"),
		Long: a.t(`读回用 rejects export --with-source 导出、由部门改过的表格（xlsx 或 csv）。

改过的单元格记为这一行的更正：以后再读到一模一样的来源行，按更正后的值映射；部门库里这一行变了，更正随之作废。
没改的单元格不动；清空的单元格按没有值处理。来源库不会被写入，部门自己的系统仍要更正。`, `Reads back a table that rejects export --with-source wrote and the department changed (xlsx or csv).

Cells that were changed become the correction of that row: whenever exactly this row is read again it is mapped as
corrected; once the row changes at the department the correction is void. Cells left alone stay as they are, cells
emptied count as no value. Nothing is written into the department's database: it still has to mend its own.`),
		Example: "  banjian rejects import 问题数据-已更正.xlsx --dry-run\n  banjian rejects import 问题数据-已更正.xlsx",
		Args:    a.exactly(1, text.T("写出一个文件", "name one file")),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importRejects(cmd.Context(), args[0], dry)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, a.t("只说会更正什么，不改", "say what would be corrected, change nothing"))
	return c
}

func (a *app) importRejects(ctx context.Context, path string, dry bool) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fault.Wrap(err, fault.Config, "import rejects", path, text.T("读不了这个文件", "cannot read the file"), text.Text{})
	}
	sheets, err := codesheet.Read(path, data)
	if err != nil {
		return err
	}
	m := &mending{path: path, byRow: map[mendedRow]*ledger.Correction{}}
	err = a.withLedger(ctx, func(h *house, store ledger.Store) error {
		m.kept = &keptBatches{store: store}
		defer m.kept.release()
		for _, s := range sheets {
			if err := m.sheet(ctx, store, s); err != nil {
				return err
			}
		}
		if err := m.found.Err(); err != nil || dry || len(m.order) == 0 {
			return err
		}
		return store.Correct(ctx, m.corrections())
	})
	if err != nil {
		return err
	}
	a.log().Info("rejects imported", "rows", len(m.order), "by", whoami(), "dry", dry)
	if err := a.tellMended(m, dry); err != nil || dry || len(m.order) == 0 {
		return err
	}
	return a.withHouse(func(h *house) error {
		return a.run(ctx, h, m.pipelines, runOptions{remap: true, refused: true, failOn: "new"})
	})
}

// mending is the corrections in a file.
type mending struct {
	path      string
	kept      *keptBatches
	byRow     map[mendedRow]*ledger.Correction
	order     []mendedRow
	pipelines []string
	cells     int
	same      int // rejects whose row is as it was
	closed    int // not open any more
	found     fault.List
}

// mendedRow is one kept source row.
type mendedRow struct {
	kept int64
	row  int32
}

func (m *mending) corrections() []ledger.Correction {
	list := make([]ledger.Correction, len(m.order))
	for i, at := range m.order {
		list[i] = *m.byRow[at]
	}
	return list
}

func (m *mending) wrong(row int, what, hint text.Text) {
	m.found.Add(fault.New(fault.Config, "import rejects", fmt.Sprintf("%s:%d", m.path, row), what, hint))
}

// sheet reads one page: a watermark, the headings, rows.
func (m *mending) sheet(ctx context.Context, store ledger.Reports, s *codesheet.Sheet) error {
	columns, first := headingsOf(s)
	if columns == nil {
		m.wrong(1, text.F("%s 里没有“编号”一列", "%s has no column “id”", s.Name), text.T("用 rejects export --with-source 导出的表格，保留它的表头", "use a table of rejects export --with-source and keep its headings"))
		return nil
	}
	for _, l := range s.Lines {
		if l.Row < first || len(l.Cells) == 0 || strings.Join(l.Cells, "") == "" {
			continue
		}
		if err := m.line(ctx, store, columns, l); err != nil {
			return err
		}
	}
	return nil
}

// headingsOf finds the headings: for each cell the source column that stands below it, the
// reject's number being "#"; fixed columns are empty.
func headingsOf(s *codesheet.Sheet) (columns []string, first int) {
	for _, l := range s.Lines {
		at := slices.IndexFunc(l.Cells, func(c string) bool { return isHeading(fixedHeadings[0], c) })
		if at < 0 {
			continue
		}
		columns = make([]string, len(l.Cells))
		columns[at] = "#"
		for i := at + fixedFrom(l.Cells[at:]); i < len(columns); i++ {
			columns[i] = strings.TrimSpace(l.Cells[i])
		}
		return columns, l.Row + 1
	}
	return nil, 0
}

// fixedFrom is how many of the cells are fixed headings: an earlier release wrote fewer.
func fixedFrom(cells []string) int {
	n := 0
	for _, h := range fixedHeadings {
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

// line takes what was changed in a row.
func (m *mending) line(ctx context.Context, store ledger.Reports, columns []string, l codesheet.Line) error {
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
		m.closed++
		return nil
	}
	names, row, err := m.kept.row(ctx, r)
	if err != nil {
		return err
	}
	if names == nil || r.KeptRow < 0 {
		if untouched(columns, l) { // nothing was exported of its row, and nothing is to be changed in it
			m.same++
			return nil
		}
		m.wrong(l.Row, text.F("编号 %d 的来源行已不在台账里，不能在这里更正", "the source row of reject %d is not in the ledger: it cannot be mended here", id),
			text.T("请部门在自己的系统里更正；这样的行从表里删去再导入", "have the department mend it in its own system; delete such rows from the table and import it again"))
		return nil
	}
	return m.compare(r, names, row, columns, l)
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

// compare notes the cells of a row that are not as they were.
func (m *mending) compare(r *ledger.Reject, names []string, row []keptColumn, columns []string, l codesheet.Line) error {
	was := map[string]keptColumn{}
	for _, c := range row {
		was[c.name] = c
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
		if now == strings.TrimSpace(old.value) || now == strings.TrimSpace(old.masked()) {
			continue
		}
		cells[column] = &now
		if now == "" {
			cells[column] = nil
		}
	}
	if len(cells) == 0 {
		m.same++
		return nil
	}
	return m.note(r, cells, l.Row)
}

// note adds a correction; two rejects of one row may both carry the same one.
func (m *mending) note(r *ledger.Reject, cells map[string]*string, line int) error {
	rec := m.kept.rec
	for i, f := range rec.Schema().Fields() {
		v, changed := cells[f.Name]
		if !changed {
			continue
		}
		cell, err := ledger.CorrectedCell(rec.Column(i).DataType(), v, memory.DefaultAllocator)
		if err != nil {
			m.wrong(line, text.F("%s 的值不是这一列的写法", "the value of %s is not written as the column has it", f.Name), text.T("日期、数字照导出时的写法", "write dates and numbers as they were exported"))
			return nil
		}
		cell.Release()
	}
	at := mendedRow{r.Kept, r.KeptRow}
	if before := m.byRow[at]; before != nil {
		for column, v := range cells {
			if old, both := before.Cells[column]; both && !equalCells(old, v) {
				m.wrong(line, text.F("同一来源行的 %s 改成了两个值", "%s of one source row was changed to two values", column), text.T("一行有几条问题时，各条改成一样", "where a row has several rejects, change them alike"))
			}
			before.Cells[column] = v
		}
		return nil
	}
	one := rec.NewSlice(int64(r.KeptRow), int64(r.KeptRow)+1)
	defer one.Release()
	m.byRow[at] = &ledger.Correction{Pipeline: r.Pipeline, Row: ledger.SourceRows(one)[0], Cells: cells, Reject: r.ID, Who: whoami(), At: time.Now()}
	m.order = append(m.order, at)
	if !slices.Contains(m.pipelines, r.Pipeline) {
		m.pipelines = append(m.pipelines, r.Pipeline)
	}
	return nil
}

func equalCells(a, b *string) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func (a *app) tellMended(m *mending, dry bool) error {
	for _, at := range m.order {
		m.cells += len(m.byRow[at].Cells)
	}
	if a.json && !dry && len(m.order) > 0 {
		return nil // the run tells
	}
	what := text.F("更正 %[1]d 行 %[2]d 个单元格；%[3]d 条没有改动，%[4]d 条已不是未决", "rows corrected: %[1]d, cells: %[2]d; left as they were: %[3]d, no longer open: %[4]d", len(m.order), m.cells, m.same, m.closed)
	if dry {
		what = text.F("将更正 %[1]d 行 %[2]d 个单元格；%[3]d 条没有改动，%[4]d 条已不是未决。什么也没有改", "would correct rows: %[1]d, cells: %[2]d; left as they were: %[3]d, no longer open: %[4]d. Nothing was changed", len(m.order), m.cells, m.same, m.closed)
	}
	return a.done(what, map[string]any{"rows": len(m.order), "cells": m.cells, "unchanged": m.same, "not_open": m.closed, "dry_run": dry})
}
