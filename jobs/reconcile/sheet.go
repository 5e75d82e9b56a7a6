package reconcile

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/pipelines"
)

// slotsTogether is how many slots are allocated at a time, so that none is ever moved.
const slotsTogether = 1 << 14

// slot is one record.
type slot struct {
	guid      [16]byte
	digest    uint64 // of the delivered version, if known
	rec       int64
	moment    int64 // its own time, Unix seconds; 0 = none
	first     int64 // first receipt, Unix seconds; 0 = none
	line      int32
	went      int32 // batch that the delivered version went in, 0 = not known
	version   uint32
	delivered uint32
	state     byte
	flags     uint16
}

// Flags of a slot.
const (
	known     uint16 = 1 << iota // its digest
	deleted                      // the newest version
	buried                       // what was delivered is the deletion
	found                        // at the receiver
	same                         // the newest row there is what was delivered
	taken                        // by the receiver
	leaves                       // may have been cleared away there
	underway                     // a newer version went and has no receipt yet
	elsewhere                    // it stands in another list
	told                         // the receiver was asked for it and answered
)

// States of a slot, by position in stateOf.
const (
	plain byte = iota
	held
	rejected
	notApplicable
	diverged
)

var stateOf = map[ledger.State]byte{ledger.Held: held, ledger.Rejected: rejected, ledger.NotApplicable: notApplicable, ledger.Diverged: diverged}

// sheet is one subject at one receiver.
type sheet struct {
	plan    *Plan
	subject Subject
	report  *Report

	slots  [][]slot
	n      int
	base   int64   // the lowest record number
	byRec  []int32 // slot + 1 of each record number from base
	byGUID []int32 // slot + 1, by open addressing
	lines  []Line
	at     map[lineKey]int32
	extra  map[[16]byte]*Difference // nil: known by its row_guid, or there are enough named
	days   calendar
	went   []shipment // delivery batches, a slot's is the one with its number less 1
}

// shipment is a delivery batch.
type shipment struct {
	id string
	at time.Time
}

type lineKey struct {
	day    string
	source string
}

func (w *sheet) slot(i int) *slot { return &w.slots[i/slotsTogether][i%slotsTogether] }

// fill takes from the ledger what it has and what it believes the receiver has.
func (w *sheet) fill(ctx context.Context, store Store) error {
	w.at, w.days, w.extra = map[lineKey]int32{}, newCalendar(w.plan.Zone), map[[16]byte]*Difference{}
	streams, err := store.Streams(ctx, w.subject.Name)
	if err != nil {
		return err
	}
	for _, s := range streams {
		if w.plan.Source != "" && s.Source != w.plan.Source {
			continue
		}
		if err := w.walk(ctx, store, s); err != nil {
			return err
		}
	}
	w.index()
	for _, s := range streams {
		if err := store.Past(ctx, w.plan.Receiver, s, w.past); err != nil {
			return err
		}
	}
	if err := w.exceptions(ctx, store); err != nil || w.plan.Listing == nil {
		return err
	}
	return w.identify(ctx)
}

// walk adds the records of a stream.
func (w *sheet) walk(ctx context.Context, store Store, s ledger.Stream) error {
	return ledger.Walk(ctx, store, s, []string{w.subject.Day}, func(pipeline string, rec arrow.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		meant := w.plan.From == nil || w.plan.From(pipeline)
		rows, moments := ledger.Walked(rec), momentsOf(rec, w.subject.Day, w.plan.Zone)
		recs := make([]int64, len(rows))
		for i := range rows {
			recs[i] = rows[i].Rec
		}
		sent, err := store.Sent(ctx, w.plan.Receiver, recs)
		if err != nil {
			return err
		}
		adopted, err := store.AdoptedGUIDs(ctx, recs)
		if err != nil {
			return err
		}
		for i := range rows {
			if own, ok := adopted[rows[i].Rec]; ok {
				rows[i].GUID = own.GUID
			}
		}
		for i := range rows {
			r := &rows[i]
			if sent[i].Frozen == 0 && (r.Deleted || !meant) {
				continue // sends nothing
			}
			e := w.add()
			*e = slot{guid: r.GUID, rec: r.Rec, version: r.Version, delivered: sent[i].Delivered, moment: moments(i)}
			if r.Deleted {
				e.flags |= deleted
			}
			if sent[i].Frozen > sent[i].Delivered {
				e.flags |= underway
			}
			e.line = w.line(w.days.day(e.moment), s.Source)
		}
		return nil
	})
}

func (w *sheet) add() *slot {
	if w.n == len(w.slots)*slotsTogether {
		w.slots = append(w.slots, make([]slot, slotsTogether))
	}
	w.n++
	return w.slot(w.n - 1)
}

func (w *sheet) line(day, source string) int32 {
	key := lineKey{day, source}
	if at, ok := w.at[key]; ok {
		return at
	}
	w.lines = append(w.lines, Line{Day: day, Source: source, Subject: w.subject.Name, Receiver: w.plan.Receiver})
	w.at[key] = int32(len(w.lines) - 1)
	return int32(len(w.lines) - 1)
}

// index makes records findable by number and by row_guid.
func (w *sheet) index() {
	if w.n == 0 {
		return
	}
	low, high := w.slot(0).rec, w.slot(0).rec
	for i := range w.n {
		low, high = min(low, w.slot(i).rec), max(high, w.slot(i).rec)
	}
	w.base, w.byRec = low, make([]int32, high-low+1)
	for i := range w.n {
		w.byRec[w.slot(i).rec-w.base] = int32(i + 1)
	}
	w.indexGUID()
}

// indexGUID makes records findable by row_guid. Of several with one identity, which a list
// may give them, the newest stands.
func (w *sheet) indexGUID() {
	size := 1
	for size < 2*w.n {
		size *= 2
	}
	w.byGUID = make([]int32, size)
	for i := range w.n {
		e := w.slot(i)
		at := w.bucket(e.guid)
		for w.byGUID[at] != 0 && w.slot(int(w.byGUID[at]-1)).guid != e.guid {
			at = (at + 1) & (size - 1)
		}
		if was := w.byGUID[at]; was != 0 {
			w.slot(int(was - 1)).flags |= leaves
		}
		w.byGUID[at] = int32(i + 1)
	}
}

func (w *sheet) bucket(guid [16]byte) int {
	h := binary.LittleEndian.Uint64(guid[:]) ^ binary.LittleEndian.Uint64(guid[8:])*0x9E3779B97F4A7C15
	return int((h ^ h>>29) & uint64(len(w.byGUID)-1))
}

func (w *sheet) ofRec(rec int64) *slot {
	if i := rec - w.base; i >= 0 && i < int64(len(w.byRec)) && w.byRec[i] != 0 {
		return w.slot(int(w.byRec[i] - 1))
	}
	return nil
}

func (w *sheet) ofGUID(guid [16]byte) *slot {
	if len(w.byGUID) == 0 {
		return nil
	}
	for at := w.bucket(guid); w.byGUID[at] != 0; at = (at + 1) & (len(w.byGUID) - 1) {
		if e := w.slot(int(w.byGUID[at] - 1)); e.guid == guid {
			return e
		}
	}
	return nil
}

// past takes from a delivery batch when its records were first delivered, and what the
// rows of the versions delivered are known by.
func (w *sheet) past(b *ledger.FrozenPast) error {
	arrived := b.Arrived
	if arrived.IsZero() {
		arrived = b.At
	}
	w.went = append(w.went, shipment{b.ID, b.At.Truncate(time.Second)})
	for i := range b.Members {
		m := &b.Members[i]
		e := w.ofRec(m.Rec)
		if e == nil || e.delivered < m.Version {
			continue
		}
		if e.first == 0 {
			e.first = arrived.Unix()
		}
		if e.delivered != m.Version {
			continue
		}
		e.flags &^= known | buried | leaves
		e.went = int32(len(w.went))
		if b.Digests != nil {
			e.digest = b.Digests[i]
			e.flags |= known
		}
		if m.Op == pipelines.OpDelete {
			e.flags |= buried
		}
		if w.plan.Keeps > 0 && w.plan.Now.Sub(arrived) > w.plan.Keeps {
			e.flags |= leaves
		}
	}
	return nil
}

// exceptions takes why records were not simply delivered.
func (w *sheet) exceptions(ctx context.Context, store Store) error {
	const page = 4096
	for after := int64(0); ; {
		list, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: w.plan.Receiver, Subject: w.subject.Name, After: after, Limit: page})
		if err != nil {
			return err
		}
		for i := range list {
			if e := w.ofRec(list[i].Rec); e != nil {
				e.state = stateOf[list[i].State]
			}
			after = list[i].Rec
		}
		if len(list) < page {
			return nil
		}
	}
}
