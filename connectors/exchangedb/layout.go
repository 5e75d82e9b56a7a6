package exchangedb

import (
	"encoding/hex"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

const timeLayout = "2006-01-02 15:04:05"

// layout is one delivery laid out for one table: what is written where. It borrows
// the delivery's record and lives as long as the call.
type layout struct {
	names   *names
	columns []column
	rows    int
	id      string       // of the delivery
	fence   func() error // see pipelines.Delivery
}

// layout binds a delivery to the receiver's names. Its errors are Bug (a delivery
// that is not as pipelines describes it) or Config (names).
func (t *Target) layout(d *pipelines.Delivery) (*layout, error) {
	n, err := t.opts.names(d.Table, d.Source)
	if err != nil {
		return nil, err
	}
	if err := t.checkDelivery(d); err != nil {
		return nil, err
	}
	l := &layout{names: n, rows: int(d.Record.NumRows()), id: d.ID, fence: d.Fence}
	if n.guid {
		l.add(colGUID, guidColumn(d.GUIDs, d.Spelled))
	}
	for i, f := range d.Record.Schema().Fields() {
		c, ok := arrowColumn(d.Record.Column(i), t.opts.Zone)
		if !ok {
			return nil, t.bug(d, "column "+f.Name+" has type "+f.Type.String())
		}
		l.add(f.Name, c)
	}
	l.add(colOperation, opColumn(d.Ops))
	at := constColumn(d.Time.In(t.opts.Zone).Format(timeLayout))
	at.as = momentCell
	l.add(colTime, at)
	l.add(colBatch, constColumn(d.ID))
	l.add(colSource, constColumn(t.opts.DataSource))
	return l, nil
}

func (l *layout) add(logical string, c column) {
	c.logical, c.physical = logical, l.names.column(logical)
	l.columns = append(l.columns, c)
}

// list is the physical column list, quoted.
func (l *layout) list() string {
	quoted := make([]string, len(l.columns))
	for i := range l.columns {
		quoted[i] = l.names.way.quote(l.columns[i].physical)
	}
	return strings.Join(quoted, ",")
}

// logical is the logical name of a physical column; empty when we do not write it.
func (l *layout) logical(physical string) string {
	for i := range l.columns {
		if strings.EqualFold(l.columns[i].physical, physical) {
			return l.columns[i].logical
		}
	}
	return ""
}

func (t *Target) checkDelivery(d *pipelines.Delivery) error {
	rows := int(d.Record.NumRows())
	if !batchID(d.ID) {
		return t.bug(d, "delivery id is not 32 lower-case hexadecimal characters")
	}
	if len(d.GUIDs) != rows || len(d.Ops) != rows {
		return t.bug(d, "row_guid and operation lists are not as long as the record")
	}
	for _, op := range d.Ops {
		if op != pipelines.OpInsert && op != pipelines.OpUpdate && op != pipelines.OpDelete {
			return t.bug(d, "operation is none of I, U, D")
		}
	}
	seen := make(map[string]bool, d.Record.NumCols())
	for _, name := range ours {
		seen[bare(name)] = true
	}
	for _, f := range d.Record.Schema().Fields() {
		b := bare(f.Name)
		if seen[b] || receiverOnly[b] || !identifier(f.Name) {
			return t.bug(d, "column "+f.Name+" is not the mapping's to write")
		}
		seen[b] = true
	}
	return nil
}

func (t *Target) bug(d *pipelines.Delivery, what string) error {
	return fault.New(fault.Bug, "deliver to exchange table", t.where(d.Table), text.F("冻结批次不合规：%s", "unsound delivery: %s", what), text.Text{})
}

func batchID(id string) bool {
	_, err := hex.DecodeString(id)
	return err == nil && len(id) == 32 && id == strings.ToLower(id)
}
