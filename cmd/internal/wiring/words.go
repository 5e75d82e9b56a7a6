package wiring

import (
	"banjian/internal/text"
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

// ownRule is the sentence of a rule that a mapping has itself. A list asks for
// thousands: each mapping is compiled once. It serves one goroutine.
func (h *House) ownRule(name string, from *schemas.Subject, rule string) (text.Text, bool) {
	m, known := h.said[name]
	if !known {
		m, _ = h.Mapping(name, from) // a broken mapping has no sentences; validate says why
		h.said[name] = m
	}
	if m == nil {
		return text.Text{}, false
	}
	return m.RuleText(rule)
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
