package mappings

import "banjian/schemas"

// rules finds the rows each rule speaks of. A rule that cannot be evaluated for a row
// rejects it: silence would let it pass unjudged.
func (r *run) rules(b *blockProg) {
	for k, rule := range b.plan.rules {
		holds := b.rules[k]
		for i := range r.rows {
			hit := holds(i) == yes
			r.p.scratch.trace.rule(b, k, hit, r.p.broken)
			switch {
			case r.p.broken:
				r.p.broken = false
				r.issue(i, "", badExpr, []string{rule.id}, schemas.Reject)
			case hit:
				r.issue(i, rule.field, rule.id, nil, rule.then)
			}
		}
	}
}
