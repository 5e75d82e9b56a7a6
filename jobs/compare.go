package jobs

import (
	"context"

	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// comparison has a source that can do so hash its rows where they lie, and read only the
// parts of the view that are not what they were when it was last compared.
type comparison struct {
	plan      *CollectPlan
	collector *collect.Collector
	store     ledger.SumStore

	known *ledger.Summed
	now   *pipelines.Sums
	part  bool // not all parts are read
}

// prepare has the source place its rows: in a compare, and in any run of a pipeline that
// was compared before, so that what it changes is looked at again by the next compare.
func (c *comparison) prepare(ctx context.Context) (err error) {
	if c.plan.Remap {
		return nil
	}
	c.known, err = c.store.Summed(ctx, c.plan.Spec.Pipeline)
	c.plan.Placed = c.known != nil || c.plan.Spec.From.Mode == "compare"
	return err
}

// begin asks for the sums and chooses what is read.
func (c *comparison) begin(ctx context.Context, source pipelines.Source) (err error) {
	s, can := source.(pipelines.Summer)
	if !can || c.plan.Remap || c.plan.Spec.From.Mode != "compare" {
		return nil
	}
	if c.now, err = s.Sums(ctx); err != nil || c.now == nil {
		return err
	}
	leaves, some := c.known.Reread(c.now, c.plan.Mapping)
	if !some || len(leaves) > 0 && c.plan.Spec.From.Numbered() { // which rows are equal only the whole view tells
		return nil
	}
	c.part = true
	s.Only(leaves)
	c.collector.Only(leaves)
	return nil
}

// compared is the rows the server hashed.
func (c *comparison) compared() int64 {
	if c.now == nil {
		return 0
	}
	return c.now.Total()
}

// end keeps the sums for the next compare, now that the ledger is what they stand for.
func (c *comparison) end(ctx context.Context, lease ledger.Lease) error {
	if c.now == nil || c.plan.Dry {
		return nil
	}
	return c.store.SaveSums(ctx, lease, &ledger.Summed{Pipeline: c.plan.Spec.Pipeline, Mapping: c.plan.Mapping, Run: c.collector.Run.Num, Sums: c.now})
}
