package main

import (
	"slices"

	"banjian/cmd/internal/workbook"
	"banjian/internal/text"
)

func (s *sheet) headings(lang text.Lang) []string {
	var list []string
	for _, h := range fixedHeadings {
		list = append(list, h.In(lang))
	}
	return append(list, s.columns...)
}

// cells is a row in the order of columns.
func (r *sheetRow) cells(columns []string) []string {
	list := slices.Clone(r.fixed)
	for _, c := range columns {
		list = append(list, r.source[c])
	}
	return list
}

// widths are those of the fixed columns, in characters; source columns have the last.
var widths = []float64{8, 26, 22, 24, 12, 46, 46, 20, 12, 16}

// onePage is all sheets as one table, for a file that holds no more.
func onePage(sheets []*sheet, watermark string, lang text.Lang) []workbook.Page {
	all := &sheet{}
	for _, s := range sheets {
		for _, c := range s.columns {
			if !slices.Contains(all.columns, c) {
				all.columns = append(all.columns, c)
			}
		}
	}
	page := workbook.Page{Rows: [][]workbook.Cell{workbook.Row(workbook.Plain, watermark),
		workbook.Row(workbook.Plain, append([]string{text.T("管道", "pipeline").In(lang)}, all.headings(lang)...)...)}}
	for _, s := range sheets {
		for i := range s.rows {
			page.Rows = append(page.Rows, workbook.Row(workbook.Plain, append([]string{s.pipeline}, s.rows[i].cells(all.columns)...)...))
		}
	}
	return []workbook.Page{page}
}

// pageEach is a page a pipeline.
func pageEach(sheets []*sheet, watermark string, lang text.Lang) []workbook.Page {
	pages := make([]workbook.Page, len(sheets))
	for i, s := range sheets {
		pages[i] = workbook.Page{Name: s.pipeline, Widths: widths, Frozen: 2,
			Rows: [][]workbook.Cell{workbook.Row(workbook.Bold, watermark), workbook.Row(workbook.Bold, s.headings(lang)...)}}
		for j := range s.rows {
			pages[i].Rows = append(pages[i].Rows, workbook.Row(workbook.Plain, s.rows[j].cells(s.columns)...))
		}
	}
	return pages
}
