package outbox

import (
	"context"
	"slices"
	"testing"

	"banjian/ledger"
	"banjian/pipelines"
)

// heardStore is what a store remembers of messages.
type heardStore struct {
	ledger.DeliverStore
	stored []ledger.Heard
	reads  int
}

func (s *heardStore) Told(_ context.Context, _ string, recs []int64) ([]ledger.Heard, error) {
	s.reads++
	return slices.DeleteFunc(slices.Clone(s.stored), func(h ledger.Heard) bool { return !slices.Contains(recs, h.Rec) }), nil
}

func (s *heardStore) KeepTold(_ context.Context, _ ledger.Lease, _ string, h ledger.Heard) error {
	s.stored = slices.DeleteFunc(s.stored, func(x ledger.Heard) bool { return x.Rec == h.Rec && x.Part == h.Part })
	s.stored = append(s.stored, h)
	return nil
}

// A message counts as acknowledged with its record's receipt, a part of one at once; while
// another is under way nothing does.
func TestAMessageCountsAsToldWithItsReceipt(t *testing.T) {
	ctx := context.Background()
	before, now, none := pipelines.Hash{1}, pipelines.Hash{2}, pipelines.Hash{}
	store := &heardStore{stored: []ledger.Heard{{Rec: 7, Part: "", Message: before}, {Rec: 8, Part: "request", Message: before}}}
	k := &told{outbox: &Outbox{store: store}, whole: map[int]pipelines.Hash{}, ops: []pipelines.Op{pipelines.OpUpdate, pipelines.OpUpdate, pipelines.OpInsert},
		going: []ledger.Row{{Member: ledger.Member{Rec: 7}}, {Member: ledger.Member{Rec: 8}}, {Member: ledger.Member{Rec: 9}}}}
	said := func(row int, part string, want pipelines.Hash) {
		t.Helper()
		if got, err := k.Told(ctx, row, part); err != nil || got != want {
			t.Errorf("row %d %s: %v, %v, want %v", row, part, got[0], err, want[0])
		}
	}
	tell := func(row int, part string, message pipelines.Hash) {
		t.Helper()
		if err := k.Tell(ctx, row, part, message); err != nil {
			t.Error(err)
		}
	}
	said(2, "", none)
	if store.reads != 0 {
		t.Error("what was never told is asked for")
	}
	said(0, "", before)
	said(1, "request", before)
	said(1, "result", none)
	if store.reads != 1 {
		t.Errorf("%d reads", store.reads)
	}
	tell(0, "", none)
	said(0, "", none)
	tell(0, "", now)
	if slices.Contains(store.stored, ledger.Heard{Rec: 7, Part: "", Message: now}) || !slices.Contains(store.stored, ledger.Heard{Rec: 7, Part: "", Message: none}) {
		t.Errorf("before the receipt: %v", store.stored)
	}
	if list := k.of(0); !slices.Equal(list, []ledger.Heard{{Rec: 7, Part: "", Message: now}}) {
		t.Errorf("with the receipt: %v", list)
	}
	tell(1, "result", now)
	said(1, "result", now)
	if !slices.Contains(store.stored, ledger.Heard{Rec: 8, Part: "result", Message: now}) || k.of(1) != nil || k.of(2) != nil {
		t.Errorf("a part: %v, %v", store.stored, k.of(1))
	}
}
