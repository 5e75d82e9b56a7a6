package mappings

import "banjian/schemas"

// filter notes a filter that was asked.
func (t *tracer) filter(f filterPlan, hit, broken bool) {
	if t == nil {
		return
	}
	s := Step{Op: "filter", Name: f.id, Say: f.say, At: f.at, Out: []string{"false"}}
	switch {
	case broken:
		s.Out, s.Issue = nil, &schemas.Issue{Rule: badExpr, Args: []string{"filter"}}
	case hit:
		s.Out = []string{"true"}
	}
	t.steps = append(t.steps, s)
}

// record begins one of the n records of a row, from from 0, with the columns the block
// makes for it; n 0 ends them.
func (t *tracer) record(b *blockProg, from, n int) {
	if t == nil {
		return
	}
	t.item = 0
	if n == 0 {
		return
	}
	s := b.spread
	t.item = from + 1
	step := Step{Block: t.block, Subject: b.plan.subject.Name, Op: s.op, Name: itoa(from+1) + "/" + itoa(n), From: s.names(), Item: t.item}
	if from > 0 {
		step.Block--
	}
	for k := range step.From {
		v, _ := s.made[k].text(0)
		step.In = append(step.In, string([]byte(v)))
	}
	step.Out = step.In
	t.steps = append(t.steps, step)
}
