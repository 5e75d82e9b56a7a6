package schemas

import (
	"fmt"
	"strconv"
	"strings"

	"banjian/internal/text"
)

// subjectFile is the YAML shape of a file in canonical/.
type subjectFile struct {
	Subject string       `yaml:"subject"`
	Title   text.Text    `yaml:"title"`
	Version string       `yaml:"version"`
	Key     []string     `yaml:"key"`
	Case    []string     `yaml:"case"`
	Day     string       `yaml:"day"`
	Fields  []fieldEntry `yaml:"fields"`
	Orders  []orderEntry `yaml:"orders"`
}

// blockFile is the YAML shape of a file in canonical/blocks/.
type blockFile struct {
	Block  string       `yaml:"block"`
	Title  text.Text    `yaml:"title"`
	Fields []fieldEntry `yaml:"fields"`
}

// fieldEntry is one field, or the insertion of a block.
type fieldEntry struct {
	Block        string `yaml:"block"`
	Name         string `yaml:"name"`
	ZH           string `yaml:"zh"`
	EN           string `yaml:"en"`
	Type         string `yaml:"type"`
	Required     bool   `yaml:"required"`
	RequiredWhen string `yaml:"required_when"`
	Derived      bool   `yaml:"derived"`
	Personal     Mask   `yaml:"personal"`
	Secret       bool   `yaml:"secret"`
}

type orderEntry struct {
	Rule   string `yaml:"rule"`
	Before string `yaml:"before"`
	After  string `yaml:"after"`
	Then   string `yaml:"then"` // reject (default) or warn
	Source string `yaml:"source"`
}

// blockFinder finds the fields of a block.
type blockFinder func(name string) (fields []Field, ok bool, err error)

// noBlocks is for a block: it holds no other.
func noBlocks(string) ([]Field, bool, error) { return nil, false, nil }

func parseSubject(src source, blocks blockFinder) (*Subject, error) {
	var f subjectFile
	if err := src.decode(&f); err != nil {
		return nil, err
	}
	s := &Subject{Name: f.Subject, Title: f.Title, Version: f.Version, Key: f.Key, Case: f.Case, Day: f.Day}
	var err error
	if s.Fields, err = parseFields(src, f.Fields, blocks); err != nil {
		return nil, err
	}
	if s.Orders, err = parseOrders(src, f.Orders); err != nil {
		return nil, err
	}
	for i, k := range append(append([]string{}, f.Key...), f.Case...) {
		if s.Field(k) == nil {
			return nil, src.fail("$.key", text.F("第 %d 个键字段 %s 不存在", "key field %d, %s, does not exist", i+1, k), text.Text{})
		}
	}
	if day := s.Field(f.Day); f.Day != "" && (day == nil || day.Type != Time && day.Type != Date) {
		return nil, src.fail("$.day", text.F("day 写的 %s 不是本主题的时间字段", "day names %s, which is no time of this subject", f.Day), text.Text{})
	}
	return s, nil
}

func parseBlock(src source, name string) ([]Field, error) {
	var f blockFile
	if err := src.decode(&f); err != nil {
		return nil, err
	}
	if f.Block != name {
		return nil, src.fail("$.block", text.F("block 应当是 %q，与文件名一致", "block must be %q, like the name of the file", name), text.Text{})
	}
	return parseFields(src, f.Fields, noBlocks)
}

// parseFields puts blocks where they are named; a subject's own field of the same
// name takes the place of a block's.
func parseFields(src source, entries []fieldEntry, blocks blockFinder) ([]Field, error) {
	var out []Field
	at := map[string]int{}
	own := map[string]bool{}
	for i, e := range entries {
		path := fmt.Sprintf("$.fields[%d]", i)
		if e.Block != "" {
			fields, ok, err := blocks(e.Block)
			switch {
			case err != nil:
				return nil, err
			case !ok:
				return nil, src.fail(path, text.F("没有名为 %s 的字段块", "there is no block %s", e.Block), text.Text{})
			}
			for _, f := range fields {
				at[f.Name] = len(out)
				out = append(out, f)
			}
			continue
		}
		f, bad := parseField(e)
		if !bad.IsZero() {
			return nil, src.fail(path, bad, typeHint)
		}
		if own[f.Name] {
			return nil, src.fail(path, text.F("字段 %s 重复", "field %s is listed twice", f.Name), text.Text{})
		}
		own[f.Name] = true
		if j, ok := at[f.Name]; ok {
			out[j] = f
			continue
		}
		at[f.Name] = len(out)
		out = append(out, f)
	}
	return out, nil
}

var typeHint = text.T(
	"类型写作 text(100)、code:result、code:region(12)、ts、date、int、dec(16,2)、bool、list、json、file 之一",
	"a type is one of text(100), code:result, code:region(12), ts, date, int, dec(16,2), bool, list, json, file")

func parseField(e fieldEntry) (Field, text.Text) {
	f := Field{
		Name: e.Name, Title: text.T(e.ZH, e.EN), Required: e.Required, RequiredWhen: e.RequiredWhen,
		Derived: e.Derived, Secret: e.Secret, Personal: e.Personal != MaskNone, Mask: e.Personal,
	}
	switch {
	case e.Name == "" || e.ZH == "" || e.EN == "":
		return f, text.T("字段要有 name、zh 和 en", "a field needs name, zh and en")
	case !e.Personal.known():
		return f, text.F("personal 不能是 %s", "personal cannot be %s", e.Personal)
	case e.Derived && (e.Required || e.RequiredWhen != ""):
		return f, text.T("由系统填写的字段不能再要求必填", "a derived field cannot be required as well")
	}
	if e.Secret {
		f.Mask = MaskSecret
	}
	if !parseType(e.Type, &f) {
		return f, text.F("不认识类型 %q", "unknown type %q", e.Type)
	}
	return f, text.Text{}
}

// parseType fills Type, Width, Scale and CodeSet from the short form.
func parseType(s string, f *Field) bool {
	base, args, ok := splitType(s)
	if !ok {
		return false
	}
	if set, isCode := strings.CutPrefix(base, "code:"); isCode {
		f.Type, f.CodeSet = Code, set
		return set != "" && len(args) <= 1 && width(args, &f.Width)
	}
	f.Type = Type(base)
	switch f.Type {
	case Text:
		return len(args) <= 1 && width(args, &f.Width)
	case Decimal:
		if len(args) != 2 {
			return false
		}
		f.Width, f.Scale = args[0], args[1]
		return f.Width > f.Scale && f.Scale >= 0
	case Int, Bool, Time, Date, List, JSON, File:
		return len(args) == 0
	}
	return false
}

func width(args []int, to *int) bool {
	if len(args) == 0 {
		return true
	}
	*to = args[0]
	return args[0] > 0
}

// splitType takes "dec(16,2)" apart.
func splitType(s string) (base string, args []int, ok bool) {
	base, rest, has := strings.Cut(s, "(")
	if !has {
		return base, nil, base != ""
	}
	rest, closed := strings.CutSuffix(rest, ")")
	if !closed {
		return "", nil, false
	}
	for _, a := range strings.Split(rest, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(a))
		if err != nil {
			return "", nil, false
		}
		args = append(args, n)
	}
	return base, args, true
}

func parseOrders(src source, entries []orderEntry) ([]Order, error) {
	var out []Order
	for i, e := range entries {
		o := Order{Rule: e.Rule, Before: e.Before, After: e.After, Source: e.Source}
		switch e.Then {
		case "", "reject":
			o.Severity = Reject
		case "warn":
			o.Severity = Warn
		default:
			return nil, src.fail(fmt.Sprintf("$.orders[%d].then", i),
				text.T("then 只能是 reject 或 warn", "then is reject or warn"), text.Text{})
		}
		out = append(out, o)
	}
	return out, nil
}

// verifySubject checks what a file cannot know by itself. list is the
// key under which the file lists its fields.
func verifySubject(src source, list string, s *Subject, hasSet func(string) bool) error {
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.CodeSet != "" && !hasSet(f.CodeSet) {
			return src.fail(fieldPath(src, list, f.Name),
				text.F("字段 %s 的代码集 %s 不存在", "field %s names code set %s, which does not exist", f.Name, f.CodeSet), text.Text{})
		}
		if f.RequiredWhen == "" {
			continue
		}
		if _, err := parseCondition(f.RequiredWhen, s); err != nil {
			return src.fail(fieldPath(src, list, f.Name)+".required_when", err.what, conditionHint)
		}
	}
	for i, o := range s.Orders {
		for _, name := range []string{o.Before, o.After} {
			if f := s.Field(name); f == nil || f.Type != Time {
				return src.fail(fmt.Sprintf("$.orders[%d]", i),
					text.F("%s 不是本表的时间字段", "%s is not a time field of this subject", name), text.Text{})
			}
		}
	}
	return nil
}

// fieldPath finds the entry of a field by its name; a block's field is not in the
// file, then the whole list is named.
func fieldPath(src source, list, name string) string {
	var names struct {
		Fields  []struct{ Name string } `yaml:"fields"`
		Columns []struct{ Name string } `yaml:"columns"`
	}
	if err := src.loose(&names); err != nil {
		return "$"
	}
	for i, f := range append(names.Fields, names.Columns...) {
		if f.Name == name {
			return fmt.Sprintf("$.%s[%d]", list, i)
		}
	}
	return "$." + list
}
