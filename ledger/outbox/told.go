package outbox

import (
	"context"
	"sync"

	"banjian/ledger"
	"banjian/pipelines"
)

// told is a pipelines.ToldKeeper for the rows of one delivery. What is told whole is stored
// with the record's receipt, a part as soon as it is acknowledged.
type told struct {
	outbox *Outbox
	ops    []pipelines.Op
	going  []ledger.Row

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
	return k.had[heard{k.going[row].Member.Rec, part}], nil
}

// read asks for all rows at once.
func (k *told) read(ctx context.Context) error {
	if k.had != nil {
		return nil
	}
	recs := make([]int64, len(k.going))
	for i := range k.going {
		recs[i] = k.going[i].Member.Rec
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
	rec := k.going[row].Member.Rec
	if part == "" && message != (pipelines.Hash{}) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.whole[row] = message
		return nil
	}
	if err := k.outbox.store.KeepTold(ctx, k.outbox.Lease, k.outbox.Receiver, ledger.Heard{Rec: rec, Part: part, Message: message}); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.had != nil {
		k.had[heard{rec, part}] = message
	}
	return nil
}

// of is what was told whole of a row; nil = nothing was.
func (k *told) of(row int) []ledger.Heard {
	k.mu.Lock()
	defer k.mu.Unlock()
	message, known := k.whole[row]
	if !known {
		return nil
	}
	return []ledger.Heard{{Rec: k.going[row].Member.Rec, Message: message}}
}
