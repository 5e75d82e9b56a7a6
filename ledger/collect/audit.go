package collect

import (
	"context"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// RowStanding is how a source row and the ledger stand to each other.
type RowStanding byte

const (
	RowCollected RowStanding = iota // the ledger has what it says
	RowLeftOut                      // the mapping leaves it out, or it was deleted before it was ever collected
	RowRefused                      // the mapping, or its key, refuses it
	RowUnknown                      // it makes a record that the ledger does not have
	RowOutdated                     // it makes another record than the ledger has
)

// AuditedRow is one row of a batch that a dry Collector was given.
type AuditedRow struct {
	Standing RowStanding
	Key      []byte         // of the primary subject; RowKey of a row without one, as its reject has it
	Source   pipelines.Hash // of the row
	Rec      int64          // the record that the ledger has under the key, 0 = none
	Deleted  bool           // which it holds as deleted
}

// Audited tells how the rows of a batch stand to the ledger, from what Apply made of them.
// Keys are the result's own.
func (c *Collector) Audited(res *pipelines.Result) []AuditedRow {
	p := res.Memo.(*prepared)
	made := make([]bool, len(p.known.hashes))
	for i := range res.Outputs {
		for _, row := range res.Outputs[i].Rows {
			made[row] = true
		}
	}
	rows := make([]AuditedRow, len(made))
	for i := range rows {
		e := &p.known.entries[i]
		rows[i] = AuditedRow{Key: p.known.keys[i], Source: p.known.hashes[i], Rec: e.Rec, Deleted: e.Rec != 0 && e.Deleted}
		if rows[i].Key == nil {
			rows[i].Key = ledger.RowKey(p.known.hashes[i])
		}
	}
	for _, i := range p.known.changed {
		if rows[i].Standing = p.standingOf(i, made[i]); c.open.as(rows[i].Key, rows[i].Source) { // by a service that a dry run does not ask
			rows[i].Standing = RowRefused
		}
	}
	return rows
}

// standingOf is how a row stands that the ledger does not know as it is.
func (p *prepared) standingOf(row int32, made bool) RowStanding {
	e := &p.known.entries[row]
	switch {
	case p.refused[row]:
		return RowRefused
	case p.moved[row] && e.Known():
		return RowOutdated
	case p.moved[row]:
		return RowUnknown
	case !made, e.Rec == 0:
		return RowLeftOut
	}
	return RowCollected
}

// Missed is the records that a run would delete because a dry Collector, which must have
// been given every row, did not come upon them. None where absence deletes nothing.
func (c *Collector) Missed(ctx context.Context) (map[int64]bool, error) {
	if c.seen == nil {
		return nil, nil
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.seen.sort()
	v := &vanisher{Collector: c, found: &Absence{}, finished: map[string]bool{}}
	for _, s := range c.streams() {
		if err := v.stream(ctx, s); err != nil {
			return nil, err
		}
	}
	missed := make(map[int64]bool, len(v.doomed))
	for _, d := range v.doomed {
		missed[d.Rec] = true
	}
	return missed, nil
}
