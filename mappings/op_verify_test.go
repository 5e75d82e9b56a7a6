package mappings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// desk answers by the last input of a question, and counts what it is asked.
type desk struct {
	answers map[string]Answer
	asked   []Question
	err     error
}

func (d *desk) Verify(_ context.Context, questions []Question) ([]Answer, error) {
	d.asked = append(d.asked, questions...)
	out := make([]Answer, len(questions))
	for i, q := range questions {
		out[i] = d.answers[q.With[len(q.With)-1].Value]
	}
	return out, d.err
}

var answersOfDesk = map[string]Answer{
	"甲": {Verdict: Confirms}, "乙": {Verdict: Denies}, "丙": {Verdict: HasNone}, "丁": {Why: "down"},
}

func verified(t *testing.T, yaml string, d *desk, rows ...[]string) (*Result, string) {
	t.Helper()
	alloc := checked(t)
	rec := texts(t, alloc, []string{"id", "xm", "zj"}, rows...)
	t.Cleanup(rec.Release)
	p, err := compile(t, yaml).Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.ApplyVerified(context.Background(), alloc, rec, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(res.Release)
	var b strings.Builder
	b.WriteString(dump(res))
	for _, u := range res.Unsure {
		fmt.Fprintf(&b, "unsure %d/%d: %s %s %v\n", u.Output, u.Row, u.Field, u.Rule, u.Args)
	}
	return res, b.String()
}

func TestVerifyFollowsItsPolicies(t *testing.T) {
	for _, c := range []struct{ policy, want string }{
		{"", `case/thing 0: id=1 name=甲 id_no=x
case/thing 3: id=4 name=丁 id_no=x
reject 1: id_no verify_mismatch [p]
reject 2: id_no verify_none [p]
unsure 0/1: id_no verify_unknown [down p]
`},
		{", on_mismatch: warn, on_unknown: reject", `case/thing 0: id=1 name=甲 id_no=x
case/thing 1: id=2 name=乙 id_no=x
case/thing 2: id=3 name=丙 id_no=x
warn 1: id_no verify_mismatch [p]
warn 2: id_no verify_none [p]
reject 3: id_no verify_unknown [down p]
`},
		{", on_mismatch: hold, on_unknown: warn", `case/thing 0: id=1 name=甲 id_no=x
case/thing 1: id=2 name=乙 id_no=x
case/thing 2: id=3 name=丙 id_no=x
case/thing 3: id=4 name=丁 id_no=x
warn 3: id_no verify_unknown [down p]
unsure 0/1: id_no verify_mismatch [p]
unsure 0/2: id_no verify_none [p]
`},
	} {
		t.Run(c.policy, func(t *testing.T) {
			yaml := thing("name: xm\nid_no: {from: zj, verify: {service: p, with: {no: id_no, who: name}" + c.policy + "}}")
			_, got := verified(t, yaml, &desk{answers: answersOfDesk}, []string{"1", "甲", "x"}, []string{"2", "乙", "x"}, []string{"3", "丙", "x"}, []string{"4", "丁", "x"})
			if got != c.want {
				t.Errorf("got:\n%swant:\n%s", got, c.want)
			}
		})
	}
}

func TestOnlyRowsThatMayStandAreAskedAboutAndEachPersonOnce(t *testing.T) {
	d := &desk{answers: answersOfDesk}
	yaml := thing("name: xm\nid_type: {const: \"1\"}\nid_no: {from: zj, check: resident_id, when: \"name != '丙'\", verify: {service: p, with: {no: id_no, who: name}}}")
	good := "11010519491231002X"
	_, got := verified(t, yaml, d, []string{"1", "甲", good}, []string{"2", "甲", good}, []string{"3", "乙", "bad"}, []string{"4", "丙", good}, []string{"5", null, good}, []string{"6", "甲", good}, []string{"7", "丁", null})
	if len(d.asked) != 1 || d.asked[0].Service != "p" || !slices.Equal(d.asked[0].With, []Input{{"no", good}, {"who", "甲"}}) {
		t.Errorf("asked %v\n%s", d.asked, got)
	}
}

func TestAnAnswerIsComparedWithWhatTheRecordSays(t *testing.T) {
	const yaml = "name: xm\nid_no: {from: zj, verify: {service: p, with: {no: id_no}, expect: {status: [有效, \"1\"], holder: {field: name}}, on_mismatch: warn}}"
	told := func(status, holder string) Answer {
		return Answer{Verdict: Confirms, Values: map[string]string{"status": status, "holder": holder}}
	}
	d := &desk{answers: map[string]Answer{"a": told("有效", "甲"), "b": told("1", "乙"), "c": told("吊销", "丙"), "d": {Verdict: Confirms}}}
	_, got := verified(t, thing(yaml), d, []string{"1", "甲", "a"}, []string{"2", "甲", "b"}, []string{"3", "甲", "c"}, []string{"4", "甲", "d"})
	for _, want := range []string{"warn 1: id_no verify_differs [p holder]", "warn 2: id_no verify_differs [p holder、status]", "warn 3: id_no verify_differs [p holder、status]"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "warn 0") {
		t.Errorf("what is so is warned of:\n%s", got)
	}
}

// Rows before a held one are refused, by other blocks too: its place is that in the output.
func TestAHeldRecordIsNamedByItsPlaceInTheOutput(t *testing.T) {
	yaml := "mapping: test/two\nto:\n  - subject: case/thing\n    fields:\n      id: id\n      name: xm\n      id_no: {from: zj, verify: {service: p, with: {no: id_no, who: name}}}\n  - subject: case/stamp\n    where: \"xm == '丁'\"\n    fields: {id: id, note: {from: zj, verify: {service: q, with: {who: note}}}}\n"
	d := &desk{answers: map[string]Answer{"乙": {Verdict: Denies}, "丁": {Why: "down"}, "x": {Why: "down"}, "y": {Verdict: Denies}}}
	res, got := verified(t, yaml, d, []string{"1", "乙", "x"}, []string{"2", "丁", "y"}, []string{"3", "丁", "x"})
	if len(res.Unsure) != 2 || !strings.Contains(got, "unsure 0/0: id_no") || !strings.Contains(got, "unsure 1/0: note") || !strings.Contains(got, "reject 1: note verify_mismatch [q]") {
		t.Error(got)
	}
}

func TestAVerifierThatFailsEndsTheBatchAndNobodyToAskIsAWarning(t *testing.T) {
	alloc := checked(t)
	rec := texts(t, alloc, []string{"id", "zj"}, []string{"1", "x"})
	defer rec.Release()
	m := compile(t, thing("id_no: {from: zj, verify: {service: p, with: {no: id_no}}}"))
	p, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	if _, err := p.ApplyVerified(context.Background(), alloc, rec, &desk{err: stopped}); !errors.Is(err, stopped) {
		t.Error(err)
	}
	res := apply(t, m, alloc, rec)
	defer res.Release()
	if got := dump(res); !strings.Contains(got, "warn 0: id_no verify_unknown [not_asked p]") || len(res.Unsure) != 0 {
		t.Error(got)
	}
}

func TestATraceTellsWhatAServiceIsAskedAndNoValue(t *testing.T) {
	alloc := checked(t)
	rec := texts(t, alloc, []string{"id", "xm", "zj"}, []string{"1", "丁", "x"})
	defer rec.Release()
	p, err := compile(t, thing("name: xm\nnote: {from: zj, verify: {service: p, with: {no: note, who: name}, on_unknown: warn}}")).Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	steps, res, err := p.TraceVerified(context.Background(), alloc, rec, 0, &desk{answers: answersOfDesk})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Release()
	last := steps[len(steps)-1]
	if last.Op != "verify" || last.Name != "p" || last.Field != "note" || last.Say.EN != "verified with p: no, who" || last.In != nil || last.Out != nil || last.Issue == nil || last.Issue.Rule != RuleUnknown {
		t.Errorf("%+v", last)
	}
	if point, ok := last.Point(); !ok || point.Kind != ElsePoint || point.Name != "on_unknown" {
		t.Errorf("%+v", point)
	}
}

func TestWhatWasCollectedIsAskedAboutAgainFromTheRecordItself(t *testing.T) {
	alloc := checked(t)
	m := compile(t, thing("name: xm\nid_no: {from: zj, verify: {service: p, with: {no: id_no, who: name}, on_mismatch: warn}}"))
	rec := texts(t, alloc, []string{"name", "id_no", "other"}, []string{"甲", "x", ""}, []string{"乙", "x", ""}, []string{"丁", "x", ""}, []string{"甲", "x", ""})
	defer rec.Release()
	d := &desk{answers: answersOfDesk}
	found, err := m.Recheck(context.Background(), "case/thing", rec, []string{"id_no", "id_no", "id_no", "name"}, d)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(found); got != "[{0 id_no  [] reject} {1 id_no verify_mismatch [p] warn} {2 id_no verify_unknown [down p] hold} {0   [] reject}]" || len(d.asked) != 3 {
		t.Errorf("%s, asked %d", got, len(d.asked))
	}
}
