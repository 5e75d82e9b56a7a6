package pipelines_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/testleak"
	"banjian/pipelines"
)

func TestMain(m *testing.M) { testleak.Main(m) }

var oneColumn = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// numbered is a view of n rows.
func numbered(n int) *memory.View {
	v := memory.NewView(oneColumn)
	for i := range n {
		v.Append(memory.Row{int64(i)})
	}
	return v
}

func open(t *testing.T, v *memory.View, o memory.Options) *memory.Source {
	t.Helper()
	s, err := v.Open("", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// copies is a stage whose output is its input.
func copies(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	in.Retain()
	rows := make([]int32, in.NumRows())
	for i := range rows {
		rows[i] = int32(i)
	}
	return pipelines.Result{Outputs: []pipelines.Output{{Subject: "case/accept", Record: in, Rows: rows}}}, nil
}

// sink counts; do is called in every Write.
type sink struct {
	mu        sync.Mutex
	positions []pipelines.Position
	do        func(ctx context.Context, w *pipelines.Write) error
	rejected  int64 // of every batch
	miscount  int64
}

func (s *sink) Write(ctx context.Context, w *pipelines.Write) (pipelines.Counts, error) {
	if s.do != nil {
		if err := s.do(ctx, w); err != nil {
			return pipelines.Counts{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.positions = append(s.positions, w.Position)
	n := w.Input.NumRows()
	return pipelines.Counts{Read: n, Rejected: s.rejected, Collected: n - s.rejected - s.miscount}, nil
}

func (s *sink) Close(context.Context) error { return nil }

func (s *sink) written() []pipelines.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.positions)
}

func TestEveryBatchIsWrittenInOrderAndCounted(t *testing.T) {
	alloc := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	source := open(t, numbered(10), memory.Options{Batches: []int{3}, Alloc: alloc})
	out := &sink{}
	var progress []int64
	p := pipelines.Pipeline{Source: source, Stage: pipelines.StageFunc(copies), Sink: out, Progress: func(c pipelines.Counts) { progress = append(progress, c.Read) }}
	counts, err := p.Run(context.Background())
	if err != nil || counts.Read != 10 || counts.Collected != 10 || counts.BytesRead != 80 {
		t.Errorf("%+v, %v", counts, err)
	}
	want := []pipelines.Position{"3", "6", "9", "10"}
	if got := out.written(); !slices.Equal(got, want) {
		t.Errorf("written %v", got)
	}
	if got := source.Hints(); !slices.Equal(got, want) {
		t.Errorf("hints %v", got)
	}
	if !slices.Equal(progress, []int64{3, 6, 9, 10}) {
		t.Errorf("progress %v", progress)
	}
}

func TestWhatWasReadIsReleasedBeforeTheWriterWhenItIsSpent(t *testing.T) {
	alloc := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	source := open(t, numbered(1000), memory.Options{Batches: []int{1000}, Alloc: alloc})
	spends := func(_ context.Context, in arrow.Record) (pipelines.Result, error) {
		return pipelines.Result{Unchanged: int(in.NumRows()), Spent: true}, nil
	}
	out := &sink{do: func(_ context.Context, w *pipelines.Write) error {
		if n := alloc.CurrentAlloc(); n != 0 || w.Input.NumRows() != 1000 {
			return fmt.Errorf("%d bytes are held of %d rows", n, w.Input.NumRows())
		}
		return nil
	}}
	p := pipelines.Pipeline{Source: source, Stage: pipelines.StageFunc(spends), Sink: out}
	if counts, err := p.Run(context.Background()); err != nil || counts.Read != 1000 {
		t.Errorf("%+v, %v", counts, err)
	}
}

func TestReadingMappingAndWritingOverlap(t *testing.T) {
	third := make(chan struct{})
	source := open(t, numbered(5), memory.Options{Batches: []int{1}, Script: []memory.Step{memory.Change(2, func(*memory.View) { close(third) })}})
	out := &sink{do: func(context.Context, *pipelines.Write) error { <-third; return nil }} // the first Write ends when the third Read begins
	p := pipelines.Pipeline{Source: source, Stage: pipelines.StageFunc(copies), Sink: out}
	if _, err := p.Run(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestNoMoreIsReadAheadThanTheBoundsAllow(t *testing.T) {
	for _, c := range []struct {
		name     string
		inFlight int64
		depth    int
		most     int
	}{
		{"by bytes", 10 * 8, 1000, 10 + 1},
		{"by a batch larger than the bound", 1, 1000, 1 + 1},
		{"by batches", 1 << 30, 3, 1 + 3 + 1 + 3 + 1}, // written, between, mapped, between, read
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				view := numbered(100)
				source, err := view.Open("", memory.Options{Batches: []int{1}})
				if err != nil {
					t.Fatal(err)
				}
				read := 0
				counting := readFunc{source, func() { read++ }}
				begin := make(chan struct{})
				out := &sink{do: func(context.Context, *pipelines.Write) error { <-begin; return nil }}
				p := pipelines.Pipeline{Source: counting, Stage: pipelines.StageFunc(copies), Sink: out, InFlight: c.inFlight, Depth: c.depth}
				done := make(chan error, 1)
				go func() { _, err := p.Run(context.Background()); done <- err }()
				synctest.Wait()
				if read > c.most || read == 0 {
					t.Errorf("%d batches read while nothing is written, %d may", read, c.most)
				}
				close(begin)
				if err := <-done; err != nil {
					t.Error(err)
				}
				if len(out.written()) != 100 {
					t.Errorf("%d batches written", len(out.written()))
				}
			})
		})
	}
}

type readFunc struct {
	pipelines.Source
	did func()
}

func (r readFunc) Read(ctx context.Context) (pipelines.Batch, error) {
	b, err := r.Source.Read(ctx)
	if err == nil {
		r.did()
	}
	return b, err
}

func TestAStopFinishesTheBatchInHandAndAbandonsTheRest(t *testing.T) {
	alloc := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	source := open(t, numbered(20), memory.Options{Batches: []int{1}, Alloc: alloc})
	ctx, cancel := context.WithCancel(context.Background())
	out := &sink{}
	out.do = func(inner context.Context, w *pipelines.Write) error {
		if w.Position == "3" {
			cancel()
		}
		return inner.Err() // the write itself is not cancelled
	}
	p := pipelines.Pipeline{Source: source, Stage: pipelines.StageFunc(copies), Sink: out}
	counts, err := p.Run(ctx)
	if !errors.Is(err, context.Canceled) || counts.Read != 3 {
		t.Errorf("%+v, %v", counts, err)
	}
	if got := out.written(); !slices.Equal(got, []pipelines.Position{"1", "2", "3"}) {
		t.Errorf("written %v", got)
	}
}

func TestAStopWhileTheSourceWaitsEndsTheRun(t *testing.T) {
	source := open(t, numbered(2), memory.Options{Batches: []int{1}, Script: []memory.Step{memory.Hold(1, make(chan struct{}))}})
	ctx, cancel := context.WithCancel(context.Background())
	out := &sink{do: func(context.Context, *pipelines.Write) error { cancel(); return nil }}
	counts, err := (&pipelines.Pipeline{Source: source, Stage: pipelines.StageFunc(copies), Sink: out}).Run(ctx)
	if !errors.Is(err, context.Canceled) || counts.Read != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
}

func TestAFailureOfAnyStepReleasesEverythingAndIsReturned(t *testing.T) {
	broken := fault.New(fault.Transient, "break", "", textOf("broken"), textOf(""))
	for _, at := range []int{0, 1, 5, 9} {
		for _, step := range []string{"read", "map", "write"} {
			t.Run(fmt.Sprint(step, " of batch ", at), func(t *testing.T) {
				alloc := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
				defer alloc.AssertSize(t, 0)
				o := memory.Options{Batches: []int{1}, Alloc: alloc}
				out, calls := &sink{}, 0
				stage := pipelines.StageFunc(copies)
				switch step {
				case "read":
					o.Script = []memory.Step{memory.FailBatch(at, broken)}
				case "map":
					stage = func(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
						if calls++; calls > at {
							return pipelines.Result{}, broken
						}
						return copies(ctx, in)
					}
				case "write":
					out.do = func(context.Context, *pipelines.Write) error {
						if len(out.written()) == at {
							return broken
						}
						return nil
					}
				}
				source := open(t, numbered(10), o)
				counts, err := (&pipelines.Pipeline{Source: source, Stage: stage, Sink: out}).Run(context.Background())
				if !errors.Is(err, broken) {
					t.Errorf("got %v", err)
				}
				n := len(out.written())
				if counts.Read != int64(n) || n > at {
					t.Errorf("%d batches written, %d rows counted", n, counts.Read)
				}
				if step != "map" && n != at {
					t.Errorf("%d batches written before the failure, want %d", n, at)
				}
				if hints := source.Hints(); len(hints) != len(out.written()) {
					t.Errorf("hints %v for %v", hints, out.written())
				}
			})
		}
	}
}

// refusing refuses every hint.
type refusing struct{ pipelines.Source }

func (refusing) Commit(context.Context, pipelines.Position) error { return io.ErrClosedPipe }

func TestALostHintIsNoFailure(t *testing.T) {
	out := &sink{}
	p := pipelines.Pipeline{Source: refusing{open(t, numbered(4), memory.Options{Batches: []int{1}})}, Stage: pipelines.StageFunc(copies), Sink: out}
	if counts, err := p.Run(context.Background()); err != nil || counts.Read != 4 {
		t.Errorf("%+v, %v", counts, err)
	}
}

func TestSumsThatDoNotAddUpAreAFailure(t *testing.T) {
	p := pipelines.Pipeline{Source: open(t, numbered(4), memory.Options{}), Stage: pipelines.StageFunc(copies), Sink: &sink{miscount: 1}}
	if _, err := p.Run(context.Background()); err == nil {
		t.Error("a row that nobody accounts for went unnoticed")
	}
}

func TestALimitStopsTheRunAndKeepsWhatWasWritten(t *testing.T) {
	out := &sink{rejected: 2}
	p := pipelines.Pipeline{Source: open(t, numbered(100), memory.Options{Batches: []int{10}}), Stage: pipelines.StageFunc(copies), Sink: out, Limits: pipelines.Limits{Max: 5}}
	counts, err := p.Run(context.Background())
	if !fault.Is(err, fault.Data) || fault.HintOf(err).IsZero() || counts.Read != 30 || counts.Rejected != 6 {
		t.Errorf("%+v, %v", counts, err)
	}
	if n := len(out.written()); n != 3 {
		t.Errorf("%d batches written", n)
	}
}
