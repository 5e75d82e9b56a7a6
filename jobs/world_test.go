package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/memory"
	"banjian/internal/testleak"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/sqlite"
	"banjian/pipelines"
)

func TestMain(m *testing.M) { testleak.Main(m) }

const (
	subjectAccept = "case/accept"
	subjectStep   = "case/step"
	sourceID      = "gjj-core"
	receiver      = "national-test"
)

// What the column what of a source row can say beside a plain value.
const (
	isBad     = "bad"     // the row is a reject
	isSkipped = "skipped" // the mapping filters it out
	isRefused = "refused" // the receiver refuses the record
)

var sourceSchema = arrow.NewSchema([]arrow.Field{
	{Name: "local_no", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "what", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "more", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)

// canonical is the layout of every subject of these tests.
var canonical = arrow.NewSchema([]arrow.Field{
	{Name: "local_no", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "what", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)

var errCrash = errors.New("crash")

// tester is what a *testing.T and a *rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

// world is a ledger file that is opened again after every crash, and a runner on it.
type world struct {
	tester
	path   string
	store  *flaky
	runner *jobs.Runner
	alloc  *arrowmemory.CheckedAllocator
	clock  func() time.Time // of the ledger; nil: the real one
}

// fastDir is a folder that needs no disk where there is one: hundreds of ledgers are
// made, and none has to survive a power cut.
func fastDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "banjian")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newWorld makes a new ledger below dir.
func newWorld(t tester, dir string) *world { return newWorldAt(t, dir, nil) }

// newWorldAt has a clock.
func newWorldAt(t tester, dir string, clock func() time.Time) *world {
	sub, err := os.MkdirTemp(dir, "")
	if err != nil {
		t.Fatalf("%v", err)
	}
	w := &world{tester: t, clock: clock, path: filepath.Join(sub, "ledger.db"), alloc: arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())}
	w.open()
	return w
}

func (w *world) open() {
	var opts []sqlite.Option
	if w.clock != nil {
		opts = append(opts, sqlite.WithClock(w.clock))
	}
	s, err := sqlite.Open(context.Background(), w.path, opts...)
	if err != nil {
		w.Fatalf("open: %v", err)
	}
	w.store = &flaky{Store: s}
	w.runner = jobs.NewRunner(w.store, slog.New(slog.DiscardHandler))
	w.runner.Alloc = w.alloc
}

// reopen is a restart of the process.
func (w *world) reopen() {
	w.close()
	w.open()
}

func (w *world) close() {
	if err := w.store.Close(); err != nil {
		w.Errorf("close: %v", err)
	}
	w.alloc.AssertSize(w, 0)
}

// flaky is a store that crashes: at the n-th write, before or after it.
type flaky struct {
	ledger.Store
	mu    sync.Mutex
	left  int // writes until the crash; 0 = none
	wrote int // writes that were made
	after bool
}

func (f *flaky) crashAt(n int, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.after = n, after
}

// write runs do unless the crash comes before it.
func (f *flaky) write(do func() (int64, error)) (int64, error) {
	f.mu.Lock()
	crash := f.left == 1
	if f.left > 1 {
		f.left--
	}
	after := f.after
	f.mu.Unlock()
	if crash && !after {
		return 0, errCrash
	}
	n, err := do()
	f.mu.Lock()
	f.wrote++
	f.mu.Unlock()
	if crash && err == nil {
		return 0, errCrash
	}
	return n, err
}

func (f *flaky) Commit(ctx context.Context, c *ledger.Change) (int64, error) {
	return f.write(func() (int64, error) { return f.Store.Commit(ctx, c) })
}

func (f *flaky) Freeze(ctx context.Context, z *ledger.Freeze) (int64, error) {
	return f.write(func() (int64, error) { return f.Store.Freeze(ctx, z) })
}

func (f *flaky) Settle(ctx context.Context, s *ledger.Settlement) (int64, error) {
	return f.write(func() (int64, error) { return f.Store.Settle(ctx, s) })
}

func (f *flaky) PutOutcomes(ctx context.Context, l ledger.Lease, list []ledger.Outcome) error {
	_, err := f.write(func() (int64, error) { return 0, f.Store.PutOutcomes(ctx, l, list) })
	return err
}

// collect runs one pipeline over a view; from says where it is opened.
func (w *world) collect(subject string, view *memory.View, o memory.Options, from func(pipelines.Position) pipelines.Position) jobs.Report {
	return w.collectUnder(context.Background(), subject, view, o, from)
}

func (w *world) collectUnder(ctx context.Context, subject string, view *memory.View, o memory.Options, from func(pipelines.Position) pipelines.Position) jobs.Report {
	return w.runner.Collect(ctx, w.collectPlan(subject, view, o, from), nil)
}

func (w *world) collectPlan(subject string, view *memory.View, o memory.Options, from func(pipelines.Position) pipelines.Position) *jobs.CollectPlan {
	o.Alloc = w.alloc
	keys := map[string][]string{subject: {"local_no", "n"}, subjectStep: {"local_no", "n"}}
	plan := &jobs.CollectPlan{Primary: subject, Keys: keys, Mapping: "m1",
		Stage: pipelines.StageFunc(func(_ context.Context, in arrow.Record) (pipelines.Result, error) {
			return w.mapSource(in, subject), nil
		}),
		KeyOf: func(in arrow.Record) (arrow.Record, error) {
			return array.NewRecord(arrow.NewSchema(in.Schema().Fields()[:2], nil), in.Columns()[:2], in.NumRows()), nil
		},
		Open: func(_ context.Context, at pipelines.Position) (pipelines.Source, error) {
			return view.Open(from(at), o)
		}}
	plan.Spec.Pipeline = "collect-" + subject
	plan.Spec.From.SourceID = sourceID
	return plan
}

func textOf(s string) text.Text { return text.T(s, s) }

func onward(p pipelines.Position) pipelines.Position { return p }
func again(pipelines.Position) pipelines.Position    { return "" }

// mapSource makes a record of the subject of every row, and of an accept row that has
// more a step beside it.
func (w *world) mapSource(in arrow.Record, subject string) pipelines.Result {
	var res pipelines.Result
	main, beside := array.NewRecordBuilder(w.alloc, canonical), array.NewRecordBuilder(w.alloc, canonical)
	defer main.Release()
	defer beside.Release()
	var mainRows, besideRows []int32
	local, n := in.Column(0).(*array.String), in.Column(1).(*array.Int64)
	what, more := in.Column(2).(*array.String), in.Column(3).(*array.String)
	put := func(b *array.RecordBuilder, row int, value string) {
		b.Field(0).(*array.StringBuilder).Append(local.Value(row))
		b.Field(1).(*array.Int64Builder).Append(n.Value(row))
		b.Field(2).(*array.StringBuilder).Append(value)
	}
	for row := range int(in.NumRows()) {
		switch what.Value(row) {
		case isBad:
			res.Issues = append(res.Issues, pipelines.Issue{Row: int32(row), Field: "what", Rule: "bad_code"})
			continue
		case isSkipped:
			res.Filtered++
			continue
		}
		put(main, row, what.Value(row))
		mainRows = append(mainRows, int32(row))
		if more.IsValid(row) {
			put(beside, row, more.Value(row))
			besideRows = append(besideRows, int32(row))
		}
	}
	res.Outputs = []pipelines.Output{{Subject: subject, Record: main.NewRecord(), Rows: mainRows}, {Subject: subjectStep, Record: beside.NewRecord(), Rows: besideRows}}
	return res
}

// row is one record as it lies in the log.
type logRow struct {
	key     string
	version int
	what    string
	dead    bool
}

// log is every row of a subject's log, in order.
func (w *world) log(subject string) []logRow {
	w.Helper()
	var list []logRow
	var seq int64
	for {
		e, err := w.store.Next(context.Background(), ledger.Stream{Source: sourceID, Subject: subject}, seq)
		if err != nil {
			w.Fatalf("read log: %v", err)
		}
		if e == nil {
			return list
		}
		seq = e.Seq
		rec, err := ledger.Decode(e.Payload, w.alloc)
		if err != nil {
			w.Fatalf("decode: %v", err)
		}
		dead := map[int32]bool{}
		for _, d := range e.Dead {
			dead[d] = true
		}
		for i := range int(rec.NumRows()) {
			list = append(list, logRow{key: fmt.Sprint(rec.Column(0).(*array.String).Value(i), "/", rec.Column(1).(*array.Int64).Value(i)),
				version: int(rec.Column(4).(*array.Int64).Value(i)), what: rec.Column(2).(*array.String).Value(i), dead: dead[int32(i)]})
		}
		rec.Release()
	}
}

// deliverPlan feeds the receiver: accepts first, steps after the accept of their case.
func (w *world) deliverPlan(target pipelines.Target) *jobs.DeliverPlan {
	plan := &jobs.DeliverPlan{Receiver: receiver, Target: target, Workers: 3}
	for _, subject := range []string{subjectAccept, subjectStep} {
		plan.Subjects = append(plan.Subjects, jobs.SubjectPlan{Order: ledger.Order{Receiver: receiver, Subject: subject, Parent: subject == subjectStep},
			Table: "up_" + subject, Stage: pipelines.StageFunc(w.mapDelivery)})
	}
	return plan
}

// mapDelivery delivers a record as it is, with its version.
func (w *world) mapDelivery(_ context.Context, in arrow.Record) (pipelines.Result, error) {
	rows := make([]int32, in.NumRows())
	for i := range rows {
		rows[i] = int32(i)
	}
	var fields []arrow.Field
	var cols []arrow.Array
	for _, name := range []string{"local_no", "n", "what", "_version"} {
		i := in.Schema().FieldIndices(name)[0]
		fields, cols = append(fields, in.Schema().Field(i)), append(cols, in.Column(i))
	}
	return pipelines.Result{Outputs: []pipelines.Output{{Subject: "national/up", Record: array.NewRecord(arrow.NewSchema(fields, nil), cols, in.NumRows()), Rows: rows}}}, nil
}

func (w *world) deliver(target pipelines.Target) error {
	return w.runner.Deliver(context.Background(), w.deliverPlan(target), jobs.NewCollecting())
}

// refusesMarked is a receiver that refuses every record that says so.
func refusesMarked(faults ...memory.Fault) *memory.Target {
	target := memory.NewTarget(faults...)
	target.RefuseRow = func(d *pipelines.Delivery, row int) bool {
		return d.Record.Column(2).(*array.String).Value(row) == isRefused
	}
	return target
}
