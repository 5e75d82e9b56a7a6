package jobs

import (
	"context"

	"banjian/ledger/collect"
	"banjian/pipelines"
)

// begun is the position of a run that has a limit, to be held against where it ends.
func (p *CollectPlan) begun(ctx context.Context, c *collect.Collector) (pipelines.Position, error) {
	if p.Limit == 0 {
		return "", nil
	}
	return c.Load(ctx)
}

// cut says that a source has rows left because the plan's limit was reached.
func cut(source pipelines.Source) bool {
	c, can := source.(pipelines.Cutter)
	return can && c.Cut()
}

// abreast is how many parts are read side by side: with a limit one after the other, so that
// each knows what those before it left.
func (p *CollectPlan) abreast() int {
	if p.Limit > 0 {
		return 1
	}
	return partsAtOnce
}

// out gives the plan of a part what is left of the limit; true: nothing is.
func (s *session) out(part *CollectPlan) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan.Limit == 0 {
		return false
	}
	part.Limit = s.plan.Limit - s.rep.Counts.Read
	s.rep.Cut = s.rep.Cut || part.Limit <= 0
	return part.Limit <= 0
}

// used takes rows that were read off the plan's limit and says whether that is used up.
func (p *CollectPlan) used(read int64) bool {
	if p.Limit == 0 {
		return false
	}
	p.Limit = max(p.Limit-read, 0)
	return p.Limit == 0
}
