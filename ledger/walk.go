package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Walk goes through the newest versions of a stream's records, a log batch at a time, in the
// order of the log: rows with the columns named and the system columns. The record is
// released after each.
func Walk(ctx context.Context, log LogNext, s Stream, columns []string, each func(pipeline string, rec arrow.Record) error) error {
	return walk(ctx, log, s, columns, memory.DefaultAllocator, func(entry *LogEntry, rec arrow.Record) error { return each(entry.Pipeline, rec) })
}

func walk(ctx context.Context, log LogNext, s Stream, columns []string, alloc memory.Allocator, each func(entry *LogEntry, rec arrow.Record) error) error {
	return eachEntry(ctx, log, s, func(entry *LogEntry) error {
		rec, err := deliveryRecord(entry, nil, "", columns, alloc)
		if err != nil || rec == nil {
			return err
		}
		defer rec.Release()
		return each(entry, rec)
	})
}

// LogNext is the part of Log that goes on from batch to batch.
type LogNext interface {
	Next(ctx context.Context, s Stream, seq int64) (*LogEntry, error)
}

// eachEntry goes through the batches of a stream that still hold records.
func eachEntry(ctx context.Context, log LogNext, s Stream, each func(*LogEntry) error) error {
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
	rows := RowsOf(rec)
	out := make([]WalkedRecord, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = WalkedRecord{Rec: r.Member.Rec, Version: r.Member.Version, Deleted: r.Member.Delete, GUID: r.GUID, Key: r.Key, At: r.Member.At}
	}
	return out
}

// LogAt is the part of Log that finds a batch by its number.
type LogAt interface {
	At(ctx context.Context, seq int64) (*LogEntry, error)
}

// EntryAt finds a log batch whose content must still be there; the fault is Gone if it was
// pruned.
func EntryAt(ctx context.Context, log LogAt, seq int64) (*LogEntry, error) {
	entry, err := log.At(ctx, seq)
	if err == nil && (entry == nil || entry.Payload == nil) {
		err = fault.New(fault.Gone, "read log", "ledger", text.F("台账批次 %d 的内容已清理", "the content of log batch %d was pruned", seq), text.Text{})
	}
	return entry, err
}

// ReadBatch decodes a log batch as EntryAt finds it. The caller releases the record.
func ReadBatch(ctx context.Context, log LogAt, seq int64, alloc memory.Allocator) (arrow.Record, error) {
	entry, err := EntryAt(ctx, log, seq)
	if err != nil {
		return nil, err
	}
	return Decode(entry.Payload, alloc)
}
