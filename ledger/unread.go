package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// mapRead maps the rows of in that could be read and refuses the others by the rule their
// source names.
func (c *Collector) mapRead(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
	unread := stringColumn(in, pipelines.UnreadColumn)
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
		u, err := pipelines.UnpackUnread(unread.Value(row))
		if err != nil {
			return pipelines.Result{}, fault.Wrap(err, fault.Bug, "map rows", c.Pipeline, text.T("来源给出的原因无法识别", "the source's reason cannot be read"), text.Text{})
		}
		issues = append(issues, pipelines.Issue{Row: int32(row), Field: u.Field, Rule: u.Rule, Args: u.Args})
	}
	if len(good) == 0 {
		return pipelines.Result{Issues: issues}, nil
	}
	part, err := take(in, good, c.Alloc)
	if err != nil {
		return pipelines.Result{}, err
	}
	defer part.Release()
	res, err := c.Stage.Apply(ctx, part)
	if err != nil {
		return res, err
	}
	toInput(&res, good)
	res.Issues = append(res.Issues, issues...)
	return res, nil
}
