package wiring

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// renamedSource calls the columns of another one otherwise.
type renamedSource struct {
	pipelines.Source
	names map[string]string
}

// Read gives the next batch with its columns renamed.
func (s renamedSource) Read(ctx context.Context) (pipelines.Batch, error) {
	b, err := s.Source.Read(ctx)
	if err != nil {
		return b, err
	}
	defer b.Record.Release()
	fields := make([]arrow.Field, b.Record.NumCols())
	for i, f := range b.Record.Schema().Fields() {
		if name, ok := s.names[f.Name]; ok {
			f.Name = name
		}
		fields[i] = f
	}
	b.Record = array.NewRecord(arrow.NewSchema(fields, nil), b.Record.Columns(), b.Record.NumRows())
	return b, nil
}
