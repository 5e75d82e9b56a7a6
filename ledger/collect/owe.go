package collect

import (
	"banjian/ledger"
	"banjian/pipelines"
)

// owedOf is what the rows of one output owe; nil = nothing.
func owedOf(list []pipelines.Owed, output int) map[int32]*pipelines.Owed {
	var found map[int32]*pipelines.Owed
	for i := range list {
		if list[i].Output != output {
			continue
		}
		if found == nil {
			found = map[int32]*pipelines.Owed{}
		}
		found[list[i].Row] = &list[i]
	}
	return found
}

// owe notes the file that a version of a record goes without.
func (c *Collector) owe(p *prepared, plan *outputPlan, row int, rec int64, version uint32, deleted bool) {
	o := plan.owed[int32(row)]
	if o == nil || deleted {
		return
	}
	now := c.now()
	p.counts.Owed++
	p.change.Owed = append(p.change.Owed, ledger.Owed{Pipeline: c.Pipeline, Stream: plan.stream, Rec: rec, Version: version, Key: plan.keys[row], Row: p.known.keys[plan.out.Rows[row]],
		Field: o.Field, Ref: o.Ref, Why: o.Why, Since: now, Next: owedAgain(o.Why, 0, now), Tries: 1})
}
