package ledgertest

import (
	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

var toldTests = []test{
	{"WhatWasToldStays", toldStays},
	{"ARewindForgetsThem", toldRewound},
	{"NobodyKeepsThemWithoutTheLease", toldFenced},
}

func (k *kit) told(receiver string, rec int64, part string) pipelines.Hash {
	k.Helper()
	list, err := k.s.Told(k.ctx, receiver, []int64{rec - 1, rec})
	k.ok(err)
	for _, h := range list {
		if h.Rec == rec && h.Part == part {
			return h.Message
		}
	}
	return pipelines.Hash{}
}

func (k *kit) keepTold(receiver string, rec int64, part string, message pipelines.Hash) {
	k.Helper()
	k.ok(k.s.KeepTold(k.ctx, ledger.Lease{}, receiver, ledger.Heard{Rec: rec, Part: part, Message: message}))
}

func toldStays(k *kit) {
	none := pipelines.Hash{}
	if h := k.told(national, 7, "0"); h != none {
		k.Errorf("before anything went: %x", h)
	}
	for n := range byte(3) {
		k.keepTold(national, 7, "0", pipelines.Hash{1, n})
		if h := k.told(national, 7, "0"); h != (pipelines.Hash{1, n}) {
			k.Errorf("%x", h)
		}
	}
	k.keepTold(national, 7, "1", pipelines.Hash{2})
	if h := k.told(national, 7, "0"); h != (pipelines.Hash{1, 2}) {
		k.Errorf("another part changed it: %x", h)
	}
	for _, other := range []pipelines.Hash{k.told(national, 8, "0"), k.told("platform-test", 7, "0")} {
		if other != none {
			k.Errorf("%x", other)
		}
	}
}

func toldRewound(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1})
	b := k.freeze(national, "f1", accepts, list...)
	_, err := k.s.Settle(k.ctx, &ledger.Settlement{Batch: b, Told: []ledger.Heard{{Rec: list[0].Rec, Message: pipelines.Hash{3}}}})
	k.ok(err)
	if h := k.told(national, list[0].Rec, ""); h != (pipelines.Hash{3}) {
		k.Errorf("with its receipt: %x", h)
	}
	for _, receiver := range []string{national, "platform-test"} {
		k.keepTold(receiver, list[0].Rec, "0", pipelines.Hash{1})
	}
	k.rewind(ledger.RewindQuery{})
	none := pipelines.Hash{}
	if h := k.told(national, list[0].Rec, "0"); h != none {
		k.Errorf("after the rewind: %x", h)
	}
	if h := k.told("platform-test", list[0].Rec, "0"); h == none {
		k.Errorf("another receiver was rewound")
	}
}

func toldFenced(k *kit) {
	k.wantKind(k.s.KeepTold(k.ctx, ledger.Lease{Name: "deliver/" + national, Epoch: 5}, national, ledger.Heard{Rec: 1, Message: pipelines.Hash{1}}), fault.Blocked)
}
