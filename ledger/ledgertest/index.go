package ledgertest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"banjian/ledger"
)

var indexTests = []test{
	{"KeysNobodyStoredAreUnknown", unknownKeys},
	{"EveryFieldOfAnEntryComesBack", entryComesBack},
	{"LookupAnswersInTheOrderAsked", lookupOrder},
	{"StreamsDoNotShareKeys", streamsApart},
	{"AChangeOfAStaleVersionConflictsAndWritesNothing", staleVersion},
	{"ANewRecordUnderAKnownKeyConflicts", staleInsert},
	{"ATouchOfAStaleVersionConflictsAndWritesNothing", staleTouch},
	{"ATouchChangesTheSourceHashAlone", touch},
	{"ReservedNumbersNeverOverlap", reserve},
	{"CaseRecordsAreThoseOfTheCase", caseRecords},
}

func unknownKeys(k *kit) {
	for _, stored := range []bool{false, true} {
		if stored {
			k.collect(accepts, record{name: "B", hash: 1})
		}
		list, err := k.s.Lookup(k.ctx, accepts, [][]byte{key("A"), nil, key("C"), key("")})
		k.ok(err)
		for i := range list {
			if list[i].Known() || list[i].Rec != 0 {
				k.Errorf("key %d is known: %+v", i, list[i])
			}
		}
	}
}

func entryComesBack(k *kit) {
	c := k.change(accepts, record{name: "办件甲", hash: 7})
	want := c.Batches[0].Entries[0]
	k.commit(c)
	got := k.lookup(accepts, "办件甲")[0]
	if got.At.Seq == 0 {
		k.Error("it lies nowhere")
	}
	want.At.Seq = got.At.Seq
	if !reflect.DeepEqual(got, want) {
		k.Errorf("got %+v, want %+v", got, want)
	}
	c = k.change(accepts, record{name: "办件甲", hash: 8})
	c.Batches[0].Entries[0].Deleted = true
	k.commit(c)
	if got := k.lookup(accepts, "办件甲")[0]; got.Known() || got.Rec != want.Rec || got.Version != 2 || !got.Deleted {
		k.Errorf("deleted: %+v", got)
	}
}

func lookupOrder(k *kit) {
	const n = 700
	var records []record
	for i := range n {
		records = append(records, record{name: fmt.Sprintf("%05d", i*2), hash: byte(i)})
	}
	k.collect(accepts, records...)
	random := rand.New(rand.NewPCG(3, 4))
	var names []string
	for range 3 * n {
		names = append(names, fmt.Sprintf("%05d", random.IntN(2*n)))
	}
	for i, e := range k.lookup(accepts, names...) {
		number, _ := strconv.Atoi(names[i])
		if e.Known() != (number%2 == 0) || e.Known() && (e.Record != hash(byte(number/2)) || !slices.Equal(e.Key, key(names[i]))) {
			k.Fatalf("key %s: %+v", names[i], e)
		}
	}
}

func streamsApart(k *kit) {
	a, b := k.collect(accepts, record{name: "A", hash: 1})[0], k.collect(others, record{name: "A", hash: 2})[0]
	if a.Rec == b.Rec || k.lookup(accepts, "A")[0].Record != hash(1) || k.lookup(others, "A")[0].Record != hash(2) {
		k.Errorf("records %d and %d", a.Rec, b.Rec)
	}
}

// state is everything a failed change must not have touched.
func (k *kit) state() string {
	k.Helper()
	position, err := k.s.Position(k.ctx, pipeline)
	k.ok(err)
	list := k.lookup(accepts, "A", "B", "C")
	cases, err := k.s.Cases(k.ctx, accepts.Source, []string{"A", "B", "C"})
	k.ok(err)
	return fmt.Sprintf("position %s, log %d, rejects %d, index %v, cases %v, exceptions %d, sent %v",
		position, len(k.log(accepts)), len(k.rejects(ledger.RejectQuery{})), list, cases, len(k.exceptions(ledger.ExceptionQuery{})),
		k.sent(national, list[0].Rec, list[1].Rec, list[2].Rec))
}

func (k *kit) wantConflict(c *ledger.Change) {
	k.Helper()
	c.Position = "must not be stored"
	c.Rejects = []ledger.Reject{{Pipeline: pipeline, Key: key("C"), Rule: "required"}}
	before := k.state()
	if _, err := k.s.Commit(k.ctx, c); !errors.Is(err, ledger.ErrConflict) {
		k.Errorf("got %v, want a conflict", err)
	}
	if after := k.state(); after != before {
		k.Errorf("something was written:\n%s\n%s", before, after)
	}
}

func staleVersion(k *kit) {
	k.collect(accepts, record{name: "A", hash: 1})
	first := k.change(accepts, record{name: "A", hash: 2})
	late := k.change(accepts, record{name: "B", hash: 3, kase: &ledger.Case{Round: 1}}, record{name: "A", hash: 4})
	k.commit(first)
	k.wantConflict(late)
	k.commit(k.change(accepts, record{name: "B", hash: 3}, record{name: "A", hash: 4}))
	if e := k.lookup(accepts, "A")[0]; e.Version != 3 || e.Record != hash(4) {
		k.Errorf("recomputed: %+v", e)
	}
}

func staleInsert(k *kit) {
	late := k.change(accepts, record{name: "B", hash: 1}, record{name: "A", hash: 2})
	k.collect(accepts, record{name: "A", hash: 3})
	k.wantConflict(late)
}

func staleTouch(k *kit) {
	e := k.collect(accepts, record{name: "A", hash: 1})[0]
	k.collect(accepts, record{name: "A", hash: 2})
	e.Source = hash(9)
	late := k.change(accepts, record{name: "B", hash: 3})
	late.Touched = []ledger.TouchedEntries{{Stream: accepts, Entries: []ledger.Entry{e}}}
	k.wantConflict(late)
}

func touch(k *kit) {
	want := k.collect(accepts, record{name: "A", hash: 1}, record{name: "B", hash: 1})[0]
	want.Source = hash(9)
	k.commit(&ledger.Change{Run: 2, Pipeline: pipeline, Touched: []ledger.TouchedEntries{{Stream: accepts, Entries: []ledger.Entry{want}}}})
	if got := k.lookup(accepts, "A")[0]; !reflect.DeepEqual(got, want) {
		k.Errorf("got %+v, want %+v", got, want)
	}
	if got := k.lookup(accepts, "B")[0]; got.Source != hash(101) {
		k.Error("another record was touched")
	}
}

func reserve(k *kit) {
	stores := []ledger.Store{k.s, k.second().s}
	var mu sync.Mutex
	taken := map[int64]bool{}
	var wg sync.WaitGroup
	for _, s := range stores {
		wg.Go(func() {
			for i := range 20 {
				first, err := s.ReserveRecords(k.ctx, 1+i)
				if err != nil {
					k.Errorf("reserve: %v", err)
					return
				}
				mu.Lock()
				for n := first; n <= first+int64(i); n++ {
					if n < 1 || taken[n] {
						k.Errorf("number %d was handed out twice, or is too small", n)
					}
					taken[n] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func caseRecords(k *kit) {
	long := string(make([]byte, 255)) // its length encodes to ff 01
	put := func(parts ...string) {
		first, err := k.s.ReserveRecords(k.ctx, 1)
		k.ok(err)
		e := ledger.Entry{Key: ledger.EncodeKey(parts...), Rec: first, Version: 1, Run: 1}
		k.commit(&ledger.Change{Run: 1, Pipeline: pipeline, Batches: []ledger.LogBatch{{Stream: steps, Entries: []ledger.Entry{e}, Before: []ledger.Place{{}}}}})
	}
	put("GJJ-1", "1")
	put("GJJ-1", "2")
	put("GJJ-1", long)
	put("GJJ-10", "1")
	put("GJJ-2", "1")
	list, err := k.s.CaseRecords(k.ctx, steps, "GJJ-1")
	k.ok(err)
	same(k, "records", each(list, func(e ledger.Entry) int { return len(ledger.DecodeKey(e.Key)[1]) }), []int{1, 1, 255})
	if list, err := k.s.CaseRecords(k.ctx, accepts, "GJJ-1"); err != nil || len(list) != 0 {
		k.Errorf("of a stream that does not exist: %v, %v", list, err)
	}
}
