package schemas

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"banjian/internal/chars"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Substitutes is what a receiver is sent for characters its charset lacks, where the site
// has agreed on it; without, such a character is a reject. Nothing else is ever replaced.
type Substitutes struct {
	by    map[rune]string
	ruler *ruler
}

// Substituting is the catalog with these substitutes, by the character they stand for. It
// is for a catalog that counts for a receiver. A Config fault: a key that is not one
// character, a character the charset has, a substitute with one it lacks.
func (c *Catalog) Substituting(by map[string]string) (*Catalog, error) {
	if len(by) == 0 {
		return c, nil
	}
	out := *c
	out.swap = &Substitutes{by: map[rune]string{}}
	if c.unit != nil {
		out.swap.ruler = c.unit.ruler()
	}
	for _, key := range slices.Sorted(maps.Keys(by)) {
		r, n := utf8.DecodeRuneInString(key)
		bad := func(zh, en string) (*Catalog, error) {
			return nil, fault.New(fault.Config, "read receiver", "", text.F("substitute %s："+zh, "substitute %s: "+en, key),
				text.T("左边写接收方字符集里没有的一个字，右边写代替它的、字符集里有的字", "on the left one character the receiver's charset lacks, on the right what it has instead"))
		}
		if n == 0 || n != len(key) || !chars.Plain(key) {
			return bad("不是一个字", "that is not one character")
		}
		if out.swap.ruler == nil || out.swap.holds(key) {
			return bad("接收方的字符集里有这个字", "the receiver's charset has it")
		}
		if v := by[key]; v == "" || !chars.Plain(v) || !out.swap.holds(v) {
			return bad("代替它的字不在接收方的字符集里", "its charset lacks the substitute too")
		}
		out.swap.by[r] = by[key]
	}
	return &out, nil
}

// SubstitutesFor is the substitutes in a subject's texts, nil when there are none.
func (c *Catalog) SubstitutesFor(s *Subject) *Substitutes {
	if c.UnitFor(s) == (Unit{}) {
		return nil
	}
	return c.swap
}

func (s *Substitutes) holds(v string) bool {
	_, ok := s.ruler.measure(v)
	return ok
}

// Text is v, valid UTF-8, with substitutes for the characters the charset lacks, as far as
// there are any, and the characters that were replaced.
func (s *Substitutes) Text(v string) (string, []rune) {
	if s.holds(v) {
		return v, nil
	}
	var b strings.Builder
	var replaced []rune
	for _, r := range v {
		if instead, ok := s.by[r]; ok {
			b.WriteString(instead)
			replaced = append(replaced, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String(), replaced
}

// Instead is what stands for r.
func (s *Substitutes) Instead(r rune) string { return s.by[r] }

// Digest is a text that differs where the substitutes do.
func (s *Substitutes) Digest() string { return fmt.Sprint(s.ruler.unit.Charset, s.by) }
