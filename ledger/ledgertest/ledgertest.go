package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

// Open opens the ledger of the test t, which is new to its first call; a second call
// with the same t opens the same ledger once more, as a second process would. The
// suite closes what it opened.
type Open func(t *testing.T) ledger.Store

type test struct {
	name string
	run  func(*kit)
}

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, part := range []struct {
		name  string
		tests []test
	}{
		{"Index", indexTests}, {"Commit", commitTests}, {"Cases", caseTests}, {"Kept", keptTests}, {"Rejects", rejectTests},
		{"Freeze", freezeTests}, {"Settle", settleTests}, {"Exceptions", exceptionTests},
		{"Leases", leaseTests}, {"Runs", runTests}, {"Prune", pruneTests}, {"Shared", sharedTests},
		{"ReceiverStates", receiverStateTests}, {"Overview", overviewTests}, {"Waive", waiveTests}, {"Rewind", rewindTests}, {"History", historyTests}, {"Members", memberTests}, {"Sums", sumTests}, {"Shapes", shapeTests}, {"Owed", owedTests}, {"Doubts", doubtTests}, {"Deletes", deleteTests}, {"Feedback", feedbackTests}, {"Outcomes", outcomeTests}, {"Pieces", pieceTests}, {"Told", toldTests}, {"Acknowledged", acknowledgedTests},
	} {
		t.Run(part.name, func(t *testing.T) {
			for _, one := range part.tests {
				t.Run(one.name, func(t *testing.T) { one.run(newKit(t, open)) })
			}
		})
	}
}

// kit is a store and short ways to fill it.
type kit struct {
	*testing.T
	s    ledger.Store
	ctx  context.Context
	open Open
	run  int64 // of the changes that collect makes
}

func newKit(t *testing.T, open Open) *kit {
	return &kit{T: t, s: opened(t, open), ctx: context.Background(), open: open, run: 1}
}

func opened(t *testing.T, open Open) ledger.Store {
	s := open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// second is the same ledger, opened once more.
func (k *kit) second() *kit {
	other := *k
	other.s = opened(k.T, k.open)
	return &other
}

var (
	accepts = ledger.Stream{Source: "gjj-core", Subject: "case/accept"}
	steps   = ledger.Stream{Source: "gjj-core", Subject: "case/step"}
	others  = ledger.Stream{Source: "jtj", Subject: "case/accept"}
)

const (
	pipeline = "provident-fund-accept"
	national = "national-test"
)

var epoch = time.UnixMilli(1793494800000)

func key(name string) []byte { return ledger.EncodeKey(name, "1") }

func keys(names ...string) [][]byte {
	list := make([][]byte, len(names))
	for i, n := range names {
		list[i] = key(n)
	}
	return list
}

func hash(b byte) pipelines.Hash { return pipelines.Hash{0: b, 15: b} }

func (k *kit) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kit) wantKind(err error, kind fault.Kind) {
	k.Helper()
	if !fault.Is(err, kind) {
		k.Errorf("got %v, want a %s fault", err, kind)
	}
}

func (k *kit) lookup(s ledger.Stream, names ...string) []ledger.Entry {
	k.Helper()
	list, err := k.s.Lookup(k.ctx, s, keys(names...))
	k.ok(err)
	if len(list) != len(names) {
		k.Fatalf("%d entries for %d keys", len(list), len(names))
	}
	return list
}

// record is the change of one record that collect writes.
type record struct {
	name string
	hash byte
	kase *ledger.Case // what the case becomes; Source, LocalNo and Rec are filled in
}

// change computes what a collect of records would commit.
func (k *kit) change(s ledger.Stream, records ...record) *ledger.Change {
	k.Helper()
	b := ledger.LogBatch{Stream: s, Payload: []byte(fmt.Sprint("payload of ", records[0].name))}
	for i, r := range records {
		old := k.lookup(s, r.name)[0]
		e := ledger.Entry{Key: key(r.name), Rec: old.Rec, Version: old.Version + 1, Record: hash(r.hash), Source: hash(r.hash + 100),
			GUID: ledger.GUID(s, key(r.name)), At: ledger.Place{Row: int32(i)}, Run: k.run}
		if e.Rec == 0 {
			first, err := k.s.ReserveRecords(k.ctx, 1)
			k.ok(err)
			e.Rec = first
		}
		b.Entries, b.Before = append(b.Entries, e), append(b.Before, old.At)
		if r.kase != nil {
			c := *r.kase
			c.Source, c.LocalNo, c.Rec = s.Source, r.name, e.Rec
			c.Again = c.Again || e.Version > 1 || c.Round > 1
			b.Cases = append(b.Cases, c)
		}
	}
	return &ledger.Change{Run: k.run, Pipeline: pipeline, Mapping: "m1", Position: "p1", Batches: []ledger.LogBatch{b}}
}

func (k *kit) commit(c *ledger.Change) int64 {
	k.Helper()
	n, err := k.s.Commit(k.ctx, c)
	k.ok(err)
	return n
}

// collect commits records and returns their entries.
func (k *kit) collect(s ledger.Stream, records ...record) []ledger.Entry {
	k.Helper()
	k.commit(k.change(s, records...))
	names := make([]string, len(records))
	for i := range records {
		names[i] = records[i].name
	}
	return k.lookup(s, names...)
}

func (k *kit) log(s ledger.Stream) []*ledger.LogEntry {
	k.Helper()
	var list []*ledger.LogEntry
	var seq int64
	for {
		e, err := k.s.Next(k.ctx, s, seq)
		k.ok(err)
		if e == nil {
			return list
		}
		seq, list = e.Seq, append(list, e)
	}
}

// freeze puts entries into a frozen batch for the receiver.
func (k *kit) freeze(receiver, id string, s ledger.Stream, entries ...ledger.Entry) *ledger.Frozen {
	k.Helper()
	b := &ledger.Frozen{ID: id, Receiver: receiver, Stream: s, Table: "up_pro_accept", At: epoch}
	for _, e := range entries {
		b.Members = append(b.Members, ledger.Member{Rec: e.Rec, Version: e.Version, At: e.At, Delete: e.Deleted})
	}
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Batch: b, Receiver: receiver, Stream: s, Offset: entries[0].At.Seq})
	k.ok(err)
	return b
}

func (k *kit) settle(b *ledger.Frozen, refused ...ledger.Exception) {
	k.Helper()
	_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: b, Refused: refused})
	k.ok(err)
}

func (k *kit) sent(receiver string, recs ...int64) []ledger.Sent {
	k.Helper()
	list, err := k.s.Sent(k.ctx, receiver, recs)
	k.ok(err)
	return list
}

func (k *kit) exceptions(q ledger.ExceptionQuery) []ledger.Exception {
	k.Helper()
	list, err := k.s.Exceptions(k.ctx, q)
	k.ok(err)
	return list
}

// exception says that an entry is in a state at the national receiver.
func exception(s ledger.Stream, e ledger.Entry, state ledger.State) ledger.Exception {
	return ledger.Exception{Receiver: national, Rec: e.Rec, Version: e.Version, State: state, Rule: "waits_parent", Args: []string{"case/accept"},
		Stream: s, Key: e.Key, At: e.At, Run: e.Run, Pipeline: pipeline, Since: epoch}
}

// putAside stores exceptions without a batch.
func (k *kit) putAside(s ledger.Stream, list ...ledger.Exception) {
	k.Helper()
	_, err := k.s.Freeze(k.ctx, &ledger.Freeze{Receiver: national, Stream: s, Exceptions: list})
	k.ok(err)
}

func (k *kit) rejects(q ledger.RejectQuery) []ledger.Reject {
	k.Helper()
	list, err := k.s.Rejects(k.ctx, q)
	k.ok(err)
	return list
}

// same compares two lists and prints both when they differ.
func same[T comparable](k *kit, what string, got, want []T) {
	k.Helper()
	if !slices.Equal(got, want) {
		k.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// each maps a list, for comparisons.
func each[T, R any](list []T, f func(T) R) []R {
	out := make([]R, len(list))
	for i := range list {
		out[i] = f(list[i])
	}
	return out
}
