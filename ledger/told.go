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
	// Told is the messages of records, part by part, that were acknowledged last.
	Told(ctx context.Context, receiver string, recs []int64) ([]Heard, error)
	// KeepTold replaces one. fault.Blocked: the lease is no longer ours.
	KeepTold(ctx context.Context, l Lease, receiver string, told Heard) error
}

// told is a pipelines.ToldKeeper for the rows of one delivery. What is told whole is stored
// with the record's receipt, a part as soon as it is acknowledged.
type told struct {
	outbox *Outbox
	ops    []pipelines.Op
	going  []origin

	mu    sync.Mutex
	whole map[int]pipelines.Hash   // by row
	had   map[heard]pipelines.Hash // before, and of parts since; nil = not read yet
}

type heard struct {
	rec  int64
	part string
}

func (k *told) Told(ctx context.Context, row int, part string) (pipelines.Hash, error) {
	if part == "" && k.ops[row] == pipelines.OpInsert {
		return pipelines.Hash{}, nil // never told before
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.read(ctx); err != nil {
		return pipelines.Hash{}, err
	}
	return k.had[heard{k.going[row].member.Rec, part}], nil
}

// read asks for all rows at once.
func (k *told) read(ctx context.Context) error {
	if k.had != nil {
		return nil
	}
	recs := make([]int64, len(k.going))
	for i := range k.going {
		recs[i] = k.going[i].member.Rec
	}
	list, err := k.outbox.store.Told(ctx, k.outbox.Receiver, recs)
	if err != nil {
		return err
	}
	k.had = make(map[heard]pipelines.Hash, len(list))
	for _, h := range list {
		k.had[heard{h.Rec, h.Part}] = h.Message
	}
	return nil
}

func (k *told) Tell(ctx context.Context, row int, part string, message pipelines.Hash) error {
	rec := k.going[row].member.Rec
	if part == "" && message != (pipelines.Hash{}) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.whole[row] = message
		return nil
	}
	if err := k.outbox.store.KeepTold(ctx, k.outbox.Lease, k.outbox.Receiver, Heard{rec, part, message}); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.had != nil {
		k.had[heard{rec, part}] = message
	}
	return nil
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
