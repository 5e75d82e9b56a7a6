package draft

import (
	"regexp"
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// code decides how the values of a column become codes: a division is padded, codes of
// the set stay as they are, everything else needs a map.
func (d *Drafter) code(e *entry, l *look) {
	set, ok := d.cat.CodeSet(e.field.CodeSet)
	if !ok {
		return
	}
	if !set.Listed() {
		e.division(l, set)
		return
	}
	meanings := meaningsOf(e.column.Comment)
	values := slices.Clone(l.Distinct)
	slices.Sort(values)                      // rows come in any order
	for _, v := range sortedKeys(meanings) { // told by the comment, though no row of the sample has it
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	if len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !asWritten(set, v) }) {
		e.add("codes: " + set.Name)
		e.sample = preferred(set, values)
		return
	}
	e.add("codes: " + set.Name)
	for _, v := range values {
		to, ok := d.codeOf(set, v)
		if meaning := meanings[v]; !ok && meaning != "" {
			to, _ = d.codeOf(set, meaning)
		}
		var note text.Text
		if value, known := set.Value(to); known {
			note = value.Title
		} else if meanings[v] != "" {
			note = text.T(meanings[v], meanings[v])
		}
		e.codes = append(e.codes, code{from: v, to: to, note: note})
	}
	e.sample = firstKnown(e.codes)
	for _, c := range e.codes {
		if slices.Contains(ordinary, c.to) {
			e.sample = c.from
		}
	}
	if len(values) == 0 { // nothing to go by: a skeleton to be filled in
		e.codes = []code{{from: "…"}}
	}
}

// ordinary are the codes a test's case is made of, where there is a choice.
var ordinary = []string{"111", "accept", "instant", "done", "granted", "pass"}

func preferred(set *schemas.CodeSet, values []string) string {
	for _, v := range values {
		if slices.Contains(ordinary, v) && set.Has(v) {
			return v
		}
	}
	return values[0]
}

// asWritten says that a local value can only be the code itself: a word of the set, or
// three digits of a national list. A shorter number may mean anything.
func asWritten(set *schemas.CodeSet, v string) bool {
	return set.Has(v) && (len(v) >= 3 || strings.Trim(v, "0123456789") != "")
}

// codeOf finds the code a word stands for: by the set's own Chinese titles, by the words
// departments use, or because it is the code.
func (d *Drafter) codeOf(set *schemas.CodeSet, word string) (string, bool) {
	for _, c := range set.Codes {
		if c.Title.ZH == word {
			return c.Code, true
		}
	}
	if code, ok := d.words.codes[set.Name][word]; ok && set.Has(code) {
		return code, true
	}
	if asWritten(set, word) {
		return word, true
	}
	return "", false
}

func (e *entry) division(l *look, set *schemas.CodeSet) {
	e.sample = "440300000000"
	short := l.Seen == 0 || slices.ContainsFunc(e.column.Values, func(v string) bool { return len(strings.TrimSpace(v)) < 12 })
	if short {
		e.add(`pad_right: {to: 12, with: "0"}`)
		e.sample = "440300"
	}
	e.add("codes: " + set.Name)
}

// meaningsOf reads a list of codes out of a comment, as departments write them:
// "受理状态（1受理 0不予受理）", "1:是,0:否", "01-自然人;02-法人".
func meaningsOf(comment string) map[string]string {
	out := map[string]string{}
	rest := strings.TrimPrefix(comment, titleOf(comment))
	for _, m := range codeList.FindAllStringSubmatch(rest, -1) {
		out[m[1]] = m[2]
	}
	if len(out) < 2 { // one number in a comment is no list
		return nil
	}
	return out
}

var codeList = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([0-9A-Z]{1,4})\s*[:：=\-—－、.]?\s*(\p{Han}+)`)

// listing is the codes of a set in one line, as many as a person takes in.
func listing(set *schemas.CodeSet, lang text.Lang) string {
	var b strings.Builder
	for i, c := range set.Codes {
		if i == 12 {
			b.WriteString(text.F(" … 共 %d 个", " … %d in all", len(set.Codes)).In(lang))
			break
		}
		if i > 0 {
			b.WriteString(text.T("，", ", ").In(lang))
		}
		b.WriteString(c.Code + " " + c.Title.In(lang))
	}
	return b.String()
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
