// Package text holds sentences that exist in Chinese and in English.
//
// Everything a person reads is written once, in both languages, at the place that
// knows it; the command line picks one at the very end.
package text

import (
	"fmt"
	"regexp"
	"strings"
)

// Lang is a language people read.
type Lang string

const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// FromLocale picks the language of a POSIX locale such as zh_CN.UTF-8; anything
// that is not Chinese reads English.
func FromLocale(locale string) Lang {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return ZH
	}
	return EN
}

// Text is one sentence in both languages.
type Text struct {
	ZH string `json:"zh" yaml:"zh"`
	EN string `json:"en" yaml:"en"`
}

// T is a sentence without arguments.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }

// F formats the same arguments into both sentences. In the English one "{one|many}" is
// the first word after the number 1 and the second after any other: "%d row{|s} {is|are}".
func F(zh, en string, args ...any) Text {
	t := Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
	if strings.Contains(en, "|") {
		t.EN = counted(t.EN)
	}
	return t
}

// choice is "{one|many}", and what stands between it and the number it goes by.
var choice = regexp.MustCompile(`(\d[\d,.]*)([^\d{}]*)\{([a-z ]*)\|([a-z ]*)\}`)

func counted(s string) string {
	for choice.MatchString(s) {
		s = choice.ReplaceAllStringFunc(s, func(found string) string {
			m := choice.FindStringSubmatch(found)
			if m[1] == "1" {
				return m[1] + m[2] + m[3]
			}
			return m[1] + m[2] + m[4]
		})
	}
	return s
}

// In is the sentence in lang, falling back to the other language when empty.
func (t Text) In(lang Lang) string {
	if lang == ZH && t.ZH != "" || t.EN == "" {
		return t.ZH
	}
	return t.EN
}

// String is the English sentence; logs are English.
func (t Text) String() string { return t.In(EN) }

// IsZero says that there is nothing to read.
func (t Text) IsZero() bool { return t.ZH == "" && t.EN == "" }

// between stands between the languages of a sentence that is kept as one string.
const between = "\x1e"

// Packed is both sentences as one string, for a place that keeps one.
func (t Text) Packed() string {
	if t.ZH == t.EN {
		return t.EN
	}
	return t.ZH + between + t.EN
}

// Unpacked is the sentence that Packed made a string of; any other string is the same in
// both languages.
func Unpacked(s string) Text {
	zh, en, both := strings.Cut(s, between)
	if !both {
		return Text{ZH: s, EN: s}
	}
	return Text{ZH: zh, EN: en}
}

// Fill replaces {0}, {1} … in both sentences by args; a mark inside an argument stays.
func (t Text) Fill(args ...string) Text {
	return Text{ZH: fill(t.ZH, args), EN: fill(t.EN, args)}
}

func fill(s string, args []string) string {
	next := strings.IndexByte(s, '{')
	if next < 0 || len(args) == 0 {
		return s
	}
	var b strings.Builder
	for next >= 0 {
		b.WriteString(s[:next])
		s = s[next:]
		end := strings.IndexByte(s, '}')
		n, ok := markOf(s, end)
		if ok && n < len(args) {
			b.WriteString(args[n])
			s = s[end+1:]
		} else {
			b.WriteByte('{')
			s = s[1:]
		}
		next = strings.IndexByte(s, '{')
	}
	b.WriteString(s)
	return b.String()
}

// markOf is the number of the mark s begins with, whose brace closes at end.
func markOf(s string, end int) (int, bool) {
	if end < 2 || end > 3 || s[1] == '0' && end == 3 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s[1:end]) {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
