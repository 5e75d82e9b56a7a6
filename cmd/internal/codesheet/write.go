package codesheet

import (
	"encoding/csv"
	"io"

	"banjian/cmd/internal/workbook"
)

// WriteCSV writes one sheet in UTF-8 with a byte order mark, without which Excel takes
// Chinese for something else.
func WriteCSV(w io.Writer, s *Sheet) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	width := 0
	for _, l := range s.Lines {
		width = max(width, len(l.Cells))
	}
	for _, l := range s.Lines {
		row := make([]string, width)
		for i, v := range l.Cells {
			row[i] = workbook.Inert(v)
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteXLSX writes a workbook with every sheet; all cells are text, so that a code
// keeps its zeros.
func WriteXLSX(w io.Writer, sheets []*Sheet) error {
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
	return workbook.Write(w, pages)
}
