package rejects

import (
	"slices"

	"banjian/cmd/internal/workbook"
	"banjian/internal/charset"
	"banjian/internal/text"
)

func (s *sheet) headings(lang text.Lang) []string {
	var list []string
	for _, h := range headings() {
		list = append(list, h.In(lang))
	}
	return append(list, s.columns...)
}

// cells is a row in the order of columns; bytes that stand for no character are shown as
// one U+FFFD, as no table holds them.
func (r *sheetRow) cells(columns []string) []string {
	list := slices.Clone(r.fixed)
	for _, c := range columns {
		list = append(list, charset.Readable(r.source[c]))
	}
	return list
}

// OnePage is all sheets as one table, for a file that holds no more.
func (all *Sheets) OnePage() []workbook.Page {
	whole := &sheet{}
	for _, s := range all.list {
		for _, c := range s.columns {
			if !slices.Contains(whole.columns, c) {
				whole.columns = append(whole.columns, c)
			}
		}
	}
	page := workbook.Page{Rows: [][]workbook.Cell{workbook.Row(workbook.Plain, all.watermark),
		workbook.Row(workbook.Plain, append([]string{text.T("管道", "pipeline").In(all.lang)}, whole.headings(all.lang)...)...)}}
	for _, s := range all.list {
		for i := range s.rows {
			page.Rows = append(page.Rows, workbook.Row(workbook.Plain, append([]string{s.pipeline}, s.rows[i].cells(whole.columns)...)...))
		}
	}
	return []workbook.Page{page}
}

// PageEach is a page a pipeline.
func (all *Sheets) PageEach() []workbook.Page {
	widths := []float64{8, 26, 22, 24, 12, 46, 46, 20, 12, 16} // of the fixed columns, in characters; source columns have the last
	pages := make([]workbook.Page, len(all.list))
	for i, s := range all.list {
		pages[i] = workbook.Page{Name: s.pipeline, Widths: widths, Frozen: 2,
			Rows: [][]workbook.Cell{workbook.Row(workbook.Bold, all.watermark), workbook.Row(workbook.Bold, s.headings(all.lang)...)}}
		for j := range s.rows {
			pages[i].Rows = append(pages[i].Rows, workbook.Row(workbook.Text, s.rows[j].cells(s.columns)...))
		}
	}
	return pages
}
