package collect

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/pipelines"
)

// mapRead maps the rows of in that could be read and refuses the others by the rule their
// source names.
func (c *Collector) mapRead(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
	unread := textColumn(in, pipelines.UnreadColumn)
	if unread == nil || unread.NullN() == unread.Len() {
		return c.Stage.Apply(ctx, in)
	}
	var issues []pipelines.Issue
	var good []int32
	for row := range unread.Len() {
		if unread.IsNull(row) {
			good = append(good, int32(row))
			continue
		}
		is, err := pipelines.UnreadIssue(row, unread.Value(row))
		if err != nil {
			return pipelines.Result{}, err
		}
		issues = append(issues, is)
	}
	if len(good) == 0 {
		return pipelines.Result{Issues: issues}, nil
	}
	part, err := pipelines.Take(in, good, c.Alloc)
	if err != nil {
		return pipelines.Result{}, err
	}
	defer part.Release()
	res, err := c.Stage.Apply(ctx, part)
	if err != nil {
		return res, err
	}
	res.Renumber(good)
	res.Issues = append(res.Issues, issues...)
	return res, nil
}
