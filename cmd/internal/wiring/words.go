package wiring

import (
	"slices"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/schemas"
)

// RuleText is a rule's sentence: a mapping's own rule says it in the mapping file,
// all others in schemas.
func (h *House) RuleText(pipeline, rule string, args []string) text.Text {
	for _, s := range h.specs {
		if s.Pipeline != pipeline {
			continue
		}
		if t, ok := h.ownRule(s.Mapping, nil, rule); ok {
			return t
		}
	}
	for _, p := range h.profiles {
		for _, ps := range p.Subjects {
			from, _ := h.schemas.Subject(ps.Subject)
			if t, ok := h.ownRule(ps.Mapping, from, rule); ok {
				return t
			}
		}
	}
	return h.schemas.RuleText(rule, args)
}

// ownRule is the sentence of a rule that a mapping has itself.
func (h *House) ownRule(name string, from *schemas.Subject, rule string) (text.Text, bool) {
	if m := h.spoken(name, from); m != nil {
		return m.RuleText(rule)
	}
	return text.Text{}, false
}

// spoken is a mapping as it is asked for words; nil if it is broken, which validate tells. A list
// asks for thousands: each is compiled once. It serves one goroutine.
func (h *House) spoken(name string, from *schemas.Subject) *mappings.Mapping {
	m, known := h.said[name]
	if !known {
		m, _ = h.Mapping(name, from)
		h.said[name] = m
	}
	return m
}

// CanonicalFields are the canonical fields that a field of a receiver's form is made from, by
// its mapping: what a department has to look at when a receiver refuses a field of its own.
// Without a receiver, and of a field that it takes as it is, there are none.
func (h *House) CanonicalFields(receiver, subject, field string) []string {
	p := h.profiles[receiver]
	if p == nil {
		return nil
	}
	for _, s := range p.Subjects {
		from, known := h.schemas.Subject(s.Subject)
		if s.Subject != subject || s.Mapping == "" || !known {
			continue
		}
		m := h.spoken(s.Mapping, from)
		if m == nil {
			return nil
		}
		for _, d := range m.Describe() {
			for i := range d.Fields {
				if f := &d.Fields[i]; f.Field.Name == field {
					return slices.DeleteFunc(slices.Clone(f.Columns), func(c string) bool { return c == field })
				}
			}
		}
	}
	return nil
}

// FieldTitle is a field as people call it, with its name. What a receiver refused may
// name a field of the receiver's own form.
func (h *House) FieldTitle(receiver, subject, field string, lang text.Lang) string {
	for _, s := range []*schemas.Subject{h.FormAt(receiver, subject), h.Form(subject)} {
		if s == nil {
			continue
		}
		if f := s.Field(field); f != nil && !f.Title.IsZero() {
			return f.Title.In(lang) + " " + field
		}
	}
	return field
}

// Form is a subject of the catalog, nil if there is none of that name.
func (h *House) Form(subject string) *schemas.Subject {
	s, _ := h.schemas.Subject(subject)
	return s
}

// FormAt is the receiver's form of a subject: its table, or its message; nil if it has
// none, or without a receiver.
func (h *House) FormAt(receiver, subject string) *schemas.Subject {
	p := h.profiles[receiver]
	if p == nil {
		return nil
	}
	for _, s := range p.Subjects {
		if s.Subject != subject {
			continue
		}
		if t, ok := h.schemas.Table(s.Table); ok && s.Table != "" {
			return t.Subject
		}
		return h.Form("platform/" + p.Protocol + "/" + s.Interface)
	}
	return nil
}

// HasOwnRule says that a mapping of the site has a rule of this name.
func (h *House) HasOwnRule(rule string) bool {
	for _, s := range h.specs {
		if _, ok := h.ownRule(s.Mapping, nil, rule); ok {
			return true
		}
	}
	for _, p := range h.profiles {
		for _, s := range p.Subjects {
			if _, ok := h.ownRule(s.Mapping, h.Form(s.Subject), rule); ok {
				return true
			}
		}
	}
	return false
}

// ShownKey is a natural key as a person may see it.
func (h *House) ShownKey(pipeline, subject string, key []string) []string {
	s, known := h.schemas.Subject(subject)
	if !known {
		return key
	}
	fields := s.Key
	if at := slices.IndexFunc(h.specs, func(p pipelines.Spec) bool { return p.Pipeline == pipeline }); at >= 0 && len(h.specs[at].From.Key) == len(key) && !h.specs[at].From.Key.None() {
		if m, err := h.Mapping(h.specs[at].Mapping, nil); err == nil && m.Subjects()[0] == subject {
			fields = h.specs[at].From.Key
		}
	}
	out := slices.Clone(key)
	for i := range out {
		if i < len(fields) {
			if f := s.Field(fields[i]); f != nil {
				out[i] = f.Show(out[i])
			}
		}
	}
	return out
}
