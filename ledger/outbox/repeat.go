package outbox

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// assembly puts a frozen batch together again from the log batches its members lie
// in.
type assembly struct {
	outbox *Outbox
	batch  *ledger.Frozen
	stage  pipelines.Stage

	records []arrow.Record
	members []ledger.Member
	going   []ledger.Row
	parked  []ledger.Row // members the mapping refuses now
	refused error        // why
}

// add maps the members at the given positions. That the mapping refuses one now (it was
// changed since they were frozen) is a Config fault: a frozen batch goes as it is. Of a
// receiver that is called such members alone stay open.
func (a *assembly) add(ctx context.Context, entry *ledger.LogEntry, at []int) error {
	rec, err := ledger.RowsAt(entry, rowsOf(a.batch.Members, at), a.outbox.Alloc)
	if err != nil {
		return err
	}
	defer rec.Release()
	res, err := a.stage.Apply(ctx, rec)
	if err != nil {
		return err
	}
	defer res.Release()
	rows := ledger.RowsOf(rec)
	if err := ledger.FillAdopted(ctx, a.outbox.store, rows); err != nil {
		return err
	}
	if n := outputRows(&res); n != len(at) {
		a.refused = fault.New(fault.Config, "repeat frozen batch", a.outbox.Receiver,
			text.F("冻结批次 %s 中有 %d 行按现在的映射不能再上报", "%[2]d rows of frozen batch %[1]s can no longer be delivered under the mapping as it is now", a.batch.ID, len(at)-n),
			text.T("恢复冻结时的映射，运行一次，再换新映射", "put the mapping back that was in force then, run once, and change it afterwards"))
		if a.outbox.Caller == nil {
			return a.refused
		}
	}
	mapped := make([]bool, len(rows))
	if outputRows(&res) > 0 {
		out := &res.Outputs[0]
		out.Record.Retain()
		a.records = append(a.records, out.Record)
		for _, row := range out.Rows {
			mapped[row] = true
		}
	}
	for i, m := range at {
		r := rows[i]
		r.Key = append([]byte(nil), r.Key...)
		r.Member = a.batch.Members[m]
		if !mapped[i] {
			a.parked = append(a.parked, r)
			continue
		}
		a.going = append(a.going, r)
		a.members = append(a.members, a.batch.Members[m])
	}
	return nil
}

func outputRows(res *pipelines.Result) int {
	if len(res.Outputs) == 0 {
		return 0
	}
	return len(res.Outputs[0].Rows)
}

// delivery is the whole batch, in the order in which it was frozen; the caller releases its
// record.
func (a *assembly) delivery() (*pipelines.Delivery, *ledger.Frozen, []ledger.Row, error) {
	rec, err := concatenate(a.records, a.outbox)
	if err == nil {
		rec, err = a.asFrozen(rec)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	b := *a.batch
	b.Members = a.members
	d := &pipelines.Delivery{ID: b.ID, Table: b.Table, Time: b.At, Record: rec, GUIDs: make([][16]byte, len(a.going)), Ops: make([]pipelines.Op, len(a.going)),
		Versions: make([]uint32, len(a.going)), Source: b.Stream.Source, Fence: a.outbox.Fence}
	for i := range a.going {
		d.GUIDs[i], d.Ops[i], d.Versions[i] = a.going[i].GUID, a.members[i].Op, a.members[i].Version
		spell(d, i, a.going[i].Spelled)
	}
	return d, &b, a.going, nil
}

// asFrozen puts rec, members and going, which stand as they lie in the log, in the order of
// the batch: records of a case may have to go one after the other (Config.InOrder).
func (a *assembly) asFrozen(rec arrow.Record) (arrow.Record, error) {
	place := make(map[int64]int, len(a.batch.Members))
	for i := range a.batch.Members {
		place[a.batch.Members[i].Rec] = i
	}
	byPlace := func(x, y int32) int { return place[a.members[x].Rec] - place[a.members[y].Rec] }
	order := make([]int32, len(a.members))
	for i := range order {
		order[i] = int32(i)
	}
	if slices.IsSortedFunc(order, byPlace) {
		return rec, nil
	}
	slices.SortFunc(order, byPlace)
	defer rec.Release()
	members, going := make([]ledger.Member, len(order)), make([]ledger.Row, len(order))
	for i, from := range order {
		members[i], going[i] = a.members[from], a.going[from]
	}
	a.members, a.going = members, going
	return ledger.TakeRows(rec, order, a.outbox.Alloc)
}

func (a *assembly) release() {
	for _, r := range a.records {
		r.Release()
	}
}

func concatenate(records []arrow.Record, o *Outbox) (arrow.Record, error) {
	if len(records) == 1 {
		records[0].Retain()
		return records[0], nil
	}
	var rows int64
	cols := make([]arrow.Array, records[0].NumCols())
	for i := range cols {
		parts := make([]arrow.Array, len(records))
		for j, r := range records {
			parts[j] = r.Column(i)
		}
		col, err := array.Concatenate(parts, o.Alloc)
		if err != nil {
			return nil, fault.Wrap(err, fault.Bug, "repeat frozen batch", "", text.Text{}, text.Text{})
		}
		defer col.Release()
		cols[i] = col
	}
	for _, r := range records {
		rows += r.NumRows()
	}
	return array.NewRecord(records[0].Schema(), cols, rows), nil
}
