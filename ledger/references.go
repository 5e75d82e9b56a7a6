package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// ReferenceStore is what finding references to files needs of a store.
type ReferenceStore interface {
	Log
	AllStreams(ctx context.Context) ([]Stream, error)
}

// References calls f for every reference to a file that the log holds, older versions that
// may still be delivered included; current says that no newer version replaced it. fields
// are the fields with references, by subject; key is good until f returns.
func References(ctx context.Context, store ReferenceStore, fields map[string][]string, f func(s Stream, key []byte, reference string, current bool) error) error {
	streams, err := store.AllStreams(ctx)
	if err != nil {
		return err
	}
	for _, s := range streams {
		if len(fields[s.Subject]) == 0 {
			continue
		}
		if err := eachEntry(ctx, store, s, func(entry *LogEntry) error { return eachReference(entry, fields[s.Subject], f) }); err != nil {
			return err
		}
	}
	return nil
}

func eachReference(entry *LogEntry, fields []string, f func(s Stream, key []byte, reference string, current bool) error) error {
	rec, err := Decode(entry.Payload, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	defer rec.Release()
	key := VersionsOf(rec).Key
	dead := make(map[int32]bool, len(entry.Dead))
	for _, row := range entry.Dead {
		dead[row] = true
	}
	for _, name := range fields {
		col := stringColumn(rec, name)
		for row := range int(rec.NumRows()) {
			if v := valueAt(col, row); v != "" {
				if err := f(entry.Stream, key.Value(row), v, !dead[int32(row)]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
