package ledgertest

import (
	"time"

	"banjian/internal/fault"
	"banjian/ledger"
	"banjian/pipelines"
)

var pieceTests = []test{
	{"ReceiptsOfPiecesStay", piecesStay},
	{"ARewindForgetsThem", piecesRewound},
	{"NobodyKeepsThemWithoutTheLease", piecesFenced},
}

func (k *kit) pieces(receiver string, rec int64, version uint32) ledger.SentPieces {
	k.Helper()
	p, err := k.s.SentPieces(k.ctx, receiver, rec, version)
	k.ok(err)
	return p
}

func piecesStay(k *kit) {
	if p := k.pieces(national, 7, 1); p.Count != 0 || p.Acknowledged != nil {
		k.Errorf("before anything went: %+v", p)
	}
	division := pipelines.Pieces{Count: 3, Size: 4 << 20, MD5: "0123456789abcdef0123456789abcdef"}
	var times []time.Time
	for n := range 4 {
		k.ok(k.s.KeepPieces(k.ctx, ledger.Lease{}, &ledger.SentPieces{Receiver: national, Rec: 7, Version: 1, Pieces: division, Acknowledged: times}))
		p := k.pieces(national, 7, 1)
		if p.Pieces != division || len(p.Acknowledged) != n {
			k.Fatalf("%+v", p)
		}
		for i := range times {
			if !p.Acknowledged[i].Equal(times[i]) {
				k.Errorf("piece %d was acknowledged at %s", i, p.Acknowledged[i])
			}
		}
		times = append(times, epoch.Add(time.Duration(n)*time.Second))
	}
	for _, other := range []ledger.SentPieces{k.pieces(national, 7, 2), k.pieces(national, 8, 1), k.pieces("platform-test", 7, 1)} {
		if other.Count != 0 {
			k.Errorf("%+v", other)
		}
	}
	k.ok(k.s.KeepPieces(k.ctx, ledger.Lease{}, &ledger.SentPieces{Receiver: national, Rec: 7, Version: 1, Pieces: division}))
	if p := k.pieces(national, 7, 1); len(p.Acknowledged) != 0 {
		k.Errorf("started over: %+v", p)
	}
}

func piecesRewound(k *kit) {
	list := k.collect(accepts, record{name: "A", hash: 1})
	k.settle(k.freeze(national, "f1", accepts, list...))
	for _, receiver := range []string{national, "platform-test"} {
		k.ok(k.s.KeepPieces(k.ctx, ledger.Lease{}, &ledger.SentPieces{Receiver: receiver, Rec: list[0].Rec, Version: 1, Pieces: pipelines.Pieces{Count: 1, Size: 1}, Acknowledged: []time.Time{epoch}}))
	}
	k.rewind(ledger.RewindQuery{Dry: true})
	if p := k.pieces(national, list[0].Rec, 1); p.Count != 1 {
		k.Errorf("a dry rewind: %+v", p)
	}
	k.rewind(ledger.RewindQuery{})
	if p := k.pieces(national, list[0].Rec, 1); p.Count != 0 {
		k.Errorf("what the receiver lost counts as acknowledged: %+v", p)
	}
	if p := k.pieces("platform-test", list[0].Rec, 1); p.Count != 1 {
		k.Errorf("another receiver: %+v", p)
	}
}

func piecesFenced(k *kit) {
	k.wantKind(k.s.KeepPieces(k.ctx, ledger.Lease{Name: "deliver/" + national, Epoch: 5}, &ledger.SentPieces{Receiver: national, Rec: 1, Version: 1}), fault.Blocked)
	if p := k.pieces(national, 1, 1); p.Count != 0 {
		k.Errorf("%+v", p)
	}
}
