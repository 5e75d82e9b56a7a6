package middleplatform

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a platform's words as they are kept.
const (
	wordsRead  = 2000 // characters looked at
	wordsShown = 200
	stars      = "***"
)

var (
	longDigits = regexp.MustCompile(`[0-9Xx０-９Ｘｘ*](?:[ -]?[0-9Xx０-９Ｘｘ*]){5,}`)
	mail       = regexp.MustCompile(`[\w.+-]+@[\w.-]+`)
	quotedPart = regexp.MustCompile(`“[^“”]*”|‘[^‘’]*’|"[^"]*"|'[^']*'|「[^「」]*」|『[^『』]*』|【[^【】]*】|\[[^\[\]]*\]|（[^（）]*）|\([^()]*\)`)
	assigned   = regexp.MustCompile(`((?:[=＝]|(?:姓名|名称|联系人|申请人|受理人|审批人|办理人|经办人|负责人|法定代表人|手机|电话|号码|证件号|身份证号|地址|住址)\s*[:：])\s*)([^\s,，;；。、（(\[【]+)`)
	fewDigits  = regexp.MustCompile(`^[0-9]{1,5}$`)
)

// masked is what a platform says, fit to be kept and shown: what may be personal is
// starred, at most wordsShown characters are left. Personal is what stands in the
// message itself, what is quoted, in brackets or behind a label without being a field's
// title, mail addresses, and six or more digits.
func (p *Profile) masked(words string, in *Interface, m *Element) string {
	words = strings.TrimSpace(strings.Map(printable, leading(words, wordsRead)))
	for _, value := range personalTexts(in, m) {
		words = strings.ReplaceAll(words, value, stars)
	}
	known := titlesOf(in)
	words = quotedPart.ReplaceAllStringFunc(words, func(part string) string {
		_, open := utf8.DecodeRuneInString(part)
		_, end := utf8.DecodeLastRuneInString(part)
		if inside := part[open : len(part)-end]; !known(inside) {
			return part[:open] + stars + part[len(part)-end:]
		}
		return part
	})
	words = assigned.ReplaceAllStringFunc(words, func(part string) string {
		found := assigned.FindStringSubmatch(part)
		if known(found[2]) {
			return part
		}
		return found[1] + stars
	})
	words = longDigits.ReplaceAllString(mail.ReplaceAllString(words, stars), stars)
	if short := leading(words, wordsShown); short != words {
		return leading(words, wordsShown-1) + "…"
	}
	return words
}

func printable(r rune) rune {
	if unicode.IsControl(r) || r == utf8.RuneError {
		return ' '
	}
	return r
}

// leading is at most n characters of s.
func leading(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// personalTexts is the values of a message that its platform may repeat and that tell
// of people: those of personal fields, and free text of four characters and more; the
// longest first. Joined values count one by one too.
func personalTexts(in *Interface, m *Element) []string {
	var list []string
	for i := range in.Blocks {
		b := &in.Blocks[i]
		for j := range b.Fields {
			f := &b.Fields[j]
			value := m.Value(join(b.Block, f.Name))
			if value == "" || f.Codes != "" || f.Personal == "" && f.Type != "text" {
				continue
			}
			for _, part := range append(strings.Split(value, "、"), value) {
				if n := utf8.RuneCountInString(part); n >= 4 || f.Personal != "" && n >= 2 {
					list = append(list, part)
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// titlesOf tells words of an interface's description, and what cannot be personal, from
// others.
func titlesOf(in *Interface) func(string) bool {
	return func(s string) bool {
		s = strings.TrimSpace(s)
		if s == "" || s == stars || s == in.Title || fewDigits.MatchString(s) {
			return true
		}
		for i := range in.Blocks {
			b := &in.Blocks[i]
			if s == b.Block || b.field(s) != nil || slices.ContainsFunc(b.Fields, func(f Field) bool { return s == f.Title || s == join(b.Block, f.Name) }) {
				return true
			}
		}
		return false
	}
}
