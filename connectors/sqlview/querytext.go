package sqlview

import (
	"strings"
	"unicode"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// refused are words a query may not contain outside of quotes: they write, lock, or
// touch files. The query is also wrapped as a sub-query inside a read-only
// transaction, so this is the first fence of three, and the one with a message.
var refused = map[string]bool{
	"INSERT": true, "UPDATE": true, "DELETE": true, "MERGE": true, "DROP": true, "ALTER": true,
	"CREATE": true, "GRANT": true, "REVOKE": true, "CALL": true, "EXEC": true, "EXECUTE": true,
	"SET": true, "LOCK": true, "SHARE": true, "UNLOCK": true, "INTO": true, "OUTFILE": true, "DUMPFILE": true, "LOAD_FILE": true,
	"HANDLER": true, "ATTACH": true, "PRAGMA": true, "SLEEP": true, "BENCHMARK": true, "GET_LOCK": true,
}

// checkQuery says whether q is one SELECT that can stand in brackets.
func checkQuery(q string) error {
	s := scanner{rest: q}
	first := ""
	for {
		word, ok := s.next()
		if !ok {
			break
		}
		if first == "" {
			first = word
		}
		if refused[word] {
			return badQuery("不允许出现 "+word, word+" is not allowed")
		}
	}
	switch {
	case s.zh != "":
		return badQuery(s.zh, s.en)
	case s.depth != 0:
		return badQuery("括号不成对", "brackets do not match")
	case first != "SELECT" && first != "WITH":
		return badQuery("必须以 SELECT 开头", "it must begin with SELECT")
	}
	return nil
}

func badQuery(zh, en string) error {
	return fault.New(fault.Config, "check query", "",
		text.T("query 不可用："+zh, "the query cannot be used: "+en),
		text.T("query 只能是一条 SELECT；更复杂的请让部门建成视图", "a query is a single SELECT; have the department make anything else a view"))
}

// scanner walks over a query word by word and notes what is not allowed.
type scanner struct {
	rest   string
	depth  int
	zh, en string
}

// next is the next bare word in upper case; quoted text and signs are passed over.
func (s *scanner) next() (string, bool) {
	for s.rest != "" && s.zh == "" {
		switch c := s.rest[0]; {
		case c == '\'' || c == '"' || c == '`':
			s.quoted(c)
		case isWord(rune(c)) || c >= 0x80:
			end := strings.IndexFunc(s.rest, func(r rune) bool { return !isWord(r) })
			if end < 0 {
				end = len(s.rest)
			}
			if end == 0 { // a sign that is not ASCII
				s.fail("有不认识的符号", "there is an unknown sign")
				break
			}
			word := strings.ToUpper(s.rest[:end])
			s.rest = s.rest[end:]
			return word, true
		default:
			s.sign(c)
		}
	}
	return "", false
}

func isWord(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (s *scanner) quoted(quote byte) {
	end := strings.IndexByte(s.rest[1:], quote)
	switch {
	case end < 0:
		s.fail("引号不成对", "a quote is not closed")
	case strings.ContainsAny(s.rest[1:end+1], "\\\x00"):
		s.fail("引号内不允许反斜杠", "a backslash inside quotes is not allowed")
	default:
		s.rest = s.rest[end+2:]
	}
}

func (s *scanner) sign(c byte) {
	switch {
	case c == ';':
		s.fail("不允许分号", "a semicolon is not allowed")
	case c == '?' || c == '@' || c == ':' || c == '\\' || c == '{':
		s.fail("不允许参数和变量", "parameters and variables are not allowed")
	case c == '#' || strings.HasPrefix(s.rest, "--") || strings.HasPrefix(s.rest, "/*"):
		s.fail("不允许注释", "comments are not allowed")
	case c < ' ' && c != '\n' && c != '\t' && c != '\r':
		s.fail("有控制字符", "there is a control character")
	case c == '(':
		s.depth++
	case c == ')':
		if s.depth--; s.depth < 0 {
			s.fail("括号不成对", "brackets do not match")
		}
	}
	s.rest = s.rest[1:]
}

func (s *scanner) fail(zh, en string) { s.zh, s.en = zh, en }

// relationName is the name the statement gives what it reads.
const relationName = "src"

// fromSQL is what stands behind FROM.
func fromSQL(d *sqldialect.Dialect, o Options) (string, error) {
	if o.Query != "" {
		if err := checkQuery(o.Query); err != nil {
			return "", err
		}
		return "(" + o.Query + ") " + d.Quote(relationName), nil
	}
	view, err := d.QuoteView(o.View + o.Table)
	return view + " " + d.Quote(relationName), err
}
