package middleplatform

import (
	"encoding/base64"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"banjian/internal/text"
)

// Problem is one thing wrong with a message. It names fields, never values, but for
// the beginning of a code that is in no set.
type Problem struct {
	Field string // path
	Rule  string // required | unknown | repeated | too_long | bad_code | bad_time | bad_region | bad_amount | too_early | root
	Text  text.Text
	Args  []string // of the rule's sentence in schemas: widths, a code set and a code
}

// Check finds what an interface's description has against a message; what needs other
// messages of the case is not looked at.
func (p *Profile) Check(in *Interface, m *Element) []Problem {
	if m.Name != p.Body.Root {
		return []Problem{notRoot(p.Body.Root)}
	}
	k := &checker{p: p, halves: in.Halves}
	k.blocks(in.Blocks, m)
	if in.Halves != nil {
		k.half(m)
	}
	return k.found
}

func (p *Profile) checkBlocks(blocks []Block, m *Element) []Problem {
	k := &checker{p: p}
	k.blocks(blocks, m)
	return k.found
}

func notRoot(name string) Problem {
	return Problem{Field: name, Rule: "root", Text: text.F("根元素要是 %s", "the root element is %s", name)}
}

func (k *checker) blocks(blocks []Block, m *Element) {
	k.known(blocks, m, "")
	for i := range blocks {
		b := &blocks[i]
		if b.Required && k.halves == nil && b.Block != "" && !b.stands(m) {
			k.add(b.Block, "required", "缺少 %s 块", "block %s is missing", b.Block)
		}
		b.each(m, func(at *Element) {
			for j := range b.Fields {
				k.field(b, &b.Fields[j], at)
			}
		})
	}
}

// half finds a message that has another block than its field says.
func (k *checker) half(m *Element) {
	code := m.Value(k.halves.Field)
	for _, c := range slices.Sorted(maps.Keys(k.halves.Blocks)) {
		block := k.halves.Blocks[c]
		switch there := m.Child(block) != nil; {
		case c == code && !there:
			k.add(block, "required", "缺少 %s 块", "block %s is missing", block)
		case c != code && there:
			k.add(block, "unknown", "%[2]s 为 %[3]s 时不能有 %[1]s 块", "there is no block %[1]s where %[2]s is %[3]s", block, k.halves.Field, shortCode(code))
		}
	}
}

type checker struct {
	p      *Profile
	halves *Halves // nil: the interface's records go whole
	found  []Problem
}

func (k *checker) add(path, rule, zh, en string, args ...any) {
	k.found = append(k.found, Problem{Field: path, Rule: rule, Text: text.F(zh, en, args...)})
}

// with gives the last problem its arguments.
func (k *checker) with(args ...string) { k.found[len(k.found)-1].Args = args }

// known finds elements below m, which stands at path, that the blocks do not have, and
// repeated ones.
func (k *checker) known(blocks []Block, m *Element, path string) {
	own := blockOf(blocks, path)
	for i, e := range m.Children {
		var field *Field
		if own != nil {
			field = own.spelt(e.Name)
		}
		if field != nil && len(e.Children) == 0 && !repeated(m, i) {
			continue // as nearly all are
		}
		full := join(path, e.Name)
		b := blockOf(blocks, full)
		parent := b != nil || slices.ContainsFunc(blocks, func(b Block) bool { return strings.HasPrefix(b.Block, full+"/") })
		switch {
		case field == nil && !parent:
			if own == nil || !own.Open {
				k.add(full, "unknown", "没有 %s 这个元素", "there is no element %s", full)
			}
		case repeated(m, i) && (b == nil || !b.Many):
			k.add(full, "repeated", "%s 出现了不止一次", "%s is there more than once", full)
		case field != nil && field.Type != "any" && len(e.Children) > 0:
			k.add(full, "unknown", "%s 里不能再有元素", "%s holds no elements", full)
		case field == nil:
			if strings.TrimSpace(e.Text) != "" {
				k.add(full, "unknown", "%s 里不能有文字", "%s holds no text", full)
			}
			k.known(blocks, e, full)
		}
	}
}

// repeated says that a child of the same name stands before the i-th.
func repeated(e *Element, i int) bool {
	return slices.Index(e.Children, e.Child(e.Children[i].Name)) < i
}

func (k *checker) field(b *Block, f *Field, at *Element) {
	value := f.value(at)
	path := func() string { return join(b.Block, f.Name) }
	if f.Type == "any" {
		return
	}
	must := f.Required || f.RequiredWhen != nil && f.RequiredWhen.holds(at.Value(f.RequiredWhen.Field))
	if must && (value == "" || slices.Contains(k.p.Body.Placeholders, value)) {
		k.add(path(), "required", "%[1]s %[2]s 必填", "%[2]s is required", f.Title, path())
		return
	}
	if value == "" {
		return
	}
	if f.Codes != "" {
		if _, known := k.p.CodeSets[f.Codes].Codes[value]; !known {
			k.add(path(), "bad_code", "%[1]s %[2]s 不在代码集内", "%[2]s is not in its code set", f.Title, path())
			k.with(k.p.setName(f.Codes), shortCode(value))
		}
		return
	}
	switch f.Type {
	case "time":
		k.time(b, f, at, value, path)
	case "region":
		if len(value) != regionDigits || digits(value) != regionDigits {
			k.add(path(), "bad_region", "%[1]s %[2]s 要 12 位数字", "%[2]s is 12 digits", f.Title, path())
		}
	case "int":
		if n := digits(value); n == 0 || n != len(strings.TrimPrefix(value, "-")) || f.Width > 0 && n > f.Width {
			k.add(path(), "bad_int", "%[1]s %[2]s 要是整数，至多 %[3]d 位", "%[2]s is a whole number of %[3]d digits at most", f.Title, path(), f.Width)
		}
	case "file":
		if _, err := io.Copy(io.Discard, base64.NewDecoder(base64.StdEncoding, strings.NewReader(value))); err != nil {
			k.add(path(), "bad_text", "%[1]s %[2]s 要是 Base64", "%[2]s is base64", f.Title, path())
		}
	case "amount":
		if !amount.MatchString(value) || f.Width > 0 && digits(value) > f.Width {
			k.add(path(), "bad_amount", "%[1]s %[2]s 要是至多两位小数的金额", "%[2]s is an amount with two decimals at most", f.Title, path())
		}
	default:
		if n := utf8.RuneCountInString(value); f.Width > 0 && n > f.Width {
			k.add(path(), "too_long", "%[1]s %[2]s 超长：至多 %[3]d 字，现有 %[4]d", "%[2]s is too long: %[3]d characters at most, it has %[4]d", f.Title, path(), f.Width, n)
			k.with(strconv.Itoa(f.Width), strconv.Itoa(n))
		}
	}
}

const regionDigits = 12

var amount = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,2})?$`)

func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// shortCode shows a value that is in no code set. What is longer than a code may be
// something else altogether: only its beginning is shown.
func shortCode(v string) string {
	const most, shown = 12, 4
	if runes := []rune(v); len(runes) > most {
		return string(runes[:shown]) + "…"
	}
	return strings.Clone(v)
}

func (k *checker) time(b *Block, f *Field, at *Element, value string, path func() string) {
	t, ok := k.p.ParseTime(value)
	if !ok {
		k.add(path(), "bad_time", "%[1]s %[2]s 时间格式不对", "%[2]s is no time in the platform's form", f.Title, path())
		return
	}
	if f.NotBefore == "" || strings.Contains(f.NotBefore, "/") {
		return
	}
	if before, ok := k.p.ParseTime(at.Value(f.NotBefore)); ok && t.Before(before) {
		k.add(path(), "too_early", "%s 早于 %s", "%s is before %s", path(), join(b.Block, f.NotBefore))
	}
}

// ParseTime reads a time of a message; only what would be written the same way counts.
func (p *Profile) ParseTime(s string) (time.Time, bool) {
	if p.Body.Time == time.DateTime {
		return parseDateTime(s)
	}
	t, err := time.ParseInLocation(p.Body.Time, s, chinaTime)
	return t, err == nil && t.Format(p.Body.Time) == s
}

// parseDateTime reads 2006-01-02 15:04:05 and nothing like it.
func parseDateTime(s string) (time.Time, bool) {
	if len(s) != len(time.DateTime) {
		return time.Time{}, false
	}
	for i := range len(s) {
		switch mark := time.DateTime[i]; {
		case mark == '-' || mark == ' ' || mark == ':':
			if s[i] != mark {
				return time.Time{}, false
			}
		case s[i] < '0' || s[i] > '9':
			return time.Time{}, false
		}
	}
	two := func(at int) int { return int(s[at]-'0')*10 + int(s[at+1]-'0') }
	year, month, day, hour, minute, second := two(0)*100+two(2), two(5), two(8), two(11), two(14), two(17)
	if month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, chinaTime)
	return t, t.Day() == day && day > 0 // a day the month does not have is another one
}

// FormatTime writes a time as messages have it, in UTC+8.
func (p *Profile) FormatTime(t time.Time) string { return t.In(chinaTime).Format(p.Body.Time) }

var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// Told is a value, empty where the profile says that it stands for nothing.
func (p *Profile) Told(value string) string {
	if slices.Contains(p.Body.Placeholders, value) {
		return ""
	}
	return value
}
