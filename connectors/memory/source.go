package memory

import (
	"context"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Options say how a run over a View goes.
type Options struct {
	Batches []int // rows of the first, second, … batch; the last number counts for the rest; none: everything at once
	Script  []Step
	Alloc   memory.Allocator // of the records; nil: Go's
}

// Step is one thing that happens during a run, once: before the Batch-th Read (from
// 0), or, when Rows is not 0, in the Read that would go beyond that many rows; what
// that Read had in hand is abandoned.
type Step struct {
	Batch int
	Rows  int
	Until <-chan struct{} // Read waits until it is closed, or ctx ends
	Do    func(*View)     // is done to the view
	Err   error           // Read returns it; io.EOF ends the run early
}

// FailBatch fails the n-th Read.
func FailBatch(n int, err error) Step { return Step{Batch: n, Err: err} }

// FailAfter fails the Read that goes beyond the first n rows.
func FailAfter(n int, err error) Step { return Step{Batch: -1, Rows: n, Err: err} }

// EndBatch ends the run at the n-th Read, though there are more rows.
func EndBatch(n int) Step { return Step{Batch: n, Err: io.EOF} }

// Hold makes the n-th Read wait.
func Hold(n int, until <-chan struct{}) Step { return Step{Batch: n, Until: until} }

// Change does something to the view before the n-th Read.
func Change(n int, do func(*View)) Step { return Step{Batch: n, Do: do} }

// Source is one run over a View. Its position is the number of rows passed, so rows
// must not be taken away or moved between a run and the one that goes on from it; a
// run from the empty position is a full read. It is a pipelines.Source.
type Source struct {
	view *View
	o    Options
	done chan struct{} // closed by Close

	mu     sync.Mutex // held by Read; Close waits for it
	batch  int
	at     int
	fired  []bool
	err    error
	closed sync.Once

	hintMu sync.Mutex // Commit may come while Read waits
	hints  []pipelines.Position
}

var _ pipelines.Source = (*Source)(nil)

// Open begins a run at a position that an earlier run left; empty is the beginning. A
// position of another source is a Gone fault.
func (v *View) Open(at pipelines.Position, o Options) (*Source, error) {
	s := &Source{view: v, o: o, done: make(chan struct{}), fired: make([]bool, len(o.Script))}
	if s.o.Alloc == nil {
		s.o.Alloc = memory.DefaultAllocator
	}
	if at != "" {
		n, err := strconv.Atoi(string(at))
		if err != nil || n < 0 {
			return nil, fault.New(fault.Gone, "open view", "", text.F("位置 %q 不属于此来源", "position %q is not of this source", string(at)), text.Text{})
		}
		s.at = n
	}
	return s, nil
}

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
	if err := s.happen(ctx, func(st *Step) bool { return st.Rows == 0 && st.Batch == s.batch }); err != nil {
		return pipelines.Batch{}, err
	}
	rows := s.view.slice(s.at, s.size())
	if len(rows) == 0 {
		return pipelines.Batch{}, io.EOF
	}
	if err := s.happen(ctx, func(st *Step) bool { return st.Rows != 0 && s.at+len(rows) > st.Rows }); err != nil {
		return pipelines.Batch{}, err
	}
	rec, size, err := record(s.view.schema, rows, s.o.Alloc)
	if err != nil {
		return pipelines.Batch{}, err
	}
	s.batch++
	s.at += len(rows)
	return pipelines.Batch{Record: rec, Position: pipelines.Position(strconv.Itoa(s.at)), Bytes: size}, nil
}

// size is the number of rows of the batch at hand.
func (s *Source) size() int {
	if len(s.o.Batches) == 0 {
		return s.view.Len()
	}
	return max(1, s.o.Batches[min(s.batch, len(s.o.Batches)-1)])
}

// happen runs the steps whose time has come.
func (s *Source) happen(ctx context.Context, due func(*Step) bool) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return errClosed
	default:
	}
	for i := range s.o.Script {
		st := &s.o.Script[i]
		if s.fired[i] || !due(st) {
			continue
		}
		s.fired[i] = true
		if st.Until != nil {
			select {
			case <-st.Until:
			case <-ctx.Done():
				return ctx.Err()
			case <-s.done:
				return errClosed
			}
		}
		if st.Do != nil {
			st.Do(s.view)
		}
		if st.Err != nil {
			return st.Err
		}
	}
	return nil
}

var errClosed = fault.New(fault.Bug, "use connector", "memory", text.T("已经关闭", "it is closed"), text.Text{})

// Commit remembers the hint, see Hints.
func (s *Source) Commit(_ context.Context, p pipelines.Position) error {
	s.hintMu.Lock()
	defer s.hintMu.Unlock()
	s.hints = append(s.hints, p)
	return nil
}

// Hints are the positions the engine has said to be durable, in order.
func (s *Source) Hints() []pipelines.Position {
	s.hintMu.Lock()
	defer s.hintMu.Unlock()
	return slices.Clone(s.hints)
}

// Close ends a Read that waits; a second Close does nothing.
func (s *Source) Close() error {
	s.closed.Do(func() { close(s.done) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = errClosed
	}
	return nil
}
