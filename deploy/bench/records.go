package main

import (
	"context"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
	"banjian/schemas"
)

// factory makes canonical accept records of real width: those of stageRows mapped
// cases, with numbers of their own for every record. The columns that are NULL in all
// of them are left out of a source record and put back by the stage.
type factory struct {
	full   arrow.Record // as mapped, every canonical field
	filled []int        // its columns that hold something
	unique map[string]func(id int) string
}

func newFactory() (*factory, error) {
	cat, err := schemas.Load()
	if err != nil {
		return nil, err
	}
	p, err := newPeople(cat)
	if err != nil {
		return nil, err
	}
	m, err := compile(cat, "bench/accept", "")
	if err != nil {
		return nil, err
	}
	in := sourceRecord(p, m.Columns(), stageRows)
	defer in.Release()
	program, err := m.Bind(in.Schema())
	if err != nil {
		return nil, err
	}
	res, err := program.Apply(memory.DefaultAllocator, in)
	if err != nil {
		return nil, err
	}
	defer res.Release()
	f := &factory{full: res.Outputs[0].Record, unique: map[string]func(int) string{
		"local_no": func(id int) string { return fmt.Sprintf("GJJ%012d", id) },
		"case_no":  func(id int) string { return fmt.Sprintf("%s20250102%07d", p.items[id*7%len(p.items)].taskCode, id) },
		"flow_no":  func(id int) string { return fmt.Sprintf("440120250102%08d", id) },
	}}
	f.full.Retain()
	for i, c := range f.full.Columns() {
		if c.NullN() < c.Len() {
			f.filled = append(f.filled, i)
		}
	}
	return f, nil
}

func (f *factory) release() { f.full.Release() }

// record is the source record of these cases. Another revision differs in one column.
func (f *factory) record(ids []int, revision int) arrow.Record {
	fields, cols := make([]arrow.Field, len(f.filled)), make([]arrow.Array, len(f.filled))
	for i, at := range f.filled {
		fields[i] = f.full.Schema().Field(at)
		name := fields[i].Name
		switch number := f.unique[name]; {
		case number != nil:
			cols[i] = texts(ids, number)
		case name == "accept_user_no":
			cols[i] = texts(ids, func(int) string { return fmt.Sprintf("G%04d", 1000+revision) })
		default:
			cols[i] = gather(f.full.Column(at), ids)
		}
		defer cols[i].Release()
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(len(ids)))
}

func texts(ids []int, of func(int) string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.Reserve(len(ids))
	for _, id := range ids {
		b.Append(of(id))
	}
	return b.NewArray()
}

// gather is the value of c for each case, the cases taking turns at its rows.
func gather(c arrow.Array, ids []int) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, c.DataType())
	defer b.Release()
	b.Reserve(len(ids))
	for _, id := range ids {
		switch row := id % c.Len(); {
		case c.IsNull(row):
			b.AppendNull()
		default:
			appendCell(b, c, row)
		}
	}
	return b.NewArray()
}

// appendCell copies one value; a canonical accept record has these types alone.
func appendCell(b array.Builder, c arrow.Array, row int) {
	switch c := c.(type) {
	case *array.String:
		b.(*array.StringBuilder).Append(c.Value(row))
	case *array.Int64:
		b.(*array.Int64Builder).Append(c.Value(row))
	case *array.Timestamp:
		b.(*array.TimestampBuilder).Append(c.Value(row))
	default:
		panic("bench: a column of type " + c.DataType().String())
	}
}

// Apply is the trivial stage: every source row is its own canonical record.
func (f *factory) Apply(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	n := int(in.NumRows())
	cols := make([]arrow.Array, f.full.NumCols())
	for i, c := range in.Columns() {
		cols[f.filled[i]] = c
	}
	for i, c := range cols {
		if c == nil {
			cols[i] = array.MakeArrayOfNull(memory.DefaultAllocator, f.full.Column(i).DataType(), n)
			defer cols[i].Release()
		}
	}
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	rec := array.NewRecord(f.full.Schema(), cols, int64(n))
	return pipelines.Result{Outputs: []pipelines.Output{{Subject: acceptSubject, Record: rec, Rows: rows}}}, nil
}

const acceptSubject = "case/accept"

var acceptKey = []string{"local_no", "round"}

// keys picks the key columns.
func (f *factory) keys(in arrow.Record) (arrow.Record, error) {
	var fields []arrow.Field
	var cols []arrow.Array
	for _, name := range acceptKey {
		i := in.Schema().FieldIndices(name)[0]
		fields, cols = append(fields, in.Schema().Field(i)), append(cols, in.Column(i))
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, in.NumRows()), nil
}

// memorySource hands out batches of cases.
type memorySource struct {
	factory  *factory
	batches  [][]int
	revision int
	at       int
}

func (s *memorySource) Read(context.Context) (pipelines.Batch, error) {
	if s.at == len(s.batches) {
		return pipelines.Batch{}, io.EOF
	}
	ids := s.batches[s.at]
	s.at++
	return pipelines.Batch{Record: s.factory.record(ids, s.revision), Position: pipelines.Position(fmt.Sprint(s.at)), Bytes: int64(len(ids)) * recordBytes}, nil
}

func (s *memorySource) Commit(context.Context, pipelines.Position) error { return nil }

func (s *memorySource) Close() error { return nil }

// recordBytes is about what a source row takes in memory.
const recordBytes = 512
