package sqlview

import (
	"context"
	"database/sql"
	"io"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Source is one run over a view. It is a pipelines.Source.
type Source struct {
	o      Options
	spans  day.Hours
	schema *arrow.Schema

	settling int64
	cancel   context.CancelFunc // of everything that is under way at the server

	mu       sync.Mutex // held by Read; Close waits for it
	s        *session
	rows     *sql.Rows
	more     bool // rows stands on a row that was not taken yet
	d        *description
	shape    *pipelines.Shape
	late     func() error // runs the statement of a compare, at the first Read
	builder  *array.RecordBuilder
	dest     []any
	tally    tally
	room     room
	gentle   *gentle
	taken    taken               // of a read by flags
	numbers  *pipelines.Numberer // nil: rows have keys
	ranges   *pipelines.Split    // nil: one statement reads everything
	keysLeft [][]any             // of Options.Keys, not asked for yet
	ended    bool                // the last batch of a range was given
	bound    pipelines.Bound     // of --limit
	classed  bool                // class is the part of the run the row at hand belongs to
	class    rowClass
	cursor   *lastCell // nil: the rows have no order
	keys     []*lastCell
	load     pipelines.Load // once s is nil
	err      error

	stored pipelines.Position // where the next run begins if this one gets nowhere
	end    position           // where it will be when all is read
	top    *string
	seen   bool // an ordered row was read
	moved  bool // a fresh one
}

var (
	_ pipelines.Source = (*Source)(nil)
	_ pipelines.Summer = (*Source)(nil)
	_ pipelines.Shaper = (*Source)(nil)
	_ pipelines.Loader = (*Source)(nil)

	_ pipelines.Splitter     = (*Source)(nil)
	_ pipelines.Acknowledger = (*Source)(nil)
)

// Open begins a run at a position that an earlier run left; empty is the beginning. ctx
// governs the whole run. Faults: Blocked (login refused, outside hours), Config (what
// the options name is not there), Gone (the position is of another cursor), Transient.
func Open(ctx context.Context, o Options, at pipelines.Position) (*Source, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	p, err := decode(at, o)
	if err != nil {
		return nil, err
	}
	spans, err := day.ParseHours(o.Hours)
	if err != nil {
		return nil, err
	}
	src := &Source{o: o, spans: spans, stored: at, end: p, gentle: newGentle(o), bound: pipelines.Bound{Most: o.Limit}}
	if err := src.hours(); err != nil {
		return nil, err
	}
	ctx, src.cancel = context.WithCancel(ctx)
	begin := src.start
	if p.Range != nil {
		o.Placed = o.Placed || o.Mode == Compare
		o.Mode, o.Cursor, o.Splits = Full, nil, 0
		src.o, begin = o, src.startRange
		src.gentle.own = o.Guard.limiter(o.where()+" in ranges", o.Speed) // together they keep to it
	}
	if src.s, err = connect(ctx, o); err == nil {
		err = begin(ctx)
	}
	if err != nil {
		src.shut()
		return nil, err
	}
	return src, nil
}

// start runs the statement, up to its first row.
func (s *Source) start(ctx context.Context) error {
	d, err := s.s.describe(ctx)
	if err != nil {
		return err
	}
	if s.shape, err = s.s.shape(ctx, d); err != nil {
		return err
	}
	if s.o.Keys != nil {
		return s.startKeys(ctx, d)
	}
	var part *window
	var counted int64 // rows with a cursor; 0: nobody counted
	s.s.first = s.stored == ""
	if len(s.o.Cursor) > 0 {
		w, err := s.s.openWindow(ctx, d, s.end)
		if err != nil {
			return err
		}
		s.settling, s.top, counted = w.settling, w.top, w.count
		if s.o.Mode == Incremental {
			part = w
		}
	}
	if split, err := s.split(ctx, d, counted); split || err != nil {
		return err
	}
	if err := s.s.settleKinds(ctx, d, part); err != nil {
		return err
	}
	st, err := s.s.build(d, part)
	if err != nil {
		return err
	}
	if err := s.naming(d); err != nil {
		return err
	}
	s.prepare(d, st)
	s.finishAt(part)
	if s.d = d; s.o.Mode == Compare {
		s.late = func() error { return s.readDiffering(ctx) }
		return nil
	}
	return s.run(ctx, st)
}

// run sends the statement, after the counting of rows that are to be numbered.
func (s *Source) run(ctx context.Context, st *statement) (err error) {
	if err := s.count(ctx); err != nil {
		return err
	}
	if s.rows, err = s.s.read(ctx, st); err != nil {
		return err
	}
	return s.advance()
}

// prepare makes the builder and the cells of one row.
func (s *Source) prepare(d *description, st *statement) {
	s.schema = schemaOf(d)
	s.builder = array.NewRecordBuilder(s.o.Alloc, s.schema)
	s.dest = s.cells(d, st)
	for range st.hidden {
		s.dest = append(s.dest, (*lastCell)(nil))
	}
	s.classed = st.classed
	if st.cursorAt < 0 {
		return
	}
	s.cursor = s.keep(st.cursorAt)
	for _, at := range st.keyAt {
		s.keys = append(s.keys, s.keep(at))
	}
}

func schemaOf(d *description) *arrow.Schema {
	fields := make([]arrow.Field, len(d.mapped))
	for i, c := range d.mapped {
		fields[i] = arrowField(c.name, c.kind)
	}
	return arrow.NewSchema(fields, nil)
}

// keep makes the i-th cell remember its newest value.
func (s *Source) keep(i int) *lastCell {
	if c, ok := s.dest[i].(*lastCell); ok && c != nil {
		return c
	}
	c := &lastCell{class: &s.class}
	if _, hidden := s.dest[i].(*lastCell); !hidden {
		c.inner = s.dest[i].(sql.Scanner)
	}
	s.dest[i] = c
	return c
}

// Schema is the layout of every record of this run: the mapped columns in their order.
func (s *Source) Schema() *arrow.Schema { return s.schema }

// Settling is the number of rows too new to be read in this run; they are left for the
// next.
func (s *Source) Settling() int64 { return s.settling }

// Read returns the next batch. See pipelines.Source.
func (s *Source) Read(ctx context.Context) (pipelines.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return pipelines.Batch{}, s.err
	}
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	b, err := pipelines.Batch{}, s.because(ctx, nil) // the statement learns of a stop later
	if err == nil {
		b, err = s.next(ctx)
	}
	if err != nil {
		s.err = err
		s.shut()
	}
	return b, err
}

func (s *Source) next(ctx context.Context) (pipelines.Batch, error) {
	if s.late != nil {
		read := s.late
		s.late = nil
		if err := read(); err != nil {
			return pipelines.Batch{}, s.because(ctx, err)
		}
	}
	for s.more && !s.bound.Reached() {
		b, err := s.batch(ctx)
		if err != nil || s.numbers == nil {
			return b, err
		}
		if b, err = s.numbered(b); err != nil || b.Record != nil {
			return b, err
		}
	}
	if more, err := s.nextKeys(ctx); more || err != nil {
		if err != nil {
			return pipelines.Batch{}, err
		}
		return s.next(ctx)
	}
	if s.numbers != nil {
		if err := s.numbers.End(); err != nil {
			return pipelines.Batch{}, err
		}
	}
	if s.end.Range != nil && !s.ended {
		return s.nothing(), nil
	}
	return pipelines.Batch{}, io.EOF
}

// batch reads the next rows.
func (s *Source) batch(ctx context.Context) (pipelines.Batch, error) {
	if err := s.gentle.wait(ctx); err != nil {
		return pipelines.Batch{}, s.because(ctx, err)
	}
	if err := s.hours(); err != nil {
		return pipelines.Batch{}, err
	}
	s.tally = tally{}
	s.room.reserve(s.builder)
	n, most, came := 0, s.bound.Room(s.gentle.page()), s.gentle.asks(s.s)
	for ; s.more && n < most && s.tally.bytes < s.o.BatchBytes; n++ {
		if err := s.take(); err != nil {
			return pipelines.Batch{}, s.because(ctx, err)
		}
	}
	came(n, s.tally.bytes)
	s.bound.Gave(n)
	s.room.measure(s.builder)
	rec := s.builder.NewRecord()
	s.name(rec)
	return pipelines.Batch{Record: rec, Position: s.position(), Bytes: s.tally.bytes}, nil
}

// take appends the row at hand and moves on.
func (s *Source) take() error {
	if err := s.rows.Scan(s.dest...); err != nil {
		return s.s.fault(err, "read row")
	}
	if s.classed {
		s.note()
	}
	return s.advance()
}

// note sees where the row that was just taken lies. Only a fresh row moves the watermark, and
// never back (invariant 2).
func (s *Source) note() {
	if s.cursor != nil && s.class.ordered() {
		s.seen = true
		s.moved = s.moved || s.class == fresh
	}
}

func (s *Source) advance() error {
	if s.more = s.rows.Next(); s.more {
		return nil
	}
	if err := s.rows.Err(); err != nil {
		return s.s.fault(err, "read row")
	}
	return nil
}

// because tells a stop that was asked for from a fault.
func (s *Source) because(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fault.Wrap(ctx.Err(), fault.Transient, "read row", s.o.where(),
		text.T("读取被中止", "reading was stopped"), text.Text{})
}

func (s *Source) hours() error {
	return checkHours(s.spans, s.o.Clock().In(s.o.Zone), s.o.where())
}

// Commit is a hint a view has no use for.
func (s *Source) Commit(context.Context, pipelines.Position) error { return nil }

// Close stops what is under way and gives the connection back. It may be called at any
// time and again.
func (s *Source) Close() error {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = fault.New(fault.Transient, "read row", s.o.where(), text.T("来源已关闭", "the source is closed"), text.Text{})
	}
	s.shut()
	return nil
}

// shut cancels first: closing rows that are still coming would read them all.
func (s *Source) shut() {
	s.cancel()
	if s.rows != nil {
		_ = s.rows.Close() // the error that counts was returned by Read
		s.rows = nil
	}
	if s.s != nil {
		s.load = s.s.cost()
		s.s.close()
		s.s = nil
	}
	if s.numbers != nil {
		s.numbers.Release()
	}
	if s.builder != nil {
		s.builder.Release()
		s.builder = nil
	}
}
