package exchangedb

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a receiver's words as they are kept.
const (
	wordsShown = 300
	stars      = "***"
)

var (
	longDigits = regexp.MustCompile(`[0-9Xx０-９Ｘｘ](?:[ -]?[0-9Xx０-９Ｘｘ]){5,}`)
	mail       = regexp.MustCompile(`[\w.+-]+@[\w.-]+`)
	quotedPart = regexp.MustCompile(`“[^“”]*”|‘[^‘’]*’|"[^"]*"|'[^']*'|「[^「」]*」|【[^【】]*】|\[[^\[\]]*\]`)
	plainWord  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// Words makes what a receiver says of a row it sends back fit to be kept and shown: what is
// quoted is starred unless it is a column (known says so of titles), and so are mail
// addresses and six or more digits; what is long is cut.
func Words(said string, known func(title string) bool) string {
	said = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, said))
	said = quotedPart.ReplaceAllStringFunc(said, func(part string) string {
		_, open := utf8.DecodeRuneInString(part)
		_, end := utf8.DecodeLastRuneInString(part)
		if inside := part[open : len(part)-end]; !plainWord.MatchString(inside) && !known(inside) {
			return part[:open] + stars + part[len(part)-end:]
		}
		return part
	})
	said = longDigits.ReplaceAllString(mail.ReplaceAllString(said, stars), stars)
	if utf8.RuneCountInString(said) > wordsShown {
		said = string([]rune(said)[:wordsShown-1]) + "…"
	}
	return said
}
