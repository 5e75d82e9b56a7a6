package mappingtest

import (
	"context"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/mappings"
	"banjian/schemas"
)

// unverified stands for findings of records that go on and that receivers wait for
// (mappings.Unsure); it is none of the severities of an Issue.
const unverified = schemas.Severity(100)

// verdicts are the words of answers:, for a service that has nothing else to tell.
var verdicts = map[string]mappings.Answer{
	"confirms": {Verdict: mappings.Confirms},
	"denies":   {Verdict: mappings.Denies},
	"none":     {Verdict: mappings.HasNone},
	"unknown":  {Verdict: mappings.Unknown, Why: "down"},
}

var verdictWords = []string{"confirms", "denies", "none", "unknown"}

// checkAnswers refuses what is no {service: word} and no {service: {name: value}}.
func (f *File) checkAnswers(n *node) error {
	if n == nil {
		return nil
	}
	if n.kind != mapNode {
		return f.fail(n, "answers: 要写 {服务: 答复}，例如 {person-id: confirms}", "answers: is {service: answer} such as {person-id: confirms}")
	}
	var found fault.List
	for i, v := range n.vals {
		_, known := verdicts[v.text]
		switch {
		case v.kind == scalarNode && known:
		case v.kind == mapNode && !slices.ContainsFunc(v.vals, func(x *node) bool { return x.kind != scalarNode }):
		default:
			found.Add(f.failHint(orNode(v, n.keys[i]), nearest.Hint(v.text, verdictWords), "%s 的答复要写 confirms、denies、none、unknown，或 {名称: 值}", "the answer of %s is confirms, denies, none, unknown or {name: value}", n.keys[i].text))
		}
	}
	return found.Err()
}

// answersFit refuses answers of services that the mapping does not ask.
func (f *File) answersFit(m *mappings.Mapping) error {
	var asked []string
	for _, v := range m.Verifications() {
		asked = append(asked, v.Service)
	}
	var found fault.List
	lists := []*node{f.answers}
	for _, c := range f.cases {
		lists = append(lists, c.answers)
	}
	for _, n := range lists {
		if n == nil {
			continue
		}
		for _, k := range n.keys {
			if !slices.Contains(asked, k.text) {
				found.Add(f.failHint(k, nearest.Hint(k.text, asked), "映射不向 %s 核验", "the mapping verifies nothing with %s", k.text))
			}
		}
	}
	return found.Err()
}

// answerer says what a case says that services answer, else what the file says, else that
// all is so.
type answerer struct{ lists []*node }

func (f *File) answerer(c *testCase) mappings.Verifier {
	return answerer{[]*node{c.answers, f.answers}}
}

func (a answerer) Verify(_ context.Context, questions []mappings.Question) ([]mappings.Answer, error) {
	out := make([]mappings.Answer, len(questions))
	for i, q := range questions {
		out[i] = a.answer(q.Service)
	}
	return out, nil
}

func (a answerer) answer(service string) mappings.Answer {
	n := cellOf(service, a.lists...)
	if n == nil {
		return verdicts["confirms"]
	}
	if n.kind == scalarNode {
		return verdicts[n.text]
	}
	told := mappings.Answer{Verdict: mappings.Confirms, Values: map[string]string{}}
	for i, k := range n.keys {
		told.Values[k.text] = n.vals[i].text
	}
	return told
}
