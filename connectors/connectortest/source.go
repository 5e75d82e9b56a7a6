package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"

	"banjian/internal/testleak"
	"banjian/pipelines"
)

// AnyRepeats is for a source without a place in the middle: a run that was interrupted
// reads everything again.
const AnyRepeats = -1

// OpenSource opens a run at a position, with batches of at most rows rows whose records
// come from alloc.
type OpenSource func(ctx context.Context, at pipelines.Position, rows int, alloc memory.Allocator) (pipelines.Source, error)

// SourceHarness is how the suite gets at a source.
type SourceHarness struct {
	// World makes an outside world with the elements 0 … n-1 that nothing else uses.
	World func(t *testing.T, n int) OpenSource
	// Elements are the numbers of the elements in a record, row by row.
	Elements func(rec arrow.Record) []int
	// Repeats is how many elements before a position a run opened there may read again.
	Repeats int
	// Server names functions of a server that runs in this process: its goroutines end when
	// it has noticed that its client left, and are none of the connector's.
	Server []string
}

// without is the goroutines that may be there when all is closed.
func without(server []string) []goleak.Option {
	options := []goleak.Option{goleak.IgnoreCurrent()}
	for _, f := range server {
		options = append(options, goleak.IgnoreAnyFunction(f))
	}
	return options
}

// Source runs the suite for sources.
func Source(t *testing.T, h SourceHarness) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, SourceHarness)
	}{
		{"EveryElementIsReadOnceFromTheEmptyPosition", everyElementOnce},
		{"AnEmptyWorldEndsAtOnce", emptyWorld},
		{"ResumeAtEveryBatchLosesNothing", resumeEverywhere},
		{"ResumeAtTheEndReadsNothingNew", resumeAtEnd},
		{"ReadAfterTheEndEndsAgain", readAfterEnd},
		{"CancelledReadStopsPromptly", cancelledRead},
		{"ReadAfterAnErrorReturnsItAgain", readAfterError},
		{"CloseTwiceAndBeforeTheEnd", closeTwice},
		{"ReadAfterCloseFails", readAfterClose},
		{"CommitMayComeWhileReading", commitBeside},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, h) })
	}
}

// world is a world of the harness and everything that must be clean afterwards.
type world struct {
	t     *testing.T
	h     SourceHarness
	open  OpenSource
	alloc *memory.CheckedAllocator
}

func newWorld(t *testing.T, h SourceHarness, n int) *world {
	t.Helper()
	w := &world{t: t, h: h, open: h.World(t, n), alloc: memory.NewCheckedAllocator(memory.NewGoAllocator())}
	running := without(h.Server)
	t.Cleanup(func() {
		w.alloc.AssertSize(t, 0)
		testleak.None(t, running...)
	})
	return w
}

func (w *world) source(ctx context.Context, at pipelines.Position, rows int) pipelines.Source {
	w.t.Helper()
	s, err := w.open(ctx, at, rows, w.alloc)
	if err != nil {
		w.t.Fatalf("open at %q: %v", at, err)
	}
	return s
}

// read is a batch as the suite sees it.
type read struct {
	elements []int
	at       pipelines.Position
}

func (w *world) next(ctx context.Context, s pipelines.Source) (read, error) {
	b, err := s.Read(ctx)
	if err != nil {
		if b.Record != nil {
			w.t.Errorf("a batch came together with the error %v", err)
		}
		return read{}, err
	}
	defer b.Record.Release()
	if b.Record.NumRows() == 0 {
		w.t.Error("a batch without rows")
	}
	return read{w.h.Elements(b.Record), b.Position}, nil
}

// run reads from at to the end, at most most batches.
func (w *world) run(at pipelines.Position, rows, most int) []read {
	w.t.Helper()
	ctx := context.Background()
	s := w.source(ctx, at, rows)
	defer w.close(s)
	var list []read
	for len(list) < most {
		r, err := w.next(ctx, s)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			w.t.Fatalf("read: %v", err)
		}
		if len(r.elements) > rows {
			w.t.Errorf("%d rows in a batch of at most %d", len(r.elements), rows)
		}
		list = append(list, r)
	}
	return list
}

func (w *world) close(s pipelines.Source) {
	w.t.Helper()
	if err := s.Close(); err != nil {
		w.t.Errorf("close: %v", err)
	}
}

const all = 1 << 30

// count is how often each of n elements was read.
func count(t *testing.T, n int, reads ...[]read) []int {
	t.Helper()
	seen := make([]int, n)
	for _, list := range reads {
		for _, r := range list {
			for _, e := range r.elements {
				if e < 0 || e >= n {
					t.Fatalf("element %d was never there", e)
				}
				seen[e]++
			}
		}
	}
	return seen
}

func everyElementOnce(t *testing.T, h SourceHarness) {
	for _, rows := range []int{1, 7, 25, 100} {
		t.Run(fmt.Sprint("batches of ", rows), func(t *testing.T) {
			const n = 25
			for e, times := range count(t, n, newWorld(t, h, n).run("", rows, all)) {
				if times != 1 {
					t.Errorf("element %d was read %d times", e, times)
				}
			}
		})
	}
}

func emptyWorld(t *testing.T, h SourceHarness) {
	if got := newWorld(t, h, 0).run("", 10, all); len(got) != 0 {
		t.Errorf("%d batches in an empty world", len(got))
	}
}

func resumeEverywhere(t *testing.T, h SourceHarness) {
	const n = 20
	for _, rows := range []int{1, 3, 8} {
		t.Run(fmt.Sprint("batches of ", rows), func(t *testing.T) {
			w := newWorld(t, h, n)
			whole := w.run("", rows, all)
			for stop := 1; stop < len(whole); stop++ {
				before := w.run("", rows, stop)
				after := w.run(before[len(before)-1].at, rows, all)
				repeats := 0
				for e, times := range count(t, n, before, after) {
					if times == 0 {
						t.Errorf("stopped after batch %d: element %d is lost", stop, e)
					}
					repeats += max(0, times-1)
				}
				if h.Repeats != AnyRepeats && repeats > h.Repeats {
					t.Errorf("stopped after batch %d: %d elements came again, %d may", stop, repeats, h.Repeats)
				}
			}
		})
	}
}

func resumeAtEnd(t *testing.T, h SourceHarness) {
	w := newWorld(t, h, 10)
	whole := w.run("", 4, all)
	again := w.run(whole[len(whole)-1].at, 4, all)
	repeats := 0
	for _, r := range again {
		repeats += len(r.elements)
	}
	if h.Repeats != AnyRepeats && repeats > h.Repeats {
		t.Errorf("%d elements came again, %d may", repeats, h.Repeats)
	}
}

func readAfterEnd(t *testing.T, h SourceHarness) {
	w := newWorld(t, h, 3)
	ctx := context.Background()
	s := w.source(ctx, "", 10)
	defer w.close(s)
	for range 5 {
		if _, err := w.next(ctx, s); errors.Is(err, io.EOF) {
			break
		}
	}
	for range 2 {
		if _, err := w.next(ctx, s); !errors.Is(err, io.EOF) {
			t.Errorf("read after the end: %v", err)
		}
	}
}

func cancelledRead(t *testing.T, h SourceHarness) {
	w := newWorld(t, h, 500)
	ctx, cancel := context.WithCancel(context.Background())
	s := w.source(context.Background(), "", 1)
	defer w.close(s)
	if _, err := w.next(ctx, s); err != nil {
		t.Fatal(err)
	}
	cancel()
	for batches := 0; ; batches++ {
		_, err := w.next(ctx, s)
		if errors.Is(err, io.EOF) {
			t.Fatal("everything was read although nobody waits any more")
		}
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the error does not say that it was cancelled: %v", err)
			}
			break
		}
		if batches > 100 {
			t.Fatal("it goes on reading although nobody waits any more")
		}
		time.Sleep(time.Millisecond) // what was under way at the server may still come
	}
}

func readAfterError(t *testing.T, h SourceHarness) {
	w := newWorld(t, h, 500)
	ctx, cancel := context.WithCancel(context.Background())
	s := w.source(context.Background(), "", 1)
	defer w.close(s)
	cancel()
	var first error
	for first == nil {
		_, first = w.next(ctx, s)
	}
	if _, err := w.next(context.Background(), s); err == nil || err.Error() != first.Error() {
		t.Errorf("first %v, then %v", first, err)
	}
}

func closeTwice(t *testing.T, h SourceHarness) {
	w := newWorld(t, h, 10)
	for _, batches := range []int{0, 1, 2} {
		s := w.source(context.Background(), "", 3)
		for range batches {
			if _, err := w.next(context.Background(), s); err != nil {
				t.Fatal(err)
			}
		}
		w.close(s)
		w.close(s)
	}
}

func readAfterClose(t *testing.T, h SourceHarness) {
	w := newWorld(t, h, 10)
	s := w.source(context.Background(), "", 3)
	w.close(s)
	if _, err := w.next(context.Background(), s); err == nil {
		t.Error("a closed source still reads")
	}
}

func commitBeside(t *testing.T, h SourceHarness) {
	w := newWorld(t, h, 50)
	ctx := context.Background()
	s := w.source(ctx, "", 1)
	defer w.close(s)
	positions := make(chan pipelines.Position, 50)
	done := make(chan error, 1)
	go func() {
		var first error
		for p := range positions {
			if err := s.Commit(ctx, p); err != nil && first == nil {
				first = err
			}
		}
		done <- first
	}()
	var err error
	for err == nil {
		var r read
		if r, err = w.next(ctx, s); err == nil {
			positions <- r.at
		}
	}
	close(positions)
	if first := <-done; first != nil {
		t.Errorf("commit: %v", first)
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
}
