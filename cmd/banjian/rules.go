package main

import (
	"context"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
	"banjian/schemas"
)

// ruleText is a rule's sentence: a mapping's own rule says it in the mapping file,
// all others in schemas.
func (h *house) ruleText(pipeline, rule string, args []string) text.Text {
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
func (h *house) ownRule(name string, from *schemas.Subject, rule string) (text.Text, bool) {
	m, known := h.said[name]
	if !known {
		m, _ = h.mapping(name, from) // a broken mapping has no sentences; validate says why
		h.said[name] = m
	}
	if m == nil {
		return text.Text{}, false
	}
	return m.RuleText(rule)
}

// fieldTitle is a field as people call it, with its name. What a receiver refused may
// name a field of the receiver's own form.
func (h *house) fieldTitle(receiver, subject, field string, lang text.Lang) string {
	for _, s := range []*schemas.Subject{h.formAt(receiver, subject), h.form(subject)} {
		if s == nil {
			continue
		}
		if f := s.Field(field); f != nil && !f.Title.IsZero() {
			return f.Title.In(lang) + " " + field
		}
	}
	return field
}

// form is a subject of the catalog, nil if there is none of that name.
func (h *house) form(subject string) *schemas.Subject {
	s, _ := h.schemas.Subject(subject)
	return s
}

// formAt is the receiver's form of a subject: its table, or its message; nil if it has
// none, or without a receiver.
func (h *house) formAt(receiver, subject string) *schemas.Subject {
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
		return h.form("platform/" + p.Protocol + "/" + s.Interface)
	}
	return nil
}

// keptColumn is one source value of a refused row.
type keptColumn struct{ name, value string }

// masked hides what may be personal: nothing tells what a source column holds, so
// every longer value shows its beginning alone, and one that may be a short name its
// first character.
func (c keptColumn) masked() string {
	switch n := utf8.RuneCountInString(c.value); {
	case c.name == pipelines.PlaceColumn: // a file and a line
	case n > 2:
		return schemas.MaskText.Apply(c.value)
	case n == 2 && len(c.value) > 2: // not two letters or digits
		return schemas.MaskName.Apply(c.value)
	}
	return c.value
}

// keptRow is the source row a reject was found in, while it is kept.
func keptRow(ctx context.Context, store ledger.Reports, r *ledger.Reject) ([]keptColumn, error) {
	payload, err := store.Kept(ctx, r.Kept)
	if err != nil || payload == nil {
		return nil, err
	}
	rec, err := ledger.Decode(payload, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	defer rec.Release()
	return columnsAt(rec, int(r.KeptRow)), nil
}

// columnsAt is a row's values that are not NULL.
func columnsAt(rec arrow.Record, at int) []keptColumn {
	var row []keptColumn
	for i, f := range rec.Schema().Fields() {
		c := rec.Column(i)
		if at < c.Len() && !c.IsNull(at) && f.Name != pipelines.UnreadColumn {
			row = append(row, keptColumn{f.Name, c.ValueStr(at)})
		}
	}
	return row
}

func maskedMap(row []keptColumn) map[string]string {
	m := make(map[string]string, len(row))
	for _, c := range row {
		m[c.name] = c.masked()
	}
	return m
}
