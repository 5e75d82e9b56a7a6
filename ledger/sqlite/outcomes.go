package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"banjian/internal/failpoint"
	"banjian/ledger"
)

const (
	openOutcome = "INSERT INTO outcomes(receiver, rec, version, batch, stream, key, pipeline, run, state, since, tries, why) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)" +
		" ON CONFLICT(receiver, rec, version) WHERE decided=0 DO UPDATE SET batch=excluded.batch, state=excluded.state, tries=tries+excluded.tries," +
		" why=CASE WHEN excluded.why='' THEN why ELSE excluded.why END"
	outcomeColumns = "SELECT o.id, r.name, o.rec, o.version, o.batch, st.source, st.subject, o.key, o.pipeline, o.run, o.state, o.since, o.tries, o.why, o.who, o.said, o.decided" +
		" FROM outcomes o JOIN receivers r ON r.id=o.receiver JOIN streams st ON st.id=o.stream "
)

// PutOutcomes stores what is not known of calls.
func (s *Store) PutOutcomes(ctx context.Context, l ledger.Lease, list []ledger.Outcome) error {
	return s.fault("store outcomes", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		for i := range list {
			if err := t.putOutcome(&list[i]); err != nil {
				return err
			}
		}
		if len(list) > 0 && list[0].State == ledger.OutcomeCalling {
			failpoint.Hit(failpoint.InIntent)
		} else {
			failpoint.Hit(failpoint.InGiveUp)
		}
		return nil
	}))
}

func (t *tx) putOutcome(o *ledger.Outcome) error {
	receiver, err := t.receiverFor(o.Receiver)
	if err != nil {
		return err
	}
	stream, err := t.streamFor(o.Stream)
	if err != nil {
		return err
	}
	if o.State == ledger.OutcomeNone {
		return t.exec("DELETE FROM outcomes WHERE decided=0 AND receiver=? AND rec=? AND version=?", receiver, o.Rec, int64(o.Version))
	}
	why, err := reasonText(o.Why)
	if err != nil {
		return err
	}
	tries := 0
	if o.State == ledger.OutcomeOpen || o.State == ledger.OutcomeUnknown {
		tries = 1
	}
	return t.exec(openOutcome, receiver, o.Rec, int64(o.Version), o.Batch, stream, o.Key, o.Pipeline, o.Run, string(o.State), millis(o.Since), tries, why)
}

// Outcomes lists outcomes, oldest first.
func (s *Store) Outcomes(ctx context.Context, q ledger.OutcomeQuery) ([]ledger.Outcome, error) {
	where, args := "WHERE o.decided=0", []any{} // those have an index of their own
	if q.Decided {
		where = "WHERE o.decided<>0"
	}
	if q.Receiver != "" {
		id, err := s.receiverID(ctx, q.Receiver)
		if err != nil || id == 0 {
			return nil, s.fault("list outcomes", err)
		}
		where, args = where+" AND o.receiver=?", append(args, id)
	}
	if q.ID != 0 {
		where, args = where+" AND o.id=?", append(args, q.ID)
	}
	if len(q.Recs) > 0 {
		var these string
		these, args = oneOf(q.Recs, args...)
		where += " AND o.rec IN " + these
	}
	rows, err := s.read.QueryContext(ctx, outcomeColumns+where+" ORDER BY o.since, o.id", args...)
	if err != nil {
		return nil, s.fault("list outcomes", err)
	}
	defer rows.Close()
	var list []ledger.Outcome
	for rows.Next() {
		o, err := scanOutcome(rows.Scan)
		if err != nil {
			return nil, s.fault("list outcomes", err)
		}
		list = append(list, o)
	}
	return list, s.fault("list outcomes", rows.Err())
}

func scanOutcome(scan func(...any) error) (ledger.Outcome, error) {
	var o ledger.Outcome
	var since, decided int64
	var state, why string
	err := scan(&o.ID, &o.Receiver, &o.Rec, &o.Version, &o.Batch, &o.Stream.Source, &o.Stream.Subject, &o.Key, &o.Pipeline, &o.Run, &state, &since, &o.Tries, &why, &o.Who, &o.Said, &decided)
	o.State, o.Since, o.Decided, o.Why = ledger.OutcomeState(state), moment(since), moment(decided), reasonOf(why)
	return o, err
}

// knownNow forgets what was not known of members that have their receipt.
func (t *tx) knownNow(receiver int64, members []ledger.Member) error {
	if len(members) == 0 {
		return nil
	}
	first, last := members[0].Rec, members[0].Rec
	for i := range members {
		first, last = min(first, members[i].Rec), max(last, members[i].Rec)
	}
	open := map[int64]bool{}
	err := t.each("SELECT rec FROM outcomes INDEXED BY outcomes_open WHERE decided=0 AND receiver=? AND rec BETWEEN ? AND ?", []any{receiver, first, last}, func(scan func(...any) error) error {
		var rec int64
		err := scan(&rec)
		open[rec] = true
		return err
	})
	if err != nil || len(open) == 0 {
		return err
	}
	for i := range members {
		if open[members[i].Rec] {
			if err := t.exec("DELETE FROM outcomes WHERE decided=0 AND receiver=? AND rec=? AND version=?", receiver, members[i].Rec, int64(members[i].Version)); err != nil {
				return err
			}
		}
	}
	return nil
}

// DecideOutcome stores a person's word and what follows of it.
func (s *Store) DecideOutcome(ctx context.Context, l ledger.Lease, d ledger.OutcomeDecision) error {
	return s.fault("settle outcome", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		o, err := scanOutcome(t.row(outcomeColumns+"WHERE o.id=? AND o.decided=0", d.ID).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ledger.OutcomeGone(d.ID)
		}
		if err != nil || d.As == ledger.OutcomeAgain && o.State == ledger.OutcomeAgain {
			return err // it is said already, and the call was not made since
		}
		now := s.now()
		if d.As == ledger.OutcomeAgain {
			err = t.exec("INSERT INTO outcomes(receiver, rec, version, batch, stream, key, pipeline, run, state, since, tries, why, who, said, decided)"+
				" SELECT receiver, rec, version, batch, stream, key, pipeline, run, ?, since, tries, why, ?, ?, ? FROM outcomes WHERE id=?", string(d.As), d.Who, d.Said, millis(now), d.ID)
			if err == nil {
				err = t.exec("UPDATE outcomes SET state=? WHERE id=?", string(d.As), d.ID)
			}
		} else {
			if err := t.exec("UPDATE outcomes SET state=?, who=?, said=?, decided=? WHERE id=?", string(d.As), d.Who, d.Said, millis(now), d.ID); err != nil {
				return err
			}
			err = t.settleByWord(s, l, &o, &d)
		}
		failpoint.Hit(failpoint.InDecide)
		return err
	}))
}

// settleByWord closes the member as the person says.
func (t *tx) settleByWord(s *Store, l ledger.Lease, o *ledger.Outcome, d *ledger.OutcomeDecision) error {
	b := &ledger.Frozen{ID: o.Batch, Receiver: o.Receiver, Stream: o.Stream, At: s.now()}
	var members, open []byte
	err := t.row("SELECT members, open FROM frozen WHERE id=? AND state='open'", o.Batch).Scan(&members, &open)
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.OutcomeGone(d.ID)
	}
	if err != nil {
		return err
	}
	st := &ledger.Settlement{Lease: l, Batch: b}
	for _, m := range openMembers(decodeMembers(members), open) {
		if m.Rec == o.Rec && m.Version == o.Version {
			b.Members = append(b.Members, m)
		} else {
			st.Left = append(st.Left, m)
		}
	}
	if len(b.Members) == 0 {
		return ledger.OutcomeGone(d.ID)
	}
	if o.Stream.Subject == ledger.SubjectAccept {
		if local := []string{ledger.FirstOfKey(o.Key)}; o.Version > 1 {
			st.Parents = local
		} else if ledger.LaterRound(o.Key) {
			st.Rounds = local
		}
	}
	if d.As == ledger.OutcomeGivenUp {
		reject := ledger.GivenUp(o)
		st.Rejects = []ledger.Reject{reject}
		st.Refused = []ledger.Exception{{Receiver: o.Receiver, Rec: o.Rec, Version: o.Version, State: ledger.Rejected, Rule: ledger.RuleGivenUp, Stream: o.Stream, Key: o.Key,
			At: b.Members[0].At, Run: o.Run, Pipeline: o.Pipeline, Since: s.now()}}
	}
	if _, err := s.settle(t, st); err != nil || d.As != ledger.OutcomeGivenUp {
		return err
	}
	return t.waiveGivenUp(s, o, d)
}

// waiveGivenUp closes the reject of a record that was given up: nobody has to mend it.
func (t *tx) waiveGivenUp(s *Store, o *ledger.Outcome, d *ledger.OutcomeDecision) error {
	at := s.now().UnixMilli()
	var ids []int64
	if err := t.each("SELECT id FROM rejects WHERE pipeline=? AND receiver=? AND key=? AND rule=? AND state='open'", []any{o.Pipeline, o.Receiver, o.Key, ledger.RuleGivenUp}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if err := t.exec("UPDATE rejects SET state=?, closed_at=? WHERE id=?", ledger.Waived, at, id); err != nil {
			return err
		}
		if err := t.exec("INSERT INTO waivers(reject, at, who, why) VALUES(?,?,?,?) ON CONFLICT(reject) DO UPDATE SET at=excluded.at, who=excluded.who, why=excluded.why", id, at, d.Who, d.Said); err != nil {
			return err
		}
	}
	return nil
}
