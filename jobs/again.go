package jobs

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/ledger"
	"banjian/pipelines"
)

// Again (重读) is how a department is asked for single rows once more, so that one it mended
// is taken though its time of change did not move. The rows go the pipeline's ordinary way;
// its position stays.
type Again struct {
	Columns []string // of the source, that feed the natural key
	// Open reads the rows with these values of Columns, nil being NULL.
	Open func(ctx context.Context, at pipelines.Position, keys [][]any) (pipelines.Source, error)
	Keys int // asked for, once opened
}

// openAgain asks for the rows behind the plan's open rejects.
func (r *Runner) openAgain(ctx context.Context, plan *CollectPlan, at pipelines.Position) (pipelines.Source, error) {
	list, err := r.Store.Rejects(ctx, ledger.RejectQuery{Pipeline: plan.Spec.Pipeline, State: "open", Rule: plan.Rule})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(r ledger.Reject) bool { return r.Receiver != "" || plan.Chosen != nil && !plan.Chosen[r.ID] })
	slices.SortFunc(list, func(a, b ledger.Reject) int { return cmp.Or(bytes.Compare(a.Key, b.Key), cmp.Compare(b.ID, a.ID)) })
	list = slices.CompactFunc(list, func(a, b ledger.Reject) bool { return bytes.Equal(a.Key, b.Key) }) // the newest of a key
	keys, err := r.sourceKeys(ctx, plan.Again.Columns, list)
	if err != nil {
		return nil, err
	}
	plan.Again.Keys = len(keys)
	return plan.Again.Open(ctx, at, keys)
}

// sourceKeys is the key of each row as the department has it: as it was kept, or, where it is
// not any more, as the ledger has it, which for a key that is copied is the same.
func (r *Runner) sourceKeys(ctx context.Context, columns []string, list []ledger.Reject) ([][]any, error) {
	slices.SortStableFunc(list, func(a, b ledger.Reject) int { return cmp.Compare(a.Kept, b.Kept) })
	keys := [][]any{}
	var kept arrow.Record
	defer func() { release(kept) }()
	for i := range list {
		if i == 0 || list[i].Kept != list[i-1].Kept {
			release(kept)
			kept = nil
			payload, err := r.Store.Kept(ctx, list[i].Kept)
			if err != nil {
				return nil, err
			}
			if payload != nil {
				if kept, err = ledger.Decode(payload, r.Alloc); err != nil {
					return nil, err
				}
			}
		}
		key := keyAt(kept, columns, list[i].KeptRow)
		if parts := ledger.DecodeKey(list[i].Key); key == nil && len(parts) == len(columns) && list[i].Key[0] != 0 {
			key = make([]any, len(parts))
			for at, part := range parts {
				key[at] = part
			}
		}
		if key != nil {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func release(rec arrow.Record) {
	if rec != nil {
		rec.Release()
	}
}

// keyAt is the values of columns in a row; nil if one is not there, or all are NULL.
func keyAt(rec arrow.Record, columns []string, row int32) []any {
	if rec == nil || row < 0 {
		return nil
	}
	key, some := make([]any, len(columns)), false
	for i, name := range columns {
		at := rec.Schema().FieldIndices(name)
		if len(at) != 1 {
			return nil
		}
		c := rec.Column(at[0])
		if c.IsNull(int(row)) {
			continue
		}
		some = true
		switch c := c.(type) {
		case *array.String:
			key[i] = string([]byte(c.Value(int(row)))) // the record is given back
		case *array.Int64:
			key[i] = c.Value(int(row))
		case *array.Float64:
			key[i] = c.Value(int(row))
		case *array.Binary:
			key[i] = bytes.Clone(c.Value(int(row)))
		default:
			key[i] = c.ValueStr(int(row))
		}
	}
	if !some {
		return nil
	}
	return key
}
