package yamlfile

import (
	"errors"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// mistake is what a syntax error comes from, as people make them.
type mistake struct {
	said  []string // what the parser says, in part
	guess func(s *slip) bool
	what  text.Text
	hint  text.Text
}

// slip is the place of a syntax error; a guess may move it to where the mistake is.
type slip struct {
	lines        []string
	line, column int // from 1
}

// here is a line, empty beyond the file.
func (s *slip) here(line int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	return strings.TrimSuffix(s.lines[line-1], "\r")
}

// after is what stands from the column on.
func (s *slip) after() string {
	r := []rune(s.here(s.line))
	return string(r[min(len(r), max(s.column, 1)-1):])
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// deeper finds that the line below is indented more than this one: it was to be its
// neighbour.
func (s *slip) deeper() bool {
	below := s.here(s.line + 1)
	if !strings.Contains(below, ":") || indentOf(below) <= indentOf(s.here(s.line)) || strings.Contains(s.after(), ": ") {
		return false
	}
	s.line, s.column = s.line+1, indentOf(below)+1
	return true
}

func (s *slip) outOfLine() bool {
	line := s.here(s.line)
	return indentOf(line) == s.column-1 && strings.TrimSpace(line) != ""
}

var saysEmpty = regexp.MustCompile(`:\s+(\{\s*\}|\[\s*\])\s*(#.*)?$`)

// underEmpty finds that the line stands below a key that was left {} or []; the mistake is there.
func (s *slip) underEmpty() bool {
	for line := s.line - 1; line > 0; line-- {
		above := s.here(line)
		if said := strings.TrimSpace(above); said == "" || said[0] == '#' || indentOf(above) >= indentOf(s.here(s.line)) {
			continue
		}
		at := saysEmpty.FindStringSubmatchIndex(above)
		if at == nil {
			return false
		}
		s.line, s.column = line, len([]rune(above[:at[2]]))+1
		return true
	}
	return false
}

func (s *slip) surplusBracket() bool {
	return strings.ContainsAny(s.after()[:min(1, len(s.after()))], "}]")
}

var tightColon = regexp.MustCompile(`^[ \-]*[\w-]+:[^ \t]`)

func (s *slip) noBlank() bool { return tightColon.MatchString(s.here(s.line)) }

var starred = regexp.MustCompile(`^[ \-]*[\w-]+: +[*&]`)

// star finds that the line's value begins with * or &, as five fields of a schedule do.
func (s *slip) star() bool {
	m := starred.FindString(s.here(s.line))
	if m != "" {
		s.column = len(m)
	}
	return m != ""
}

// wide finds that a mark of an input method stands where one of YAML's was meant.
func (s *slip) wide() bool {
	r := []rune(s.after())
	return len(r) > 0 && strings.ContainsRune(wideMarks, r[0])
}

// blank finds blanks of another kind after the colon.
func (s *slip) blank() bool {
	m := oddColon.FindString(s.here(s.line))
	if m != "" {
		s.column = len([]rune(m))
	}
	return m != ""
}

func (s *slip) conflict() bool { return strings.HasPrefix(s.here(s.line), "<<<<<<<") }

// mistakes in the order they are tried.
func mistakes() []mistake {
	return []mistake{
		{[]string{""}, (*slip).conflict, text.T("合并冲突没有处理", "a merge conflict is left in the file"), text.T("留下要的一边，删掉 <<<<<<<、=======、>>>>>>> 三行", "keep one side and delete the lines <<<<<<<, =======, >>>>>>>")},
		{[]string{"alias name", "anchor name"}, (*slip).star, text.T("值不能以 * 或 & 开头", "a value cannot begin with * or &"), text.T(`给整个值加引号，如 "* * * * *"`, `quote the whole value, such as "* * * * *"`)},
		{[]string{""}, (*slip).wide, text.T("这里是全角标点", "here stands full-width punctuation"), text.T("换成半角的 { } [ ] , : \" '", "write the ASCII ones: { } [ ] , : \" '")},
		{[]string{""}, (*slip).blank, text.T("冒号后面不是普通空格（全角空格或不间断空格）", "what follows the colon is no ordinary blank (a full-width or a no-break one)"), text.T("换成半角空格", "write an ASCII blank")},
		{[]string{"'\t'", "tab character"}, nil, text.T("缩进里有制表符（Tab）", "a tab in the indentation"), text.T("YAML 只用空格缩进：把 Tab 换成空格", "YAML indents with blanks only: replace the tab by blanks")},
		{[]string{"mapping value is not allowed"}, (*slip).deeper, text.T("缩进不对：这一行比上一行缩得更深", "wrong indentation: the line stands deeper than the one above"), text.T("同一层的键要对齐", "keys of one level begin in the same column")},
		{[]string{"mapping value is not allowed"}, nil, text.T("值里又有一个冒号加空格", "there is a second colon with a blank in the value"), text.T("给整个值加引号，或分成两行", "quote the whole value, or make two lines of it")},
		{[]string{"value is not allowed in this context", "invalid key for this map"}, (*slip).surplusBracket, text.T("多了一个右括号", "a closing bracket too many"), text.T("删掉它，或在前面补上左括号", "delete it, or open it before")},
		{[]string{"'[' character corresponding", "'{' character corresponding"}, nil, text.T("多了一个右括号", "a closing bracket too many"), text.T("删掉它，或在前面补上左括号", "delete it, or open it before")},
		{[]string{"map key-value is pre-defined"}, nil, text.T("引号没有配对，后面多出内容", "the quotes end too early, something follows them"), text.T("里外用不同的引号：外面用双引号，里面用单引号", "use two kinds of quotes: double outside, single inside")},
		{[]string{"',' or '}'", "end token '}'"}, nil, text.T("花括号 { 没有写完，或少了逗号", "a brace { is not closed, or a comma is missing"), text.T("补上 } 或逗号", "add } or the comma")},
		{[]string{"',' or ']'", "token ']' not found"}, nil, text.T("方括号 [ 没有写完，或少了逗号", "a bracket [ is not closed, or a comma is missing"), text.T("补上 ] 或逗号", "add ] or the comma")},
		{[]string{"flow map content", "expected sequence element"}, nil, text.T("多了一个逗号", "a comma too many"), text.T("删掉它", "delete it")},
		{[]string{"-quoted text"}, nil, text.T("引号没有写完", "the quote is not closed"), text.T("补上后一个引号", "add the closing quote")},
		{[]string{"reserved character", "unexpected directive value"}, nil, text.T("值不能以 @、`、% 开头", "a value cannot begin with @, ` or %"), text.T("给值加引号", "quote the value")},
		{[]string{"unknown escape"}, nil, text.T("双引号里的反斜杠写法不对", "an unknown escape in double quotes"), text.T(`写成 \\，或改用单引号`, `write \\, or use single quotes`)},
		{[]string{"invalid header option"}, nil, text.T("| 和 > 后面不能有内容", "nothing may follow | or >"), text.T("内容从下一行开始，并缩进", "the text begins on the next line, indented")},
		{[]string{"non-map value", "unexpected key name", "unexpected map key"}, (*slip).noBlank, text.T("冒号后面缺一个空格", "a blank is missing after the colon"), text.T("写成 键: 值", "write key: value")},
		{[]string{"non-map value", "unexpected key name"}, nil, text.T("这一行不是“键: 值”", "this line is not key: value"), text.T("补上冒号和空格；列表项以“- ”开头", "add the colon and a blank; an entry of a list begins with \"- \"")},
		{[]string{"is not allowed in this context"}, (*slip).underEmpty, text.T("这里写着空的，下面却有内容", "this is said to be empty, and something follows below it"), text.T("删掉 {} 或 []", "delete the {} or []")},
		{[]string{"is not allowed in this context"}, (*slip).outOfLine, text.T("缩进不对：与上面的行对不齐", "wrong indentation: it lines up with nothing above"), text.T("同一层的键要对齐", "keys of one level begin in the same column")},
	}
}

// syntax says what the parser found in the words of people who write these files.
func syntax(file string, data []byte, err error) error {
	if wide := FullWidthColons(file, data); wide != nil {
		return wide
	}
	if odd := oddIndents(file, data); odd != nil {
		return odd
	}
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil || y.GetToken().Position == nil {
		return fault.New(fault.Config, "read file", file, text.F("YAML 语法错误：%s", "YAML syntax: %s", err.Error()), text.Text{})
	}
	s := &slip{lines: strings.Split(string(data), "\n"), line: y.GetToken().Position.Line, column: y.GetToken().Position.Column}
	for _, m := range mistakes() {
		if m.fits(y.GetMessage()) && (m.guess == nil || m.guess(s)) {
			return fault.New(fault.Config, "read file", at(file, s.line, s.column), m.what, m.hint).Quoting(data)
		}
	}
	return fault.New(fault.Config, "read file", at(file, s.line, s.column), text.F("YAML 语法错误：%s", "YAML syntax: %s", y.GetMessage()),
		text.T("检查缩进、冒号、引号和括号", "look at indentation, colons, quotes and brackets")).Quoting(data)
}

func (m *mistake) fits(said string) bool {
	for _, part := range m.said {
		if strings.Contains(said, part) {
			return true
		}
	}
	return false
}

var wideColon = regexp.MustCompile(`^[ \-]*["']?[\w-]+["']?\s*：`)

// FullWidthColons finds every line that was to be "key: value" and has a full-width
// colon, nil if there is none. It is a guess: ask it about a file that is wrong.
func FullWidthColons(file string, data []byte) error {
	var found fault.List
	for i, line := range strings.Split(string(data), "\n") {
		if m := wideColon.FindString(line); m != "" {
			found.Add(fault.New(fault.Config, "read file", at(file, i+1, len([]rune(m))), text.T("冒号是全角的（：）", "the colon is a full-width one (：)"),
				text.T("换成半角冒号加一个空格", "write an ASCII colon and a blank")).Quoting(data))
		}
	}
	return found.Err()
}

// Blanks that look like ASCII's and are none: no-break, typographic and full-width ones,
// those of no width.
const oddBlanks = `[\x{a0}\x{2000}-\x{200b}\x{202f}\x{205f}\x{3000}\x{feff}]`

var (
	oddIndent = regexp.MustCompile(`^ *` + oddBlanks + `[ \x{a0}\x{2000}-\x{200b}\x{202f}\x{205f}\x{3000}\x{feff}]*["']?[\w-]+["']?:`)
	oddColon  = regexp.MustCompile(`^[ \-]*[\w-]+:` + oddBlanks)
)

// oddIndents finds every line "key: value" that is indented with blanks of another kind.
func oddIndents(file string, data []byte) error {
	var found fault.List
	for i, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		if oddIndent.MatchString(line) {
			found.Add(fault.New(fault.Config, "read file", at(file, i+1, 1), text.T("缩进里有不是普通空格的空白（不间断空格或全角空格）", "the indentation has blanks that are no ordinary ones (no-break or full-width)"),
				text.T("删掉这一行的缩进，用空格键重新打", "delete the line's indentation and type it again with the space bar")).Quoting(data))
		}
	}
	return found.Err()
}

// wideMarks is punctuation of an input method that looks like YAML's own.
const wideMarks = "：，“”‘’｛｝［］【】（）＂＇　"

// wideIn says that a value holds a mark or digit of an input method.
func wideIn(value string) bool {
	return strings.ContainsAny(value, wideMarks+"＊") || strings.ContainsFunc(value, func(r rune) bool { return '０' <= r && r <= '９' })
}

// withWide adds to a hint that the value has full-width marks: often they are the mistake.
func withWide(hint text.Text, value string) text.Text {
	if !wideIn(value) {
		return hint
	}
	return text.T(strings.TrimPrefix(hint.ZH+"；这里有全角标点、数字或空格：换成半角", "；"), strings.TrimPrefix(hint.EN+"; there are full-width marks, digits or blanks here: write the ASCII ones", "; "))
}

// WideHint is a hint for a mistake in a line with full-width punctuation, zero for
// another line.
func WideHint(line string) text.Text {
	i := strings.IndexAny(line, wideMarks)
	if i < 0 {
		return text.Text{}
	}
	mark := string([]rune(line[i:])[0])
	if mark == "　" {
		return text.T("这一行有全角空格：若是缩进或分隔，换成半角", "the line has a full-width blank: if it separates anything, write an ASCII one")
	}
	return text.F("这一行有全角的 %s：若是 YAML 的标点，换成半角", "the line has a full-width %s: if it is punctuation of YAML, write the ASCII one", mark)
}
