package ledger

import (
	"bytes"
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// Projected is a record as a receiver would be given it now.
type Projected struct {
	Stream  Stream
	Key     []byte
	Rec     int64
	Version uint32
	GUID    [16]byte
}

// Project maps every record of a subject that is there, in its newest version, as it would
// go to the receiver, whether or not it may go now. each is given a row of what the mapping
// made of it, valid until it returns; records that the mapping leaves out, and those of
// pipelines that do not deliver there, are not. The stage's order does not count.
func Project(ctx context.Context, stage *DeliverStage, each func(p *Projected, rec arrow.Record, row int) error) error {
	streams, err := stage.Store.Streams(ctx, stage.Subject)
	if err != nil {
		return err
	}
	for _, st := range streams {
		err := eachEntry(ctx, stage.Store, st, func(entry *LogEntry) error {
			if stage.From != nil && !stage.From(entry.Pipeline) {
				return nil
			}
			return projectEntry(ctx, stage, entry, each)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func projectEntry(ctx context.Context, stage *DeliverStage, entry *LogEntry, each func(*Projected, arrow.Record, int) error) error {
	rec, err := deliveryRecord(entry, nil, "", nil, stage.Alloc)
	if err != nil || rec == nil {
		return err
	}
	defer rec.Release()
	rows := RowsOf(rec)
	if err := FillAdopted(ctx, stage.Store, rows); err != nil {
		return err
	}
	res, err := stage.AsFrozen().Apply(ctx, rec)
	if err != nil {
		return err
	}
	defer res.Release()
	for _, out := range res.Outputs {
		for i, row := range out.Rows {
			r := &rows[row]
			if r.Member.Delete {
				continue
			}
			p := Projected{Stream: entry.Stream, Key: bytes.Clone(r.Key), Rec: r.Member.Rec, Version: r.Member.Version, GUID: r.GUID}
			if err := each(&p, out.Record, i); err != nil {
				return err
			}
		}
	}
	return nil
}
