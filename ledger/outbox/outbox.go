package outbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// Config is one receiver's table and the way to it.
type Config struct {
	Receiver string
	Subject  string
	Table    string
	Target   pipelines.Target // takes a batch at a time; or
	Caller   pipelines.Caller // takes one record a call
	Calls    int              // calls under way together; 1 at least
	InOrder  bool             // records of a case go one after the other
	Once     bool             // the receiver takes one version of a record (OnUpdate is not Resend)
	Workers  int              // batches under way together; 1 at least
	Lease    ledger.Lease
	Fence    func() error                                 // asked right before a commit at the receiver, see pipelines.Delivery
	Pace     func(ctx context.Context, records int) error // waits until so many may go; nil = at once
	Breaker  *Breaker                                     // stands before the receiver; nil = nothing does
	Done     <-chan struct{}                              // closed when the run is being stopped: no further call is begun
	Tally    *ledger.Tally
	Log      *slog.Logger
	Now      func() time.Time // see Stamps
	Purge    time.Duration    // age from which the receiver may have cleaned rows up; 0 = it keeps them
	Alloc    memory.Allocator
}

// Outbox takes mapped records to a receiver: it freezes each batch in the ledger,
// delivers it and stores the receipt. It is a pipelines.Sink whose Write returns when
// the batch is frozen; deliveries then run beside each other, and Close waits for
// them. Two versions of one record are never under way together (invariant 5).
type Outbox struct {
	Config
	store ledger.DeliverStore
	work  chan struct{} // one token for each delivery under way
	slots chan struct{} // one token for each call under way
	wg    sync.WaitGroup

	settled    atomic.Int64 // records whose receipt was stored
	silent     atomic.Int64 // calls given up since the receiver last answered one
	recovering bool         // what an earlier run left open is being sent again

	mu     sync.Mutex
	flying map[int64]int            // records under way
	inCase map[string]int           // and their cases, by local number, where these count
	open   map[int64]bool           // records given up for now, their outcome open
	cases  map[string]bool          // and their cases, by source and local number
	doubt  error                    // why
	noted  map[int64]ledger.Outcome // what earlier deliveries noted of calls without an answer, by record
	failed error
	over   time.Time // see stopBy
}

// New prepares the way to a table.
func New(store ledger.DeliverStore, cfg Config) *Outbox {
	if cfg.Alloc == nil {
		cfg.Alloc = memory.DefaultAllocator
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Outbox{Config: cfg, store: store, work: make(chan struct{}, max(cfg.Workers, 1)),
		slots: make(chan struct{}, max(cfg.Calls, 1)), flying: map[int64]int{}, inCase: map[string]int{}, open: map[int64]bool{}, cases: map[string]bool{}}
}

// Write freezes the records that may go, stores why the others may not, and starts
// the delivery.
func (o *Outbox) Write(ctx context.Context, w *pipelines.Write) (pipelines.Counts, error) {
	if err := o.err(); err != nil {
		return pipelines.Counts{}, err
	}
	source, offset := ledger.OffsetOf(w.Position)
	rows := ledger.RowsOf(w.Input)
	if err := ledger.FillAdopted(ctx, o.store, rows); err != nil {
		return pipelines.Counts{}, err
	}
	f := &ledger.Freeze{Lease: o.Lease, Receiver: o.Receiver, Stream: ledger.Stream{Source: source, Subject: o.Subject}, Offset: offset}
	counts := pipelines.Counts{Read: w.Input.NumRows()}
	if err := o.holdFlying(ctx, &w.Result, rows); err != nil {
		return pipelines.Counts{}, err
	}
	o.setAside(f, w, rows, &counts)
	if err := o.diverge(ctx, f); err != nil {
		return pipelines.Counts{}, err
	}
	common := ledger.SharedOf(w.Input)
	if common.Ahead { // what has to wait does so where it is in the log
		f.Ahead = common.Seq
		f.Exceptions = slices.DeleteFunc(f.Exceptions, func(e ledger.Exception) bool { return e.State == ledger.Held })
	}
	var d *pipelines.Delivery
	var going []ledger.Row
	if len(w.Result.Outputs) > 0 && len(w.Result.Outputs[0].Rows) > 0 {
		going, d = o.delivery(f, &w.Result.Outputs[0], rows)
		err := o.digest(d, f.Batch)
		if err == nil {
			err = o.waitFor(source, going)
		}
		if err != nil {
			d.Record.Release()
			return pipelines.Counts{}, err
		}
	}
	counts.Collected = int64(len(going))
	counts.Unchanged = counts.Read - counts.Collected // put aside; the tally tells how
	failpoint.Hit(failpoint.BeforeFreeze)
	newRejects, err := o.store.Freeze(ctx, f)
	if err != nil {
		o.land(going)
		if d != nil {
			d.Record.Release()
		}
		return pipelines.Counts{}, err
	}
	counts.NewRejects = newRejects
	if f.Ahead > 0 {
		failpoint.Hit(failpoint.AfterAhead)
	}
	for i := range f.Exceptions {
		e := &f.Exceptions[i]
		o.Tally.Move(e.Pipeline, o.Receiver, e.Run, common.Was, e.State)
		if e.Rule == ledger.RuleCompared {
			o.Tally.Compared(e.Pipeline, o.Receiver, e.Run)
		}
	}
	failpoint.Hit(failpoint.AfterFreeze)
	if d != nil {
		w.Input.Retain() // keys of going lie in it
		o.start(ctx, d, f.Batch, going, w.Input.Release)
	}
	return counts, nil
}

// delivery makes the frozen batch and the delivery of the rows that passed.
func (o *Outbox) delivery(f *ledger.Freeze, out *pipelines.Output, rows []ledger.Row) ([]ledger.Row, *pipelines.Delivery) {
	going := make([]ledger.Row, len(out.Rows))
	f.Batch = &ledger.Frozen{ID: newBatchID(), Receiver: o.Receiver, Stream: f.Stream, Table: o.Table, At: o.Now(), Members: make([]ledger.Member, len(out.Rows))}
	d := &pipelines.Delivery{ID: f.Batch.ID, Table: o.Table, Time: f.Batch.At, Record: out.Record, GUIDs: make([][16]byte, len(out.Rows)), Versions: make([]uint32, len(out.Rows)), Source: f.Stream.Source, Fence: o.Fence}
	for i, row := range out.Rows {
		going[i] = rows[row]
		f.Batch.Members[i] = rows[row].Member
		d.GUIDs[i], d.Versions[i] = rows[row].GUID, rows[row].Member.Version
		spell(d, i, rows[row].Spelled)
	}
	d.Record.Retain()
	return going, d
}

// digest notes what the rows will be known by at the receiver, where they can be read back.
func (o *Outbox) digest(d *pipelines.Delivery, b *ledger.Frozen) error {
	holder, ok := o.Target.(pipelines.Holder)
	if !ok {
		return nil
	}
	var err error
	b.Digests, err = holder.Digests(d)
	return err
}

// spell notes how the row_guid of a row is written, where that is not our way.
func spell(d *pipelines.Delivery, row int, spelled string) {
	if spelled == "" {
		return
	}
	if d.Spelled == nil {
		d.Spelled = map[int]string{}
	}
	d.Spelled[row] = spelled
}

func newBatchID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// errStillOpen ends a run in which something would go before what its outcome is open of.
var errStillOpen error = fault.New(fault.Unknown, "deliver", "", text.T("同一记录或同一件中较早的一条，结果还不知道", "the outcome of the record, or of an earlier one of its case, is open"), text.T("下次运行再试", "the next run tries again"))

// waitFor waits until none of the records is under way, then marks them so; where records
// of a case go in order, until none of the case is. If what it waited for failed, its
// outcome is open and nothing may be frozen behind it (invariant 5).
func (o *Outbox) waitFor(source string, going []ledger.Row) error {
	o.mu.Lock()
	clash := false
	for i := range going {
		clash = clash || o.flying[going[i].Member.Rec] > 0 || o.InOrder && o.inCase[ledger.FirstOfKey(going[i].Key)] > 0
	}
	o.mu.Unlock()
	if clash {
		o.wg.Wait()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed != nil {
		return o.failed
	}
	for i := range going {
		if o.open[going[i].Member.Rec] || o.InOrder && o.cases[caseKey(source, ledger.FirstOfKey(going[i].Key))] {
			return cmp.Or(o.doubt, errStillOpen)
		}
	}
	for i := range going {
		o.flying[going[i].Member.Rec]++
		if o.InOrder {
			o.inCase[ledger.FirstOfKey(going[i].Key)]++
		}
	}
	return nil
}

func (o *Outbox) land(going []ledger.Row) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range going {
		delete(o.flying, going[i].Member.Rec)
		if o.InOrder {
			delete(o.inCase, ledger.FirstOfKey(going[i].Key))
		}
	}
}

// start delivers in the background as soon as a worker is free.
func (o *Outbox) start(ctx context.Context, d *pipelines.Delivery, b *ledger.Frozen, going []ledger.Row, release func()) {
	d.Ops = make([]pipelines.Op, len(b.Members))
	for i := range b.Members {
		d.Ops[i] = b.Members[i].Op
	}
	o.work <- struct{}{}
	o.wg.Add(1)
	go func() {
		defer o.wg.Done()
		defer func() { <-o.work }()
		defer release()
		defer d.Record.Release()
		defer o.land(going)
		if err := o.err(); err != nil {
			_ = o.untried(ctx, b, err)
			return // an earlier delivery failed; this one stays frozen and is asked for next time
		}
		if err := o.deliver(ctx, d, b, going); err != nil {
			o.fail(err)
		}
	}()
}

func (o *Outbox) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

func (o *Outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failed == nil {
		o.failed = err
	}
}

// Close waits for the deliveries under way and returns the first failure.
func (o *Outbox) Close(context.Context) error {
	o.wg.Wait()
	return o.err()
}

// Load is not needed: every stream's offset lies in the ledger, where Source reads it.
func (o *Outbox) Load(context.Context) (pipelines.Position, error) { return "", nil }
