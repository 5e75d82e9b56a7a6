package sqltable

import (
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/uuid"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/pipelines"
)

const timeLayout = "2006-01-02 15:04:05"

// layout is one delivery laid out for its table. It borrows the delivery's record and
// lives as long as the call.
type layout struct {
	d       *pipelines.Delivery
	table   Table
	upsert  sqldialect.Upsert
	names   []string // of the columns, as they are called
	values  []func(row int) any
	key     []int // of values
	version int   // of values, -1: none
	puts    []int // rows that are put in
	removes []int // rows that are removed
}

// layout binds a delivery to its table. Its errors are Config (the mapping does not write
// the key) or Bug.
func (t *Target) layout(d *pipelines.Delivery) (*layout, error) {
	table, ok := t.opts.Tables[d.Table]
	rows := int(d.Record.NumRows())
	if !ok || len(d.GUIDs) != rows || len(d.Ops) != rows || len(d.Versions) != rows && len(d.Versions) != 0 {
		return nil, fault.New(fault.Bug, "deliver to table", t.where(d.Table), text.T("冻结批次不合规", "unsound delivery"), text.Text{})
	}
	l := &layout{d: d, table: table, version: -1}
	for i, f := range d.Record.Schema().Fields() {
		if err := sqldialect.CheckName(f.Name); err != nil {
			return nil, err
		}
		value, ok := valueOf(d.Record.Column(i), t.opts.Zone)
		if !ok {
			return nil, fault.New(fault.Bug, "deliver to table", t.where(d.Table), text.F("列 %s 的类型不能写入", "column %s has a type that cannot be written", f.Name), text.Text{})
		}
		l.names, l.values = append(l.names, f.Name), append(l.values, value)
	}
	l.addOurs(t.opts.Zone)
	for _, k := range table.Key {
		at := slices.Index(l.names, k)
		if at < 0 {
			return nil, fault.New(fault.Config, "deliver to table", t.where(d.Table), text.F("映射没有写 key 列 %s", "the mapping does not write key column %s", k),
				text.T("在接收方档案里改 key，或在映射里写这一列", "change key in the receiver's profile, or have the mapping write the column"))
		}
		l.key = append(l.key, at)
	}
	if table.Version != "" {
		l.version = slices.Index(l.names, table.Version)
	}
	l.sort(t.opts.Dialect)
	return l, nil
}

// addOurs adds the columns that are filled here, unless the mapping writes them.
func (l *layout) addOurs(zone *time.Location) {
	d := l.d
	frozen := d.Time.In(zone).Format(timeLayout)
	add := func(name string, value func(row int) any) {
		if name != "" && !slices.Contains(l.names, name) {
			l.names, l.values = append(l.names, name), append(l.values, value)
		}
	}
	add(l.table.Fill.Batch, func(int) any { return d.ID })
	add(l.table.Fill.GUID, func(row int) any { return uuid.UUID(d.GUIDs[row]).String() })
	add(l.table.Fill.Operation, func(row int) any { return string(rune(d.Ops[row])) })
	add(l.table.Fill.Time, func(int) any { return frozen })
	if len(d.Versions) > 0 {
		add(l.table.Version, func(row int) any { return int64(d.Versions[row]) })
	}
	if f := l.table.Flag; f != nil {
		add(f.Column, func(row int) any {
			if d.Ops[row] == pipelines.OpDelete {
				return f.Deleted
			}
			return f.Live
		})
	}
}

// sort tells what is put in from what is removed, and quotes.
func (l *layout) sort(d *sqldialect.Dialect) {
	for row, op := range l.d.Ops {
		if op == pipelines.OpDelete && l.table.Flag == nil {
			l.removes = append(l.removes, row)
		} else {
			l.puts = append(l.puts, row)
		}
	}
	l.upsert.Table, _ = d.QuoteView(l.d.Table) // checked when the target was opened
	for _, n := range l.names {
		l.upsert.Columns = append(l.upsert.Columns, d.Quote(n))
	}
	for _, k := range l.key {
		l.upsert.Key = append(l.upsert.Key, l.upsert.Columns[k])
	}
	if l.version >= 0 {
		l.upsert.Version = l.upsert.Columns[l.version]
	}
}

// logical is a column we write by the name a server gives it; empty: it is none of ours.
func (l *layout) logical(name string) string {
	if slices.Contains(l.names, name) {
		return name
	}
	return ""
}

// valueOf gives the cells of a column of the mapped types, utf8, int64, bool,
// timestamp[s] and date32, as parameters; false for any other. Times are wall time in
// zone, truth values 1 and 0.
func valueOf(a arrow.Array, zone *time.Location) (func(row int) any, bool) {
	var value func(row int) any
	switch a := a.(type) {
	case *array.String:
		value = func(row int) any { return a.Value(row) }
	case *array.Int64:
		value = func(row int) any { return a.Value(row) }
	case *array.Boolean:
		value = func(row int) any {
			if a.Value(row) {
				return int64(1)
			}
			return int64(0)
		}
	case *array.Timestamp:
		if a.DataType().(*arrow.TimestampType).Unit != arrow.Second {
			return nil, false
		}
		value = func(row int) any { return time.Unix(int64(a.Value(row)), 0).In(zone).Format(timeLayout) }
	case *array.Date32:
		value = func(row int) any { return a.Value(row).ToTime().Format(time.DateOnly) }
	default:
		return nil, false
	}
	return func(row int) any {
		if a.IsNull(row) {
			return nil
		}
		return value(row)
	}, true
}
