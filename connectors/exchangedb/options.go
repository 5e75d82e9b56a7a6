package exchangedb

import (
	"database/sql"
	"path"
	"slices"
	"time"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// Method is how rows are written.
type Method string

const (
	Auto   Method = "auto"   // bulk where the server offers it, else load where it is allowed, else insert
	Bulk   Method = "bulk"   // INSERT by MariaDB's array binding; a server that does not offer it is a Config fault
	Insert Method = "insert" // multi-row INSERT
	Load   Method = "load"   // LOAD DATA LOCAL; a server that does not allow it is a Config fault
)

// Options describe one receiver.
type Options struct {
	Name        string  // the receiver's name in errors
	DB          *sql.DB // the Target owns and closes it
	Dialect     *sqldialect.Dialect
	Feedback    map[string]Table  // where rows come back, by logical name, for those spelled otherwise
	Tables      map[string]Table  // by logical table name ("up_pro_accept"); one not listed follows Style and Suffix
	Style       Style             // how the receiver spells columns; default Snake
	Suffix      string            // of every table without Table.Physical: "_v3"
	Suffixes    map[string]string // by source_id, instead of Suffix: "_v3_gjj"
	DataSource  string            // data_source of every row, 1 to 3 characters
	Connections int               // transactions at a time; default 2
	Zone        *time.Location    // wall time of datetimes; default fixed UTC+8
	Method      Method            // default Auto
	LockWait    time.Duration     // how long to wait for a lock; default 20 s, whole seconds
}

// Table is what one receiver calls a logical table and its columns.
type Table struct {
	Physical string            // "front.up_pro_accept"; empty = logical name, styled, with the suffix
	Columns  map[string]string // logical → physical, for columns that do not follow the style
	Layout   *schemas.Table    // the table as the standard has it: 2018 spellings, whether there is a row_guid, what Check expects; nil = by Style, with a row_guid
}

const (
	defaultConnections = 2
	defaultLockWait    = 20 * time.Second
	idleTime           = time.Minute      // a gateway may have forgotten a connection idle for longer
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
	if o.Style == "" {
		o.Style = Snake
	}
	if o.Method == "" {
		o.Method = Auto
	}
	if o.LockWait <= 0 {
		o.LockWait = defaultLockWait
	}
	return o.check()
}

func (o *Options) check() error {
	switch {
	case o.DB == nil:
		return fault.New(fault.Bug, "open exchange tables", o.Name, text.T("没有数据库连接", "no database handle"), text.Text{})
	case o.Dialect == nil || wayOf(o.Dialect.Name) == nil:
		return o.config(text.T("交换库不支持这种数据库", "exchange tables on this kind of database are not supported"),
			text.T("使用 mysql（含 MariaDB、OceanBase MySQL 模式）、postgres（含 openGauss、人大金仓）、oracle、dm 或 sqlite", "use mysql (MariaDB and OceanBase in MySQL mode too), postgres (openGauss and Kingbase too), oracle, dm or sqlite"))
	case o.Style != Snake && o.Style != Camel && o.Style != Flat:
		return o.config(text.F("没有列名写法 %q", "there is no column style %q", string(o.Style)), text.T("使用 snake、camel 或 flat", "use snake, camel or flat"))
	case len(o.DataSource) == 0 || len(o.DataSource) > 3:
		return o.config(text.F("data_source 必须是 1 至 3 个字符，现为 %q", "data_source must have 1 to 3 characters, not %q", o.DataSource),
			text.T("在接收方配置中填写国家平台分配的数据来源代码", "set the source code the national platform gave you in the receiver's configuration"))
	case !slices.Contains([]Method{Auto, Insert, Load, Bulk}, o.Method), (o.Method == Load || o.Method == Bulk) && o.Dialect.Name != mysqlName:
		return o.config(text.F("%s 上没有写入方式 %q", "there is no write method %[2]q on %[1]s", o.Dialect.Name, string(o.Method)),
			text.T("使用 auto、insert；bulk、load 仅用于 mysql", "use auto or insert; bulk and load are for mysql only"))
	}
	for logical := range o.Tables {
		if _, err := o.shards(logical); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) config(what, hint text.Text) error {
	return fault.New(fault.Config, "open exchange tables", o.Name, what, hint)
}

// logicalTable is the key of a table whichever way it is given: "up_pro_accept" or
// the subject "national/up_pro_accept".
func logicalTable(name string) string { return path.Base(name) }
