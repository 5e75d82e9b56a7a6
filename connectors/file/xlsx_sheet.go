package file

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"banjian/internal/text"
)

// ruleCell is a row with a cell that shows an error; args: column, what it shows.
const ruleCell = "cell_error"

// sheetReader reads the rows of one sheet, a cell at a time. Rows without a value are no
// rows. What stands in columns without a name is not read.
type sheetReader struct {
	book    *workbook
	part    io.ReadCloser
	guard   *tokenGuard
	d       *xml.Decoder
	columns []string
	bound   map[int]int // mapped column by column of the sheet
	cells   []cell      // of the row at hand
	number  int64       // of the row at hand
	rows    int64
	buf     []byte
}

// cell is one cell of the row at hand.
type cell struct {
	column int
	from   int // of its value in buf
	to     int
	failed bool // it shows an error
}

func (w *workbook) openSheet(o *Options, name, part string, from mark) (*sheetReader, error) {
	p := w.parts[part]
	if p == nil {
		return nil, notWhole("xlsx")
	}
	r, err := w.open(p)
	if err != nil {
		return nil, brokenBook(err)
	}
	guard := &tokenGuard{r: r, limit: o.rowLimit}
	s := &sheetReader{book: w, part: r, guard: guard, d: xml.NewDecoder(guard), columns: o.Columns, bound: map[int]int{}}
	err = s.header(o, name)
	for s.rows < from.Row && err == nil {
		err = s.read()
		s.rows++
	}
	if err != nil {
		r.Close()
		return nil, brokenBook(err)
	}
	return s, nil
}

// header finds the row of the column names.
func (s *sheetReader) header(o *Options, name string) error {
	has := o.Layout.Columns
	if line := o.Layout.HeaderLine(); line > 0 {
		for s.number < int64(line) {
			if err := s.read(); err == io.EOF {
				return o.config(name, text.F("第 %d 行没有列名", "there are no column names in row %d", line), text.T("检查 layout 的 header、sheet", "look at header and sheet of layout"))
			} else if err != nil {
				return err
			}
		}
		if s.number > int64(line) {
			return o.config(name, text.F("第 %d 行是空的，没有列名", "row %d is empty and has no column names", line), text.T("检查 layout 的 header、sheet", "look at header and sheet of layout"))
		}
		for _, c := range s.cells {
			for len(has) <= c.column {
				has = append(has, "")
			}
			has[c.column] = strings.TrimSpace(string(s.buf[c.from:c.to]))
		}
	}
	at, err := bind(o, name, has)
	for i, column := range at {
		s.bound[column] = i
	}
	return err
}

func (s *sheetReader) at() mark { return mark{Row: s.rows} }

func (s *sheetReader) close() error { return s.part.Close() }

func (s *sheetReader) next(r *row) error {
	if err := s.read(); err != nil {
		if err == io.EOF {
			return err
		}
		return brokenBook(err)
	}
	s.rows++
	r.clear(s.number)
	r.size = int64(len(s.buf))
	for _, c := range s.cells {
		i, mapped := s.bound[c.column]
		switch {
		case !mapped:
		case c.failed:
			r.refuse(s.buf, ruleCell, s.columns[i], string(s.buf[c.from:c.to]))
			return nil
		default:
			r.cells[i] = s.buf[c.from:c.to:c.to]
		}
	}
	return nil
}

// read goes to the next row that has a value.
func (s *sheetReader) read() error {
	for {
		s.guard.since = 0
		t, err := s.d.RawToken()
		if err == io.EOF {
			return io.ErrUnexpectedEOF // a sheet ends with its element
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "sheetData" || t.Name.Local == "worksheet" {
				return io.EOF
			}
		case xml.StartElement:
			if t.Name.Local != "row" {
				continue
			}
			s.number++
			if n, err := strconv.ParseInt(attr(t, "r"), 10, 64); err == nil {
				s.number = n
			}
			if err := s.readCells(); err != nil {
				return err
			}
			if len(s.cells) > 0 {
				return nil
			}
		}
	}
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// readCells reads up to the end of the row at hand.
func (s *sheetReader) readCells() error {
	s.cells, s.buf = s.cells[:0], s.buf[:0]
	column := -1
	for {
		t, err := s.d.RawToken()
		if err != nil {
			return unexpected(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			if column++; attr(t, "r") != "" {
				column = columnOf(attr(t, "r"))
			}
			c, err := s.readCell(t)
			if err != nil {
				return err
			}
			switch c.column = column; {
			case column >= maxColumns || len(s.cells) > maxColumns:
				return tooLarge("xlsx")
			case c.to > c.from && column >= 0:
				s.cells = append(s.cells, c)
			}
		}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readCell reads up to the end of a cell.
func (s *sheetReader) readCell(start xml.StartElement) (cell, error) {
	c := cell{from: len(s.buf)}
	inValue, phonetic := false, 0
	for {
		t, err := s.d.RawToken()
		if err != nil {
			return c, unexpected(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "rPh":
				phonetic++
			case "v", "t":
				inValue = phonetic == 0
			}
		case xml.CharData:
			if inValue {
				s.buf = append(s.buf, t...)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "rPh":
				phonetic--
			case "v", "t":
				inValue = false
			case "c":
				return s.shown(c, attr(start, "t"), attr(start, "s"))
			}
		}
	}
}

// shown makes the value at the end of buf what the cell shows.
func (s *sheetReader) shown(c cell, kind, styled string) (cell, error) {
	value := s.buf[c.from:]
	switch kind {
	case "s":
		n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
		shared, ok := s.book.strings.at(n)
		if len(value) > 0 && (err != nil || !ok) {
			return c, notWhole("xlsx")
		}
		s.buf = append(s.buf[:c.from], shared...)
	case "str", "inlineStr", "d":
		s.buf = append(s.buf[:c.from], unescapeX(bytes.Clone(value))...)
	case "b":
		word := "FALSE"
		if string(value) == "1" {
			word = "TRUE"
		}
		if len(value) > 0 {
			s.buf = append(s.buf[:c.from], word...)
		}
	case "e":
		c.failed = true
	default:
		if len(value) > 0 {
			var look style
			if n, err := strconv.Atoi(styled); err == nil && n >= 0 && n < len(s.book.styles) {
				look = s.book.styles[n]
			}
			s.buf = append(s.buf[:c.from], look.show(string(value), s.book.from04)...)
		}
	}
	c.to = len(s.buf)
	return c, nil
}

// columnOf is the column of a reference such as AB12, 0 and up; -1: it is none.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref); i++ {
		switch c := ref[i]; {
		case c >= 'A' && c <= 'Z' && n < 1<<14:
			n = n*26 + int(c-'A') + 1
		case c >= '0' && c <= '9' && i > 0:
			return n - 1
		default:
			return -1
		}
	}
	return n - 1
}
