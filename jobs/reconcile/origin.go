package reconcile

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// Origin is what one pipeline reads, to be laid beside the ledger.
type Origin struct {
	Pipeline string
	Stream   ledger.Stream  // of the pipeline's first subject: a row of the view is a record of it
	Day      string         // the field on whose day a row is counted; empty = on none
	Collect  collect.Config // Dry; Collect.KeyOf computes keys alone
	// DayOf computes Day alone, in rows that no record was made of; nil = it cannot be.
	DayOf func(arrow.Record) (arrow.Record, error)
	// Open gives every row there is; nil: nobody asked, or it cannot be asked, and Why says so.
	Open func(context.Context) (pipelines.Source, error)
	// Waits gives the rows that the next run reads by itself; nil: as many as Open.
	Waits    func(context.Context) (pipelines.Source, error)
	Why      text.Text
	Progress func(rows int64) // after each batch; nil = nobody looks
}

// Side is what was found of an Origin.
type Side struct {
	origin *Origin
	days   map[string]*tally
	fed    bool // a receiver's lines have it
	asked  bool
}

// tally is one day of a Side.
type tally struct {
	AtSource
	rejected  int64 // rows with an open reject, by the ledger
	collected int64 // records in the ledger, if the source was asked
}

func (s *Side) day(name string) *tally {
	c := s.days[name]
	if c == nil {
		c = &tally{}
		s.days[name] = c
	}
	return c
}

// tell adds a day to a line.
func (s *Side) tell(l *Line, c *tally) {
	l.Rejected += c.rejected
	if !s.asked {
		return
	}
	if l.AtSource == nil {
		l.AtSource = &AtSource{}
	}
	l.AtSource.add(&c.AtSource)
}

// AddUnfed adds the lines of departments that no receiver is fed from.
func (r *Report) AddUnfed(sides []*Side, days *Days) {
	for _, s := range sides {
		if s.fed {
			continue
		}
		w := &sheet{plan: &Plan{Days: *days}, subject: Subject{Name: s.origin.Stream.Subject}, report: r, at: map[lineKey]int32{}}
		for day, c := range s.days {
			l := &w.lines[w.line(day, s.origin.Stream.Source)]
			s.tell(l, c)
			l.Collected += c.collected
		}
		w.sum()
	}
}

// survey is one look at an Origin.
type survey struct {
	*Origin
	days   *Days
	named  int
	report *Report
	side   *Side
	book   *book
	missed map[int64]bool  // records that the next run deletes, as their rows are gone
	behind map[string]bool // rows with open or waived rejects, by key and source hash
	apart  []candidate     // rows that are not as the ledger has them
	seed   maphash.Seed
}

// candidate is a row that is not in the ledger as it is in the view.
type candidate struct {
	hash uint64 // of the key
	key  []byte // nil: there are enough named
	day  string
	kind string
}

// Survey lays what a pipeline reads beside the ledger, which it does not change. A source
// that cannot be read now is told in the report, with Failed.
func Survey(ctx context.Context, store Store, o *Origin, days *Days, named int, report *Report) (*Side, error) {
	s := &survey{Origin: o, days: days, named: named, report: report, seed: maphash.MakeSeed(), side: &Side{origin: o, days: map[string]*tally{}, asked: o.Open != nil}}
	if err := s.rejects(ctx, store); err != nil {
		return nil, err
	}
	if !o.Why.IsZero() {
		report.Unasked = append(report.Unasked, Unasked{Pipeline: o.Pipeline, Why: o.Why})
	}
	if o.Open == nil {
		return s.side, nil
	}
	err := s.ask(ctx, store)
	if fault.Is(err, fault.Blocked) || fault.Is(err, fault.Transient) && ctx.Err() == nil {
		report.Unasked = append(report.Unasked, Unasked{Pipeline: o.Pipeline, Failed: true, Why: text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN))})
		s.side.asked = false
		return s.side, nil
	}
	if err != nil {
		return nil, err
	}
	s.nameRows()
	return s.side, s.nameGone(ctx, store)
}

// rejects counts the rows that wait to be mended, on the days they would have been
// collected on, as far as they are kept.
func (s *survey) rejects(ctx context.Context, store Store) error {
	s.behind = map[string]bool{}
	var open []ledger.Reject
	for _, state := range []string{"open", ledger.Waived} {
		list, err := store.Rejects(ctx, ledger.RejectQuery{Pipeline: s.Pipeline, State: state})
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i]
			name := rejectName(r.Key, r.Source)
			if _, known := s.behind[name]; known || r.Receiver != "" {
				continue
			}
			if s.behind[name] = true; state == "open" {
				open = append(open, *r)
			}
		}
	}
	slices.SortFunc(open, func(a, b ledger.Reject) int { return cmp.Compare(a.Kept, b.Kept) })
	days := newCalendar(s.days.Zone)
	moments, done := (func(int) int64)(nil), func() {}
	defer func() { done() }()
	for i := range open {
		r := &open[i]
		if i == 0 || r.Kept != open[i-1].Kept {
			done()
			var err error
			if moments, done, err = s.keptMoments(ctx, store, r.Kept); err != nil {
				return err
			}
		}
		day := ""
		if moments != nil && r.KeptRow >= 0 {
			day = days.day(moments(int(r.KeptRow)))
		}
		s.side.day(day).rejected++
	}
	return nil
}

func rejectName(key []byte, source pipelines.Hash) string { return string(key) + string(source[:]) }

// keptMoments is when the rows of a kept batch are counted; nil if it is not kept any more.
func (s *survey) keptMoments(ctx context.Context, store Store, id int64) (func(int) int64, func(), error) {
	if id == 0 || s.DayOf == nil {
		return nil, func() {}, nil
	}
	payload, err := store.Kept(ctx, id)
	if err != nil || payload == nil {
		return nil, func() {}, err
	}
	rec, err := ledger.Decode(payload, memory.DefaultAllocator)
	if err != nil {
		return nil, func() {}, err
	}
	defer rec.Release()
	return s.momentsOf(rec)
}

// momentsOf is when rows are counted of which there is no record.
func (s *survey) momentsOf(rec arrow.Record) (func(int) int64, func(), error) {
	if s.DayOf == nil {
		return func(int) int64 { return 0 }, func() {}, nil
	}
	made, err := s.DayOf(rec)
	if err != nil {
		return nil, func() {}, err
	}
	return momentsOf(made, s.Day, s.days.Zone), made.Release, nil
}

// eachBatch reads a source to its end.
func eachBatch(ctx context.Context, source pipelines.Source, each func(arrow.Record) error) error {
	for {
		b, err := source.Read(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = each(b.Record)
		b.Record.Release()
		if err != nil {
			return err
		}
	}
}
