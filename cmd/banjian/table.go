package main

import (
	"io"
	"strings"

	"banjian/internal/chars"
)

// table prints rows in aligned columns; a Chinese character counts as two cells.
type table struct {
	out   io.Writer
	right bool // all but the first column are numbers
	rows  [][]string
}

// row adds one row; tabs and line ends inside a cell become blanks.
func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = strings.NewReplacer("\t", " ", "\n", " ").Replace(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// heading adds a row written as one text with tabs.
func (t *table) heading(text string) { t.row(strings.Split(text, "\t")...) }

// gap stands between two columns.
const gap = "  "

// print writes what was added.
func (t *table) print() {
	var widths []int
	for _, r := range t.rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], chars.Cells(c))
		}
	}
	for _, r := range t.rows {
		var line strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-chars.Cells(c))
			if t.right && i > 0 {
				line.WriteString(pad + c + gap)
			} else {
				line.WriteString(c + pad + gap)
			}
		}
		_, _ = io.WriteString(t.out, strings.TrimRight(line.String(), " ")+"\n") // a closed terminal is nobody's trouble
	}
}
