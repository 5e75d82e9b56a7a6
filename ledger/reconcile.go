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
	return walk(ctx, log, s, columns, memory.DefaultAllocator, func(entry *LogEntry, rec arrow.Record) error { return each(entry.Pipeline, rec) })
}

func walk(ctx context.Context, log nexter, s Stream, columns []string, alloc memory.Allocator, each func(entry *LogEntry, rec arrow.Record) error) error {
	return eachEntry(ctx, log, s, func(entry *LogEntry) error {
		rec, err := deliveryRecord(entry, nil, "", columns, alloc)
		if err != nil || rec == nil {
			return err
		}
		defer rec.Release()
		return each(entry, rec)
	})
}

// nexter is the part of Log that goes on from batch to batch.
type nexter interface {
	Next(ctx context.Context, s Stream, seq int64) (*LogEntry, error)
}

// eachEntry goes through the batches of a stream that still hold records.
func eachEntry(ctx context.Context, log nexter, s Stream, each func(*LogEntry) error) error {
	for seq := int64(0); ; {
		entry, err := log.Next(ctx, s, seq)
		if err != nil || entry == nil {
			return err
		}
		seq = entry.Seq
		if entry.Payload == nil {
			continue
		}
		if err := each(entry); err != nil {
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
