package schemas

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// codeSetFile is the YAML shape of a file in codes/. Codes are a list, or, where there
// are many, a table: columns names its columns, rows holds a line a code, cells
// separated by tabs, with empty ones at the end left out.
type codeSetFile struct {
	Set        string      `yaml:"set"`
	Title      text.Text   `yaml:"title"`
	Version    string      `yaml:"version"`
	Basis      bothWords   `yaml:"basis"`
	Confidence Confidence  `yaml:"confidence"`
	Fields     []string    `yaml:"fields"`
	Note       text.Text   `yaml:"note"`
	Form       string      `yaml:"form"`
	Pattern    string      `yaml:"pattern"`
	Extends    string      `yaml:"extends"` // another set whose codes come first
	Codes      []codeEntry `yaml:"codes"`
	Columns    []string    `yaml:"columns"`
	Rows       string      `yaml:"rows"`
}

// bothWords is {zh, en}, or one text that is the same in both languages: GB/T 4658—2006.
type bothWords text.Text

// UnmarshalYAML takes either form.
func (b *bothWords) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if err := unmarshal(&one); err == nil {
		*b = bothWords(text.T(one, one))
		return nil
	}
	return unmarshal((*text.Text)(b))
}

type codeEntry struct {
	Code       string    `yaml:"code"`
	ZH         string    `yaml:"zh"`
	EN         string    `yaml:"en"`
	ValidFrom  string    `yaml:"valid_from"`
	ValidTo    string    `yaml:"valid_to"`
	Successors []string  `yaml:"successors"`
	Note       text.Text `yaml:"note"`
}

// rowColumns are the columns of a table that mean something to us; others are Extra.
// Successors are separated by spaces.
var rowColumns = []string{"code", "zh", "en", "valid_from", "valid_to", "successors", "note"}

// rawSet is a set as its file has it.
type rawSet struct {
	set     *CodeSet
	extends string
	place   func(i int) string // file:line:column of entry i
}

func parseCodeSet(src source, name string) (rawSet, error) {
	var f codeSetFile
	if err := src.decode(&f); err != nil {
		return rawSet{}, err
	}
	if f.Set != name {
		return rawSet{}, src.fail("$.set",
			text.F("set 应当是 %q，与文件路径一致", "set must be %q, like the path of the file", name), text.Text{})
	}
	set := &CodeSet{Name: name, Title: f.Title, Version: f.Version, Basis: text.Text(f.Basis), Confidence: f.Confidence,
		Tags: f.Fields, Note: f.Note, Form: f.Form, Pattern: f.Pattern}
	if f.Confidence != "" && !slices.Contains(confidences, f.Confidence) {
		return rawSet{}, src.fail("$.confidence", text.F("没有 %s 这种可信程度", "there is no confidence %s", string(f.Confidence)),
			text.F("可写：%s", "one of: %s", joinWords(confidences)))
	}
	raw := rawSet{set: set, extends: f.Extends, place: func(i int) string { return src.where(codePath(i)) }}
	if err := f.openForm(src, set); err != nil {
		return rawSet{}, err
	}
	for _, c := range f.Codes {
		set.Codes = append(set.Codes, CodeValue{Code: c.Code, Title: text.T(c.ZH, c.EN),
			ValidFrom: c.ValidFrom, ValidTo: c.ValidTo, Successors: c.Successors, Note: c.Note})
	}
	if f.Rows != "" || f.Columns != nil {
		if err := f.table(src, &raw); err != nil {
			return rawSet{}, err
		}
	}
	if f.Extends != "" {
		return raw, nil // judged with the codes it extends
	}
	return raw, raw.index()
}

func codePath(i int) string { return "$.codes[" + strconv.Itoa(i) + "]" }

func joinWords[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

// openForm settles form and pattern, which go without codes.
func (f *codeSetFile) openForm(src source, set *CodeSet) error {
	if f.Form == "" && f.Pattern == "" {
		return nil
	}
	key := "$.form"
	if f.Pattern != "" {
		key = "$.pattern"
	}
	if len(f.Codes) > 0 || f.Extends != "" || f.Rows != "" || f.Form != "" && f.Pattern != "" {
		return src.fail(key, text.T("form 和 pattern 只写一个，且不得再列代码或 extends", "form or pattern goes alone, without codes and extends"), text.Text{})
	}
	if f.Form != "" {
		form, ok := forms[f.Form]
		if !ok {
			return src.fail(key, text.T("form 须是已知的写法", "form must be a known one"), text.T("已知：region12", "known: region12"))
		}
		set.open = form
		return nil
	}
	open, err := compilePattern(f.Pattern)
	if err != nil {
		return src.fail(key, text.F("pattern 不是正则表达式：%s", "pattern is no regular expression: %s", err.Error()), text.Text{})
	}
	set.open = open
	return nil
}

// table reads columns and rows.
func (f *codeSetFile) table(src source, raw *rawSet) error {
	if len(f.Codes) > 0 {
		return src.fail("$.rows", text.T("codes 和 rows 只写一个", "write codes or rows, not both"), text.Text{})
	}
	for _, need := range []string{"code", "zh"} {
		if !slices.Contains(f.Columns, need) {
			return src.fail("$.columns", text.F("columns 里缺 %s", "columns lacks %s", need), text.Text{})
		}
	}
	for i, c := range f.Columns {
		if slices.Index(f.Columns, c) != i {
			return src.fail("$.columns", text.F("列名 %s 重复", "the column %s is named twice", c), text.Text{})
		}
		if !slices.Contains(rowColumns, c) {
			raw.set.Extra = append(raw.set.Extra, c)
		}
	}
	first, lines := rowsAt(src.data), []int(nil)
	raw.place = func(i int) string { return fmt.Sprintf("%s:%d:1", src.name, first+lines[i]) }
	for n, line := range strings.Split(strings.TrimRight(f.Rows, "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		cells := strings.Split(line, "\t")
		lines = append(lines, n)
		if len(cells) > len(f.Columns) {
			return fault.New(fault.Config, "read schema data", raw.place(len(lines)-1),
				text.F("这一行有 %d 列，columns 只有 %d 列", "this line has %d cells, columns names %d", len(cells), len(f.Columns)), text.Text{})
		}
		raw.set.Codes = append(raw.set.Codes, rowValue(f.Columns, cells))
	}
	return nil
}

// rowsAt is the line on which the rows of a table begin.
func rowsAt(data []byte) int {
	at := bytes.Index(data, []byte("\nrows:"))
	return bytes.Count(data[:at+1], []byte("\n")) + 2
}

func rowValue(columns, cells []string) CodeValue {
	var v CodeValue
	for i, name := range columns {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		switch name {
		case "code":
			v.Code = cell
		case "zh":
			v.Title.ZH = cell
		case "en":
			v.Title.EN = cell
		case "valid_from":
			v.ValidFrom = cell
		case "valid_to":
			v.ValidTo = cell
		case "successors":
			v.Successors = strings.Fields(cell)
		case "note":
			v.Note = text.T(cell, "")
		default:
			v.Extra = append(v.Extra, cell)
		}
	}
	return v
}

// index is CodeSet.index with the place of what is wrong.
func (r *rawSet) index() error {
	i, what := r.set.index()
	if what.IsZero() {
		return nil
	}
	return fault.New(fault.Config, "read schema data", r.place(i), what, text.Text{})
}

// close refuses an empty list and computes the digest.
func (s *CodeSet) close(src source) error {
	if s.open == nil && len(s.Codes) == 0 {
		return src.fail("$.codes", text.T("代码集是空的", "the code set is empty"), text.Text{})
	}
	s.seal()
	return nil
}
