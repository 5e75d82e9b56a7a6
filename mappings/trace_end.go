package mappings

import (
	"strings"

	"banjian/schemas"
)

// typed notes the reading of a text as an int, a truth value or a time.
func (t *tracer) typed(v string, n int64, rule string) {
	if t.idle() {
		return
	}
	s := Step{Op: string(t.field.target.Type), In: valueOf(v, true)}
	if t.field.places["time"] != "" {
		s.Op = "time"
	}
	if rule == "" {
		s.Out = t.number(n)
	} else {
		s.Issue = t.issue(finding{rule: rule})
	}
	t.add(s)
}

// number is a number of the field under way as text.
func (t *tracer) number(n int64) []string {
	switch t.field.target.Type {
	case schemas.Bool:
		if n != 0 {
			return []string{"true"}
		}
		return []string{"false"}
	case schemas.Time:
		return []string{string(appendWall(nil, n))}
	case schemas.Date:
		return []string{string(appendWall(nil, n*86400-chinaOffset)[:len("2006-01-02")])}
	}
	return []string{itoa(int(n))}
}

// fallback notes a default that stands after the value is no longer text.
func (t *tracer) fallback(n int64) {
	if !t.idle() {
		t.add(Step{Op: "default", Out: t.number(n)})
	}
}

// due notes a deadline that was computed, or why there is none.
func (t *tracer) due(f *fieldProg, n int64, ok bool, v dueVerdict) {
	if t.idle() {
		return
	}
	s := Step{Op: "deadline"}
	for _, name := range []string{f.deadline.start, f.deadline.limit, f.deadline.unit} {
		if name != "" {
			s.From = append(s.From, name)
		}
	}
	for _, c := range []*column{f.due.start, f.due.limit, f.due.unit} {
		if c != nil {
			s.In = append(s.In, strings.Join(c.texts(0), ""))
		}
	}
	if ok {
		s.Out = t.number(n)
	}
	if v.warn != "" {
		s.Issue = t.issue(finding{rule: v.warn, args: v.args})
		s.Issue.Severity = schemas.Warn
	}
	t.add(s)
}

// missing notes a required that found nothing at the end.
func (t *tracer) missing() {
	if !t.idle() {
		t.add(Step{Op: "required", Issue: t.issue(finding{rule: "required"})})
	}
}

func (t *tracer) split(v string) {
	if t.idle() {
		return
	}
	var parts []string
	splitInto(v, t.field.split, func(s string) { parts = append(parts, valueOf(s, true)...) })
	t.add(Step{Op: "split", In: valueOf(v, true), Out: parts})
}

// settled says what became of the failure of the step before, and notes else where it
// is written and was asked.
func (t *tracer) settled(kind elseKind, find finding) {
	if t.idle() {
		return
	}
	severity := map[elseKind]schemas.Severity{elseReject: schemas.Reject, elseBlank: schemas.Blank, elseConst: schemas.Warn, elseHold: schemas.Hold}[kind]
	part := *t.part()
	last := &part[len(part)-1]
	if last.Issue == nil {
		last.Issue = t.issue(find)
	}
	last.Issue.Severity = severity
	if t.field.places["else"] == "" || find.rule == "required" {
		return
	}
	s := Step{Op: "else", Name: map[elseKind]string{elseReject: "reject", elseBlank: "blank", elseConst: "const", elseHold: "hold"}[kind]}
	if kind == elseConst {
		s.Out = valueOf(t.field.els.text, true)
	}
	t.add(s)
}

func (t *tracer) rule(b *blockProg, k int, hit, broken bool) {
	if t == nil {
		return
	}
	r := b.plan.rules[k]
	s := Step{Block: t.block - 1, Subject: b.plan.subject.Name, Field: r.field, Op: "rule", Name: r.id, Say: r.say, At: r.at, Out: []string{"false"}}
	switch {
	case broken:
		s.Out, s.Issue = nil, &schemas.Issue{Rule: badExpr, Args: []string{r.id}}
	case hit:
		s.Out, s.Issue = []string{"true"}, &schemas.Issue{Field: r.field, Rule: r.id, Severity: r.then}
	}
	t.rules = append(t.rules, s)
}

// checked notes a finding of the schema check at its field.
func (t *tracer) checked(is schemas.Issue) {
	if t == nil || t.parts == nil {
		return
	}
	is.Row = 0
	s := Step{Block: t.block - 1, Subject: t.on.plan.subject.Name, Field: is.Field, Op: "schema", Issue: &is}
	for k, p := range t.on.plan.written {
		if p.target.Name == is.Field {
			s.At = p.at
			t.parts[k] = append(t.parts[k], s)
			return
		}
	}
	t.rules = append(t.rules, s)
}

func (t *tracer) issue(f finding) *schemas.Issue {
	return &schemas.Issue{Field: t.field.target.Name, Rule: f.rule, Args: f.args}
}

// warning is a warning the step just made, nil if there is none.
func (t *tracer) warning(s *scratch) *schemas.Issue {
	if len(s.warns) <= t.warned {
		t.warned = min(t.warned, len(s.warns))
		return nil
	}
	is := t.issue(s.warns[len(s.warns)-1])
	is.Severity = schemas.Warn
	t.warned = len(s.warns)
	return is
}
