package memory_test

import (
	"context"
	"errors"
	"io"
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/connectors/memory"
	"banjian/internal/fault"
	"banjian/internal/testleak"
	"banjian/pipelines"
)

func TestMain(m *testing.M) { testleak.Main(m) }

// sizes reads to the end and says how many rows each batch had.
func sizes(t *testing.T, s *memory.Source) ([]int, error) {
	t.Helper()
	defer s.Close()
	var list []int
	for {
		b, err := s.Read(context.Background())
		if err != nil {
			return list, err
		}
		list = append(list, int(b.Record.NumRows()))
		b.Record.Release()
	}
}

func TestScriptDecidesHowARunGoes(t *testing.T) {
	down := errors.New("connection reset")
	for _, c := range []struct {
		name   string
		o      memory.Options
		sizes  []int
		failed error
	}{
		{"no script", memory.Options{}, []int{10}, io.EOF},
		{"batches of their own sizes", memory.Options{Batches: []int{1, 4, 2}}, []int{1, 4, 2, 2, 1}, io.EOF},
		{"fails at a batch", memory.Options{Batches: []int{3}, Script: []memory.Step{memory.FailBatch(2, down)}}, []int{3, 3}, down},
		{"fails after so many rows", memory.Options{Batches: []int{4}, Script: []memory.Step{memory.FailAfter(7, down)}}, []int{4}, down},
		{"fails only behind the last row named", memory.Options{Batches: []int{5}, Script: []memory.Step{memory.FailAfter(10, down)}}, []int{5, 5}, io.EOF},
		{"ends early", memory.Options{Batches: []int{3}, Script: []memory.Step{memory.EndBatch(1)}}, []int{3}, io.EOF},
		{"grows between two reads", memory.Options{Batches: []int{10}, Script: []memory.Step{memory.Change(1, func(v *memory.View) { v.Append(elements(2)...) })}}, []int{10, 2}, io.EOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			alloc := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
			defer alloc.AssertSize(t, 0)
			c.o.Alloc = alloc
			s, err := memory.NewView(numbers, elements(10)...).Open("", c.o)
			if err != nil {
				t.Fatal(err)
			}
			got, err := sizes(t, s)
			if !errors.Is(err, c.failed) {
				t.Errorf("ended with %v, want %v", err, c.failed)
			}
			if len(got) != len(c.sizes) {
				t.Fatalf("batches of %v rows, want %v", got, c.sizes)
			}
			for i := range got {
				if got[i] != c.sizes[i] {
					t.Fatalf("batches of %v rows, want %v", got, c.sizes)
				}
			}
		})
	}
}

func TestHeldReadGoesOnWhenReleasedCancelledOrClosed(t *testing.T) {
	until := make(chan struct{})
	for _, c := range []struct {
		name string
		let  func(s *memory.Source, cancel context.CancelFunc)
		want error
	}{
		{"released", func(*memory.Source, context.CancelFunc) { close(until) }, nil},
		{"cancelled", func(_ *memory.Source, cancel context.CancelFunc) { cancel() }, context.Canceled},
		{"closed", func(s *memory.Source, _ context.CancelFunc) { _ = s.Close() }, errAny},
	} {
		t.Run(c.name, func(t *testing.T) {
			hold := (<-chan struct{})(make(chan struct{}))
			if c.want == nil {
				hold = until
			}
			s, err := memory.NewView(numbers, elements(1)...).Open("", memory.Options{Script: []memory.Step{memory.Hold(0, hold)}})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			done := make(chan error)
			go func() {
				b, err := s.Read(ctx)
				if err == nil {
					b.Record.Release()
				}
				done <- err
			}()
			c.let(s, cancel)
			if err := <-done; !errors.Is(err, c.want) && (c.want != errAny || err == nil) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

var errAny = errors.New("any")

func TestPositionOfAnotherSourceIsGone(t *testing.T) {
	if _, err := memory.NewView(numbers).Open("gjj@7", memory.Options{}); !fault.Is(err, fault.Gone) {
		t.Fatalf("got %v", err)
	}
}

func TestFaultsComeInOrderAndEffectsStay(t *testing.T) {
	target := memory.NewTarget(memory.Transient(2), memory.UnknownBefore(), memory.UnknownAfter(), memory.Refuse(1), memory.Blocked())
	rec, err := memory.NewView(numbers, elements(2)...).Open("", memory.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := rec.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Record.Release()
	d := &pipelines.Delivery{ID: "a", Table: "t", Record: b.Record, GUIDs: [][16]byte{uuid.New(), uuid.New()}, Ops: []pipelines.Op{'I', 'I'}}
	for i, want := range []struct {
		kind    fault.Kind
		ok      bool
		refused int
		effects int
	}{
		{kind: fault.Transient}, {kind: fault.Transient}, {kind: fault.Unknown}, {kind: fault.Unknown, effects: 2},
		{ok: true, refused: 1, effects: 3}, {kind: fault.Blocked, effects: 3}, {ok: true, effects: 5},
	} {
		receipt, err := target.Deliver(context.Background(), d)
		if (err == nil) != want.ok || err != nil && !fault.Is(err, want.kind) {
			t.Fatalf("delivery %d: %v", i, err)
		}
		if len(receipt.Refused) != want.refused || len(target.Effects()) != want.effects {
			t.Fatalf("delivery %d: %d refused, %d effects, want %+v", i, len(receipt.Refused), len(target.Effects()), want)
		}
	}
	target.NextAsk(memory.Transient(1))
	if _, err := target.Arrived(context.Background(), "a", "t"); !fault.Is(err, fault.Transient) {
		t.Fatalf("asked: %v", err)
	}
	if n, err := target.Arrived(context.Background(), "a", "t"); n != 5 || err != nil {
		t.Fatalf("asked again: %d, %v", n, err)
	}
}
