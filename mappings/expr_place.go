package mappings

import (
	"regexp"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"

	"banjian/internal/text"
)

// inside is the place in the file of a character of the expression at n: exact for one on
// a single line and for a block after |, else where the expression begins.
func (f *File) inside(n *node, offset int) *node {
	at := *n
	in := []rune(n.text)
	before := in[:min(offset, len(in))]
	lines := strings.Split(string(f.data), "\n")
	line := func(i int) []rune { // from 1
		if i < 1 || i > len(lines) {
			return nil
		}
		return []rune(lines[i-1])
	}
	switch {
	case n.plain && !strings.Contains(n.text, "\n"):
		at.col += len(before)
	case n.quoted:
		raw := line(n.line)
		i := n.col // the character after the quote
		for range before {
			if i+1 < len(raw) && (raw[i] == '\\' && raw[n.col-1] == '"' || raw[i] == '\'' && raw[i+1] == '\'' && raw[n.col-1] == '\'') {
				i++
			}
			i++
		}
		if i < len(raw) {
			at.col = i + 1
		}
	case strings.HasPrefix(strings.TrimSpace(string(line(n.line)[min(len(line(n.line)), n.col-1):])), "|"):
		row := strings.Count(string(before), "\n")
		col := len(before)
		if k := strings.LastIndex(string(before), "\n"); k >= 0 {
			col = len([]rune(string(before)[k+1:]))
		}
		first := line(n.line + 1)
		indent := len(first) - len([]rune(strings.TrimLeft(string(first), " ")))
		at.line, at.col = n.line+1+row, indent+col+1
	}
	return &at
}

// celError places the findings of CEL in the file and says them in our words.
func celError(f *File, n *node, iss *cel.Issues, src string, from []int) error {
	first := iss.Errors()[0]
	lines := strings.SplitAfter(src, "\n")
	offset := first.Location.Column()
	for i := 0; i < min(first.Location.Line()-1, len(lines)); i++ {
		offset += len([]rune(lines[i]))
	}
	offset = from[max(0, min(offset, len(from)-1))]
	var hint text.Text
	if plain := quoted.ReplaceAllString(n.text, ""); strings.ContainsFunc(plain, func(r rune) bool { return r > unicode.MaxASCII && !unicode.IsLetter(r) }) {
		hint = text.T("表达式里有全角符号：标点和运算符用半角；列名里真有这样的字符就用反引号 ` 括起来", "the expression has full-width marks: write ASCII ones; put a column with such a character in its name between backticks `")
	}
	zh, en := celSays(readable(first.Message))
	return f.failHint(f.inside(n, offset), hint, "表达式不对：%[1]s", "bad expression: %[2]s", zh, en)
}

var (
	noOverload  = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	undeclared  = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	wrapped     = regexp.MustCompile(`wrapper\(([^()]*)\)`)
	celTypes    = strings.NewReplacer("string", "文本", "bool", "真假", "int", "整数", "google.protobuf.Timestamp", "时间", "timestamp", "时间", "list(string)", "列表", "double", "小数")
	celOperator = regexp.MustCompile(`^_(.+)_$`)
)

// celSays is a message of CEL in both languages; one that is not known stays as it is.
func celSays(m string) (zh, en string) {
	if p := noOverload.FindStringSubmatch(m); p != nil {
		op, args := p[1], wrapped.ReplaceAllString(p[2], "$1")
		if o := celOperator.FindStringSubmatch(op); o != nil {
			op = o[1]
		}
		return op + " 不能用于 " + celTypes.Replace(args), op + " does not take " + args
	}
	if p := undeclared.FindStringSubmatch(m); p != nil {
		return "没有函数 " + p[1], "there is no function " + p[1]
	}
	if rest, ok := strings.CutPrefix(m, "Syntax error: "); ok {
		rest, _, _ = strings.Cut(rest, " expecting {")
		return "语法错误：" + rest, "syntax: " + rest
	}
	return m, m
}
