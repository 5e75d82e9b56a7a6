package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

var receiverStateTests = []test{
	{"AReceiverComesBackWhole", receiverWhole},
	{"ChangesAtOnceLoseNothing", receiverTogether},
	{"ARefusalLastsUntilADeliveryEndsWell", receiverRefuses},
	{"AStopAndALeaseOfSomebodyElseSayNothing", receiverUntouched},
	{"ATestReceiverDoesNotBecomeAProductionOne", receiverIdentity},
}

func (k *kit) receiver(name string) ledger.ReceiverState {
	k.Helper()
	list, err := k.s.ReceiverStates(k.ctx)
	k.ok(err)
	for _, s := range list {
		if s.Name == name {
			return s
		}
	}
	return ledger.ReceiverState{}
}

func receiverWhole(k *kit) {
	if list, err := k.s.ReceiverStates(k.ctx); len(list) != 0 || err != nil {
		k.Errorf("a new ledger knows %v, %v", list, err)
	}
	clock := -1500 * time.Millisecond
	why := ledger.Reason{What: text.T("签名不对", "wrong signature"), Hint: text.T("换密钥", "change the key")}
	want := ledger.ReceiverState{Name: national, Identity: "centre/test", PausedAt: epoch, PausedWhy: "升级", BlockedAt: epoch.Add(time.Second), BlockedWhy: why,
		FailedAt: epoch.Add(2 * time.Second), FailedWhy: why,
		Break: ledger.Break{At: epoch.Add(5 * time.Second), Until: epoch.Add(6 * time.Second), Times: 3, Why: why}, TriedAt: epoch.Add(3 * time.Second), GoodAt: epoch.Add(4 * time.Second), Clock: &clock}
	k.ok(k.s.SetReceiverState(k.ctx, national, func(s *ledger.ReceiverState) {
		if s.Name != national {
			k.Errorf("change is given %+v", s)
		}
		*s = want
	}))
	k.ok(k.s.SetReceiverState(k.ctx, "platform-test", func(s *ledger.ReceiverState) {}))
	got := k.second().receiver(national)
	if got.Clock == nil || *got.Clock != clock {
		k.Errorf("clock %v", got.Clock)
	}
	got.Clock = want.Clock
	if got != want {
		k.Errorf("got %+v\nwant %+v", got, want)
	}
	if got := k.receiver("platform-test"); got != (ledger.ReceiverState{Name: "platform-test"}) {
		k.Errorf("untouched: %+v", got)
	}
}

func receiverTogether(k *kit) {
	kits := []*kit{k, k.second()}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := kits[i%2].s.SetReceiverState(k.ctx, national, func(s *ledger.ReceiverState) { s.PausedWhy += "x" }); err != nil {
				k.Errorf("set: %v", err)
			}
		})
	}
	wg.Wait()
	if got := len(k.receiver(national).PausedWhy); got != 20 {
		k.Errorf("%d changes of 20 are there", got)
	}
}

func (k *kit) record(err error, clock *time.Duration) ledger.ReceiverState {
	k.Helper()
	k.ok(ledger.BeginDelivery(k.ctx, k.s, national, "centre/test"))
	k.ok(ledger.RecordDelivery(k.ctx, k.s, national, err, false, clock))
	return k.receiver(national)
}

func receiverRefuses(k *kit) {
	clock := 3 * time.Second
	refused := fault.New(fault.Blocked, "call", national, text.T("密钥停用", "the key is switched off"), text.T("换密钥", "change the key"))
	s := k.record(refused, &clock)
	since := s.BlockedAt
	if since.IsZero() || s.FailedAt.IsZero() || !s.GoodAt.IsZero() || s.TriedAt.IsZero() || s.BlockedWhy.What.EN != national+": the key is switched off" || s.BlockedWhy.Hint.ZH != "换密钥" || *s.Clock != clock {
		k.Errorf("refused: %+v", s)
	}
	s = k.record(fault.New(fault.Transient, "call", national, text.T("连不上", "no connection"), text.Text{}), nil)
	if !s.BlockedAt.Equal(since) || s.BlockedWhy.Hint.ZH != "换密钥" || s.FailedWhy.What.EN != national+": no connection" || s.Clock == nil {
		k.Errorf("then out of reach: %+v", s)
	}
	k.ok(ledger.RecordDelivery(k.ctx, k.s, national, fault.New(fault.Transient, "call", national, text.T("连不上", "no connection"), text.Text{}), true, nil))
	if s = k.receiver(national); !s.BlockedAt.IsZero() || s.FailedAt.IsZero() {
		k.Errorf("then it took something before it went out of reach: %+v", s)
	}
	s = k.record(nil, nil)
	if !s.BlockedAt.IsZero() || !s.FailedAt.IsZero() || s.FailedWhy != (ledger.Reason{}) || s.GoodAt.IsZero() || s.Clock == nil {
		k.Errorf("then well: %+v", s)
	}
}

func receiverIdentity(k *kit) {
	k.ok(ledger.BeginDelivery(k.ctx, k.s, "unnamed", "/"))
	k.ok(ledger.BeginDelivery(k.ctx, k.s, "unnamed", "/test"))
	k.ok(ledger.BeginDelivery(k.ctx, k.s, "unnamed", "centre/test"))
	for _, other := range []string{"centre/production", "centre/", "/"} {
		if err := ledger.BeginDelivery(k.ctx, k.s, "unnamed", other); !fault.Is(err, fault.Config) {
			k.Errorf("named centre/test, and now %s: %v", other, err)
		}
	}
	k.ok(ledger.BeginDelivery(k.ctx, k.s, national, "centre/test"))
	k.ok(ledger.BeginDelivery(k.ctx, k.s, national, "centre/test"))
	if err := ledger.BeginDelivery(k.ctx, k.s, national, "centre/production"); !fault.Is(err, fault.Config) {
		k.Errorf("what was fed as a test system is now in production: %v", err)
	}
	if got := k.receiver(national).Identity; got != "centre/test" {
		k.Errorf("it is %q now", got)
	}
}

func receiverUntouched(k *kit) {
	before := k.record(nil, nil)
	for _, err := range []error{context.Canceled, fmt.Errorf("deliver: %w", context.Canceled),
		ledger.TakenBy(ledger.DeliverLease(national), "host/1", false, time.Now())} {
		after := k.record(err, nil)
		after.TriedAt = before.TriedAt
		if after != before {
			k.Errorf("%v: %+v", err, after)
		}
	}
	if s := k.record(errors.New("something else"), nil); s.FailedAt.IsZero() || !s.BlockedAt.IsZero() {
		k.Errorf("something else: %+v", s)
	}
}
