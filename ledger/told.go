package ledger

import (
	"context"
	"sync"

	"banjian/pipelines"
)

// Heard is the message, or one part of it, that a receiver acknowledged last of a record.
type Heard struct {
	Rec     int64
	Part    string // of a record that goes as several messages, such as request and result; empty of others
	Message pipelines.Hash
}

// ToldReceipts keeps what receivers that are called acknowledged. It stays until the receiver is
// rewound.
type ToldReceipts interface {
	// Told is the message that was acknowledged last; zero = none is known.
	Told(ctx context.Context, receiver string, rec int64, part string) (pipelines.Hash, error)
	// KeepTold replaces it. fault.Blocked: the lease is no longer ours.
	KeepTold(ctx context.Context, l Lease, receiver string, told Heard) error
}

// told is a pipelines.ToldKeeper for the rows of one delivery. What is told whole is stored
// with the record's receipt, a part as soon as it is acknowledged.
type told struct {
	outbox *Outbox
	going  []origin

	mu    sync.Mutex
	whole map[int]pipelines.Hash // by row
}

func (k *told) Told(ctx context.Context, row int, part string) (pipelines.Hash, error) {
	m := k.going[row].member
	if part == "" && m.Op == pipelines.OpInsert {
		return pipelines.Hash{}, nil // never told before
	}
	return k.outbox.store.Told(ctx, k.outbox.Receiver, m.Rec, part)
}

func (k *told) Tell(ctx context.Context, row int, part string, message pipelines.Hash) error {
	if part == "" && message != (pipelines.Hash{}) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.whole[row] = message
		return nil
	}
	return k.outbox.store.KeepTold(ctx, k.outbox.Lease, k.outbox.Receiver, Heard{k.going[row].member.Rec, part, message})
}

// of is what was told whole of rows; those of which nothing was are left out.
func (k *told) of(row int) (list []Heard) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if message, known := k.whole[row]; known {
		list = []Heard{{Rec: k.going[row].member.Rec, Message: message}}
	}
	return list
}
