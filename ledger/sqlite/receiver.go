package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

const receiverColumns = "name, identity, paused_at, paused_why, blocked_at, blocked_why, failed_at, failed_why, tried_at, good_at, clock_ms, broken_at, broken_until, broken_times, broken_why, stamped"

// ReceiverStates lists the receivers that the ledger knows.
func (s *Store) ReceiverStates(ctx context.Context) ([]ledger.ReceiverState, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+receiverColumns+" FROM receivers ORDER BY name")
	if err != nil {
		return nil, s.fault("read receivers", err)
	}
	defer rows.Close()
	var list []ledger.ReceiverState
	for rows.Next() {
		r, err := scanReceiver(rows.Scan)
		if err != nil {
			return nil, s.fault("read receivers", err)
		}
		list = append(list, r)
	}
	return list, s.fault("read receivers", rows.Err())
}

// SetReceiverState changes the state of a receiver in one transaction.
func (s *Store) SetReceiverState(ctx context.Context, name string, change func(*ledger.ReceiverState)) error {
	return s.fault("store receiver", s.w.do(ctx, func(t *tx) error {
		id, err := t.receiverFor(name)
		if err != nil {
			return err
		}
		r, err := scanReceiver(t.row("SELECT "+receiverColumns+" FROM receivers WHERE id=?", id).Scan)
		if err != nil {
			return err
		}
		change(&r)
		blocked, err := reasonText(r.BlockedWhy)
		if err != nil {
			return err
		}
		failed, err := reasonText(r.FailedWhy)
		if err != nil {
			return err
		}
		broken, err := reasonText(r.Break.Why)
		if err != nil {
			return err
		}
		var clock any
		if r.Clock != nil {
			clock = r.Clock.Milliseconds()
		}
		return t.exec("UPDATE receivers SET identity=?, paused_at=?, paused_why=?, blocked_at=?, blocked_why=?, failed_at=?, failed_why=?, tried_at=?, good_at=?, clock_ms=?, broken_at=?, broken_until=?, broken_times=?, broken_why=? WHERE id=?",
			r.Identity, millis(r.PausedAt), r.PausedWhy, millis(r.BlockedAt), blocked, millis(r.FailedAt), failed, millis(r.TriedAt), millis(r.GoodAt), clock,
			millis(r.Break.At), millis(r.Break.Until), r.Break.Times, broken, id)
	}))
}

func scanReceiver(scan func(...any) error) (ledger.ReceiverState, error) {
	var r ledger.ReceiverState
	var paused, blocked, failed, tried, good, broken, until, stamped int64
	var blockedWhy, failedWhy, brokenWhy string
	var clock sql.NullInt64
	if err := scan(&r.Name, &r.Identity, &paused, &r.PausedWhy, &blocked, &blockedWhy, &failed, &failedWhy, &tried, &good, &clock, &broken, &until, &r.Break.Times, &brokenWhy, &stamped); err != nil {
		return r, err
	}
	r.PausedAt, r.BlockedAt, r.FailedAt, r.TriedAt, r.GoodAt = moment(paused), moment(blocked), moment(failed), moment(tried), moment(good)
	r.Stamped = moment(stamped)
	r.BlockedWhy, r.FailedWhy = reasonOf(blockedWhy), reasonOf(failedWhy)
	r.Break.At, r.Break.Until, r.Break.Why = moment(broken), moment(until), reasonOf(brokenWhy)
	if clock.Valid {
		d := time.Duration(clock.Int64) * time.Millisecond
		r.Clock = &d
	}
	return r, nil
}

func reasonText(r ledger.Reason) (string, error) {
	if r == (ledger.Reason{}) {
		return "", nil
	}
	b, err := json.Marshal(r)
	return string(b), err
}

// reasonOf reads a stored reason; what is not JSON is shown as it stands.
func reasonOf(s string) ledger.Reason {
	var r ledger.Reason
	if s != "" && json.Unmarshal([]byte(s), &r) != nil {
		return ledger.Reason{What: text.T(s, s)}
	}
	return r
}

// millis and moment are the stored form of a time; zero is never.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
