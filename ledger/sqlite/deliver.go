package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"

	"banjian/internal/failpoint"
	"banjian/ledger"
	"banjian/pipelines"
)

// Freeze stores a delivery batch, the exceptions found beside it and the receiver's
// offset, all or nothing (invariant 1). It decides what each member does: I only if
// the record was never part of a frozen batch for this receiver.
func (s *Store) Freeze(ctx context.Context, f *ledger.Freeze) (int64, error) {
	var fresh int64
	err := s.w.do(ctx, func(t *tx) error {
		if err := t.fence(f.Lease); err != nil {
			return err
		}
		receiver, err := t.receiverFor(f.Receiver)
		if err != nil {
			return err
		}
		stream, err := t.streamFor(f.Stream)
		if err != nil {
			return err
		}
		if f.Batch != nil {
			if err := t.freezeBatch(receiver, stream, f.Batch); err != nil {
				return err
			}
		}
		if err := t.putExceptions(receiver, stream, f.Exceptions); err != nil {
			return err
		}
		if f.Stream.Subject == ledger.SubjectAccept {
			if err := t.childrenAgain(receiver, f.Stream, changedCases(f.Exceptions)); err != nil {
				return err
			}
		}
		at := s.now().UnixMilli()
		if err := t.closeLeftOut(f, at); err != nil {
			return err
		}
		if fresh, err = t.addRejects(f.Rejects, 0, at, nil); err != nil {
			return err
		}
		if f.Offset > 0 {
			if err := t.exec("INSERT INTO offsets(receiver, stream, seq) VALUES(?,?,?) ON CONFLICT(receiver, stream) DO UPDATE SET seq=max(seq, excluded.seq)",
				receiver, stream, f.Offset); err != nil {
				return err
			}
		}
		if f.Ahead > 0 {
			rows := len(f.Exceptions)
			if f.Batch != nil {
				rows += len(f.Batch.Members)
			}
			if err := t.exec("UPDATE offsets SET ahead_to=max(ahead_to, ?), ahead_rows=ahead_rows+? WHERE receiver=? AND stream=?", f.Ahead, rows, receiver, stream); err != nil {
				return err
			}
		}
		failpoint.Hit(failpoint.InFreeze)
		return nil
	})
	return fresh, s.fault("freeze delivery", err)
}

// closeLeftOut closes what was found in older versions of records that are not for the
// receiver any more.
func (t *tx) closeLeftOut(f *ledger.Freeze, at int64) error {
	keys := map[string][][]byte{} // by pipeline
	for i := range f.Exceptions {
		if e := &f.Exceptions[i]; e.State == ledger.NotApplicable || e.State == ledger.Diverged {
			keys[e.Pipeline] = append(keys[e.Pipeline], e.Key)
		}
	}
	for pipeline, passed := range keys {
		if err := t.closeRejects(pipeline, f.Receiver, passed, 0, at); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) freezeBatch(receiver, stream int64, b *ledger.Frozen) error {
	pages := t.sentPages(receiver)
	for i := range b.Members {
		m := &b.Members[i]
		slot, err := pages.slot(m.Rec)
		if err != nil {
			return err
		}
		frozen := binary.LittleEndian.Uint32(slot)
		switch {
		case m.Delete:
			m.Op = pipelines.OpDelete
		case frozen == 0 && binary.LittleEndian.Uint32(slot[4:]) == 0:
			m.Op = pipelines.OpInsert
		default:
			m.Op = pipelines.OpUpdate
		}
		binary.LittleEndian.PutUint32(slot, max(frozen, m.Version))
	}
	if err := pages.flush(); err != nil {
		return err
	}
	if err := t.exec("UPDATE receivers SET stamped=max(stamped, ?) WHERE id=?", b.At.UnixMilli(), receiver); err != nil {
		return err
	}
	return t.exec("INSERT INTO frozen(id, receiver, stream, tablename, at, rows, members, digests) VALUES(?,?,?,?,?,?,?,?)",
		b.ID, receiver, stream, b.Table, b.At.UnixMilli(), len(b.Members), encodeMembers(b.Members), encodeDigests(b.Digests))
}

// Settle stores that members are delivered, but for those refused, and closes their
// frozen batch unless some are left.
func (s *Store) Settle(ctx context.Context, st *ledger.Settlement) (int64, error) {
	var fresh int64
	err := s.w.do(ctx, func(t *tx) (err error) {
		if err := t.fence(st.Lease); err != nil {
			return err
		}
		if fresh, err = s.settle(t, st); err == nil {
			failpoint.Hit(failpoint.InSettle)
		}
		return err
	})
	return fresh, s.fault("settle delivery", err)
}

func (s *Store) settle(t *tx, st *ledger.Settlement) (fresh int64, err error) {
	receiver, err := t.receiverFor(st.Batch.Receiver)
	if err != nil {
		return 0, err
	}
	stream, err := t.streamFor(st.Batch.Stream)
	if err != nil {
		return 0, err
	}
	refused, err := t.returnedOf(receiver, st.Batch)
	if err != nil {
		return 0, err
	}
	for i := range st.Refused {
		refused[st.Refused[i].Rec] = true
	}
	pages := t.sentPages(receiver)
	for i := range st.Batch.Members {
		m := &st.Batch.Members[i]
		if refused[m.Rec] {
			continue
		}
		slot, err := pages.slot(m.Rec)
		if err != nil {
			return 0, err
		}
		if binary.LittleEndian.Uint32(slot[4:]) < m.Version {
			binary.LittleEndian.PutUint32(slot[4:], m.Version)
		}
	}
	if err := pages.flush(); err != nil {
		return 0, err
	}
	cleared, err := t.clearExceptions(receiver, st.Batch, refused)
	if err != nil {
		return 0, err
	}
	if err := t.putExceptions(receiver, stream, st.Refused); err != nil {
		return 0, err
	}
	if st.Batch.Stream.Subject == ledger.SubjectAccept {
		if err := t.childrenAgain(receiver, st.Batch.Stream, slices.Concat(cleared, st.Parents, st.Rounds)); err != nil {
			return 0, err
		}
	}
	if err := t.lookAgain(receiver, st.Batch.Stream, st.Parents, changed); err != nil {
		return 0, err
	}
	if err := t.keepTold(receiver, st.Told...); err != nil {
		return 0, err
	}
	if fresh, err = t.addRejects(st.Rejects, 0, s.now().UnixMilli(), nil); err != nil {
		return 0, err
	}
	if err := t.closeBatch(st, s.now().UnixMilli()); err != nil {
		return 0, err
	}
	if err := t.knownNow(receiver, st.Batch.Members); err != nil {
		return 0, err
	}
	return fresh, t.watch(receiver, st, s.now().UnixMilli())
}

// What is looked at again of a case whose accept record went, as conditions on exceptions.
const (
	// It went in a new version: what was refused or left out of the case. What a person gave
	// up stays so: it may have arrived.
	changed = "(state='rejected' AND rule<>'" + ledger.RuleGivenUp + "' OR state='not_applicable' AND rule NOT IN ('parent_not_applicable', 'update_skipped', 'not_delivered'))"
	// Something was put aside or is there now: what was left out because that was.
	children = "state='not_applicable' AND rule='parent_not_applicable'"
)

// lookAgain marks records of cases, so that the next reading takes them along.
func (t *tx) lookAgain(receiver int64, of ledger.Stream, locals []string, which string) error {
	if len(locals) == 0 {
		return nil
	}
	var streams []int64
	if err := t.each("SELECT id FROM streams WHERE source=? AND subject<>? AND EXISTS (SELECT 1 FROM exceptions INDEXED BY exceptions_rule WHERE receiver=? AND stream=streams.id AND "+which+")",
		[]any{of.Source, of.Subject, receiver}, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			streams = append(streams, id)
			return err
		}); err != nil {
		return err
	}
	for _, stream := range streams {
		for part := range slices.Chunk(locals, rowsAtOnce) {
			ofCases, args := underPrefix(part, "rec")
			if err := t.exec("UPDATE exceptions SET rule=? WHERE receiver=? AND "+which+" AND rec IN ("+ofCases+")", append(append([]any{ledger.RuleRedrive, receiver}, args...), stream)...); err != nil {
				return err
			}
		}
	}
	return nil
}

// childrenAgain marks what was left out of cases because their accept record was. It is
// called whenever one may be there, or another one may speak for the case: nothing else
// looks at such records again. That none is judged meanwhile lies in the receiver's lease,
// under which all of this is done, parents first.
func (t *tx) childrenAgain(receiver int64, of ledger.Stream, locals []string) error {
	return t.lookAgain(receiver, of, locals, children)
}

// changedCases is the cases of accept records that were put aside and are not the first
// that came of them.
func changedCases(list []ledger.Exception) []string {
	var locals []string
	for i := range list {
		if list[i].Version > 1 || ledger.LaterRound(list[i].Key) {
			locals = append(locals, ledger.FirstOfKey(list[i].Key))
		}
	}
	return locals
}

// Redrive marks refused records to be tried again; those that a person gave up only by that rule.
func (s *Store) Redrive(ctx context.Context, receiver, rule string) (int64, error) {
	var n int64
	err := s.w.do(ctx, func(t *tx) error {
		id, err := t.receiverFor(receiver)
		if err != nil {
			return err
		}
		n, err = t.change("UPDATE exceptions SET rule=? WHERE receiver=? AND state='rejected' AND (rule=? OR ?='' AND rule<>?)", ledger.RuleRedrive, id, rule, rule, ledger.RuleGivenUp)
		return err
	})
	return n, s.fault("redrive rejects", err)
}

// clearExceptions forgets what was said of older versions of delivered members, and
// closes their rejects. Batches whose record numbers have no exceptions cost one look. It
// returns the local numbers of those that had one.
func (t *tx) clearExceptions(receiver int64, b *ledger.Frozen, refused map[int64]bool) (cleared []string, err error) {
	excepted, err := t.exceptedRecords(receiver, b.Members)
	if err != nil || len(excepted) == 0 {
		return nil, err
	}
	for i := range b.Members {
		m := &b.Members[i]
		if refused[m.Rec] || !excepted[m.Rec] {
			continue
		}
		var key []byte
		var pipeline string
		err := t.row("DELETE FROM exceptions WHERE receiver=? AND rec=? AND version<=? RETURNING key, pipeline", receiver, m.Rec, int64(m.Version)).Scan(&key, &pipeline)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		cleared = append(cleared, ledger.FirstOfKey(key))
		// Whatever its state was last, an older version may have been refused.
		if err := t.closeRejects(pipeline, b.Receiver, [][]byte{key}, 0, b.At.UnixMilli()); err != nil {
			return nil, err
		}
	}
	return cleared, nil
}

// exceptedRecords is the records of members with an exception at the receiver: looked for in
// the range of record numbers that they span, or one by one where they lie far apart.
func (t *tx) exceptedRecords(receiver int64, members []ledger.Member) (map[int64]bool, error) {
	excepted := map[int64]bool{}
	take := func(scan func(...any) error) error {
		var rec int64
		err := scan(&rec)
		excepted[rec] = true
		return err
	}
	recs := make([]int64, len(members))
	for i := range members {
		recs[i] = members[i].Rec
	}
	if first, last, dense := span(recs); dense {
		return excepted, t.each("SELECT rec FROM exceptions WHERE receiver=? AND rec BETWEEN ? AND ?", []any{receiver, first, last}, take)
	}
	for part := range slices.Chunk(recs, rowsAtOnce) {
		these, args := oneOf(part, receiver)
		if err := t.each("SELECT rec FROM exceptions WHERE receiver=? AND rec IN "+these, args, take); err != nil {
			return nil, err
		}
	}
	return excepted, nil
}

// span is the first and the last of some record numbers, and whether most between them are
// among these: then it is cheaper to read all that lies there.
func span(recs []int64) (first, last int64, dense bool) {
	if len(recs) == 0 {
		return 0, -1, true
	}
	first, last = slices.Min(recs), slices.Max(recs)
	return first, last, last-first < 8*int64(len(recs))
}
