package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

// SaveDeletes stores a list of records that wait to be deleted.
func (s *Store) SaveDeletes(ctx context.Context, l ledger.Lease, d *ledger.DeleteList) error {
	return s.fault("store delete list", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		d.At = s.now()
		if err := t.exec("UPDATE delete_lists SET state='settled' WHERE pipeline=? AND kind=? AND state='approved'", d.Pipeline, d.Kind); err != nil {
			return err
		}
		err := t.row("UPDATE delete_lists SET run=?, at=? WHERE pipeline=? AND kind=? AND state='open' AND digest=? AND records=? RETURNING number",
			d.Run, d.At.UnixMilli(), d.Pipeline, d.Kind, d.Digest, d.Records).Scan(&d.Number)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := t.exec("UPDATE delete_lists SET state='replaced', decided=? WHERE pipeline=? AND kind=? AND state='open'", d.At.UnixMilli(), d.Pipeline, d.Kind); err != nil {
			return err
		}
		return t.row("INSERT INTO delete_lists(pipeline, kind, run, at, records, digest, members) VALUES(?,?,?,?,?,?,?) RETURNING number",
			d.Pipeline, d.Kind, d.Run, d.At.UnixMilli(), d.Records, d.Digest, ledger.PackDoomed(d.Members)).Scan(&d.Number)
	}))
}

const listColumns = "number, pipeline, kind, run, at, records, digest, state, who, decided"

// ListDeletes is the lists of a pipeline in a state, newest first.
func (s *Store) ListDeletes(ctx context.Context, pipeline, state string) ([]ledger.DeleteList, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+listColumns+" FROM delete_lists WHERE ?1 IN ('', pipeline) AND ?2 IN ('', state) ORDER BY number DESC", pipeline, state)
	if err != nil {
		return nil, s.fault("list delete lists", err)
	}
	defer rows.Close()
	var list []ledger.DeleteList
	for rows.Next() {
		var d ledger.DeleteList
		if err := scanList(rows.Scan, &d); err != nil {
			return nil, s.fault("list delete lists", err)
		}
		list = append(list, d)
	}
	return list, s.fault("list delete lists", rows.Err())
}

func scanList(scan func(...any) error, d *ledger.DeleteList, more ...any) error {
	var at, decided int64
	err := scan(append([]any{&d.Number, &d.Pipeline, &d.Kind, &d.Run, &at, &d.Records, &d.Digest, &d.State, &d.Who, &decided}, more...)...)
	d.At, d.Decided = time.UnixMilli(at), moment(decided)
	return err
}

// DeleteList is one with its members.
func (s *Store) DeleteList(ctx context.Context, number int64) (*ledger.DeleteList, error) {
	d := &ledger.DeleteList{}
	var members []byte
	err := scanList(s.read.QueryRowContext(ctx, "SELECT "+listColumns+", members FROM delete_lists WHERE number=?", number).Scan, d, &members)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.fault("read delete list", err)
	}
	var ok bool
	if d.Members, ok = ledger.UnpackDoomed(members); !ok {
		return nil, fault.New(fault.Gone, "read delete list", s.path, text.F("名单 %d 已损坏", "list %d is damaged", number), text.T("再比对一次，会有新的名单", "compare once more: that makes a new one"))
	}
	return d, nil
}

// ApproveDeletes notes who approved an open list.
func (s *Store) ApproveDeletes(ctx context.Context, l ledger.Lease, number int64, who string) error {
	return s.fault("approve deletes", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		n, err := t.change("UPDATE delete_lists SET state='approved', who=?, decided=? WHERE number=? AND state='open'", who, s.now().UnixMilli(), number)
		if err == nil && n == 0 {
			err = fault.New(fault.Blocked, "approve deletes", "", text.F("名单 %d 不再待批准", "list %d does not wait for an approval any more", number), text.T("banjian deletes list 列出现在的", "banjian deletes list shows those that do"))
		}
		return err
	}))
}

// SettleDeletes closes lists.
func (s *Store) SettleDeletes(ctx context.Context, l ledger.Lease, pipeline string, kinds ...string) error {
	var open int
	if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM delete_lists WHERE pipeline=? AND state IN ('open','approved')", pipeline).Scan(&open); err != nil || open == 0 {
		return s.fault("settle deletes", err)
	}
	return s.fault("settle deletes", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		for _, kind := range kinds {
			if err := t.exec("UPDATE delete_lists SET state='settled', decided=iif(decided=0, ?, decided) WHERE pipeline=? AND kind=? AND state IN ('open','approved')", s.now().UnixMilli(), pipeline, kind); err != nil {
				return err
			}
		}
		return nil
	}))
}
