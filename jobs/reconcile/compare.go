package reconcile

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/uuid"

	"banjian/ledger"
	"banjian/pipelines"
)

// compare reads the receiver's table once. The last row of a record stands.
func (w *sheet) compare(ctx context.Context) error {
	if w.plan.Asking != nil && !w.plan.Asking.away && w.plan.Asking.Looker.Looks(w.subject.Table) {
		return w.ask(ctx)
	}
	if w.plan.Holder == nil {
		return nil
	}
	return w.plan.Holder.Holds(ctx, w.subject.Table, func(row pipelines.HeldRow) error {
		e := w.ofGUID(row.GUID)
		switch {
		case e == nil && w.plan.Source != "":
			return ctx.Err() // another department's, it may be
		case e == nil && w.plan.Listing != nil && w.plan.Listing.also[row.GUID]:
			return ctx.Err() // another kind of record told it
		case e == nil, e.delivered == 0 && e.flags&underway == 0:
			w.tooMuch(&row)
			return ctx.Err()
		}
		e.flags = e.flags&^(same|taken) | found
		if w.isSame(e, row) {
			e.flags |= same
		}
		if row.Taken {
			e.flags |= taken
		}
		return nil
	})
}

// compared says that it is known what the receiver has of a record.
func (w *sheet) compared(e *slot) bool {
	if w.plan.Asking != nil {
		return e.flags&told != 0
	}
	return w.plan.Holder != nil && e.flags&elsewhere == 0
}

// tooMuch notes a row that was never delivered.
func (w *sheet) tooMuch(row *pipelines.HeldRow) {
	var d *Difference
	if row.Name != nil && len(w.extra) < w.plan.Named {
		d = &Difference{}
		d.Key, d.Where = row.Name()
	}
	w.extra[row.GUID] = d
}

// isSame says whether a row is what was delivered last. Of a version whose digest nobody
// noted only that it is there can be told, and of a deletion that it is one.
func (w *sheet) isSame(e *slot, row pipelines.HeldRow) bool {
	if e.flags&underway != 0 {
		return true // it may be the newer one
	}
	if gone := row.Op == pipelines.OpDelete; gone || e.flags&buried != 0 {
		return gone == (e.flags&buried != 0)
	}
	return e.flags&known == 0 || e.digest == row.Digest
}

// name tells the differences one by one, as many as the plan wants.
func (w *sheet) name(ctx context.Context, store Store) error {
	open := map[int64]*Difference{}
	for i := range w.n {
		e := w.slot(i)
		kind := e.difference()
		if !w.compared(e) || kind == "" || !w.plan.has(w.lines[e.line].Day) {
			continue
		}
		if len(open)+len(w.report.Differences) >= w.plan.Named {
			w.report.More++
			continue
		}
		d := &Difference{Kind: kind, Receiver: w.plan.Receiver, Subject: w.subject.Name, Table: w.subject.Table,
			Source: w.lines[e.line].Source, GUID: uuid.UUID(e.guid).String(), Version: e.delivered}
		if w.plan.Listing != nil || w.plan.Asking != nil {
			d.GUID = ""
		}
		if e.went > 0 {
			d.Batch, d.At = w.went[e.went-1].id, w.went[e.went-1].at.In(w.plan.Zone)
		}
		open[e.rec] = d
	}
	if len(open) > 0 {
		if err := w.describe(ctx, store, open); err != nil {
			return err
		}
	}
	if w.plan.Listing != nil {
		if err := w.plan.Listing.explain(ctx, w.subject.Name, open); err != nil {
			return err
		}
	}
	for i := range w.n { // in the order of the ledger
		if d := open[w.slot(i).rec]; d != nil {
			w.report.Differences = append(w.report.Differences, *d)
		}
	}
	for _, guid := range slices.SortedFunc(maps.Keys(w.extra), func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }) {
		d := Difference{GUID: uuid.UUID(guid).String()}
		if named := w.extra[guid]; named != nil {
			d = *named
		}
		d.Kind, d.Receiver, d.Subject, d.Table = Extra, w.plan.Receiver, w.subject.Name, w.subject.Table
		w.report.name(d, w.plan.Named)
	}
	return nil
}

// describe finds the keys of the records named.
func (w *sheet) describe(ctx context.Context, store Store, open map[int64]*Difference) error {
	streams, err := store.Streams(ctx, w.subject.Name)
	if err != nil {
		return err
	}
	for _, s := range streams {
		err := ledger.Walk(ctx, store, s, []string{}, func(_ string, rec arrow.Record) error {
			for _, r := range ledger.Walked(rec) {
				if d := open[r.Rec]; d != nil {
					d.Key = ledger.DecodeKey(r.Key)
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}
