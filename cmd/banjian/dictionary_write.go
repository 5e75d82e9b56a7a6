package main

import (
	"banjian/cmd/internal/workbook"
	"banjian/internal/text"
	"banjian/mappings/dictionary"
)

// pagesOf lays the sheets of a dictionary out as people print and sign them; the first is
// its cover.
func pagesOf(book dictionary.Book, lang text.Lang) []workbook.Page {
	pages := make([]workbook.Page, len(book))
	for i, s := range book {
		pages[i] = workbook.Page{Name: s.Name.In(lang), Widths: s.Widths, Frozen: s.Headings, Print: true}
		for n, row := range s.Rows {
			cells := workbook.Row(workbook.Wrapped, row...)
			for j := range cells {
				switch {
				case i == 0 && n == 0:
					cells[j].Look = workbook.Title
				case n < s.Headings || i == 0 && j%2 == 0 && cells[j].Value != "" && len(row) > 1:
					cells[j].Look = workbook.Heading
				}
			}
			pages[i].Rows = append(pages[i].Rows, cells)
		}
	}
	return pages
}
