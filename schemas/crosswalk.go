package schemas

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Crosswalk (对照表) leads from the code a department uses to what stands for it
// nationally. National item codes are never computed from local ones: they are
// looked up here, by local code and, where the table is dated, by day.
type Crosswalk struct {
	Name    string   // "provident-fund/items"
	Version string   // of the table, from its line "# version: …"; empty when it has none
	Columns []string // the first is the local code

	newest map[string]int32 // local code → its newest row in rows
	rows   []walkRow
	order  []string
	digest string
	fromAt int // cell of valid_from, -1
	toAt   int // cell of valid_to, -1
}

// walkRow is one line: what a local code stood for from one day to another.
type walkRow struct {
	cells    []string // of Columns[1:]
	from, to int32    // days since 1970-01-01, both included
	older    int32    // row of the same local code that ends before from, -1
}

// Lookup finds the newest row of a local code: the values of Columns[1:], shared and
// not to be changed.
func (x *Crosswalk) Lookup(local string) (row []string, ok bool) {
	i, ok := x.newest[local]
	if !ok {
		return nil, false
	}
	return x.rows[i].cells, true
}

// LookupAt finds the row of a local code that holds on a day, counted from 1970-01-01
// (Arrow date32). known says that the code is listed, be it for other days.
func (x *Crosswalk) LookupAt(local string, day int32) (row []string, ok, known bool) {
	i, known := x.newest[local]
	for known && i >= 0 {
		if r := &x.rows[i]; r.from <= day {
			if day <= r.to {
				return r.cells, true, true
			}
			break
		}
		i = x.rows[i].older
	}
	return nil, false, known
}

// Dated says whether the table has a column valid_from or valid_to.
func (x *Crosswalk) Dated() bool { return x.fromAt >= 0 || x.toAt >= 0 }

// Column is the place of a column in what Lookup returns, -1 if there is none.
func (x *Crosswalk) Column(name string) int { return slices.Index(x.Columns[1:], name) }

// Locals is every local code, in the order of the file.
func (x *Crosswalk) Locals() []string { return x.order }

// Digest is a hex hash of the whole table.
func (x *Crosswalk) Digest() string { return x.digest }

// parseCrosswalk reads tab-separated text: lines that begin with # are comments (the
// comment "# version: …" names the version), the first other line names the columns,
// the first column is the local code. Columns named valid_from and valid_to hold the
// first and the last day a row is good for, empty for open; a local code may then have
// several rows whose days do not overlap.
func parseCrosswalk(src source, name string) (*Crosswalk, error) {
	x := &Crosswalk{Name: name, newest: map[string]int32{}, fromAt: -1, toAt: -1}
	h := sha256.New()
	lines := map[int32]int{}
	var found fault.List
	data := bytes.TrimPrefix(src.data, []byte("\ufeff")) // spreadsheets put one
	for n, raw := range bytes.Split(data, []byte("\n")) {
		line := strings.TrimSuffix(string(raw), "\r")
		if line == "" || line[0] == '#' {
			if v, ok := strings.CutPrefix(line, "# version:"); ok && x.Columns == nil {
				x.Version = strings.TrimSpace(v)
			}
			continue
		}
		cells := strings.Split(line, "\t")
		fmt.Fprintf(h, "%q\n", cells)
		if x.Columns == nil {
			if err := x.header(cells); err != nil {
				return nil, err.at(src, n+1)
			}
			continue
		}
		lines[int32(len(x.rows))] = n + 1
		if err := x.add(cells); err != nil {
			if found.Add(err.at(src, n+1)); found.Len() == mostMistakes {
				break
			}
		}
	}
	if x.Columns == nil {
		return nil, badCell(0, text.T("文件是空的", "the file is empty")).at(src, 1)
	}
	x.chain(func(row int32, err *cellError) { found.Add(err.at(src, lines[row])) })
	if found.Sort(); found.Len() > 0 {
		return nil, found.Err()
	}
	x.digest = hex.EncodeToString(h.Sum(nil))
	return x, nil
}

func (x *Crosswalk) header(cells []string) *cellError {
	if len(cells) < 2 {
		return badCell(0, text.T("首行须写列名，至少两列，用制表符分隔", "the first line names the columns: at least two, separated by tabs"))
	}
	for i, c := range cells {
		if slices.Index(cells, c) != i {
			return badCell(column(cells, i), text.F("列名 %s 重复", "the column %s is named twice", c))
		}
	}
	x.Columns = cells
	x.fromAt, x.toAt = slices.Index(cells, "valid_from"), slices.Index(cells, "valid_to")
	return nil
}

func (x *Crosswalk) add(cells []string) *cellError {
	switch {
	case len(cells) != len(x.Columns):
		return badCell(0, text.F("这一行有 %d 列，应为 %d 列", "this line has %d columns instead of %d", len(cells), len(x.Columns)))
	case cells[0] == "":
		return badCell(0, text.T("本地编码为空", "the local code is empty"))
	}
	r := walkRow{cells: cells[1:], from: math.MinInt32, to: math.MaxInt32, older: -1}
	for _, d := range []struct {
		at  int
		day *int32
	}{{x.fromAt, &r.from}, {x.toAt, &r.to}} {
		if d.at < 0 || cells[d.at] == "" {
			continue
		}
		day, ok := parseDay(cells[d.at])
		if !ok {
			return badCell(column(cells, d.at), text.F("%s 不是日期", "%s is no date", x.Columns[d.at])).hinted(dayHint)
		}
		*d.day = day
	}
	if r.from > r.to {
		return badCell(column(cells, x.toAt), text.T("valid_to 早于 valid_from", "valid_to lies before valid_from"))
	}
	before, again := x.newest[cells[0]]
	switch {
	case again && !x.Dated():
		return badCell(0, text.F("本地编码 %s 重复", "the local code %s is listed twice", cells[0]))
	case again:
		r.older = before
	default:
		x.order = append(x.order, cells[0])
	}
	x.newest[cells[0]] = int32(len(x.rows))
	x.rows = append(x.rows, r)
	return nil
}

// mostMistakes of one table are told in one go.
const mostMistakes = 50

// chain puts the rows of every local code in order of their days and tells those that
// overlap another.
func (x *Crosswalk) chain(tell func(row int32, err *cellError)) {
	for _, local := range x.order {
		first := x.newest[local]
		if x.rows[first].older < 0 {
			continue
		}
		var all []int32
		for i := first; i >= 0; i = x.rows[i].older {
			all = append(all, i)
		}
		slices.SortFunc(all, func(a, b int32) int { return int(int64(x.rows[b].from) - int64(x.rows[a].from)) })
		for k, i := range all {
			x.rows[i].older = -1
			if k+1 == len(all) {
				break
			}
			if older := all[k+1]; x.rows[older].to >= x.rows[i].from {
				tell(max(i, older), badCell(0, text.F("本地编码 %s 的两行有效期重叠", "two rows of the local code %s hold on the same day", local)).
					hinted(text.T("给较早的一行写上 valid_to", "give the earlier row a valid_to")))
			}
			x.rows[i].older = all[k+1]
		}
		x.newest[local] = all[0]
	}
}

// cellError is what is wrong with a line of a table, behind so many
// characters of it.
type cellError struct {
	col  int
	what text.Text
	hint text.Text
}

func badCell(col int, what text.Text) *cellError {
	return &cellError{col, what, text.T("对照表是制表符分隔的文本", "a crosswalk is tab-separated text")}
}

func (e *cellError) hinted(hint text.Text) *cellError {
	e.hint = hint
	return e
}

func (e *cellError) at(src source, line int) error {
	return fault.New(fault.Config, "read crosswalk", fmt.Sprintf("%s:%d:%d", src.name, line, e.col+1), e.what, e.hint)
}

// column is how many characters of the line stand before cell i.
func column(cells []string, i int) int {
	n := 0
	for _, c := range cells[:i] {
		n += utf8.RuneCountInString(c) + 1
	}
	return n
}

func dataName(file, folder string) string {
	return strings.TrimSuffix(strings.TrimPrefix(file, folder+"/"), path.Ext(file))
}
