package collect

import (
	"context"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/ledger"
	"banjian/pipelines"
)

// scopeRule is a rule of the scope at the time of the run.
type scopeRule struct {
	pipelines.ScopeRule
	since int64 // Unix seconds
	timed bool
}

func (v *vanisher) rules() ([]scopeRule, error) {
	var list []scopeRule
	for _, r := range v.Scope {
		zone := v.Zone
		if zone == nil {
			zone = time.FixedZone("UTC+8", 8*3600)
		}
		from, timed, err := r.From(v.Now(), zone)
		if err != nil {
			return nil, err
		}
		list = append(list, scopeRule{r, from.Unix(), timed})
	}
	return list, nil
}

// inScope leaves out records that the view need not show.
func (v *vanisher) inScope(ctx context.Context, s ledger.Stream, entries []ledger.Entry, rules []scopeRule) ([]ledger.Entry, error) {
	if len(rules) == 0 || len(entries) == 0 {
		return entries, nil
	}
	var keep []ledger.Entry
	err := v.eachBatch(ctx, entries, func(rec arrow.Record, part []ledger.Entry) error {
		in := make([]bool, len(part))
		for i := range in {
			in[i] = true
		}
		for _, r := range rules {
			if err := v.meet(ctx, s, rec, r, in); err != nil {
				return err
			}
		}
		for i := range part {
			if in[i] {
				keep = append(keep, part[i])
			} else {
				v.found.OutOfScope++
			}
		}
		return nil
	})
	return keep, err
}

// meet clears in where a row does not meet the rule. When a case was accepted is known of
// all its records.
func (v *vanisher) meet(ctx context.Context, s ledger.Stream, rec arrow.Record, r scopeRule, in []bool) error {
	col := pipelines.Column(rec, r.Field)
	if col == nil && r.Field == "accepted_at" && r.timed {
		cases, err := v.store.Cases(ctx, s.Source, textsOf(rec, "local_no"))
		for i := range cases {
			in[i] = in[i] && cases[i].AcceptedAt >= r.since
		}
		return err
	}
	for i := range in {
		in[i] = in[i] && col != nil && col.IsValid(i) && r.meets(col, i)
	}
	return nil
}

func (r scopeRule) meets(col arrow.Array, row int) bool {
	if !r.timed {
		if c, ok := col.(*array.String); ok {
			return slices.Contains(r.In, c.Value(row))
		}
		return slices.Contains(r.In, col.ValueStr(row))
	}
	switch c := col.(type) {
	case *array.Timestamp:
		return int64(c.Value(row)) >= r.since
	case *array.Date32:
		return c.Value(row).ToTime().Unix() >= r.since
	}
	return false
}
