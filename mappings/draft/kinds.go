package draft

import (
	"slices"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// GuessSubject is the canonical subject whose fields the view's columns fit best, and
// why; nil when there is next to nothing to go by.
func (d *Drafter) GuessSubject(v View) (*schemas.Subject, text.Text) {
	var best *schemas.Subject
	var why text.Text
	most := 0.0
	sights := d.sights(v)
	for _, s := range d.subjects() {
		score, hits, own := 0.0, 0, 0
		for _, m := range d.matchSights(sights, s, nil) {
			if m.shared {
				continue
			}
			hits++
			worth := float64(m.confidence) / 100
			if score += 2 * worth; m.field.Required {
				score += 3 * worth
			}
			if d.peculiar(s, m.field.Name) {
				score, own = score+4*worth, own+1
			}
		}
		for i := range s.Fields {
			if f := &s.Fields[i]; f.Required && !f.Derived {
				score -= 1.5
			}
		}
		if d.named(v, strings.TrimPrefix(s.Name, "case/")) {
			score += 15
		}
		if own > 0 && (best == nil || score > most) {
			best, most = s, score
			why = text.F("有 %d 列像它的字段，其中 %d 列是它独有的", "%d column{|s} {looks|look} like its fields, %d like no other's", hits, own)
		}
	}
	return best, why
}

// Kinds is the subject of the view's rows and, for a wide view that shows a whole case,
// the other one: acceptance and result. It is empty when there is next to nothing to go by.
func (d *Drafter) Kinds(v View) []*schemas.Subject {
	main, _ := d.GuessSubject(v)
	if main == nil {
		return nil
	}
	accept, ok1 := d.cat.Subject("case/accept")
	result, ok2 := d.cat.Subject("case/result")
	if !ok1 || !ok2 || main != accept && main != result {
		return []*schemas.Subject{main}
	}
	sights := d.sights(v)
	both := d.matchAll(sights, []*schemas.Subject{accept, result})
	if shows(both[0], "accepted_at", "applicant_name", "item_name|item_code") && shows(both[1], "finished_at", "result_code", "user|result_text|licence_no") {
		return []*schemas.Subject{accept, result}
	}
	return []*schemas.Subject{main}
}

// certain is the confidence from which a field is said to be there.
const certain = 70

// matchAll matches every subject. A column that two of them would have for fields of their
// own goes to the one that is surer of it, the first in a tie; fields that subjects share
// may have the same column.
func (d *Drafter) matchAll(sights []*sight, subjects []*schemas.Subject) [][]match {
	out := make([][]match, len(subjects))
	for i, s := range subjects {
		out[i] = d.matchSights(sights, s, nil)
	}
	if len(subjects) == 1 {
		return out
	}
	best, owner := map[int]int{}, map[int]int{}
	for i, matches := range out {
		for _, m := range matches {
			if !m.shared && !common(m.field, subjects) && m.confidence > best[m.column] {
				best[m.column], owner[m.column] = m.confidence, i
			}
		}
	}
	for i, s := range subjects {
		taken := map[int]bool{}
		for column, by := range owner {
			taken[column] = by != i
		}
		out[i] = d.matchSights(sights, s, taken)
	}
	return out
}

// common says that every subject has the field, or one like it.
func common(f *schemas.Field, subjects []*schemas.Subject) bool {
	return isRegion(f) || !slices.ContainsFunc(subjects, func(s *schemas.Subject) bool { return s.Field(f.Name) == nil })
}

// shows says that all of these fields are matched for certain; a|b is either.
func shows(matches []match, fields ...string) bool {
	held := map[string]bool{}
	for _, m := range matches {
		held[m.field.Name] = held[m.field.Name] || !m.shared && m.confidence >= certain
	}
	for _, f := range fields {
		if !slices.ContainsFunc(strings.Split(f, "|"), func(name string) bool { return held[name] }) {
			return false
		}
	}
	return true
}

// subjects are those a department's view may show: they go by the department's own number,
// the others come from a platform.
func (d *Drafter) subjects() []*schemas.Subject {
	return slices.DeleteFunc(d.cat.Subjects("case"), func(s *schemas.Subject) bool { return s.Field("local_no") == nil })
}

// peculiar says that no other canonical subject has the field.
func (d *Drafter) peculiar(s *schemas.Subject, field string) bool {
	for _, other := range d.subjects() {
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
