package sqldialect

import (
	"cmp"
	"context"
	"crypto/tls"
	"database/sql"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"banjian/internal/arraybind"
	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// mysqlDialect serves MySQL, MariaDB and OceanBase in MySQL mode.
//
// The isolation level is set because WITH CONSISTENT SNAPSHOT is ignored, with a
// warning nobody sees, under READ COMMITTED. net_write_timeout is raised because we
// stop taking rows while a batch is being stored, and a server drops a client it has
// not been able to send to for a minute.
var mysqlDialect = Dialect{
	Name:        "mysql",
	Quote:       backticks,
	Placeholder: questionMark,
	Bound: func(kind Kind, _, p string) string {
		switch kind {
		case Datetime:
			return "CAST(" + p + " AS DATETIME(6))"
		case Date:
			return "CAST(" + p + " AS DATE)"
		}
		return p
	},
	Clock: func(string) string {
		return "SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')" // in the session's zone, which Open set
	},
	Session:       always("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET SESSION net_write_timeout = 3600"),
	Charset:       "SELECT @@character_set_results",
	CharsetWanted: "utf8mb4",
	Snapshot:      []string{"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"},
	KindOf:        mysqlKind,
	Plain: func(quoted, typeName string) string {
		if typeName == "BIT" {
			return quoted + " + 0"
		}
		return quoted
	},
	Bytes: func(quoted string) string { return "CAST(" + quoted + " AS BINARY)" },
	ColumnCharsets: "SELECT column_name, character_set_name FROM information_schema.columns" +
		" WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ?",
	Greatest:  calling("GREATEST"),
	Substring: "SUBSTR",
	First:     limitBehind,
	Columns: "SELECT column_name FROM information_schema.columns" +
		" WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? ORDER BY ordinal_position",
	classify: classifyMySQL,
	NoMoment: "1000-01-01",
	open:     openMySQL,
}

func mysqlKind(name string) Kind {
	switch name {
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR",
		"UNSIGNED TINYINT", "UNSIGNED SMALLINT", "UNSIGNED MEDIUMINT", "UNSIGNED INT":
		return Int
	case "DECIMAL", "UNSIGNED BIGINT", "BIT":
		return Decimal
	case "FLOAT", "DOUBLE":
		return Float
	case "DATETIME", "TIMESTAMP":
		return Datetime
	case "DATE":
		return Date
	case "TIME":
		return Time
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "GEOMETRY", "VECTOR":
		return Binary
	}
	return Text
}

func openMySQL(c Config) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr = "tcp", c.address(3306)
	cfg.User, cfg.DBName = c.User, c.Database
	cfg.Timeout = orDefault(c.ConnectTimeout, 10*time.Second)
	cfg.ReadTimeout = orDefault(c.ReadTimeout, 10*time.Minute)
	cfg.WriteTimeout = orDefault(c.WriteTimeout, time.Minute)
	cfg.AllowAllFiles, cfg.AllowCleartextPasswords, cfg.AllowFallbackToPlaintext = false, false, false
	cfg.MultiStatements, cfg.InterpolateParams, cfg.ParseTime = false, false, false
	cfg.Params = map[string]string{"time_zone": "'" + c.Zone + "'"}
	cfg.Logger = driverLog{}
	if err := cfg.Apply(mysql.Charset("utf8mb4", ""), mysql.BeforeConnect(c.putPassword)); err != nil {
		return nil, err
	}
	if c.TLS {
		var err error
		if cfg.TLS, err = c.tlsConfig(); err != nil {
			return nil, err
		}
	}
	connector, err := arraybind.Connector(cfg)
	if err != nil {
		return nil, fault.New(fault.Config, "open connection", c.Where(),
			text.T("连接设置不完整或有误", "the connection's settings are incomplete or wrong"), text.Text{})
	}
	return sql.OpenDB(connector), nil
}

func (c Config) putPassword(ctx context.Context, cfg *mysql.Config) (err error) {
	cfg.Passwd, err = c.password(ctx)
	return err
}

func (c Config) tlsConfig() (*tls.Config, error) {
	return remote.TLS{CAFile: c.CAFile, ServerName: cmp.Or(c.ServerName, c.Host)}.Config()
}

// driverLog drops the driver's own lines about broken connections: the error itself
// is returned, and is reported once.
type driverLog struct{}

func (driverLog) Print(...any) {}

func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return d
}

func portOr(port, def int) int {
	if port == 0 {
		return def
	}
	return port
}

// named takes the n-th quoted name out of a message of a kind known to quote names
// only.
func named(message, quote string, n int) string {
	parts := strings.Split(message, quote)
	if i := 2*n + 1; i < len(parts) {
		return parts[i]
	}
	return ""
}
