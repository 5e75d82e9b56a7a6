package sqltable

import (
	"database/sql"
	"slices"
	"time"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// Options describe one receiver.
type Options struct {
	Name        string  // the receiver's name in errors
	DB          *sql.DB // the Target owns and closes it
	Dialect     *sqldialect.Dialect
	Tables      map[string]Table // by the table's name, "inbox" or "schema.inbox"
	Connections int              // transactions at a time; default 2
	Zone        *time.Location   // wall time of datetimes; default fixed UTC+8
}

// Table is how rows go into one table.
type Table struct {
	Key     []string // columns of a unique key of the table, written by the mapping
	Version string   // column that guards; written by the mapping, or else filled with the record's version; empty: none
	Flag    *Flag    // what a delete sets; nil: a delete removes the row
	Fill    Fill
}

// Flag is a column that says whether a record was deleted.
type Flag struct {
	Column        string
	Deleted, Live string // its values
}

// Fill names columns we fill besides the mapping's; empty: not there.
type Fill struct {
	Batch     string // the delivery's ID
	GUID      string // row_guid
	Operation string // I, U or D
	Time      string // when the batch was frozen
}

const (
	defaultConnections = 2
	idleTime           = time.Minute
	commitWait         = 30 * time.Second // for the reply to COMMIT, even when the run is being stopped
	rollbackWait       = 5 * time.Second
)

func (o *Options) fill() error {
	if o.Connections <= 0 {
		o.Connections = defaultConnections
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("UTC+8", 8*3600)
	}
	switch {
	case o.DB == nil:
		return fault.New(fault.Bug, "open tables", o.Name, text.T("没有数据库连接", "no database handle"), text.Text{})
	case o.Dialect == nil || !o.Dialect.Upserts():
		return o.config(text.T("不能写入这种数据库的表", "tables of this kind of database cannot be written to"),
			text.T("使用 mysql（含 MariaDB、OceanBase MySQL 模式）、postgres 或 sqlite", "use mysql (MariaDB and OceanBase in MySQL mode too), postgres or sqlite"))
	}
	for name, t := range o.Tables {
		if err := t.check(name); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) config(what, hint text.Text) error {
	return fault.New(fault.Config, "open tables", o.Name, what, hint)
}

// check looks at the names, of which some may be one column's twice only where that says
// the same.
func (t Table) check(name string) error {
	if _, _, err := sqldialect.SplitView(name); err != nil {
		return err
	}
	if len(t.Key) == 0 {
		return fault.New(fault.Config, "open tables", name, text.T("缺少 key：按哪些列更新", "key is missing: the columns rows are known by"), text.Text{})
	}
	for _, column := range append(slices.Clone(t.Key), t.ours()...) {
		if err := sqldialect.CheckName(column); err != nil {
			return err
		}
	}
	return nil
}

// ours is the columns a mapping need not write.
func (t Table) ours() []string {
	var list []string
	names := []string{t.Version, t.Fill.Batch, t.Fill.GUID, t.Fill.Operation, t.Fill.Time}
	if t.Flag != nil {
		names = append(names, t.Flag.Column)
	}
	for _, n := range names {
		if n != "" {
			list = append(list, n)
		}
	}
	return list
}
