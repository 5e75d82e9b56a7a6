package exchangedb

import (
	"database/sql"
	"path"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

// Dialects of the receiver's database.
const (
	MySQL  = "mysql"
	SQLite = "sqlite"
)

// Method is how rows are written.
type Method string

const (
	Auto   Method = "auto"   // load where the server allows it, else insert
	Insert Method = "insert" // multi-row INSERT
	Load   Method = "load"   // LOAD DATA LOCAL; a server that does not allow it is a Config fault
)

// Options describe one receiver.
type Options struct {
	Name        string           // the receiver's name in errors
	DB          *sql.DB          // the Target owns and closes it
	Dialect     string           // MySQL or SQLite
	Tables      map[string]Table // by logical table name ("up_pro_accept"); one not listed follows Style and Suffix
	Style       Style            // how the receiver spells columns; default Snake
	Suffix      string           // of every table without Table.Physical: "_v3"
	DataSource  string           // data_source of every row, 1 to 3 characters
	Connections int              // transactions at a time; default 2
	Zone        *time.Location   // wall time of datetimes; default fixed UTC+8
	Method      Method           // default Auto
	LockWait    time.Duration    // how long to wait for a lock; default 20 s, whole seconds
}

// Table is what one receiver calls a logical table and its columns.
type Table struct {
	Physical string            // "front.up_pro_accept"; empty = logical name, styled, with the suffix
	Columns  map[string]string // logical → physical, for columns that do not follow the style
	NoGUID   bool              // the table has no row_guid (licences, users)
	Subject  *schemas.Subject  // what Check expects there; nil = only the columns of our own
}

const (
	defaultConnections = 2
	defaultLockWait    = 20 * time.Second
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
	case o.Dialect != MySQL && o.Dialect != SQLite:
		return o.config(text.F("交换库不支持数据库类型 %q", "exchange tables on a %q database are not supported", o.Dialect),
			text.T("使用 mysql（含 MariaDB、OceanBase MySQL 模式）或 sqlite", "use mysql (MariaDB and OceanBase in MySQL mode too) or sqlite"))
	case len(o.DataSource) == 0 || len(o.DataSource) > 3:
		return o.config(text.F("data_source 必须是 1 至 3 个字符，现为 %q", "data_source must have 1 to 3 characters, not %q", o.DataSource),
			text.T("在接收方配置中填写国家平台分配的数据来源代码", "set the source code the national platform gave you in the receiver's configuration"))
	case o.Method != Auto && o.Method != Insert && o.Method != Load, o.Method == Load && o.Dialect != MySQL:
		return o.config(text.F("%s 上没有写入方式 %q", "there is no write method %[2]q on %[1]s", o.Dialect, string(o.Method)),
			text.T("使用 auto、insert；load 仅用于 mysql", "use auto or insert; load is for mysql only"))
	}
	for logical := range o.Tables {
		if _, err := o.names(logical); err != nil {
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
