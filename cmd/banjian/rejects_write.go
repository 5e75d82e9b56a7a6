package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"banjian/cmd/internal/workbook"
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
	rows := [][]string{{watermark}, append([]string{text.T("管道", "pipeline").In(lang)}, all.headings(lang)...)}
	for _, s := range sheets {
		for i := range s.rows {
			rows = append(rows, append([]string{s.pipeline}, s.rows[i].cells(all.columns)...))
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = workbook.Inert(row[i])
		}
	}
	return errors.Join(w.WriteAll(rows), buf.Flush(), f.Close())
}

// widths are those of the fixed columns, in characters; source columns have the last.
var widths = []float64{8, 26, 22, 24, 12, 46, 46, 20, 16}

// writeXLSX writes one page a pipeline.
func writeXLSX(path string, sheets []*sheet, watermark string, lang text.Lang) error {
	pages := make([]workbook.Page, len(sheets))
	for i, s := range sheets {
		pages[i] = workbook.Page{Name: s.pipeline, Widths: widths, Frozen: 2,
			Rows: [][]workbook.Cell{workbook.Row(workbook.Bold, watermark), workbook.Row(workbook.Bold, s.headings(lang)...)}}
		for j := range s.rows {
			pages[i].Rows = append(pages[i].Rows, workbook.Row(workbook.Plain, s.rows[j].cells(s.columns)...))
		}
	}
	return writeBook(path, pages)
}

// writeBook writes a workbook into a file that does not exist yet.
func writeBook(path string, pages []workbook.Page) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(workbook.Write(f, pages), f.Close())
}
