package ledger

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// FrozenPast is a delivery batch as it is remembered.
type FrozenPast struct {
	Frozen
	Arrived time.Time // when its last receipt was stored; zero = none, or not known
	Left    int       // members without an outcome
}

// Pasts remember deliveries.
type Pasts interface {
	// Past goes through the delivery batches of a stream at a receiver, oldest first.
	Past(ctx context.Context, receiver string, s Stream, each func(*FrozenPast) error) error
}

// Walk goes through the newest versions of a stream's records, a log batch at a time, in the
// order of the log: rows with the columns named and the system columns. The record is
// released after each.
func Walk(ctx context.Context, log Log, s Stream, columns []string, each func(pipeline string, rec arrow.Record) error) error {
	for seq := int64(0); ; {
		entry, err := log.Next(ctx, s, seq)
		if err != nil || entry == nil {
			return err
		}
		seq = entry.Seq
		if entry.Payload == nil {
			continue
		}
		rec, err := deliveryRecord(entry, nil, "", columns, memory.DefaultAllocator)
		if err != nil {
			return err
		}
		if rec == nil {
			continue
		}
		err = each(entry.Pipeline, rec)
		rec.Release()
		if err != nil {
			return err
		}
	}
}

// WalkedRecord is the system columns of a row that Walk gave.
type WalkedRecord struct {
	Rec     int64
	Version uint32
	Deleted bool
	GUID    [16]byte
	Key     []byte // valid until the record is released
	At      Place
}

// Walked reads the system columns of a record of Walk.
func Walked(rec arrow.Record) []WalkedRecord {
	rows := originsOf(rec)
	out := make([]WalkedRecord, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = WalkedRecord{Rec: r.member.Rec, Version: r.member.Version, Deleted: r.member.Delete, GUID: r.guid, Key: r.key, At: r.member.At}
	}
	return out
}
