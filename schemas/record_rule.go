package schemas

import (
	"fmt"
	"slices"
	"strings"

	"banjian/internal/text"
)

// RecordRule is one rule over several fields of a record, data in rules/. Of a row for
// which every condition of When holds it asks exactly one thing:
//
//	present      each of these fields has a value
//	absent       none of them has
//	order        the time Before is not after the time After, as an Order has it
//	same_day     both times lie on one day in UTC+8
//	same_length  both lists are of one length
//	between      the whole number Field lies between Min and Max
//	one_of       the text or code Field has one of these values
//	check        the text Field passes a check of a value
//	check_by     the same, the check being chosen by the value of another field
//
// A NULL never breaks any but present; an empty text or list counts as NULL.
type RecordRule struct {
	ID       string
	Field    string // where a finding is filed
	Severity Severity
	Say      text.Text
	Source   string // the standard it comes from, and the clause
	When     []string

	Present    []string
	Absent     []string
	Order      *OrderOf
	SameDay    []string
	SameLength []string
	Between    *Bounds
	OneOf      []string
	Check      string
	CheckBy    *CheckBy
}

// OrderOf names two times, the earlier first.
type OrderOf struct {
	Before string `yaml:"before"`
	After  string `yaml:"after"`
}

// Bounds are inclusive; nil is none.
type Bounds struct {
	Min *int64 `yaml:"min"`
	Max *int64 `yaml:"max"`
}

// CheckBy chooses a check of a value by another field's value; a value that is not
// listed is not checked. Without a list, Field is a type of document, see documentChecks.
type CheckBy struct {
	Field  string            `yaml:"field"`
	Checks map[string]string `yaml:"checks"` // value of Field → name of a check
}

// rulesFile is the YAML shape of a file in rules/.
type rulesFile struct {
	Blocks []string    `yaml:"blocks"` // of rules/blocks/, whose rules come first
	Rules  []ruleEntry `yaml:"rules"`
}

// ruleSet is the rules of one file, those of its blocks included.
type ruleSet struct {
	src   source
	rules []*RecordRule
	place []string // of each rule in the file
}

// fail is a Config fault about the i-th rule.
func (s *ruleSet) fail(i int, what text.Text) error { return s.src.fail(s.place[i], what, ruleHint) }

func (s *ruleSet) add(r *RecordRule, place string) {
	s.rules, s.place = append(s.rules, r), append(s.place, place)
}

type ruleEntry struct {
	ID         string    `yaml:"id"`
	Severity   string    `yaml:"severity"`
	Field      string    `yaml:"field"`
	When       []string  `yaml:"when"`
	Say        text.Text `yaml:"say"`
	Source     string    `yaml:"source"`
	Present    []string  `yaml:"present"`
	Absent     []string  `yaml:"absent"`
	Order      *OrderOf  `yaml:"order"`
	SameDay    []string  `yaml:"same_day"`
	SameLength []string  `yaml:"same_length"`
	Between    *Bounds   `yaml:"between"`
	OneOf      []string  `yaml:"one_of"`
	Check      string    `yaml:"check"`
	CheckBy    *CheckBy  `yaml:"check_by"`
}

func (e *ruleEntry) rule() *RecordRule {
	severity := Reject
	if e.Severity == "warn" {
		severity = Warn
	}
	return &RecordRule{ID: e.ID, Field: e.Field, Severity: severity, Say: e.Say, Source: e.Source, When: e.When,
		Present: e.Present, Absent: e.Absent, Order: e.Order, SameDay: e.SameDay, SameLength: e.SameLength,
		Between: e.Between, OneOf: e.OneOf, Check: e.Check, CheckBy: e.CheckBy}
}

// Digest names what a rule asks, its sentence and source left out: two rules of equal
// digest find the same.
func (r *RecordRule) Digest() string {
	return fmt.Sprintf("%s %d %s %q %s", r.ID, r.Severity, r.Field, r.When, r.Demand())
}

// Demand is what a rule asks, in the words of the file.
func (r *RecordRule) Demand() string {
	list := func(key string, names []string) string { return key + " " + strings.Join(names, ", ") }
	bound := func(name string, n *int64) string {
		if n == nil {
			return ""
		}
		return fmt.Sprintf(" %s %d", name, *n)
	}
	switch {
	case r.Present != nil:
		return list("present", r.Present)
	case r.Absent != nil:
		return list("absent", r.Absent)
	case r.Order != nil:
		return "order " + r.Order.Before + " <= " + r.Order.After
	case r.SameDay != nil:
		return list("same_day", r.SameDay)
	case r.SameLength != nil:
		return list("same_length", r.SameLength)
	case r.Between != nil:
		return "between" + bound("min", r.Between.Min) + bound("max", r.Between.Max)
	case r.OneOf != nil:
		return list("one_of", r.OneOf)
	case r.CheckBy != nil:
		var checks []string
		for _, value := range sortedKeys(r.CheckBy.Checks) {
			checks = append(checks, value+": "+r.CheckBy.Checks[value])
		}
		return strings.TrimSpace(list("check_by "+r.CheckBy.Field, checks))
	}
	return "check " + r.Check
}

var ruleHint = text.T("要有 id、field、severity（reject 或 warn）、say（zh、en）、source，以及一项要求：present、absent、order、same_day、same_length、between、one_of、check、check_by",
	"a rule has id, field, severity (reject or warn), say (zh, en), source and one demand: present, absent, order, same_day, same_length, between, one_of, check, check_by")

// parseRules reads a file of rules/. Its fields are looked at with its subject.
func parseRules(src source, block func(string) (*ruleSet, error)) (*ruleSet, error) {
	var f rulesFile
	if err := src.decode(&f); err != nil {
		return nil, err
	}
	set := &ruleSet{src: src}
	for i, name := range f.Blocks {
		at := fmt.Sprintf("$.blocks[%d]", i)
		shared, err := block(name)
		if err != nil {
			return nil, err
		}
		if shared == nil {
			return nil, src.fail(at, text.F("没有 rules/blocks/%s.yaml", "there is no rules/blocks/%s.yaml", name), text.Text{})
		}
		for _, r := range shared.rules {
			set.add(r, at)
		}
	}
	for i := range f.Rules {
		e, at := &f.Rules[i], fmt.Sprintf("$.rules[%d]", i)
		if e.Severity != "reject" && e.Severity != "warn" || e.ID == "" || e.Field == "" || e.Source == "" || e.Say.ZH == "" || e.Say.EN == "" || e.demands() != 1 {
			return nil, src.fail(at, text.F("规则 %s 写得不完整，或不止一项要求", "rule %s is incomplete or demands more than one thing", e.ID), ruleHint)
		}
		if slices.ContainsFunc(set.rules, func(r *RecordRule) bool { return r.ID == e.ID }) {
			return nil, src.fail(at, text.F("规则 %s 重复", "rule %s is there twice", e.ID), text.Text{})
		}
		set.add(e.rule(), at)
	}
	return set, nil
}

// demands counts what a rule asks.
func (e *ruleEntry) demands() int {
	n := 0
	for _, has := range []bool{len(e.Present) > 0, len(e.Absent) > 0, e.Order != nil, e.SameDay != nil, e.SameLength != nil, e.Between != nil, len(e.OneOf) > 0, e.Check != "", e.CheckBy != nil} {
		if has {
			n++
		}
	}
	return n
}

// verify checks a rule against one of its subjects.
func (r *RecordRule) verify(s *Subject) (bad text.Text) {
	_, bad = r.compile(s)
	return bad
}

// premise is one condition of a rule: a comparison as in condition.go, or
//
//	field == null    field != null    field == true    field == false
type premise struct {
	column  int
	cond    *condition // nil for the four forms above
	null    bool       // field == null, or with negate field != null
	negate  bool
	truth   bool // field == true or false
	boolean bool
}

func compilePremise(s string, subject *Subject) (premise, text.Text) {
	for _, op := range []string{" == ", " != "} {
		name, value, found := strings.Cut(s, op)
		if !found || value != "null" && value != "true" && value != "false" {
			continue
		}
		p := premise{column: subject.index(strings.TrimSpace(name)), null: value == "null", negate: op == " != ", boolean: value != "null", truth: value == "true"}
		if p.column < 0 || p.boolean && (p.negate || subject.Fields[p.column].Type != Bool) {
			return p, text.F("条件 %s 里的字段不存在或不是布尔", "the field in the condition %s does not exist or is no bool", s)
		}
		return p, text.Text{}
	}
	c, err := parseCondition(s, subject)
	if err != nil {
		return premise{}, err.what
	}
	return premise{column: subject.index(c.field), cond: c}, text.Text{}
}

// index is the place of a field, -1 if there is none.
func (s *Subject) index(name string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return i
		}
	}
	return -1
}
