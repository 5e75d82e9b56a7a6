package codesheet

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
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
			row[i] = inert(v)
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
	book := excelize.NewFile()
	defer book.Close()
	textFormat := 49
	style, err := book.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return err
	}
	var taken []string
	for i, s := range sheets {
		name := sheetName(s.Name, taken)
		taken = append(taken, strings.ToLower(name))
		if i == 0 {
			err = book.SetSheetName(book.GetSheetName(0), name)
		} else {
			_, err = book.NewSheet(name)
		}
		if err == nil {
			err = fill(book, name, s, style)
		}
		if err != nil {
			return err
		}
	}
	return book.Write(w)
}

func fill(book *excelize.File, name string, s *Sheet, style int) error {
	w, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := w.SetColWidth(1, 12, 22); err != nil {
		return err
	}
	for _, l := range s.Lines {
		cells := make([]any, len(l.Cells))
		for i, v := range l.Cells {
			cells[i] = excelize.Cell{Value: inert(v), StyleID: style}
		}
		at, err := excelize.CoordinatesToCellName(1, l.Row)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// formula is what a spreadsheet takes for the beginning of a formula, and the mark
// that says it is none.
const formula = "=+-@\t\r\n＝＋－＠'"

// inert is a value that a spreadsheet takes for text; plain gives it back.
func inert(s string) string {
	if r, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune(formula, r) {
		return "'" + s
	}
	return s
}

func plain(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok {
		if r, _ := utf8.DecodeRuneInString(rest); rest != "" && strings.ContainsRune(formula, r) {
			return rest
		}
	}
	return s
}

// sheetName is a name as a workbook takes it: 31 characters, some not allowed, none
// twice.
func sheetName(name string, taken []string) string {
	const most = 31
	clean := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return '-'
		}
		return r
	}, name))
	for end := ""; ; end += "+" {
		one := string(clean[:min(len(clean), most-len(end))]) + end
		free := true
		for _, t := range taken {
			free = free && t != strings.ToLower(one)
		}
		if free {
			return one
		}
	}
}
