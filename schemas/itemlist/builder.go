package itemlist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

// CellError is what is wrong with a row, at a cell counted from 0.
type CellError struct {
	Cell int
	What text.Text
	Hint text.Text
}

func (e *CellError) at(file string, line, col int) error {
	return fault.New(fault.Config, "read item list", fmt.Sprintf("%s:%d:%d", file, line, col), e.What, e.Hint)
}

// Builder makes a list out of rows: of a file, of a table, of a view.
type Builder struct {
	items   []Item
	codes   []int // cells that may hold the code, in order of preference
	handled int   // cell of the implementation code beside that of a handling item, -1
	cell    [kinds]int
	columns int
	lastDay [2]struct {
		text string
		day  int32
	}
}

// The cells a row is read for.
const (
	version = iota
	name
	state
	from
	to
	local
	operation
	kinds
)

// codeColumns in order of preference; spellings without underscores and in small
// letters, as all below.
var codeColumns = []string{"taskhandleitem", "taskcode", "code", "catalogcode"}

var spellings = [kinds][]string{
	version:   {"version", "taskversion", "itemversion"},
	name:      {"name", "taskname", "itemname"},
	state:     {"state", "taskstate"},
	from:      {"validfrom", "planeffectivedate"},
	to:        {"validto", "plancanceldate"},
	local:     {"localcode", "localtaskcode"},
	operation: {"cdoperation"},
}

// Uses says whether a list has use for a column of this name.
func Uses(column string) bool {
	plain := plainName(column)
	for _, names := range append(spellings[:], codeColumns) {
		if slices.Contains(names, plain) {
			return true
		}
	}
	return false
}

func plainName(column string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(column), "_", ""))
}

// NewBuilder begins a list whose rows have these columns.
func NewBuilder(columns []string) (*Builder, *CellError) {
	plain := make([]string, len(columns))
	for i, c := range columns {
		plain[i] = plainName(c)
	}
	find := func(names []string) int {
		for _, n := range names {
			for i, c := range plain {
				if c == n {
					return i
				}
			}
		}
		return -1
	}
	b := &Builder{columns: len(columns)}
	for _, n := range codeColumns {
		if i := find([]string{n}); i >= 0 {
			b.codes = append(b.codes, i)
		}
	}
	b.handled = -1
	if find(codeColumns[:1]) >= 0 {
		b.handled = find(codeColumns[1:2])
	}
	for k := range b.cell {
		b.cell[k] = find(spellings[k])
	}
	switch {
	case len(b.codes) == 0:
		return nil, missing(columns, "task_code", []string{"task_code", "code", "catalog_code", "task_handle_item"})
	case b.cell[version] < 0:
		return nil, missing(columns, "version", []string{"version", "task_version"})
	}
	return b, nil
}

func missing(columns []string, want string, known []string) *CellError {
	e := &CellError{What: text.F("缺少列 %s", "the column %s is missing", want),
		Hint: text.F("首行写列名，可用 %s", "the first line names the columns, for this one of %s", strings.Join(known, ", "))}
	for i, c := range columns {
		if hint := nearest.Hint(c, known); !hint.IsZero() {
			e.Cell = i
			break
		}
	}
	return e
}

// Add takes one row; the texts are kept.
func (b *Builder) Add(cells []string) *CellError {
	if len(cells) != b.columns {
		return &CellError{What: text.F("这一行有 %d 列，应为 %d 列", "this line has %d columns instead of %d", len(cells), b.columns),
			Hint: text.T("内容里的制表符和换行要去掉", "take tabs and line breaks out of the texts")}
	}
	it := Item{State: InUse, From: Always, To: Forever, Name: b.get(cells, name), Local: b.get(cells, local)}
	for _, i := range b.codes {
		if it.Code = cells[i]; it.Code != "" {
			break
		}
	}
	if it.Code == "" {
		return &CellError{Cell: b.codes[0], What: text.T("编码为空", "the code is empty")}
	}
	n, err := strconv.ParseUint(b.get(cells, version), 10, 31)
	if err != nil {
		return &CellError{Cell: b.cell[version], What: text.T("版本应为正整数", "the version is a whole number")}
	}
	it.Version = int32(n)
	if e := b.stateOf(&it, cells); e != nil {
		return e
	}
	if e := b.days(&it, cells); e != nil {
		return e
	}
	b.items = append(b.items, it)
	if i := b.handled; i >= 0 && cells[i] != "" && cells[i] != it.Code {
		it.Code, it.Name, it.Local, it.implied = cells[i], "", "", true
		b.items = append(b.items, it)
	}
	return nil
}

func (b *Builder) get(cells []string, kind int) string {
	if i := b.cell[kind]; i >= 0 {
		return cells[i]
	}
	return ""
}

func (b *Builder) stateOf(it *Item, cells []string) *CellError {
	switch s := b.get(cells, state); s {
	case "", "1", "在用":
	case "2", "暂停", "挂起":
		it.State = Suspended
	case "3", "取消":
		it.State = Cancelled
	default:
		return &CellError{Cell: b.cell[state], What: text.T("事项状态不认识", "unknown state of an item"),
			Hint: text.T("1 在用，2 暂停，3 取消", "1 in use, 2 suspended, 3 cancelled")}
	}
	if b.get(cells, operation) == "D" {
		it.State = Cancelled
	}
	return nil
}

// days reads both days; neighbours often share them.
func (b *Builder) days(it *Item, cells []string) *CellError {
	for k, into := range []*int32{&it.From, &it.To} {
		s := b.get(cells, from+k)
		if s == "" || strings.HasPrefix(s, "0000") { // MySQL's zero date
			continue
		}
		last := &b.lastDay[k]
		if last.text != s {
			d, ok := day.Parse(s)
			if !ok {
				return &CellError{Cell: b.cell[from+k], What: text.T("不是日期", "no date"),
					Hint: text.T("按 2026-01-31 的写法，没有就留空", "write it as 2026-01-31, or leave it empty")}
			}
			last.text, last.day = s, d
		}
		*into = last.day
	}
	if it.From > it.To {
		return &CellError{Cell: b.cell[to], What: text.T("取消日期早于生效日期", "it ends before it begins")}
	}
	return nil
}

// List is what the rows make; the builder is used up.
func (b *Builder) List(name string) *List {
	l := b.list(name)
	h := sha256.New()
	for _, it := range l.items {
		fmt.Fprintf(h, "%q %d %d %d %d %q %q\n", it.Code, it.Version, it.State, it.From, it.To, it.Name, it.Local)
	}
	l.digest = hex.EncodeToString(h.Sum(nil))
	return l
}

func (b *Builder) list(name string) *List {
	l := &List{name: name, items: b.items}
	l.seal()
	return l
}
