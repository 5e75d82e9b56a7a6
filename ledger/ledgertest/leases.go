package ledgertest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

var leaseTests = []test{
	{"ALeaseExcludesASecondOwner", leaseExcludes},
	{"AReleasedLeaseMayBeTaken", leaseReleased},
	{"AnExpiredLeaseMayBeTakenAndFencesTheOldOwner", leaseFences},
	{"ReleasingALostLeaseLeavesTheNewOwnerAlone", leaseReleaseLost},
	{"RenewingKeepsOthersOut", leaseRenew},
	{"WhatIsHeldIsListed", leaseHolds},
	{"OfManyWhoAskOneGetsTheLease", leaseRace},
}

var runTests = []test{
	{"RunsAreNumberedInOrderOfStart", runNumbers},
	{"ARunComesBackWithItsCounts", runWhole},
	{"LastRunsAreTheNewestOfEachPipeline", lastRuns},
	{"RunsSinceATimeAreTheNewestFirst", runsSince},
	{"WhenAJobWasDueIsRemembered", due},
}

func (k *kit) acquire(name string, ttl time.Duration) ledger.Lease {
	k.Helper()
	l, err := k.s.Acquire(k.ctx, name, ttl)
	k.ok(err)
	return l
}

func leaseExcludes(k *kit) {
	l := k.acquire("collect:a", time.Hour)
	if l.Name != "collect:a" || l.Owner == "" || l.Epoch == 0 {
		k.Errorf("got %+v", l)
	}
	for _, s := range []ledger.Store{k.s, k.second().s} {
		_, err := s.Acquire(k.ctx, "collect:a", time.Hour)
		k.wantKind(err, fault.Blocked)
	}
	k.acquire("collect:b", time.Hour)
}

func leaseReleased(k *kit) {
	l := k.acquire("collect:a", time.Hour)
	k.ok(k.s.Release(k.ctx, l))
	if again := k.second().acquire("collect:a", time.Hour); again.Epoch <= l.Epoch {
		k.Errorf("epoch %d after %d", again.Epoch, l.Epoch)
	}
	k.wantKind(k.s.Renew(k.ctx, l, time.Hour), fault.Blocked)
}

func leaseFences(k *kit) {
	old := k.acquire("collect:a", -time.Second)
	now := k.second().acquire("collect:a", time.Hour)
	if now.Epoch <= old.Epoch {
		k.Errorf("epoch %d after %d", now.Epoch, old.Epoch)
	}
	k.wantKind(k.s.Renew(k.ctx, old, time.Hour), fault.Blocked)
	_, err := k.s.Commit(k.ctx, &ledger.Change{Lease: old, Pipeline: pipeline, Position: "old"})
	k.wantKind(err, fault.Blocked)
	_, err = k.s.Commit(k.ctx, &ledger.Change{Lease: now, Pipeline: pipeline, Position: "new"})
	k.ok(err)
	if p, _ := k.s.Position(k.ctx, pipeline); p != "new" {
		k.Errorf("stands at %q", p)
	}
}

func leaseReleaseLost(k *kit) {
	old := k.acquire("collect:a", -time.Second)
	k.acquire("collect:a", time.Hour)
	k.ok(k.s.Release(k.ctx, old))
	_, err := k.s.Acquire(k.ctx, "collect:a", time.Hour)
	k.wantKind(err, fault.Blocked)
}

func leaseRenew(k *kit) {
	l := k.acquire("collect:a", -time.Second)
	k.ok(k.s.Renew(k.ctx, l, time.Hour))
	_, err := k.s.Acquire(k.ctx, "collect:a", time.Hour)
	k.wantKind(err, fault.Blocked)
}

func leaseHolds(k *kit) {
	k.acquire("collect:late", -time.Second)
	given := k.acquire("collect:given", time.Hour)
	k.acquire("deliver:b", time.Hour)
	k.acquire("collect:a", time.Hour)
	k.ok(k.s.Release(k.ctx, given))
	names, err := k.second().s.Holds(k.ctx)
	k.ok(err)
	if !slices.Equal(names, []string{"collect:a", "deliver:b"}) {
		k.Errorf("held are %v", names)
	}
}

func leaseRace(k *kit) {
	stores := []ledger.Store{k.s, k.second().s}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for i := range 10 {
		wg.Go(func() {
			if _, err := stores[i%2].Acquire(k.ctx, "collect:a", time.Hour); err == nil {
				mu.Lock()
				got++
				mu.Unlock()
			} else if !fault.Is(err, fault.Blocked) {
				k.Errorf("acquire: %v", err)
			}
		})
	}
	wg.Wait()
	if got != 1 {
		k.Errorf("%d got it", got)
	}
}

func (k *kit) start(pipeline string) ledger.Run {
	k.Helper()
	r, err := k.s.StartRun(k.ctx, pipeline, "full", "m1")
	k.ok(err)
	return r
}

func runNumbers(k *kit) {
	other := k.second()
	var last int64
	ids := map[string]bool{}
	for i := range 6 {
		r := []*kit{k, other}[i%2].start("p")
		if r.Num <= last || ids[r.ID] || r.State != "running" || r.Started.IsZero() {
			k.Errorf("run %d: %+v after %d", i, r, last)
		}
		last, ids[r.ID] = r.Num, true
	}
}

func runWhole(k *kit) {
	r := k.start("p")
	if list, err := k.s.LastRuns(k.ctx); err != nil || len(list) != 1 || list[0].State != "running" || !list[0].Ended.IsZero() {
		k.Errorf("running: %+v, %v", list, err)
	}
	r.State, r.Error, r.Compared = "partial", "limit passed", true
	r.Counts = pipelines.Counts{Read: 10, Filtered: 1, Unchanged: 2, Rejected: 3, Collected: 4, Records: 5, Blanked: 6, Warned: 7, Settling: 8, BytesRead: 9,
		Load: pipelines.Load{Queries: 10, BusyMS: 11, Rows: 12, Bytes: 13}}
	k.ok(k.s.EndRun(k.ctx, r))
	list, err := k.s.LastRuns(k.ctx)
	k.ok(err)
	got := list[0]
	if got.Ended.IsZero() || got.Started.UnixMilli() != r.Started.UnixMilli() {
		k.Errorf("from %s to %s", got.Started, got.Ended)
	}
	got.Started, got.Ended = r.Started, r.Ended
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", r) {
		k.Errorf("got %+v\nwant %+v", got, r)
	}
}

func lastRuns(k *kit) {
	k.start("b")
	k.start("a")
	b := k.start("b")
	a := k.start("a")
	list, err := k.s.LastRuns(k.ctx)
	k.ok(err)
	same(k, "runs", each(list, func(r ledger.Run) string { return r.ID }), []string{a.ID, b.ID})
}

func runsSince(k *kit) {
	a, b := k.start("p"), k.start("q")
	list, err := k.s.RunsSince(k.ctx, a.Started)
	k.ok(err)
	same(k, "runs", each(list, func(r ledger.Run) string { return r.ID }), []string{b.ID, a.ID})
	if list, err := k.s.RunsSince(k.ctx, b.Started.Add(time.Hour)); err != nil || len(list) != 0 {
		k.Errorf("later: %+v, %v", list, err)
	}
}

func due(k *kit) {
	if at, err := k.s.Due(k.ctx, "nightly"); !at.IsZero() || err != nil {
		k.Errorf("never due: %s, %v", at, err)
	}
	for i := range 2 {
		want := epoch.Add(time.Duration(i) * time.Hour)
		k.ok(k.s.SetDue(k.ctx, "nightly", want))
		if at, err := k.second().s.Due(k.ctx, "nightly"); !at.Equal(want) || err != nil {
			k.Errorf("got %s, %v, want %s", at, err, want)
		}
	}
	if at, _ := k.s.Due(k.ctx, "hourly"); !at.IsZero() {
		k.Errorf("another job was due %s", at)
	}
}
