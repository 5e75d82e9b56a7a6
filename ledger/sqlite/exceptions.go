package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"slices"
	"time"

	"banjian/ledger"
)

// Exceptions reads exceptions of a receiver, by record number.
func (s *Store) Exceptions(ctx context.Context, q ledger.ExceptionQuery) ([]ledger.Exception, error) {
	where, args := "WHERE 1=1", []any{}
	add := func(cond string, v any) { where, args = where+" AND "+cond, append(args, v) }
	if q.Receiver != "" {
		id, err := s.receiverID(ctx, q.Receiver)
		if err != nil || id == 0 {
			return nil, s.fault("list exceptions", err)
		}
		add("e.receiver=?", id)
	}
	if q.Source != "" {
		id, err := s.streamID(ctx, ledger.Stream{Source: q.Source, Subject: q.Subject})
		if err != nil || id == 0 {
			return nil, s.fault("list exceptions", err)
		}
		add("e.stream=?", id)
	} else if q.Subject != "" {
		add("streams.subject=?", q.Subject)
	}
	if q.After != 0 {
		add("e.rec>?", q.After)
	}
	if q.State != "" {
		add("e.state=?", string(q.State))
	}
	if q.Rule != "" {
		add("e.rule=?", q.Rule)
	}
	if len(q.Recs) > 0 {
		var these string
		these, args = oneOf(q.Recs, args...)
		where += " AND e.rec IN " + these
	}
	query := "SELECT receivers.name, e.rec, e.version, e.state, e.rule, e.field, e.args, streams.source, streams.subject, e.key, e.seq, e.row, e.run, e.pipeline, e.since" +
		" FROM exceptions e JOIN receivers ON receivers.id=e.receiver JOIN streams ON streams.id=e.stream " + where + " ORDER BY e.rec"
	if q.Limit > 0 {
		query, args = query+" LIMIT ?", append(args, q.Limit)
	}
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.fault("list exceptions", err)
	}
	defer rows.Close()
	var list []ledger.Exception
	for rows.Next() {
		var e ledger.Exception
		var argsJSON, state string
		var since int64
		if err := rows.Scan(&e.Receiver, &e.Rec, &e.Version, &state, &e.Rule, &e.Field, &argsJSON, &e.Stream.Source, &e.Stream.Subject, &e.Key, &e.At.Seq, &e.At.Row, &e.Run, &e.Pipeline, &since); err != nil {
			return nil, s.fault("list exceptions", err)
		}
		e.State, e.Since = ledger.State(state), time.UnixMilli(since)
		if err := json.Unmarshal([]byte(argsJSON), &e.Args); err != nil {
			return nil, s.fault("list exceptions", err)
		}
		list = append(list, e)
	}
	return list, s.fault("list exceptions", rows.Err())
}

// AsideOf reads no more of an exception than what order goes by: it is asked for every batch.
func (s *Store) AsideOf(ctx context.Context, receiver string, recs []int64) (map[int64]ledger.PutAside, error) {
	found := map[int64]ledger.PutAside{}
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return found, s.fault("list exceptions", err)
	}
	for part := range slices.Chunk(recs, rowsAtOnce) {
		if err := s.someAside(ctx, id, part, found); err != nil {
			return nil, s.fault("list exceptions", err)
		}
	}
	return found, nil
}

func (s *Store) someAside(ctx context.Context, receiver int64, recs []int64, found map[int64]ledger.PutAside) error {
	these, args := oneOf(recs, receiver)
	rows, err := s.read.QueryContext(ctx, "SELECT rec, version, state, rule, args FROM exceptions WHERE receiver=? AND rec IN "+these, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var rec int64
		var put ledger.PutAside
		var state, argsJSON string
		if err := rows.Scan(&rec, &put.Version, &state, &put.Rule, &argsJSON); err != nil {
			return err
		}
		put.State = ledger.State(state)
		if argsJSON != "null" {
			if err := json.Unmarshal([]byte(argsJSON), &put.Args); err != nil {
				return err
			}
		}
		found[rec] = put
	}
	return rows.Err()
}

// Asides asks for each reason whether a source has one: how many it has does not count.
func (s *Store) Asides(ctx context.Context, receiver, subject string, of []ledger.Aside) (map[ledger.Aside][]string, error) {
	found := map[ledger.Aside][]string{}
	id, err := s.receiverID(ctx, receiver)
	if err != nil || id == 0 {
		return found, s.fault("list exceptions", err)
	}
	args := make([]any, 0, 2*len(of)+2)
	for _, a := range of {
		args = append(args, string(a.State), a.Rule)
	}
	rows, err := s.read.QueryContext(ctx, "WITH want(state, rule) AS (VALUES "+tuples(len(of), 2)+") SELECT w.state, w.rule, streams.source FROM streams CROSS JOIN want w"+
		" WHERE streams.subject=? AND EXISTS (SELECT 1 FROM exceptions e INDEXED BY exceptions_rule WHERE e.receiver=? AND e.stream=streams.id AND e.rule=w.rule AND e.state=w.state)"+
		" ORDER BY streams.id", append(args, subject, id)...)
	if err != nil {
		return nil, s.fault("list exceptions", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a ledger.Aside
		var state, source string
		if err := rows.Scan(&state, &a.Rule, &source); err != nil {
			return nil, s.fault("list exceptions", err)
		}
		a.State = ledger.State(state)
		found[a] = append(found[a], source)
	}
	return found, s.fault("list exceptions", rows.Err())
}

// putExceptions puts records of one stream aside, each in the newest version that was.
func (t *tx) putExceptions(receiver, stream int64, list []ledger.Exception) error {
	reasons := make([]string, len(list))
	for i := range list {
		args, err := json.Marshal(list[i].Args)
		if err != nil {
			return err
		}
		reasons[i] = string(args)
	}
	if err := t.closeOthers(receiver, list); err != nil {
		return err
	}
	_, err := t.many("INSERT INTO exceptions(receiver, stream, rec, version, state, rule, field, args, key, seq, row, run, pipeline, since) VALUES", []any{receiver, stream}, 12,
		" ON CONFLICT(receiver, rec) DO UPDATE SET since=CASE WHEN state=excluded.state THEN since ELSE excluded.since END, version=excluded.version, state=excluded.state,"+
			" rule=excluded.rule, field=excluded.field, args=excluded.args, seq=excluded.seq, row=excluded.row, run=excluded.run, pipeline=excluded.pipeline WHERE excluded.version>=version",
		len(list), func(i int, to []driver.NamedValue) {
			e := &list[i]
			for at, v := range [...]driver.Value{e.Rec, int64(e.Version), string(e.State), e.Rule, e.Field, reasons[i], e.Key, e.At.Seq, int64(e.At.Row), e.Run, e.Pipeline, e.Since.UnixMilli()} {
				to[at].Value = v
			}
		})
	return err
}

// closeOthers closes what older versions were refused for that came by another pipeline.
func (t *tx) closeOthers(receiver int64, list []ledger.Exception) error {
	for part := range slices.Chunk(list, rowsAtOnce) {
		now := make(map[int64]*ledger.Exception, len(part))
		recs := make([]int64, len(part))
		for i := range part {
			recs[i], now[part[i].Rec] = part[i].Rec, &part[i]
		}
		these, args := oneOf(recs, receiver)
		others := map[int64]string{}
		if err := t.each("SELECT rec, version, pipeline FROM exceptions WHERE receiver=? AND rec IN "+these, args, func(scan func(...any) error) error {
			var rec int64
			var version uint32
			var pipeline string
			err := scan(&rec, &version, &pipeline)
			if e := now[rec]; err == nil && version < e.Version && pipeline != e.Pipeline {
				others[rec] = pipeline
			}
			return err
		}); err != nil {
			return err
		}
		for rec, pipeline := range others {
			e := now[rec]
			if err := t.closeRejects(pipeline, e.Receiver, [][]byte{e.Key}, 0, e.Since.UnixMilli()); err != nil {
				return err
			}
		}
	}
	return nil
}
