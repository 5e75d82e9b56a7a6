package connectortest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/internal/fault"
	"banjian/internal/testleak"
	"banjian/pipelines"
)

// Stored is one row as it lies at the receiver.
type Stored struct {
	Delivery string
	GUID     [16]byte
	Op       pipelines.Op
}

// Receiver is an outside world that deliveries go to.
type Receiver struct {
	Table string // the table deliveries of Rows are for
	Open  func() (pipelines.Target, error)
	// Stored is every row at the receiver, seen another way than through the target.
	Stored func(t *testing.T) []Stored
}

// TargetHarness is how the suite gets at a target.
type TargetHarness struct {
	// World makes an empty receiver that nothing else uses.
	World func(t *testing.T) Receiver
	// Rows makes n rows as the receiver's table takes them, from alloc.
	Rows func(t *testing.T, n int, alloc memory.Allocator) arrow.Record
	// Spoil makes the same, the given rows being such that the receiver refuses them;
	// nil for a receiver that cannot refuse single rows.
	Spoil func(t *testing.T, n int, bad []int, alloc memory.Allocator) arrow.Record
	// Server is that of a SourceHarness.
	Server []string
}

// Target runs the suite for targets.
func Target(t *testing.T, h TargetHarness) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *ground)
	}{
		{"DeliverWritesEveryRowOnce", deliverOnce},
		{"ArrivedCountsOneDeliveryOfOneTable", arrivedCounts},
		{"OperationsArriveAsTheyWereFrozen", operations},
		{"ConcurrentDeliveriesAllArrive", concurrently},
		{"CancelledDeliveryWritesAllOrNothing", allOrNothing},
		{"AFenceThatRefusesLeavesNothing", fenced},
		{"InterruptedDeliveriesSettledByAskingHaveOneEffect", interrupted},
		{"RefusedRowsAreNamedAndLeftOut", refusedRows},
		{"ADeliveryRefusedWholeLeavesNothing", refusedWhole},
		{"ArrivedRowsAreThoseThatWereNotRefused", arrivedRows},
		{"AfterCloseEverythingFails", afterClose},
		{"CloseTwice", closeTargetTwice},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newGround(t, h)) })
	}
}

// ground is an open target on a world of the harness.
type ground struct {
	t      *testing.T
	h      TargetHarness
	r      Receiver
	target pipelines.Target
	alloc  *memory.CheckedAllocator
}

func newGround(t *testing.T, h TargetHarness) *ground {
	t.Helper()
	g := &ground{t: t, h: h, r: h.World(t), alloc: memory.NewCheckedAllocator(memory.NewGoAllocator())}
	running := without(h.Server)
	var err error
	if g.target, err = g.r.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = g.target.Close()
		g.alloc.AssertSize(t, 0)
		testleak.None(t, running...)
	})
	return g
}

// delivery is a frozen batch of n rows; spoilt names those to be refused.
func (g *ground) delivery(n int, spoilt ...int) *pipelines.Delivery {
	id := uuid.New()
	d := &pipelines.Delivery{ID: fmt.Sprintf("%x", id[:]), Table: g.r.Table, Time: time.Date(2026, 11, 2, 17, 2, 3, 0, time.UTC),
		GUIDs: make([][16]byte, n), Ops: make([]pipelines.Op, n), Versions: make([]uint32, n), Source: "src"}
	if spoilt == nil {
		d.Record = g.h.Rows(g.t, n, g.alloc)
	} else {
		d.Record = g.h.Spoil(g.t, n, spoilt, g.alloc)
	}
	for i := range n {
		d.GUIDs[i], d.Ops[i], d.Versions[i] = uuid.New(), pipelines.OpInsert, 1
	}
	return d
}

// deliver delivers d and gives its record back, which the target must not keep; one that
// is asked for rows is asked with them.
func (g *ground) deliver(d *pipelines.Delivery) pipelines.Receipt {
	g.t.Helper()
	if _, ok := g.target.(pipelines.Asker); ok {
		g.t.Cleanup(d.Record.Release)
	} else {
		defer d.Record.Release()
	}
	receipt, err := g.target.Deliver(context.Background(), d)
	if err != nil {
		g.t.Fatalf("deliver: %v", err)
	}
	return receipt
}

// ask is how many rows of a delivery the receiver has, asked as the ledger asks.
func (g *ground) ask(ctx context.Context, d *pipelines.Delivery) (int, error) {
	if asker, ok := g.target.(pipelines.Asker); ok {
		return asker.Has(ctx, d)
	}
	return g.target.Arrived(ctx, d.ID, d.Table)
}

func (g *ground) wantArrived(d *pipelines.Delivery, want int) {
	g.t.Helper()
	n, err := g.ask(context.Background(), d)
	if err != nil || n != want {
		g.t.Errorf("%d rows arrived, %v; want %d", n, err, want)
	}
}

// wantStored checks that the given rows of a delivery are there, each once, and no
// other of it.
func (g *ground) wantStored(d *pipelines.Delivery, rows ...int) {
	g.t.Helper()
	times := map[Stored]int{}
	n := 0
	for _, s := range g.r.Stored(g.t) {
		if s.Delivery == d.ID {
			times[s]++
			n++
		}
	}
	for _, i := range rows {
		if got := times[Stored{d.ID, d.GUIDs[i], d.Ops[i]}]; got != 1 {
			g.t.Errorf("row %d is there %d times", i, got)
		}
	}
	if n != len(rows) {
		g.t.Errorf("%d rows of the delivery are there, want %d", n, len(rows))
	}
}

func upTo(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

func deliverOnce(t *testing.T, g *ground) {
	for _, n := range []int{1, 300} {
		d := g.delivery(n)
		if receipt := g.deliver(d); len(receipt.Refused) != 0 {
			t.Errorf("%d of %d good rows were refused: %v", len(receipt.Refused), n, receipt.Refused[0])
		}
		g.wantArrived(d, n)
		g.wantStored(d, upTo(n)...)
	}
}

func arrivedCounts(t *testing.T, g *ground) {
	first, second, never := g.delivery(5), g.delivery(7), g.delivery(1)
	defer never.Record.Release()
	g.deliver(first)
	g.deliver(second)
	g.wantArrived(first, 5)
	g.wantArrived(second, 7)
	g.wantArrived(never, 0)
}

func operations(t *testing.T, g *ground) {
	d := g.delivery(3)
	d.Ops = []pipelines.Op{pipelines.OpInsert, pipelines.OpUpdate, pipelines.OpDelete}
	g.deliver(d)
	g.wantStored(d, 0, 1, 2)
}

func concurrently(t *testing.T, g *ground) {
	deliveries := make([]*pipelines.Delivery, 8)
	for i := range deliveries {
		deliveries[i] = g.delivery(20 + i)
	}
	var wg sync.WaitGroup
	for _, d := range deliveries {
		wg.Go(func() {
			if err := g.settle(context.Background(), d); err != nil {
				t.Errorf("deliver: %v", err)
			}
			g.wantArrived(d, len(d.GUIDs))
			d.Record.Release()
		})
	}
	wg.Wait()
	for _, d := range deliveries {
		g.wantStored(d, upTo(len(d.GUIDs))...)
	}
}

// settle delivers as the ledger does: after a transient failure again, after an
// unknown outcome only when nothing has arrived. ctx bounds the first attempt.
func (g *ground) settle(ctx context.Context, d *pipelines.Delivery) error {
	for range 100 {
		_, err := g.target.Deliver(ctx, d)
		if err == nil {
			return nil
		}
		ctx = context.Background()
		switch {
		case fault.Is(err, fault.Transient), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			continue
		case !fault.Is(err, fault.Unknown):
			return err
		}
		if n, err := g.ask(ctx, d); err != nil || n == len(d.GUIDs) {
			return err
		} else if n != 0 {
			return fmt.Errorf("%d of %d rows arrived", n, len(d.GUIDs))
		}
	}
	return errors.New("it never succeeds")
}

// A process that was stopped for long must not commit what another delivers now.
func fenced(t *testing.T, g *ground) {
	d := g.delivery(5)
	defer d.Record.Release()
	lost := errors.New("the lease ran out")
	d.Fence = func() error { return lost }
	if _, err := g.target.Deliver(t.Context(), d); !errors.Is(err, lost) {
		t.Errorf("Deliver answered %v, want the fence's error", err)
	}
	if n, err := g.target.Arrived(t.Context(), d.ID, d.Table); n != 0 || err != nil {
		t.Errorf("%d rows arrived, %v", n, err)
	}
	d.Fence = func() error { return nil }
	if _, err := g.target.Deliver(t.Context(), d); err != nil {
		t.Errorf("with the lease: %v", err)
	}
}

func allOrNothing(t *testing.T, g *ground) {
	d := g.delivery(50)
	defer d.Record.Release()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.target.Deliver(ctx, d); err == nil {
		t.Error("a cancelled delivery reported success")
	} else if !fault.Is(err, fault.Transient) && !fault.Is(err, fault.Unknown) {
		t.Errorf("a cancelled delivery is a %s fault: %v", fault.KindOf(err), err)
	}
	g.wantArrived(d, 0)
	if err := g.settle(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	g.wantStored(d, upTo(50)...)
}

func interrupted(t *testing.T, g *ground) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		d := g.delivery(100)
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.IntN(4000))*time.Microsecond)
		err := g.settle(ctx, d)
		cancel()
		if err != nil {
			t.Errorf("deliver: %v", err)
		}
		g.wantArrived(d, 100)
		d.Record.Release()
		g.wantStored(d, upTo(100)...)
	}
}

func (g *ground) spoilable() {
	if g.h.Spoil == nil {
		g.t.Skip("SKIPPED: this receiver cannot refuse single rows")
	}
}

func refusedRows(t *testing.T, g *ground) {
	g.spoilable()
	const n = 90
	bad := []int{0, 17, 64, 89}
	d := g.delivery(n, bad...)
	receipt := g.deliver(d)
	if got := refusedOf(t, receipt); !slices.Equal(got, bad) {
		t.Errorf("rows %v were refused, want %v", got, bad)
	}
	g.wantArrived(d, n-len(bad))
	g.wantStored(d, slices.DeleteFunc(upTo(n), func(i int) bool { return slices.Contains(bad, i) })...)
}

// refusedOf is the rows a receipt refuses, each of which must have a rule.
func refusedOf(t *testing.T, r pipelines.Receipt) []int {
	t.Helper()
	var rows []int
	for _, is := range r.Refused {
		if is.Rule == "" || is.Severity != pipelines.Reject {
			t.Errorf("row %d is refused by rule %q with severity %s", is.Row, is.Rule, is.Severity)
		}
		rows = append(rows, int(is.Row))
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

func refusedWhole(t *testing.T, g *ground) {
	g.spoilable()
	d := g.delivery(5, upTo(5)...)
	if got := refusedOf(t, g.deliver(d)); len(got) != 5 {
		t.Errorf("rows %v of 5 were refused", got)
	}
	g.wantArrived(d, 0)
	g.wantStored(d)
}

func arrivedRows(t *testing.T, g *ground) {
	g.spoilable()
	lister, ok := g.target.(pipelines.RowLister)
	if !ok {
		t.Skip("SKIPPED: this receiver cannot say which rows arrived")
	}
	d := g.delivery(4, 1)
	g.deliver(d)
	guids, err := lister.ArrivedRows(context.Background(), d.ID, d.Table)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range d.GUIDs {
		if slices.Contains(guids, id) == (i == 1) {
			t.Errorf("row %d: listed as arrived %t", i, i == 1)
		}
	}
}

func afterClose(t *testing.T, g *ground) {
	d := g.delivery(1)
	defer d.Record.Release()
	if err := g.target.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := g.target.Deliver(context.Background(), d); err == nil {
		t.Error("a closed target still delivers")
	}
	if _, err := g.target.Arrived(context.Background(), d.ID, d.Table); err == nil {
		t.Error("a closed target still answers")
	}
	g.wantStored(d)
}

func closeTargetTwice(t *testing.T, g *ground) {
	for range 2 {
		if err := g.target.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
