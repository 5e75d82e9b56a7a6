package draft

import (
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// match joins a column to a field.
type match struct {
	column int
	field  *schemas.Field
	score  int
	reason text.Text
}

// enough is the least score that makes a guess. An exact name scores about 100, an
// exact comment a little more, a part of either about 60; values that speak against a
// field cost 60.
const enough = 50

// match pairs columns and fields, best first: every field has one column at most, and a
// column has one field, but for required fields that would stay empty otherwise.
func (d *Drafter) match(v View, subject *schemas.Subject) []match {
	all := d.candidates(v, subject)
	slices.SortStableFunc(all, func(a, b match) int { return b.score - a.score })
	var out []match
	usedColumn, usedField := map[int]bool{}, map[string]bool{}
	for _, m := range all {
		if !usedColumn[m.column] && !usedField[m.field.Name] {
			usedColumn[m.column], usedField[m.field.Name] = true, true
			out = append(out, m)
		}
	}
	for _, m := range all {
		if m.field.Required && !usedField[m.field.Name] {
			usedField[m.field.Name] = true
			out = append(out, m)
		}
	}
	return sharedRegion(subject, out, usedField)
}

// sharedRegion gives a required division that has no column that of another field: a
// department that writes one division means all of them.
func sharedRegion(subject *schemas.Subject, out []match, used map[string]bool) []match {
	i := slices.IndexFunc(out, func(m match) bool { return isRegion(m.field) })
	if i < 0 {
		return out
	}
	for j := range subject.Fields {
		f := &subject.Fields[j]
		if f.Required && isRegion(f) && !used[f.Name] {
			out = append(out, match{column: out[i].column, field: f, score: enough,
				reason: text.T("没有单独的列，与另一区划字段同列", "no column of its own: the same as the other division")})
		}
	}
	return out
}

func isRegion(f *schemas.Field) bool { return f.Type == schemas.Code && f.CodeSet == "region" }

// candidates is every pairing that scores enough.
func (d *Drafter) candidates(v View, subject *schemas.Subject) []match {
	short := subject.Name[strings.LastIndexByte(subject.Name, '/')+1:]
	var out []match
	for i := range v.Columns {
		c := &v.Columns[i]
		looks := lookOf(c)
		for j := range subject.Fields {
			f := &subject.Fields[j]
			if !mappable(f) {
				continue
			}
			score, reason := d.judge(c, f, short)
			if score == 0 {
				score, reason = looks.alone(f)
			}
			if score == 0 {
				continue
			}
			if score += looks.agrees(c, f); score >= enough {
				out = append(out, match{i, f, score, reason})
			}
		}
	}
	return out
}

// mappable leaves out what the system fills and what no column of a view can hold.
func mappable(f *schemas.Field) bool {
	return !f.Derived && f.Type != schemas.JSON && f.Type != schemas.File
}

// judge scores a column's name and comment for a field.
func (d *Drafter) judge(c *Column, f *schemas.Field, subject string) (int, text.Text) {
	names, titles := []string{plainName(f.Name)}, []string{f.Title.ZH}
	bonus := 0
	for _, w := range d.words.fields {
		if w.field == f.Name && (w.subject == "*" || w.subject == subject) {
			names, titles = append(names, w.names...), append(titles, w.titles...)
			if w.subject != "*" {
				bonus = 3
			}
		}
	}
	byName, byComment := scoreName(c.Name, names), scoreTitle(titleOf(c.Comment), titles)
	byName = max(byName, scoreTitle(c.Name, titles)) // columns named in Chinese
	best := max(byName, byComment)
	if best == 0 {
		return 0, text.Text{}
	}
	if byName > 0 && byComment > 0 {
		best += 20
	}
	switch {
	case byName > 0 && byComment > 0:
		return best + bonus, text.F("列名 %[1]s，注释“%[2]s”", "column name %[1]s, comment “%[2]s”", c.Name, titleOf(c.Comment))
	case byName > 0:
		return best + bonus, text.F("列名 %s", "column name %s", c.Name)
	}
	return best + bonus, text.F("注释“%s”", "comment “%s”", titleOf(c.Comment))
}

// scoreName is 100 for the first of the known names, less for later ones, for names
// behind a prefix of one or two letters, and for those whose last word is known.
func scoreName(column string, names []string) int {
	best := 0
	score := func(name string, full int) {
		if i := slices.Index(names, plainName(name)); i >= 0 && name != "" {
			best = max(best, full-min(i, 10))
		}
	}
	score(column, 104)
	head, rest, _ := strings.Cut(column, "_")
	if len(head) <= 2 {
		score(rest, 88)
	}
	if last := column[strings.LastIndexByte(column, '_')+1:]; len(last) >= 4 {
		score(last, 70)
	}
	return best
}

// scoreTitle is 110 for a title that is known, and about 60 for one that ends in a known
// one: the last words of a Chinese title say what the thing is.
func scoreTitle(title string, titles []string) int {
	best := 0
	for i, t := range titles {
		switch n := len([]rune(t)); {
		case title == t:
			best = max(best, 110-min(i, 10))
		case n >= 3 && strings.HasSuffix(title, t):
			best = max(best, 55+min(n, 9))
		}
	}
	return best
}

// GuessSubject is the canonical subject whose fields the view's columns fit best, and
// why; nil when there is next to nothing to go by.
func (d *Drafter) GuessSubject(v View) (*schemas.Subject, text.Text) {
	var best *schemas.Subject
	var why text.Text
	most := 0
	for _, s := range d.cat.Subjects("case") {
		score, hits, own := 0, 0, 0
		for _, m := range d.match(v, s) {
			hits++
			if score += 2; m.field.Required {
				score += 3
			}
			if d.peculiar(s, m.field.Name) {
				score, own = score+4, own+1
			}
		}
		for i := range s.Fields {
			if f := &s.Fields[i]; f.Required && !f.Derived {
				score--
			}
		}
		if d.named(v, strings.TrimPrefix(s.Name, "case/")) {
			score += 20
		}
		if own > 0 && score > most {
			best, most = s, score
			why = text.F("有 %d 列像它的字段，其中 %d 列是它独有的", "%d columns look like its fields, %d of them like no other's", hits, own)
		}
	}
	return best, why
}

// peculiar says that no other canonical subject has the field.
func (d *Drafter) peculiar(s *schemas.Subject, field string) bool {
	for _, other := range d.cat.Subjects("case") {
		if other != s && other.Field(field) != nil {
			return false
		}
	}
	return true
}

// named says that the view's name or comment speaks of the subject.
func (d *Drafter) named(v View, subject string) bool {
	name := strings.ToLower(v.Name)
	for _, w := range d.words.subjects {
		if w.subject == subject {
			return slices.ContainsFunc(w.names, func(n string) bool { return strings.Contains(name, n) }) ||
				slices.ContainsFunc(w.titles, func(t string) bool { return strings.Contains(v.Comment, t) || strings.Contains(v.Name, t) })
		}
	}
	return false
}
