package ledger

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// Correction (更正) is what a department says a refused row of its should have held. It
// stands for exactly that row: whenever the row is read again as it was, it is taken as
// corrected; once it changes at the department, the correction is void.
type Correction struct {
	Pipeline string
	Row      pipelines.Hash     // SourceRows of the row as it is read
	Cells    map[string]*string // source columns that change, as text; nil = NULL
	Reject   int64              // the reject it answers
	Who      string
	At       time.Time
}

// Corrections keeps them, the newest of a row.
type Corrections interface {
	// Corrections of a pipeline, in no order.
	Corrections(ctx context.Context, pipeline string) ([]Correction, error)
	Correct(ctx context.Context, list []Correction) error
}

// SourceRows names rows by what they hold, whatever mapping reads them.
func SourceRows(rec arrow.Record) []pipelines.Hash { return pipelines.HashRows(rec, "correction") }

// CorrectedCell is a value of a source column as a person wrote it; an error if it is none
// of that type. The caller releases it.
func CorrectedCell(t arrow.DataType, v *string, alloc memory.Allocator) (arrow.Array, error) {
	b := array.NewBuilder(alloc, t)
	defer b.Release()
	if v == nil {
		b.AppendNull()
	} else if err := b.AppendValueFromString(*v); err != nil {
		return nil, err
	}
	return b.NewArray(), nil
}
