package gateway

import (
	"cmp"
	"context"
	"database/sql"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// SourceOptions say what a pipeline reads of the journal.
type SourceOptions struct {
	Journal   *Journal
	Platform  string // platform_id
	Kind      string // Application, Material or Withdrawal
	Profile   *middleplatform.Profile
	Intake    *middleplatform.Intake
	Columns   []string // that the mapping reads, see Columns
	Follow    bool     // wait for more instead of ending at what is there
	BatchRows int      // 0 = 256
	Alloc     memory.Allocator
}

// Source is one run over what came and changed since the position, which is a number of the
// feed. What changed several times is given once, as it is now. It is a pipelines.Source.
type Source struct {
	o      SourceOptions
	schema *arrow.Schema
	values []valueFunc
	until  int64    // what came later is for the next run
	turn   []change // up to until, not read yet, in their order
	listed int64    // until, when turn was listed
	closed chan struct{}
	once   sync.Once

	mu  sync.Mutex // held by Read; Close waits for it
	at  int64
	err error
}

var _ pipelines.Source = (*Source)(nil)

// OpenSource begins a run. Faults: Config (a column there is none of), Gone (a position of
// another source), Transient.
func OpenSource(ctx context.Context, o SourceOptions, at pipelines.Position) (*Source, error) {
	if o.BatchRows <= 0 {
		o.BatchRows = 256
	}
	if o.Alloc == nil {
		o.Alloc = memory.DefaultAllocator
	}
	s := &Source{o: o}
	if at != "" {
		n, err := strconv.ParseInt(string(at), 10, 64)
		if err != nil || n < 0 {
			return nil, fault.New(fault.Gone, "open journal", o.Platform, text.T("保存的位置不是收件日志的", "the stored position is not of a journal"), text.T("管道换了来源的，用另一个管道名", "give a pipeline with another source another name"))
		}
		s.at = n
	}
	fields := make([]arrow.Field, len(o.Columns))
	for i, name := range o.Columns {
		value, err := o.valueOf(name)
		if err != nil {
			return nil, err
		}
		s.values = append(s.values, value)
		fields[i] = arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	s.schema = arrow.NewSchema(fields, nil)
	s.closed = make(chan struct{})
	return s, s.look(ctx)
}

// look sees how far the feed goes now.
func (s *Source) look(ctx context.Context) error {
	err := s.o.Journal.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM feed WHERE platform=? AND kind=?", s.o.Platform, s.o.Kind).Scan(&s.until)
	return journalFault(err, s.o.Journal.path)
}

// How a source that follows waits: for this process's journal to change, or for another's.
const (
	followLook   = 5 * time.Second
	followLinger = 50 * time.Millisecond // what comes together is read together
)

// more waits until the feed goes further.
func (s *Source) more(ctx context.Context) error {
	for {
		changed := s.o.Journal.Changed()
		if err := s.look(ctx); err != nil || s.until > s.at {
			return err
		}
		if err := s.wait(ctx, changed, followLook); err != nil {
			return err
		}
		if err := s.wait(ctx, nil, followLinger); err != nil {
			return err
		}
	}
}

func (s *Source) wait(ctx context.Context, changed <-chan struct{}, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
		return errClosed
	case <-changed:
	case <-t.C:
	}
	return nil
}

var errClosed = fault.New(fault.Bug, "read journal", "", text.T("已经关闭", "it is closed"), text.Text{})

// Read returns the next batch. See pipelines.Source.
func (s *Source) Read(ctx context.Context) (pipelines.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return pipelines.Batch{}, s.err
	}
	b, err := s.next(ctx)
	if err != nil {
		s.err = err
	}
	return b, err
}

func (s *Source) next(ctx context.Context) (pipelines.Batch, error) {
	if err := ctx.Err(); err != nil {
		return pipelines.Batch{}, err
	}
	if s.o.Follow && s.at >= s.until {
		if err := s.more(ctx); err != nil {
			return pipelines.Batch{}, err
		}
	}
	if s.listed != s.until {
		var err error
		if s.turn, err = s.o.Journal.changes(ctx, &s.o, s.at, s.until); err != nil {
			return pipelines.Batch{}, err
		}
		s.listed = s.until
	}
	entries, err := s.o.Journal.entries(ctx, &s.o, s.turn[:min(len(s.turn), entriesAtOnce)])
	if err != nil {
		return pipelines.Batch{}, err
	}
	b := array.NewRecordBuilder(s.o.Alloc, s.schema)
	defer b.Release()
	rows, size := 0, int64(0)
	at := s.at
	for _, e := range entries {
		if rows >= s.o.BatchRows || size >= pipelines.DefaultBatchSize {
			break
		}
		list, err := e.rows(&s.o)
		if err != nil {
			return pipelines.Batch{}, err
		}
		for i := range list {
			for c, value := range s.values {
				v := value(&list[i])
				if v == "" {
					b.Field(c).AppendNull()
				} else {
					b.Field(c).(*array.StringBuilder).Append(v)
				}
				size += int64(len(v))
			}
		}
		rows, at = rows+len(list), e.seq
	}
	if at == s.at {
		return pipelines.Batch{}, io.EOF
	}
	s.at = at
	for len(s.turn) > 0 && s.turn[0].seq <= at {
		s.turn = s.turn[1:]
	}
	return pipelines.Batch{Record: record(b, s.schema, rows), Position: pipelines.Position(strconv.FormatInt(at, 10)), Bytes: size}, nil
}

// record is what was built; a mapping that reads no column still has rows.
func record(b *array.RecordBuilder, schema *arrow.Schema, rows int) arrow.Record {
	built := b.NewRecord()
	if schema.NumFields() > 0 {
		return built
	}
	defer built.Release()
	return array.NewRecord(schema, nil, int64(rows))
}

// Commit does nothing: what may be dropped is asked of the ledger; see Journal.Prune.
func (s *Source) Commit(context.Context, pipelines.Position) error { return nil }

// Close ends a run.
func (s *Source) Close() error {
	s.once.Do(func() { close(s.closed) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = errClosed
	}
	return nil
}

// entry is one thing of the feed with what the journal has of it.
type entry struct {
	seq, ref           int64
	submission         int64
	received           int64
	system             string
	message            string
	details, materials sql.NullString
	answer             string
	files              map[string]stored
}

// stored is a file as the journal knows it.
type stored struct{ state, reference string }

// entriesAtOnce is how many things are looked up together.
const entriesAtOnce = 64

// change is one thing that the feed tells of, by the number of the last time it does.
type change struct{ seq, ref int64 }

// changes lists what the feed tells behind a number. It is asked for all of a backlog at once,
// sixteen bytes a thing: to be asked for each batch it would be read from there to its end.
func (j *Journal) changes(ctx context.Context, o *SourceOptions, after, until int64) ([]change, error) {
	rows, err := j.read.QueryContext(ctx, "SELECT max(seq), ref FROM feed WHERE platform=? AND kind=? AND seq>? AND seq<=? GROUP BY ref ORDER BY 1", o.Platform, o.Kind, after, until)
	if err != nil {
		return nil, journalFault(err, j.path)
	}
	defer rows.Close()
	var list []change
	for rows.Next() {
		var c change
		if err := rows.Scan(&c.seq, &c.ref); err != nil {
			return nil, journalFault(err, j.path)
		}
		list = append(list, c)
	}
	return list, journalFault(rows.Err(), j.path)
}

// entries reads what the journal has of things, in their order.
func (j *Journal) entries(ctx context.Context, o *SourceOptions, of []change) ([]entry, error) {
	if len(of) == 0 {
		return nil, nil
	}
	from := "SELECT t.id, t.submission, t.received, t.system, t.message, t.details, t.materials, '' FROM applications t WHERE t.id IN "
	if o.Kind == Withdrawal {
		from = "SELECT t.id, t.submission, t.received, t.system, t.message, NULL, NULL, t.answer FROM withdrawals t WHERE t.id IN "
	}
	refs, at := make([]int64, len(of)), make(map[int64]int64, len(of))
	for i, c := range of {
		refs[i], at[c.ref] = c.ref, c.seq
	}
	these, args := oneOf(refs)
	rows, err := j.read.QueryContext(ctx, from+these, args...)
	if err != nil {
		return nil, journalFault(err, j.path)
	}
	defer rows.Close()
	var list []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.ref, &e.submission, &e.received, &e.system, &e.message, &e.details, &e.materials, &e.answer); err != nil {
			return nil, journalFault(err, j.path)
		}
		e.seq = at[e.ref]
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, journalFault(err, j.path)
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.seq, b.seq) })
	if o.Kind == Material {
		for i := range list {
			if list[i].files, err = j.filesOf(ctx, list[i].ref); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func (j *Journal) filesOf(ctx context.Context, application int64) (map[string]stored, error) {
	rows, err := j.read.QueryContext(ctx, "SELECT seq, state, reference FROM files WHERE application=?", application)
	if err != nil {
		return nil, journalFault(err, j.path)
	}
	defer rows.Close()
	found := map[string]stored{}
	for rows.Next() {
		var seq string
		var s stored
		if err := rows.Scan(&seq, &s.state, &s.reference); err != nil {
			return nil, journalFault(err, j.path)
		}
		found[seq] = s
	}
	return found, journalFault(rows.Err(), j.path)
}

// row is one source row: a message, what was fetched for it, a record of that.
type row struct {
	entry                   *entry
	request, answer, record *middleplatform.Element
	seq                     string // of the record
}

// rows is the rows of an entry. What was dropped meanwhile has none.
func (e *entry) rows(o *SourceOptions) ([]row, error) {
	request, err := middleplatform.DecodeXML(e.message)
	if err != nil {
		return nil, err
	}
	fetched := e.details
	switch o.Kind {
	case Withdrawal:
		return []row{{entry: e, request: request}}, nil
	case Material:
		fetched = e.materials
	}
	if !fetched.Valid {
		return nil, nil
	}
	data, err := middleplatform.DecodeXML(fetched.String)
	if err != nil {
		return nil, err
	}
	if o.Kind == Application {
		return []row{{entry: e, request: request, answer: data}}, nil
	}
	var list []row
	for _, r := range recordsOf(o.Profile, data) {
		list = append(list, row{entry: e, request: request, record: r.Element, seq: r.seq})
	}
	return list, nil
}

// wall is a moment as a mapping reads it: wall time in UTC+8.
func wall(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).In(time.FixedZone("", 8*3600)).Format(time.DateTime)
}
