package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"banjian/internal/failpoint"
	"banjian/ledger"
	"banjian/pipelines"
)

// Commit writes a collected batch: log, index, cases, rejects, kept source columns
// and the position, all or nothing (invariant 1).
func (s *Store) Commit(ctx context.Context, c *ledger.Change) (int64, error) {
	var fresh int64
	err := s.w.do(ctx, func(t *tx) error {
		if err := t.fence(c.Lease); err != nil {
			return err
		}
		at := s.now().UnixMilli()
		for i := range c.Batches {
			if err := t.appendLog(c, &c.Batches[i], at); err != nil {
				return err
			}
		}
		for _, te := range c.Touched {
			id, err := t.streamFor(te.Stream)
			if err != nil {
				return err
			}
			if err := t.touchEntries(id, te.Entries); err != nil {
				return err
			}
		}
		if err := t.owe(c); err != nil {
			return err
		}
		if err := t.doubt(c); err != nil {
			return err
		}
		kept, err := t.keep(c, at)
		if err != nil {
			return err
		}
		if fresh, err = t.addRejects(c.Rejects, kept, at, c); err != nil {
			return err
		}
		if err := t.closeMended(c, at); err != nil {
			return err
		}
		run := c.Run
		if c.Changes {
			run = noRun
		}
		if err := t.closeRejects(c.Pipeline, "", c.Passed, run, at); err != nil {
			return err
		}
		if err := t.closeFindings(c, at); err != nil {
			return err
		}
		if err := t.stir(c); err != nil {
			return err
		}
		if err := t.savePosition(c, at); err != nil {
			return err
		}
		failpoint.Hit(failpoint.InLedgerCommit)
		return nil
	})
	return fresh, s.fault("commit to ledger", err)
}

func (t *tx) appendLog(c *ledger.Change, b *ledger.LogBatch, at int64) error {
	stream, err := t.streamFor(b.Stream)
	if err != nil {
		return err
	}
	var seq int64
	if err := t.row("INSERT INTO log(stream, pipeline, run, mapping, at, rows, payload) VALUES(?,?,?,?,?,?,?) RETURNING seq",
		stream, c.Pipeline, c.Run, c.Mapping, at, len(b.Entries), b.Payload).Scan(&seq); err != nil {
		return err
	}
	list, others, err := accepts(b)
	if err != nil {
		return err
	}
	if err := t.putAccepts(stream, list, seq); err != nil {
		return err
	}
	if err := t.putEntries(stream, others, b.Flows, seq); err != nil {
		return err
	}
	return t.supersede(b.Before)
}

// supersede marks the payload rows of the versions that were replaced.
func (t *tx) supersede(before []ledger.Place) error {
	places := make([]ledger.Place, 0, len(before))
	for _, p := range before {
		if p.Seq != 0 {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b ledger.Place) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Row, b.Row)) })
	if _, err := t.many("INSERT INTO superseded(seq, row) VALUES ", nil, 2, "", len(places), func(i int, a []driver.NamedValue) {
		a[0].Value, a[1].Value = places[i].Seq, int64(places[i].Row)
	}); err != nil {
		return err
	}
	var dead [][2]int64 // log batch, rows
	for _, p := range places {
		if n := len(dead); n == 0 || dead[n-1][0] != p.Seq {
			dead = append(dead, [2]int64{p.Seq, 0})
		}
		dead[len(dead)-1][1]++
	}
	_, err := t.many("INSERT INTO dead(seq, rows) VALUES ", nil, 2, " ON CONFLICT(seq) DO UPDATE SET rows=rows+excluded.rows", len(dead), func(i int, a []driver.NamedValue) {
		a[0].Value, a[1].Value = dead[i][0], dead[i][1]
	})
	return err
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (t *tx) keep(c *ledger.Change, at int64) (int64, error) {
	if len(c.Kept) == 0 {
		return 0, nil
	}
	var id int64
	err := t.row("INSERT INTO kept(pipeline, run, at, rows, payload) VALUES(?,?,?,?,?) RETURNING id", c.Pipeline, c.Run, at, c.KeptRows, c.Kept).Scan(&id)
	return id, err
}

// noRun stands for a run in which nothing was seen.
const noRun = -1

// fieldsOf is the fields of a reject as they are stored: a field's name has no comma.
func fieldsOf(r ledger.Reject) string { return strings.Join(append([]string{r.Field}, r.Also...), ",") }

// addRejects stores rejects; those already known are seen again, not added. It
// returns how many are new, or open again. c is the change they come with; nil: they are a
// receiver's.
func (t *tx) addRejects(rejects []ledger.Reject, kept, at int64, c *ledger.Change) (int64, error) {
	var fresh int64
	for _, r := range ledger.Together(rejects) {
		kept := kept
		if r.KeptRow < 0 {
			kept = 0
		}
		args, err := json.Marshal(r.Args)
		if err != nil {
			return fresh, err
		}
		n, err := t.change("INSERT INTO rejects(pipeline, receiver, key, rule, shash, subject, field, args, kept, kept_row, run, at, seen_run) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"+
			" ON CONFLICT(pipeline, receiver, key, rule, shash) DO UPDATE SET state='open', closed_at=0, seen_run=excluded.seen_run, field=excluded.field, args=excluded.args WHERE state='closed'",
			r.Pipeline, r.Receiver, r.Key, r.Rule, r.Source[:], r.Subject, fieldsOf(r), string(args), kept, int64(r.KeptRow), r.Run, at, r.Run)
		if err != nil {
			return fresh, err
		}
		fresh += n
		if n > 0 {
			if err := t.replaceRejects(&r, at, c); err != nil {
				return fresh, err
			}
		} else {
			if err := t.exec("UPDATE rejects SET field=iif(seen_run=?1, field, ?2), args=iif(seen_run=?1, args, ?3), seen_run=?1 WHERE pipeline=?4 AND receiver=?5 AND key=?6 AND rule=?7 AND shash=?8",
				r.Run, fieldsOf(r), string(args), r.Pipeline, r.Receiver, r.Key, r.Rule, r.Source[:]); err != nil {
				return fresh, err
			}
		}
	}
	return fresh, nil
}

// replaceRejects closes what was found in older versions of the row: what is open is
// what is wrong with it now. Another row that claims the same key stays refused, and so does a
// newer one that came while fields of an older one were asked about. The plus has SQLite find
// the row by its key, not among all open ones.
func (t *tx) replaceRejects(r *ledger.Reject, at int64, c *ledger.Change) error {
	run := r.Run
	switch {
	case c == nil:
	case c.Fields:
		return nil
	case c.Changes:
		run = noRun
	}
	return t.exec("UPDATE rejects SET state='closed', closed_at=? WHERE pipeline=? AND receiver=? AND key=? AND shash<>? AND +state='open' AND seen_run<>?"+
		" AND rule<>'duplicate_key' AND ?<>'duplicate_key'", at, r.Pipeline, r.Receiver, r.Key, r.Source[:], run, r.Rule)
}

// closeMended closes what a row was refused for before and is not any more, though it is
// refused for something else: a person corrected one cell of two. A change that belongs to
// no bounded run, or is about single fields, does not see everything again, and closes nothing
// so.
func (t *tx) closeMended(c *ledger.Change, at int64) error {
	if c.Changes || c.Fields {
		return nil
	}
	done := map[string]bool{}
	for i := range c.Rejects {
		r := &c.Rejects[i]
		row := string(r.Key) + string(r.Source[:])
		if r.Receiver != "" || done[row] {
			continue
		}
		done[row] = true
		if err := t.exec("UPDATE rejects SET state='closed', closed_at=? WHERE pipeline=? AND receiver='' AND key=? AND shash=? AND +state='open' AND seen_run<>? AND rule<>'duplicate_key'",
			at, r.Pipeline, r.Key, r.Source[:], r.Run); err != nil {
			return err
		}
	}
	return nil
}

// closeRejects closes open rejects of keys that passed in the run. One that was seen
// in the same run belongs to another row with that key, and stays.
func (t *tx) closeRejects(pipeline, receiver string, passed [][]byte, run, at int64) error {
	for part := range slices.Chunk(passed, rowsAtOnce) {
		these, args := oneOf(part, at, pipeline, receiver, run)
		if err := t.exec("UPDATE rejects SET state='closed', closed_at=? WHERE pipeline=? AND receiver=? AND seen_run<>? AND +state='open' AND key IN "+these, args...); err != nil {
			return err
		}
	}
	return nil
}

// closeFindings closes open rejects of which a change says that they are mended. Its doubts
// are stored by then.
func (t *tx) closeFindings(c *ledger.Change, at int64) error {
	doubted, err := t.doubtedRows(c)
	if err != nil {
		return err
	}
	for i := range c.Mended {
		f := &c.Mended[i]
		if strings.HasPrefix(f.Rule, ledger.VerifyRules) && doubted[string(f.Key)] {
			continue
		}
		if err := t.exec("UPDATE rejects SET state='closed', closed_at=? WHERE pipeline=? AND receiver='' AND key=? AND rule=? AND shash=? AND +state='open' AND seen_run<>?",
			at, c.Pipeline, f.Key, f.Rule, f.Source[:], c.Run); err != nil {
			return err
		}
	}
	return nil
}

// doubtedRows is the rows of mended findings of which something is still in doubt.
func (t *tx) doubtedRows(c *ledger.Change) (map[string]bool, error) {
	var keys [][]byte
	for i := range c.Mended {
		if strings.HasPrefix(c.Mended[i].Rule, ledger.VerifyRules) {
			keys = append(keys, c.Mended[i].Key)
		}
	}
	doubted := map[string]bool{}
	for part := range slices.Chunk(keys, rowsAtOnce) {
		these, args := oneOf(part, c.Pipeline)
		if err := t.each("SELECT row_key FROM doubts WHERE pipeline=? AND row_key IN "+these, args, func(scan func(...any) error) error {
			var key []byte
			err := scan(&key)
			doubted[string(key)] = true
			return err
		}); err != nil {
			return nil, err
		}
	}
	return doubted, nil
}

func (t *tx) savePosition(c *ledger.Change, at int64) error {
	return t.exec("INSERT INTO positions(pipeline, position, run, at) VALUES(?,?,?,?) ON CONFLICT(pipeline) DO UPDATE SET position=excluded.position, run=excluded.run, at=excluded.at",
		cmp.Or(c.Slot, c.Pipeline), string(c.Position), c.Run, at)
}

// Slots lists the positions of a pipeline's parts, by part.
func (s *Store) Slots(ctx context.Context, pipeline string) ([]ledger.Slot, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT pipeline, position, run, at FROM positions WHERE pipeline>=? AND pipeline<?", pipeline+"#", pipeline+"$")
	if err != nil {
		return nil, s.fault("list positions", err)
	}
	defer rows.Close()
	var list []ledger.Slot
	for rows.Next() {
		var name, position string
		var one ledger.Slot
		var at int64
		if err := rows.Scan(&name, &position, &one.Run, &at); err != nil {
			return nil, s.fault("list positions", err)
		}
		var ok bool
		if one.Part, ok = pipelines.PartOf(name); ok {
			one.Position, one.At = pipelines.Position(position), time.UnixMilli(at)
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b ledger.Slot) int { return cmp.Compare(a.Part, b.Part) })
	return list, s.fault("list positions", rows.Err())
}

// Position is the last committed one.
func (s *Store) Position(ctx context.Context, pipeline string) (pipelines.Position, error) {
	var p string
	err := s.read.QueryRowContext(ctx, "SELECT position FROM positions WHERE pipeline=?", pipeline).Scan(&p)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return pipelines.Position(p), s.fault("load position", err)
}

// OpenRejects lists the open rejects of a pipeline's collection, those of receivers
// left out. A second row with a key stays one when a person waived it.
func (s *Store) OpenRejects(ctx context.Context, pipeline string) ([]ledger.Reject, error) {
	list, err := s.Rejects(ctx, ledger.RejectQuery{Pipeline: pipeline, State: "open"})
	if err != nil {
		return nil, err
	}
	waived, err := s.Rejects(ctx, ledger.RejectQuery{Pipeline: pipeline, State: ledger.Waived, Rule: "duplicate_key"})
	list = append(list, waived...)
	return slices.DeleteFunc(list, func(r ledger.Reject) bool { return r.Receiver != "" }), err
}
