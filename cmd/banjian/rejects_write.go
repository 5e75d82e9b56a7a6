package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// sheetWriter writes sheets into a file that does not exist yet.
type sheetWriter func(path string, sheets []*sheet, watermark string, lang text.Lang) error

var sheetWriters = map[string]sheetWriter{".xlsx": writeXLSX, ".csv": writeCSV}

// writeWhole has a file written beside path and then put in its place: it is there
// complete or not at all, readable by its owner alone.
func writeWhole(path string, write func(path string) error) error {
	wrong := func(err error) error {
		return fault.Wrap(err, fault.Config, "write file", path, text.T("写不了这个文件", "cannot write the file"), text.T("检查文件夹是否存在、是否可写，文件是否正被打开", "check that the folder exists and can be written, and that the file is not open elsewhere"))
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".export-")
	if err != nil {
		return wrong(err)
	}
	defer os.RemoveAll(dir)
	temp := filepath.Join(dir, filepath.Base(path))
	if err := write(temp); err != nil {
		return wrong(err)
	}
	if err := errors.Join(os.Chmod(temp, 0o600), os.Rename(temp, path)); err != nil {
		return wrong(err)
	}
	return nil
}

// inert is a value that a spreadsheet takes for text: what begins like a formula gets
// an apostrophe before it.
func inert(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) {
		return "'" + s
	}
	return s
}

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
	for i := range list {
		list[i] = inert(list[i])
	}
	return list
}

// writeCSV writes all sheets as one table in UTF-8 with a byte order mark, without which
// Excel takes Chinese for something else.
func writeCSV(path string, sheets []*sheet, watermark string, lang text.Lang) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	all := &sheet{}
	for _, s := range sheets {
		for _, c := range s.columns {
			if !slices.Contains(all.columns, c) {
				all.columns = append(all.columns, c)
			}
		}
	}
	buf := bufio.NewWriter(f)
	_, _ = buf.WriteString("\ufeff") // Flush tells
	w := csv.NewWriter(buf)
	w.UseCRLF = true
	rows := [][]string{{inert(watermark)}, append([]string{text.T("管道", "pipeline").In(lang)}, all.headings(lang)...)}
	for _, s := range sheets {
		for i := range s.rows {
			rows = append(rows, append([]string{inert(s.pipeline)}, s.rows[i].cells(all.columns)...))
		}
	}
	return errors.Join(w.WriteAll(rows), buf.Flush(), f.Close())
}

// writeXLSX writes one sheet a pipeline.
func writeXLSX(path string, sheets []*sheet, watermark string, lang text.Lang) error {
	book := excelize.NewFile()
	defer book.Close()
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	var names []string
	for i, s := range sheets {
		name := sheetName(s.pipeline, names)
		names = append(names, name)
		if i == 0 {
			err = book.SetSheetName(book.GetSheetName(0), name)
		} else {
			_, err = book.NewSheet(name)
		}
		if err == nil {
			err = fillSheet(book, name, s, watermark, lang, bold)
		}
		if err != nil {
			return err
		}
	}
	return book.SaveAs(path)
}

// widths are those of the fixed columns, in characters; source columns have the last.
var widths = []float64{8, 26, 22, 24, 12, 46, 46, 20, 16}

func fillSheet(book *excelize.File, name string, s *sheet, watermark string, lang text.Lang, bold int) error {
	w, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	headings := s.headings(lang)
	for i := range headings {
		if err := w.SetColWidth(i+1, i+1, widths[min(i, len(widths)-1)]); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	lines := [][]string{{inert(watermark)}, headings}
	for i := range s.rows {
		lines = append(lines, s.rows[i].cells(s.columns))
	}
	for i, line := range lines {
		cells := make([]any, len(line))
		for j, v := range line {
			cells[j] = excelize.Cell{Value: v}
			if i < 2 {
				cells[j] = excelize.Cell{Value: v, StyleID: bold}
			}
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// sheetName is a pipeline's name as a spreadsheet takes it: 31 characters, some not
// allowed, none twice.
func sheetName(pipeline string, taken []string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return '-'
		}
		return r
	}, pipeline)
	const most = 31
	for n := 1; ; n++ {
		end := ""
		if n > 1 {
			end = "-" + count(int64(n))
		}
		runes := []rune(name)
		one := string(runes[:min(len(runes), most-len(end))]) + end
		if !slices.ContainsFunc(taken, func(t string) bool { return strings.EqualFold(t, one) }) {
			return one
		}
	}
}
