package sqldialect

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
)

// sqlserverDialect serves SQL Server from 2008 on: TOP instead of OFFSET, no GREATEST.
// Not run against a real server.
//
// Where the database allows it a run reads one snapshot; elsewhere each statement reads
// what is committed, and takes short shared locks as every reader there does.
var sqlserverDialect = Dialect{
	Name:        "sqlserver",
	Quote:       brackets,
	Placeholder: func(n int) string { return fmt.Sprintf("@p%d", n) },
	Bound:       sqlserverBound,
	Param:       sqlserverParam,
	Clock: func(zone string) string {
		return "SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFFSET(), '" + zone + "') AS datetime2(6)), 121)"
	},
	Session: always("SET LOCK_TIMEOUT 60000"),
	Snapshot: []string{"IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND snapshot_isolation_state = 1)" +
		" SET TRANSACTION ISOLATION LEVEL SNAPSHOT ELSE SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "BEGIN TRANSACTION"},
	KindOf:    sqlserverKind,
	Plain:     sqlserverPlain,
	Greatest:  greaterOf,
	Substring: "SUBSTRING",
	First: func(query string, n int) string {
		return strings.Replace(query, "SELECT ", fmt.Sprintf("SELECT TOP (%d) ", n), 1)
	},
	Columns: "SELECT column_name FROM information_schema.columns" +
		" WHERE table_schema = COALESCE(NULLIF(@p1, ''), SCHEMA_NAME()) AND table_name = @p2 ORDER BY ordinal_position",
	classify: classifySQLServer,
	NoMoment: "1900-01-01", // which '' becomes; datetime begins in 1753
	open:     openSQLServer,
}

func sqlserverType(declared string) string {
	name, _, _ := strings.Cut(strings.ToUpper(declared), "(")
	return name
}

func sqlserverKind(name string) Kind {
	switch sqlserverType(name) {
	case "TINYINT", "SMALLINT", "INT", "BIGINT", "BIT":
		return Int
	case "DECIMAL", "NUMERIC", "MONEY", "SMALLMONEY":
		return Decimal
	case "FLOAT", "REAL":
		return Float
	case "DATETIME", "DATETIME2", "SMALLDATETIME":
		return Datetime
	case "DATE":
		return Date
	case "TIME":
		return Time
	case "BINARY", "VARBINARY", "IMAGE", "TIMESTAMP", "ROWVERSION", "UDT", "GEOMETRY", "GEOGRAPHY":
		return Binary
	}
	return Text // a moment with an offset too: as ISO 8601, in UTC
}

// sqlserverPlain has the server print what the driver would turn into a value of Go's,
// which loses how it was written.
func sqlserverPlain(quoted, typeName string) string {
	switch sqlserverType(typeName) {
	case "BIT":
		return "CAST(" + quoted + " AS tinyint)"
	case "MONEY", "SMALLMONEY":
		return "CONVERT(varchar(30), " + quoted + ", 2)"
	case "DECIMAL", "NUMERIC":
		return "CONVERT(varchar(45), " + quoted + ")"
	case "DATETIME", "DATETIME2", "SMALLDATETIME":
		return "CONVERT(varchar(27), " + quoted + ", 121)"
	case "DATE":
		return "CONVERT(varchar(10), " + quoted + ", 23)"
	case "TIME":
		return "CONVERT(varchar(16), " + quoted + ", 121)"
	case "DATETIMEOFFSET":
		return "CONVERT(varchar(34), " + quoted + ", 127)"
	case "CHAR", "NCHAR":
		return "RTRIM(" + quoted + ")"
	case "UNIQUEIDENTIFIER":
		return "CONVERT(char(36), " + quoted + ")"
	case "XML", "NTEXT", "TEXT":
		return "CAST(" + quoted + " AS nvarchar(max))"
	case "SQL_VARIANT", "HIERARCHYID":
		return "CAST(" + quoted + " AS nvarchar(4000))"
	}
	return quoted
}

// sqlserverBound compares a DATETIME as one: beside a DATETIME2 it would be converted and
// its thirds of a hundredth of a second be written out, equal to nothing we have read.
func sqlserverBound(kind Kind, typeName, p string) string {
	switch {
	case strings.HasPrefix(sqlserverType(typeName), "DATETIME2"):
		return "CAST(" + p + " AS datetime2(7))"
	case kind == Datetime:
		return "CONVERT(datetime, LEFT(" + p + ", 23), 121)"
	case kind == Date:
		return "CAST(" + p + " AS date)"
	}
	return p
}

// sqlserverParam sends text of ASCII as varchar: beside an nvarchar a varchar column would
// be converted row by row and its index not used.
func sqlserverParam(v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return s
		}
	}
	return mssql.VarChar(s)
}

// greaterOf is the greatest of a few expressions, for servers before 2022.
func greaterOf(exprs []string) string {
	greatest := exprs[0]
	for _, e := range exprs[1:] {
		greatest = "CASE WHEN " + greatest + " >= " + e + " THEN " + greatest + " ELSE " + e + " END"
	}
	return greatest
}

func brackets(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

// openSQLServer takes host, or host\instance.
func openSQLServer(c Config) (*sql.DB, error) {
	host, instance, _ := strings.Cut(c.Host, `\`)
	cfg := msdsn.Config{Host: host, Instance: instance, Database: c.Database, User: c.User, AppName: "banjian", ReadOnlyIntent: c.ReadOnly,
		Encryption: msdsn.EncryptionDisabled, DialTimeout: orDefault(c.ConnectTimeout, 10*time.Second), KeepAlive: 30 * time.Second,
		DisableRetry: true, Protocols: []string{"tcp"}, Encoding: msdsn.EncodeParameters{Timezone: time.UTC}, NoTraceID: true}
	if instance == "" || c.Port != 0 {
		cfg.Port = uint64(portOr(c.Port, 1433))
	}
	if c.TLS {
		var err error
		cfg.Encryption, cfg.HostInCertificateProvided = msdsn.EncryptionRequired, true
		if cfg.TLSConfig, err = c.tlsConfig(); err != nil {
			return nil, err
		}
	}
	return c.late(func(password string) (driver.Connector, error) {
		own := cfg
		own.Password = password
		return mssql.NewConnectorConfig(own), nil
	}), nil
}
