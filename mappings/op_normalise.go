package mappings

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// normalForms are what normalise: may name, in the order of the documentation. Those
// that change how a text is written are refused on names, titles and opinions.
var normalForms = []struct {
	name   string
	writes bool
	run    func(s *scratch, v string) (string, outcome)
	say    text.Text
}{
	{"missing", false, dropMissing, text.T("无、null、— 等视为空", "无, null, — and the like are NULL")},
	{"phone", false, tidyPhone, text.T("电话：全角、各种横线和空格归一", "telephone: width, dashes and blanks")},
	{"punctuation", true, plainPunctuation, text.T("中文标点转英文标点", "Chinese punctuation to ASCII")},
	{"width", true, fold, text.T("全角转半角", "full width to half width")},
	{"nfkc", true, compatible, text.T("NFKC 归一", "NFKC")},
}

// NormalForms is what normalise: may name.
func NormalForms() []string {
	var out []string
	for _, f := range normalForms {
		out = append(out, f.name)
	}
	return out
}

// buildNormalise is normalise: form, or a list of forms that run in the order written.
func buildNormalise(c *fieldCompiler, k, v *node) error {
	list, err := c.words(k, v)
	if err != nil {
		return err
	}
	known := NormalForms()
	for _, name := range list {
		i := slices.Index(known, name)
		if i < 0 {
			return c.failHint(v, nearest.Hint(name, known), "normalise 没有 %s", "normalise knows no %s", name)
		}
		f := normalForms[i]
		if f.writes {
			if err := c.mayRewrite(v, name); err != nil {
				return err
			}
		}
		if err := c.textStep(k, step{run: f.run, say: f.say}); err != nil {
			return err
		}
	}
	return nil
}

// mayRewrite refuses to change the way names, titles and opinions are written:
// registered names hold full-width brackets.
func (c *fieldCompiler) mayRewrite(n *node, form string) error {
	if !isProse(c.plan.target) {
		return nil
	}
	return c.failHint(n, text.T("名称、标题、意见只用 clean 或 trim：登记名称里有全角括号，改了就不是原名", "names, titles and opinions take clean or trim: a registered name holds full-width brackets"),
		"%s 不能用于 %s", "%s is not for %s", form, c.plan.target.Name)
}

// proseWords end the names of fields that hold names, titles and opinions.
var proseWords = []string{"name", "title", "opinion", "explain", "user", "rep", "legal", "notifier", "approver", "reason", "content", "text"}

func isProse(f *schemas.Field) bool {
	last := f.Name[strings.LastIndexByte(f.Name, '_')+1:]
	return f.Mask == schemas.MaskName || (f.Type == schemas.Text || f.Type == schemas.List) && slices.Contains(proseWords, last)
}

// missingWords stand for nothing, in lower case.
var missingWords = []string{"无", "暂无", "空", "null", "(null)", "nil", "none", "n/a", "undefined", "nan"}

// dropMissing makes NULL of words for nothing, and of dashes, slashes and dots alone.
func dropMissing(_ *scratch, v string) (string, outcome) {
	bare := strings.TrimFunc(v, isBlankRune)
	if len(bare) > 12 {
		return v, valued
	}
	if strings.TrimFunc(bare, func(r rune) bool { return isDash(r) || strings.ContainsRune(`/\／＼.。、*`, r) }) == "" {
		return "", empty
	}
	for _, w := range missingWords {
		if strings.EqualFold(bare, w) {
			return "", empty
		}
	}
	return v, valued
}

// isDash: what people type for a hyphen, em dashes and the box-drawing line among them.
func isDash(r rune) bool {
	switch r {
	case '-', 0x00AD, 0x2043, 0x2212, 0x2500, 0x2501, 0xFE58, 0xFE63, 0xFF0D, 0x30FC:
		return true
	}
	return r >= 0x2010 && r <= 0x2015
}

// tidyPhone brings a telephone number to ASCII: one hyphen for any run of dashes, no
// blanks, no dash at either end.
func tidyPhone(s *scratch, v string) (string, outcome) {
	if isDigits(v) {
		return v, valued
	}
	b := s.begin()
	for _, r := range v {
		switch {
		case isDash(r):
			if len(b) > 0 && b[len(b)-1] != '-' {
				b = append(b, '-')
			}
		case isBlankRune(r):
		case r >= 0xFF01 && r <= 0xFF5E:
			b = append(b, byte(r-0xFEE0))
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	if n := len(b); n > 0 && b[n-1] == '-' {
		b = b[:n-1]
	}
	return s.end(b)
}

func isDigits(v string) bool { return v != "" && digits(v) }

// plainPunctuation turns Chinese marks into their ASCII ones; width alone leaves these.
func plainPunctuation(s *scratch, v string) (string, outcome) {
	if isASCII(v) {
		return v, valued
	}
	b := s.begin()
	for _, r := range v {
		switch r {
		case '、':
			b = append(b, ',')
		case '。':
			b = append(b, '.')
		case '“', '”', '「', '」':
			b = append(b, '"')
		case '‘', '’':
			b = append(b, '\'')
		case '【', '〔', '〖':
			b = append(b, '[')
		case '】', '〕', '〗':
			b = append(b, ']')
		case '《', '〈':
			b = append(b, '<')
		case '》', '〉':
			b = append(b, '>')
		case '…':
			b = append(b, "..."...)
		case '，', '；', '：', '！', '？', '（', '）', '．', '％', '／', '～':
			b = append(b, byte(r-0xFEE0))
		default:
			if isDash(r) {
				b = append(b, '-')
			} else {
				b = utf8.AppendRune(b, r)
			}
		}
	}
	return s.end(b)
}

func isASCII(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func compatible(s *scratch, v string) (string, outcome) {
	if norm.NFKC.IsNormalString(v) {
		return v, valued
	}
	return s.end(norm.NFKC.AppendString(s.begin(), v))
}
