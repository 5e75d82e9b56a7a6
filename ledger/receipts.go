package ledger

import (
	"context"
	"time"

	"banjian/pipelines"
)

// SentPieces (分片回执) is how far the file of one version of a record went to a receiver in
// pieces.
type SentPieces struct {
	Receiver string
	Rec      int64
	Version  uint32
	pipelines.Pieces
	Acknowledged []time.Time // when, of each piece in order
}

// PieceReceipts keeps what was acknowledged of files that go in pieces. It stays when the
// record has its own receipt, until the receiver is rewound.
type PieceReceipts interface {
	// SentPieces is what is known of a version, with Count 0 where nothing is.
	SentPieces(ctx context.Context, receiver string, rec int64, version uint32) (SentPieces, error)
	// KeepPieces replaces it. fault.Blocked: the lease is no longer ours.
	KeepPieces(ctx context.Context, l Lease, p *SentPieces) error
}

// Heard is the message, or one part of it, that a receiver acknowledged last of a record.
type Heard struct {
	Rec     int64
	Part    string // of a record that goes as several messages, such as request and result; empty of others
	Message pipelines.Hash
}

// ToldReceipts keeps what receivers that are called acknowledged. It stays until the receiver is
// rewound.
type ToldReceipts interface {
	// Told is the messages of records, part by part, that were acknowledged last.
	Told(ctx context.Context, receiver string, recs []int64) ([]Heard, error)
	// KeepTold replaces one. fault.Blocked: the lease is no longer ours.
	KeepTold(ctx context.Context, l Lease, receiver string, told Heard) error
}
