package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"banjian/ledger"
)

// Standings is where a receiver stands with every stream. A record under way that has
// an exception counts as that: it is listed as such.
func (s *Store) Standings(ctx context.Context, receiver string, heldBefore time.Time) ([]ledger.Standing, error) {
	id, err := s.receiverID(ctx, receiver)
	if err != nil {
		return nil, s.fault("sum up receiver", err)
	}
	list, at, err := s.behind(ctx, id)
	if err == nil {
		err = s.sumExceptions(ctx, id, heldBefore, list, at)
	}
	if err == nil {
		err = s.sumOpen(ctx, id, list, at)
	}
	return list, s.fault("sum up receiver", err)
}

// behind counts what lies in the log after the receiver's offsets; at finds a standing
// by the stream's number.
func (s *Store) behind(ctx context.Context, receiver int64) (list []ledger.Standing, at map[int64]int, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT st.id, st.source, st.subject,
	  coalesce((SELECT sum(l.rows-coalesce(d.rows,0)) FROM log l LEFT JOIN dead d ON d.seq=l.seq WHERE l.stream=st.id AND l.seq>coalesce(o.seq,0)),0),
	  CASE WHEN o.ahead_to>o.seq THEN o.ahead_rows ELSE 0 END,
	  coalesce((SELECT min(l.at) FROM log l LEFT JOIN dead d ON d.seq=l.seq WHERE l.stream=st.id AND l.seq>coalesce(o.seq,0) AND l.rows>coalesce(d.rows,0)),0),
	  coalesce((SELECT l.at FROM log l WHERE l.stream=st.id ORDER BY l.seq DESC LIMIT 1),0)
	  FROM streams st LEFT JOIN offsets o ON o.receiver=? AND o.stream=st.id ORDER BY st.id`, receiver)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	at = map[int64]int{}
	for rows.Next() {
		var one ledger.Standing
		var stream, ahead, oldest, newest int64
		if err := rows.Scan(&stream, &one.Stream.Source, &one.Stream.Subject, &one.Pending, &ahead, &oldest, &newest); err != nil {
			return nil, nil, err
		}
		one.Pending, one.OldestPending, one.Newest = max(one.Pending-ahead, 0), moment(oldest), moment(newest)
		at[stream] = len(list)
		list = append(list, one)
	}
	return list, at, rows.Err()
}

func (s *Store) sumExceptions(ctx context.Context, receiver int64, heldBefore time.Time, list []ledger.Standing, at map[int64]int) error {
	rows, err := s.read.QueryContext(ctx, "SELECT stream, state, rule=?, count(*), min(since), sum(since<?), sum(rule=?) FROM exceptions WHERE receiver=? AND rec>0 GROUP BY 1,2,3", // by record: the index of reasons has no times
		ledger.RuleRedrive, millis(heldBefore), ledger.RuleCompared, receiver)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var stream, n, oldest, long, compared int64
		var state string
		var again bool
		if err := rows.Scan(&stream, &state, &again, &n, &oldest, &long, &compared); err != nil {
			return err
		}
		one := &list[at[stream]]
		switch {
		case again:
			one.Pending += n
			one.OldestPending = earlier(one.OldestPending, moment(oldest))
		case state == string(ledger.Held):
			one.Held, one.HeldLong, one.OldestHeld = one.Held+n, one.HeldLong+long, earlier(one.OldestHeld, moment(oldest))
		case state == string(ledger.Diverged):
			one.Diverged += n
		case state == string(ledger.Rejected):
			one.Rejected += n
		case state == string(ledger.NotApplicable):
			one.NotApplicable, one.Compared = one.NotApplicable+n, one.Compared+compared
		}
	}
	return rows.Err()
}

// sumOpen adds the members of open batches that have no exception.
func (s *Store) sumOpen(ctx context.Context, receiver int64, list []ledger.Standing, at map[int64]int) error {
	batches, err := s.openBatches(ctx, receiver)
	if err != nil {
		return err
	}
	for _, b := range batches {
		n, err := s.excepted(ctx, receiver, b.left)
		if err != nil {
			return err
		}
		if n < len(b.left) {
			one := &list[at[b.stream]]
			one.Pending += int64(len(b.left) - n)
			one.OldestPending = earlier(one.OldestPending, b.at)
		}
	}
	return nil
}

type openBatch struct {
	stream int64
	at     time.Time
	left   []ledger.Member
}

func (s *Store) openBatches(ctx context.Context, receiver int64) ([]openBatch, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT stream, at, members, open FROM frozen WHERE receiver=? AND state='open'", receiver)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []openBatch
	for rows.Next() {
		var b openBatch
		var frozen int64
		var members, open []byte
		if err := rows.Scan(&b.stream, &frozen, &members, &open); err != nil {
			return nil, err
		}
		b.at, b.left = moment(frozen), openMembers(decodeMembers(members), open)
		list = append(list, b)
	}
	return list, rows.Err()
}

// excepted counts the members that have an exception.
func (s *Store) excepted(ctx context.Context, receiver int64, members []ledger.Member) (int, error) {
	total := 0
	for len(members) > 0 {
		part := members[:min(len(members), rowsAtOnce)]
		members = members[len(part):]
		recs := make([]int64, len(part))
		for i := range part {
			recs[i] = part[i].Rec
		}
		these, args := oneOf(recs, receiver)
		var n int
		if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM exceptions WHERE receiver=? AND rec IN "+these, args...).Scan(&n); err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// earlier is the earlier of two times, of which a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// totalsOf sums groups of open rejects, of one mapping each, and looks up the newest run's
// mapping once a group.
const totalsOf = "SELECT name, receiver, sum(n), min(oldest), max(newest), sum(CASE WHEN receiver='' AND mapping<>(SELECT mapping FROM runs WHERE pipeline=name ORDER BY num DESC LIMIT 1) THEN n ELSE 0 END) FROM (" +
	"SELECT r.pipeline AS name, r.receiver, u.mapping, count(*) AS n, min(r.at) AS oldest, max(r.at) AS newest" + openIn + " LEFT JOIN runs u ON u.num=r.run GROUP BY 1, 2, 3" +
	") GROUP BY 1, 2 ORDER BY 1, 2"

// RejectTotals counts open rejects.
func (s *Store) RejectTotals(ctx context.Context) ([]ledger.RejectTotal, error) {
	rows, err := s.read.QueryContext(ctx, pipelinesIn("rejects")+totalsOf)
	if err != nil {
		return nil, s.fault("count rejects", err)
	}
	defer rows.Close()
	var list []ledger.RejectTotal
	for rows.Next() {
		var one ledger.RejectTotal
		var oldest, newest int64
		if err := rows.Scan(&one.Pipeline, &one.Receiver, &one.Open, &oldest, &newest, &one.Outdated); err != nil {
			return nil, s.fault("count rejects", err)
		}
		one.Oldest, one.Newest = moment(oldest), moment(newest)
		list = append(list, one)
	}
	return list, s.fault("count rejects", rows.Err())
}

// pipelinesIn begins a query over the pipelines that a table has rows of, one look in its
// index each: a table that keeps history is not read through for it.
func pipelinesIn(table string) string {
	return "WITH RECURSIVE of(name) AS (SELECT min(pipeline) FROM " + table + " UNION ALL SELECT (SELECT min(pipeline) FROM " + table + " WHERE pipeline>of.name) FROM of WHERE of.name IS NOT NULL) "
}

// openIn is their open rejects.
const openIn = " FROM of CROSS JOIN rejects r ON r.pipeline=of.name AND r.state='open'"

// newest is the newest run of each pipeline, by name, that a condition holds of.
func newest(condition string) string {
	return pipelinesIn("runs") + "SELECT " + runColumns + " FROM of CROSS JOIN runs ON num=(SELECT num FROM runs WHERE pipeline=of.name AND " + condition + " ORDER BY num DESC LIMIT 1) ORDER BY pipeline"
}

const runColumns = "num, id, pipeline, mode, mapping, started, ended, state, counts, error, compared"

// GoodRuns is the newest run of each pipeline that ended well, by name.
func (s *Store) GoodRuns(ctx context.Context) ([]ledger.Run, error) {
	rows, err := s.read.QueryContext(ctx, newest("state='done' AND mode NOT IN ('files', 'verify')"))
	if err != nil {
		return nil, s.fault("list runs", err)
	}
	return s.listRuns(rows)
}

func (s *Store) listRuns(rows *sql.Rows) ([]ledger.Run, error) {
	defer rows.Close()
	var list []ledger.Run
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil {
			return nil, s.fault("list runs", err)
		}
		list = append(list, r)
	}
	return list, s.fault("list runs", rows.Err())
}

func scanRun(rows *sql.Rows) (ledger.Run, error) {
	var r ledger.Run
	var started, ended int64
	var counts string
	if err := rows.Scan(&r.Num, &r.ID, &r.Pipeline, &r.Mode, &r.Mapping, &started, &ended, &r.State, &counts, &r.Error, &r.Compared); err != nil {
		return r, err
	}
	r.Started, r.Ended = moment(started), moment(ended)
	return r, json.Unmarshal([]byte(counts), &r.Counts)
}
