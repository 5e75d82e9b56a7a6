package sqlview

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// count reads the columns that rows are equal in once, in the snapshot the rows are read
// from, so that it is known of every row how many it has to wait for.
func (s *Source) count(ctx context.Context) error {
	if !s.o.numbered() {
		return nil
	}
	s.numbers = pipelines.NewNumberer(s.o.Nth, s.o.Alloc)
	if s.o.RowID {
		return nil
	}
	part := make([]column, len(s.o.Nth))
	for i, name := range s.o.Nth {
		at := slices.IndexFunc(s.d.mapped, func(c column) bool { return c.name == name })
		if at < 0 {
			return fault.New(fault.Config, "number rows", s.o.where(), text.F("nth 的列 %s 没有读取", "column %s of nth is not read", name), text.Text{})
		}
		part[i] = s.d.mapped[at]
	}
	return s.countRows(ctx, part)
}

func (s *Source) countRows(ctx context.Context, part []column) error {
	fields, list := make([]arrow.Field, len(part)), make([]string, len(part))
	for i, c := range part {
		fields[i], list[i] = arrowField(c.name, c.kind), s.s.d.Plain(c.expr, c.typeName)
	}
	b := array.NewRecordBuilder(s.o.Alloc, arrow.NewSchema(fields, nil))
	defer b.Release()
	dest := make([]any, len(part))
	for i, c := range part {
		dest[i] = cellFor(b.Field(i), &c, &s.tally)
	}
	flush := func() error {
		rec := b.NewRecord()
		defer rec.Release()
		s.numbers.Count(rec)
		s.gentle.owed.rows, s.gentle.owed.bytes = rec.NumRows(), s.tally.bytes
		s.s.load.Add(pipelines.Load{Rows: rec.NumRows(), Bytes: s.tally.bytes})
		s.tally = tally{}
		return s.gentle.wait(ctx)
	}
	if err := s.s.limit(ctx, s.o.Timeout, defaultRead); err != nil {
		return err
	}
	p := &params{d: s.s.d}
	where, err := s.s.runWhere(p, nil)
	if err != nil {
		return err
	}
	err = s.s.each(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+s.s.from+where, p.args, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		if b.Field(0).Len() == s.o.BatchRows {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer s.numbers.Counted()
	return flush()
}

// numbered is a batch of rows with their numbers; without a record if all of them wait.
func (s *Source) numbered(b pipelines.Batch) (pipelines.Batch, error) {
	defer b.Record.Release()
	rec, err := s.numbers.Number(b.Record)
	if err != nil {
		return pipelines.Batch{}, err
	}
	if rec.NumRows() == 0 {
		rec.Release()
		return pipelines.Batch{}, nil
	}
	b.Record = rec
	return b, nil
}
