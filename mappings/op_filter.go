package mappings

import (
	"banjian/internal/text"
	"banjian/schemas"
)

// filterPlan is one reason to leave a row out, counted under its id.
type filterPlan struct {
	id   string
	at   string
	when *expr
	say  text.Text
}

var filterKeys = []string{"id", "when", "say"}

// filters compiles filter, a list of {id, when, say}: a row for which when (over source
// columns) holds is left out of every block and counted under id, the first that holds. A
// row for which it cannot be evaluated is a reject.
func (c *compiler) filters(n *node) []filterPlan {
	if n == nil {
		return nil
	}
	if n.kind != listNode {
		c.found.Add(c.file.failHint(n, text.T(`例如 filter: [{id: test_data, when: "sqr == '测试'"}]`, `for example filter: [{id: test_data, when: "sqr == 'test'"}]`), "filter: 是一个列表", "filter: is a list"))
		return nil
	}
	var out []filterPlan
	seen := map[string]bool{}
	for _, v := range n.vals {
		p, err := c.filter(v)
		if c.found.Add(err) {
			continue
		}
		if seen[p.id] {
			c.found.Add(c.file.fail(v.get("id"), "过滤 %s 写了两次", "filter %s is written twice", p.id))
		}
		seen[p.id] = true
		out = append(out, *p)
	}
	return out
}

func (c *compiler) filter(v *node) (*filterPlan, error) {
	if err := c.file.known(v, filterKeys); err != nil {
		return nil, err
	}
	id, err := c.file.scalar(v, "id", true)
	if err != nil {
		return nil, err
	}
	when, err := c.file.scalar(v, "when", true)
	if err != nil {
		return nil, err
	}
	p := &filterPlan{id: id.text, at: c.file.at(id)}
	if p.when, err = compileCondition(c.file, when, c.src); err != nil {
		return nil, err
	}
	c.read(p.when.vars...)
	p.say, err = c.file.parseSay(v)
	return p, err
}

// leaveOut applies the filters to the rows of the record in hand that are not lost (nil:
// none is): which rows go on (nil: all) and which cannot be judged.
func (p *Program) leaveOut(n int, lost []bool) (on []bool, bad []schemas.Issue) {
	clear(p.left)
	if len(p.filters) == 0 {
		return nil, nil
	}
	on = make([]bool, n)
	for i := range n {
		if lost != nil && lost[i] {
			continue
		}
		on[i] = true
		for k, when := range p.filters {
			hit := when(i) == yes
			broken := p.broken
			p.broken = false
			p.scratch.trace.filter(p.m.filters[k], hit, broken)
			if broken {
				bad = append(bad, schemas.Issue{Row: int32(i), Rule: badExpr, Args: []string{"filter"}, Severity: schemas.Reject})
			}
			if hit && !broken {
				p.left[p.m.filters[k].id]++
			}
			if hit || broken {
				on[i] = false
				break
			}
		}
	}
	return on, bad
}
