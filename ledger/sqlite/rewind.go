package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/binary"

	"banjian/ledger"
)

// Rewind marks what the receiver lost. All of it is one transaction: it may take seconds
// where a receiver lost a million records.
func (s *Store) Rewind(ctx context.Context, q ledger.RewindQuery) ([]ledger.Rewound, error) {
	var list []ledger.Rewound
	err := s.w.do(ctx, func(t *tx) error {
		receiver, err := t.receiverFor(q.Receiver)
		if err != nil {
			return err
		}
		w := &rewind{tx: t, receiver: receiver, q: q, pages: t.sentPages(receiver), now: s.now().UnixMilli(), touched: map[int64]bool{}}
		list, err = w.run()
		return err
	})
	return list, s.fault("rewind receiver", err)
}

type rewind struct {
	*tx
	receiver int64
	q        ledger.RewindQuery
	pages    *sentPages
	now      int64
	touched  map[int64]bool // streams with a loss
}

// lostStream is a stream the receiver lost records of.
type lostStream struct {
	id      int64
	subject string
	offset  int64
}

func (w *rewind) run() ([]ledger.Rewound, error) {
	for _, query := range []string{"CREATE TEMP TABLE IF NOT EXISTS lost (rec INTEGER PRIMARY KEY, frozen INTEGER NOT NULL)", "DELETE FROM temp.lost"} {
		if err := w.exec(query); err != nil {
			return nil, err
		}
	}
	if err := w.collect(); err != nil {
		return nil, err
	}
	streams, err := w.streams()
	if err != nil {
		return nil, err
	}
	var list []ledger.Rewound
	for _, st := range streams {
		if !w.touched[st.id] {
			continue
		}
		one := ledger.Rewound{Subject: st.subject}
		if err := w.count(st, &one); err != nil {
			return nil, err
		}
		if n := len(list); n > 0 && list[n-1].Subject == st.subject {
			last := &list[n-1]
			last.Records, last.Waiting, last.Deleted = last.Records+one.Records, last.Waiting+one.Waiting, last.Deleted+one.Deleted
		} else {
			list = append(list, one)
		}
		if w.q.Dry {
			continue
		}
		if err := w.forget(st); err != nil {
			return nil, err
		}
		if err := w.offer(st); err != nil {
			return nil, err
		}
	}
	if w.q.Dry {
		return list, nil
	}
	if err := w.pages.flush(); err != nil {
		return nil, err
	}
	if err := w.exec("DELETE FROM told WHERE receiver=?", w.receiver); err != nil {
		return nil, err
	}
	return list, w.exec("DELETE FROM pieces WHERE receiver=?", w.receiver) // files go from their first piece again
}

// collect notes every record of which the receiver got a version since; what it refused
// it does not lose.
func (w *rewind) collect() error {
	var lost []int64 // record and the version it was given, in turn
	err := w.each("SELECT f.stream, f.members, CASE WHEN f.state='open' THEN f.open ELSE x'' END, f.state='open' FROM frozen f JOIN streams st ON st.id=f.stream"+
		" WHERE f.receiver=? AND max(f.at, f.arrived)>=? AND (?='' OR st.subject=?)",
		[]any{w.receiver, millis(w.q.Since), w.q.Subject, w.q.Subject}, func(scan func(...any) error) error {
			var stream int64
			var members, open []byte
			var waiting bool
			if err := scan(&stream, &members, &open, &waiting); err != nil {
				return err
			}
			for i, m := range decodeMembers(members) {
				if waiting && isOpen(open, i) {
					continue
				}
				slot, err := w.pages.slot(m.Rec)
				if err != nil {
					return err
				}
				if binary.LittleEndian.Uint32(slot[4:]) > 0 {
					lost, w.touched[stream] = append(lost, m.Rec, int64(binary.LittleEndian.Uint32(slot))), true
				}
			}
			return nil
		})
	if err != nil {
		return err
	}
	_, err = w.many("INSERT INTO temp.lost(rec, frozen) VALUES ", nil, 2, " ON CONFLICT DO NOTHING", len(lost)/2, func(i int, a []driver.NamedValue) {
		a[0].Value, a[1].Value = lost[2*i], lost[2*i+1]
	})
	return err
}

// streams lists the streams the receiver was offered anything of, by subject.
func (w *rewind) streams() ([]lostStream, error) {
	var list []lostStream
	err := w.each("SELECT st.id, st.subject, coalesce(o.seq,0) FROM streams st LEFT JOIN offsets o ON o.receiver=? AND o.stream=st.id WHERE ?='' OR st.subject=? ORDER BY st.subject, st.id",
		[]any{w.receiver, w.q.Subject, w.q.Subject}, func(scan func(...any) error) error {
			var st lostStream
			if err := scan(&st.id, &st.subject, &st.offset); err != nil {
				return err
			}
			list = append(list, st)
			return nil
		})
	return list, err
}

// The records of a stream that were lost: the index has no way from a number to a
// record, so it is read through. goes says which of them are offered again: what lies behind
// the offset the next delivery brings anyway, unless it went before a backlog.
const (
	lostRecords = " FROM records r CROSS JOIN temp.lost w ON w.rec=r.rec LEFT JOIN exceptions e ON e.receiver=? AND e.rec=r.rec WHERE r.stream=?"
	goes        = "r.deleted=0 AND (r.seq<=? OR w.frozen>=r.version) AND coalesce(e.state,'')<>'held'"
)

func (w *rewind) count(st lostStream, one *ledger.Rewound) error {
	var all int64
	if err := w.row("SELECT count(*), coalesce(sum(r.deleted),0), coalesce(sum("+goes+"),0)"+lostRecords, st.offset, w.receiver, st.id).Scan(&all, &one.Deleted, &one.Records); err != nil {
		return err
	}
	one.Waiting = all - one.Deleted - one.Records
	return nil
}

// forget takes back the receipts. What was frozen stays so: a record goes as U.
func (w *rewind) forget(st lostStream) error {
	return w.each("SELECT r.rec"+lostRecords+" AND r.deleted=0", []any{w.receiver, st.id}, func(scan func(...any) error) error {
		var rec int64
		if err := scan(&rec); err != nil {
			return err
		}
		slot, err := w.pages.slot(rec)
		if err == nil {
			binary.LittleEndian.PutUint32(slot[4:], 0)
		}
		return err
	})
}

// offer puts the newest versions among what the next delivery takes along. Held records
// go by themselves when what they wait for has come.
func (w *rewind) offer(st lostStream) error {
	return w.exec("INSERT INTO exceptions(receiver, rec, version, state, rule, field, args, stream, key, seq, row, run, pipeline, since)"+
		" SELECT ?, r.rec, r.version, 'rejected', ?, '', '[]', r.stream, r.key, r.seq, r.row, r.run, coalesce((SELECT pipeline FROM log WHERE log.seq=r.seq),''), ?"+lostRecords+" AND "+goes+
		" ON CONFLICT(receiver, rec) DO UPDATE SET version=excluded.version, state=excluded.state, rule=excluded.rule, field='', args='[]', seq=excluded.seq, row=excluded.row, run=excluded.run, pipeline=excluded.pipeline, since=excluded.since",
		w.receiver, ledger.RuleRedrive, w.now, w.receiver, st.id, st.offset)
}
