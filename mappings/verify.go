package mappings

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/text"
	"banjian/schemas"
)

// Verifier asks services outside (核验) about records that are being collected. There is
// one answer to every question, in their order; a service that does not answer is an
// answer too (Unknown). An error ends the batch: ctx is over, or no such service is
// declared.
type Verifier interface {
	Verify(ctx context.Context, questions []Question) ([]Answer, error)
}

// Question is what a service is asked. Values are personal.
type Question struct {
	Service string
	With    []Input // by name
}

// Input is one thing a service is told, by its name for it.
type Input struct{ Name, Value string }

// Verdict is what a service says.
type Verdict uint8

const (
	Unknown  Verdict = iota // it did not say
	Confirms                // it is so
	Denies                  // it is not so
	HasNone                 // it knows no such person, body or licence
)

// Answer is what a service says to one question. Values are what it tells besides, by
// name, personal too. Why is one word about an Unknown, which has a sentence as
// verify_unknown.WORD: down, throttled, key, answer, not_asked.
type Answer struct {
	Verdict Verdict
	Values  map[string]string
	Why     string
}

// RuleUnknown is the rule of a service that did not say; its first argument is why.
const RuleUnknown = "verify_unknown"

// The other rules of verify:. Their first argument is the service.
const (
	verifyMismatch = "verify_mismatch"
	verifyNone     = "verify_none"
	verifyDiffers  = "verify_differs" // and the names in the answer that differ
)

// notAsked is Why where there is nobody to ask: a preview.
const notAsked = "not_asked"

// Unsure is a record that goes on though it could not be verified: it is collected, and
// receivers are not given it before it is.
type Unsure struct {
	Output  int   // which of the outputs
	Row     int32 // of its record
	Field   string
	Service string
	Rule    string
	Args    []string
}

// Verification is one verify: of a mapping.
type Verification struct {
	Subject string
	Field   string
	Service string
	Inputs  []string // that the service is told, sorted
	Expects []string // names in the answer, sorted
	Holds   bool     // a record may be collected and held

	file *File
	at   *node // of service:
}

// Fault is a fault.Config at its service:.
func (v *Verification) Fault(what, hint text.Text) error {
	return v.file.failHint(v.at, hint, "%[1]s", "%[2]s", what.ZH, what.EN)
}

// Verifications is every verify: of the mapping, in the order of the file.
func (m *Mapping) Verifications() []Verification {
	var out []Verification
	for _, b := range m.blocks {
		for _, p := range b.written {
			if p.verify == nil {
				continue
			}
			v := Verification{Subject: b.subject.Name, Field: p.target.Name, Service: p.verify.service, file: m.file, at: p.verify.at,
				Holds: p.verify.mismatch == schemas.Hold || p.verify.unknown == schemas.Hold}
			for _, in := range p.verify.with {
				v.Inputs = append(v.Inputs, in.name)
			}
			for _, e := range p.verify.expect {
				v.Expects = append(v.Expects, e.name)
			}
			out = append(out, v)
		}
	}
	return out
}

// asking collects the questions of a batch, each once.
type asking struct {
	questions []Question
	byText    map[string]int
	asked     []asked
}

// asked is one place that waits for an answer.
type asked struct {
	made, row int // row of that record
	block     *blockProg
	plan      *plan
	question  int
}

// add asks about a row, unless an input of it is NULL; cols are the subject's columns.
func (a *asking) add(at asked, cols []*column) {
	v := at.plan.verify
	q := Question{Service: v.service, With: make([]Input, len(v.with))}
	var key strings.Builder
	key.WriteString(v.service)
	for k, in := range v.with {
		value, ok := cols[in.index].text(at.row)
		if !ok || value == "" {
			return
		}
		q.With[k] = Input{in.name, strings.Clone(value)}
		key.WriteString("\x00" + in.name + "\x00" + itoa(len(value)) + "\x00" + value)
	}
	if a.byText == nil {
		a.byText = map[string]int{}
	}
	n, known := a.byText[key.String()]
	if !known {
		n = len(a.questions)
		a.byText[key.String()] = n
		a.questions = append(a.questions, q)
	}
	at.question = n
	a.asked = append(a.asked, at)
}

// answers asks all at once; without a verifier nobody is asked.
func (a *asking) answers(ctx context.Context, v Verifier) ([]Answer, error) {
	if v != nil {
		return v.Verify(ctx, a.questions)
	}
	return NotAsked(len(a.questions)), nil
}

// NotAsked is the answers to questions nobody was asked: a warning for each row, whatever
// its policy.
func NotAsked(questions int) []Answer {
	list := make([]Answer, questions)
	for i := range list {
		list[i].Why = notAsked
	}
	return list
}

// judge is what an answer says of a row; no rule: it is right. Severity is the policy's.
func (p *verifyPlan) judge(a Answer, cols []*column, row int) schemas.Issue {
	switch a.Verdict {
	case Confirms:
	case Denies:
		return schemas.Issue{Rule: verifyMismatch, Args: []string{p.service}, Severity: p.mismatch}
	case HasNone:
		return schemas.Issue{Rule: verifyNone, Args: []string{p.service}, Severity: p.mismatch}
	default:
		is := schemas.Issue{Rule: RuleUnknown, Args: []string{a.Why, p.service}, Severity: p.unknown}
		if a.Why == notAsked {
			is.Severity = schemas.Warn
		}
		return is
	}
	var differ []string
	for i := range p.expect {
		if !p.expect[i].met(a.Values, cols, row) {
			differ = append(differ, p.expect[i].name)
		}
	}
	if differ != nil {
		return schemas.Issue{Rule: verifyDiffers, Args: []string{p.service, strings.Join(differ, "、")}, Severity: p.mismatch}
	}
	return schemas.Issue{}
}

func (e *verifyExpect) met(values map[string]string, cols []*column, row int) bool {
	got := strings.TrimSpace(values[e.name])
	if e.index < 0 {
		return contains(e.in, got)
	}
	want, _ := cols[e.index].text(row)
	return got == want && got != ""
}

// verifies says that any block has a verify:.
func (p *Program) verifies() bool {
	for _, b := range p.blocks {
		for _, f := range b.plan.plans {
			if f.verify != nil {
				return true
			}
		}
	}
	return false
}

// verify asks about every row that nothing refuses. unsure are the records that go on all
// the same, by made and row of it.
func (p *Program) verify(ctx context.Context, all []made, refused []bool, v Verifier) (issues []schemas.Issue, unsure []heldRow, err error) {
	var a asking
	for k := range all {
		p.ask(&a, all[k], k, refused)
	}
	if len(a.asked) == 0 {
		return nil, nil, nil
	}
	answers, err := a.answers(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	cols := make([][]*column, len(all))
	for _, at := range a.asked {
		m := all[at.made]
		if cols[at.made] == nil {
			cols[at.made] = recordColumns(m.rec)
		}
		is := at.plan.verify.judge(answers[at.question], cols[at.made], at.row)
		is.Field, is.Row = at.plan.target.Name, int32(at.row)
		if m.input != nil {
			is.Row = m.input[at.row]
		}
		p.scratch.trace.verified(p, at, a.questions[at.question], is)
		switch {
		case is.Rule == "":
		case is.Severity == schemas.Hold:
			unsure = append(unsure, heldRow{at.made, Unsure{Row: int32(at.row), Field: is.Field, Service: at.plan.verify.service, Rule: is.Rule, Args: is.Args}})
		default:
			issues = append(issues, is)
		}
	}
	return issues, unsure, nil
}

// heldRow is an Unsure whose Row counts within a made record.
type heldRow struct {
	made int
	Unsure
}

// ask puts the questions of one block's records.
func (p *Program) ask(a *asking, m made, k int, refused []bool) {
	var cols []*column
	for _, f := range m.block.fields {
		if f.verify == nil {
			continue
		}
		if cols == nil {
			cols = m.block.out
			for i := range cols {
				cols[i].load(m.rec.Column(i))
			}
		}
		for row := range int(m.rec.NumRows()) {
			in := int32(row)
			if m.input != nil {
				in = m.input[row]
			}
			if refused != nil && refused[in] {
				continue
			}
			on := f.when == nil || f.when(row) == yes
			if p.broken = false; on {
				a.add(asked{made: k, row: row, block: m.block, plan: f.plan}, cols)
			}
		}
	}
}

func recordColumns(rec arrow.Record) []*column {
	cols := make([]*column, rec.NumCols())
	for i := range cols {
		cols[i] = &column{}
		cols[i].load(rec.Column(i))
	}
	return cols
}

// verified notes what a service said of a row, and the names of what it was told.
func (t *tracer) verified(p *Program, at asked, q Question, is schemas.Issue) {
	if t == nil {
		return
	}
	s := Step{Block: slices.Index(p.blocks, at.block), Subject: at.block.plan.subject.Name, Field: at.plan.target.Name, Op: "verify", Name: q.Service, At: at.plan.places["verify"]}
	var names []string
	for _, in := range q.With {
		names = append(names, in.Name)
	}
	s.Say = text.F("向 %s 核验 %s", "verified with %s: %s", q.Service, strings.Join(names, ", "))
	if is.Rule != "" {
		is.Row = 0
		s.Issue = &is
	}
	t.steps = append(t.steps, s)
}

// ApplyVerified is Apply of a mapping with verify: of which v is asked; what Apply itself
// does with nobody to ask is a warning for each row. The error of v ends it.
func (p *Program) ApplyVerified(ctx context.Context, alloc memory.Allocator, rec arrow.Record, v Verifier) (*Result, error) {
	return p.apply(ctx, alloc, rec, v)
}

// TraceVerified is Trace of a mapping with verify:, of which v is asked.
func (p *Program) TraceVerified(ctx context.Context, alloc memory.Allocator, rec arrow.Record, row int, v Verifier) ([]Step, *Result, error) {
	one := rec.NewSlice(int64(row), int64(row)+1)
	defer one.Release()
	t := &tracer{}
	p.scratch.trace = t
	defer func() { p.scratch.trace = nil }()
	res, err := p.apply(ctx, alloc, one, v)
	return t.steps, res, err
}

// hold finds the records of the k-th made among the outputs, once it is emitted.
func (res *Result) hold(unsure []heldRow, k int, m made, refused []bool) {
	var place []int32 // in the output, of each row that was made
	for _, u := range unsure {
		if u.made != k || refused != nil && refused[m.inputOf(u.Row)] {
			continue
		}
		if place == nil {
			place = make([]int32, m.rec.NumRows())
			at := int32(0)
			for row := range place {
				if place[row] = at; refused == nil || !refused[m.inputOf(int32(row))] {
					at++
				}
			}
		}
		u.Output, u.Unsure.Row = len(res.Outputs)-1, place[u.Row]
		res.Unsure = append(res.Unsure, u.Unsure)
	}
}

// inputOf is the input row of a row that was made.
func (m *made) inputOf(row int32) int32 {
	if m.input == nil {
		return row
	}
	return m.input[row]
}
