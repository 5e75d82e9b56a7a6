package codesheet

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"banjian/cmd/internal/workbook"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Caps on what an imported file may hold; far above any list of codes. MaxRows is of a sheet.
const (
	MaxBytes  = 8 << 20
	maxXML    = 32 << 20 // of a workbook, unpacked
	MaxRows   = 20_000
	maxSheets = 300
	maxCols   = 512
	maxCell   = 128 << 10 // bytes; Excel takes 32,767 characters
)

// Read takes a .csv or .xlsx file apart, with every cell as it is shown. Faults are
// Config: not such a file, or larger than the caps; divide says how to go on then.
func Read(name string, data []byte, divide text.Text) ([]*Sheet, error) {
	if len(data) > MaxBytes {
		return nil, bad(name, text.F("文件超过 %d MiB", "the file is larger than %d MiB", MaxBytes>>20), divide)
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		s, err := readCSV(name, data, divide)
		return []*Sheet{s}, err
	case ".xlsx":
		return readXLSX(name, data, divide)
	}
	return nil, bad(name, text.T("只读 .csv 和 .xlsx 文件", "only .csv and .xlsx files are read"), text.Text{})
}

func tooLong(file, sheet string, divide text.Text) error {
	return bad(file, text.F("工作表 %[1]s 超过 %[2]d 行", "sheet %[1]s has more than %[2]d rows", sheet, MaxRows), divide)
}

func bad(name string, what, hint text.Text) error {
	return fault.New(fault.Config, "read code sheet", name, what, hint)
}

func readCSV(name string, data []byte, divide text.Text) (*Sheet, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, bad(name, text.T("文件不是 UTF-8", "the file is not UTF-8"), text.T("在表格软件里另存为“CSV UTF-8”，或改用 xlsx", "save it as CSV UTF-8, or use xlsx"))
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	s := &Sheet{Name: strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, bad(name, text.F("CSV 无法解析：%s", "cannot read this as CSV: %s", err.Error()), text.Text{})
		}
		row, _ := r.FieldPos(0)
		if err := s.take(name, row, cells, divide); err != nil {
			return nil, err
		}
	}
}

// take adds a line within the caps.
func (s *Sheet) take(name string, row int, cells []string, divide text.Text) error {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	switch {
	case len(cells) == 0:
		return nil
	case len(s.Lines) >= MaxRows:
		return tooLong(name, s.Name, divide)
	case len(cells) > maxCols:
		return bad(name, text.F("第 %d 行超过 %d 列", "row %d has more than %d cells", row, maxCols), text.Text{})
	}
	own := make([]string, len(cells))
	for i, v := range cells {
		if len(v) > maxCell {
			return bad(name, text.F("第 %d 行有一格超过 %d 字节", "row %d has a cell of more than %d bytes", row, maxCell), text.Text{})
		}
		own[i] = workbook.Given(strings.TrimSpace(strings.ToValidUTF8(strings.Clone(v), "�")))
	}
	s.Lines = append(s.Lines, Line{row, own})
	return nil
}

func readXLSX(name string, data []byte, divide text.Text) (sheets []*Sheet, err error) {
	defer func() {
		if recover() != nil {
			sheets, err = nil, bad(name, text.T("工作簿无法解析", "cannot read this workbook"), text.Text{})
		}
	}()
	if unpacked(data) > maxXML {
		return nil, bad(name, text.F("工作簿解开后超过 %d MiB", "the workbook unpacked is larger than %d MiB", maxXML>>20), divide)
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxXML, UnzipXMLSizeLimit: maxXML})
	if err != nil {
		return nil, bad(name, text.F("工作簿无法解析：%s", "cannot read this workbook: %s", err.Error()), text.Text{})
	}
	defer book.Close()
	names := book.GetSheetList()
	if len(names) > maxSheets {
		return nil, bad(name, text.F("工作表超过 %d 张", "more than %d sheets", maxSheets), text.Text{})
	}
	for _, sheet := range names {
		s, err := readSheet(book, name, sheet, divide)
		if err != nil {
			return nil, err
		}
		if len(s.Lines) > 0 {
			sheets = append(sheets, s)
		}
	}
	return sheets, nil
}

// unpacked is how large a workbook says that it is, in bytes; what does not say so truly is cut
// off by the reader.
func unpacked(data []byte) (n uint64) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return 0
	}
	for _, f := range z.File {
		n += f.UncompressedSize64
	}
	return n
}

func readSheet(book *excelize.File, file, name string, divide text.Text) (*Sheet, error) {
	rows, err := book.Rows(name)
	if err != nil {
		return nil, bad(file, text.F("工作簿无法解析：%s", "cannot read this workbook: %s", err.Error()), text.Text{})
	}
	defer rows.Close()
	s := &Sheet{Name: name}
	for row := 1; rows.Next(); row++ {
		if row > MaxRows {
			return nil, tooLong(file, name, divide)
		}
		cells, err := rows.Columns()
		if err != nil {
			return nil, bad(file, text.F("工作表 %s 第 %d 行无法解析：%s", "sheet %s, row %d cannot be read: %s", name, row, err.Error()), text.Text{})
		}
		if err := s.take(file, row, cells, divide); err != nil {
			return nil, err
		}
	}
	return s, nil
}
