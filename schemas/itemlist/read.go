package itemlist

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Read reads a list from the text of a file; file is how people call it in errors and
// tells .csv from .tsv. What is wrong is a Config fault at file:line:column.
func Read(name, file string, data []byte) (*List, error) {
	sum := sha256.Sum256(data)
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // spreadsheets put one
	var b *Builder
	var err error
	if strings.HasSuffix(file, ".csv") {
		b, err = readCSV(file, data)
	} else {
		b, err = readTSV(file, string(data))
	}
	if err != nil {
		return nil, err
	}
	l := b.list(name)
	l.digest = hex.EncodeToString(sum[:])
	return l, nil
}

// mostMistakes of one file are told in one go.
const mostMistakes = 50

func readTSV(file, data string) (*Builder, error) {
	var b *Builder
	var cells []string
	var found fault.List
	for n := 1; len(data) > 0; n++ {
		var line string
		line, data, _ = strings.Cut(data, "\n")
		line = strings.TrimSuffix(line, "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		cells = cells[:0]
		for rest, more := line, true; more; {
			var cell string
			cell, rest, more = strings.Cut(rest, "\t")
			cells = append(cells, cell)
		}
		col := func(i int) int {
			at := 1
			for _, c := range cells[:i] {
				at += utf8.RuneCountInString(c) + 1
			}
			return at
		}
		if b == nil {
			var err *CellError
			if b, err = NewBuilder(append([]string(nil), cells...)); err != nil {
				return nil, err.at(file, n, col(max(err.Cell, 0)))
			}
			b.items = make([]Item, 0, strings.Count(data, "\n")+1)
			continue
		}
		if err := b.Add(cells); err != nil {
			if found.Add(err.at(file, n, col(min(max(err.Cell, 0), len(cells))))); found.Len() == mostMistakes {
				break
			}
		}
	}
	found.Add(needHeader(b, file))
	return b, found.Err()
}

func readCSV(file string, data []byte) (*Builder, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comment, r.FieldsPerRecord = '#', -1
	var b *Builder
	var found fault.List
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) || found.Len() == mostMistakes {
			found.Add(needHeader(b, file))
			return b, found.Err()
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, (&CellError{What: text.F("不是 CSV：%s", "not CSV: %s", bad.Err.Error())}).at(file, bad.Line, bad.Column)
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "read item list", file, text.T("读不到文件", "cannot read the file"), text.Text{})
		}
		var wrong *CellError
		if b == nil {
			b, wrong = NewBuilder(cells)
		} else {
			wrong = b.Add(cells)
		}
		if wrong != nil {
			line, col := r.FieldPos(min(max(wrong.Cell, 0), len(cells)-1))
			if found.Add(wrong.at(file, line, col)); b == nil {
				return nil, found.Err()
			}
		}
	}
}

func needHeader(b *Builder, file string) error {
	if b != nil {
		return nil
	}
	return (&CellError{What: text.T("文件是空的", "the file is empty")}).at(file, 1, 1)
}

// Merge is a list with the rows of a newer reading laid over it: every version seen
// before stays, what is said of a version again replaces it.
func Merge(old, newer *List) *List {
	b := &Builder{items: append(append(make([]Item, 0, old.Len()+newer.Len()), old.items...), newer.items...)}
	return b.List(newer.name)
}

// Write writes a list as the tab-separated text that Read reads.
func (l *List) Write(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("code\tversion\tname\tstate\tvalid_from\tvalid_to\tlocal_code\n")
	for i := range l.items {
		it := &l.items[i]
		fmt.Fprintf(&b, "%s\t%d\t%s\t%d\t%s\t%s\t%s\n", it.Code, it.Version, flat(it.Name), it.State, dayText(it.From), dayText(it.To), flat(it.Local))
		if b.Len() > 1<<16 {
			if _, err := b.WriteTo(w); err != nil {
				return err
			}
		}
	}
	_, err := b.WriteTo(w)
	return err
}

func dayText(d int32) string {
	if d == math.MinInt32 || d == math.MaxInt32 {
		return ""
	}
	return day.String(d)
}

// flat is a text on one line of one cell.
func flat(s string) string {
	if strings.ContainsAny(s, "\t\r\n") {
		return strings.Join(strings.Fields(s), " ")
	}
	return s
}
