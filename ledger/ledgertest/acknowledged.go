package ledgertest

import (
	"fmt"
	"time"

	"banjian/ledger"
)

var acknowledgedTests = []test{{"WhatWasAcknowledgedStaysUntilItIsReplaced", acknowledged}}

func acknowledged(k *kit) {
	at := time.UnixMilli(1_795_400_000_123)
	want := func(list ...string) {
		got, err := k.second().s.Acknowledged(k.ctx)
		k.ok(err)
		same(k, "acknowledged", each(got, func(a ledger.Acknowledged) string {
			return fmt.Sprint(a.Concern, " ", a.Count, " ", a.State, " ", a.At.Equal(at), " ", a.Who)
		}), list)
	}
	want()
	k.ok(k.s.Acknowledge(k.ctx, []ledger.Acknowledged{{Concern: "b", Count: 2, State: "s", At: at, Who: "w"}, {Concern: "a", At: at}}))
	want("a 0  true ", "b 2 s true w")
	k.ok(k.s.Acknowledge(k.ctx, []ledger.Acknowledged{{Concern: "c", At: at, Who: "v"}}))
	want("c 0  true v")
}
