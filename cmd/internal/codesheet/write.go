package codesheet

import "banjian/cmd/internal/workbook"

// Pages are sheets as a workbook holds them; all cells are text, so that a code keeps its
// zeros.
func Pages(sheets []*Sheet) []workbook.Page {
	pages := make([]workbook.Page, len(sheets))
	for i, s := range sheets {
		pages[i] = workbook.Page{Name: s.Name, Widths: []float64{22}}
		for _, l := range s.Lines {
			for len(pages[i].Rows) < l.Row-1 {
				pages[i].Rows = append(pages[i].Rows, nil)
			}
			pages[i].Rows = append(pages[i].Rows, workbook.Row(workbook.Text, l.Cells...))
		}
	}
	return pages
}
