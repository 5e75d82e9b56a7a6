package sqldialect

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	"modernc.org/sqlite"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// sqliteDialect is SQLite. The driver turns text in columns declared DATE, DATETIME
// or TIMESTAMP into time.Time and so loses how it was written; a unary plus makes it
// an expression without a declared type and leaves the value alone.
var sqliteDialect = Dialect{
	Name:        "sqlite",
	Quote:       backticks, // never a string literal, which "x" becomes when there is no column x
	Placeholder: questionMark,
	Bound:       func(_ Kind, _, p string) string { return p },
	Clock: func(zone string) string {
		loc, err := ZoneOf(zone)
		if err != nil {
			loc = time.UTC
		}
		_, seconds := time.Unix(0, 0).In(loc).Zone()
		return fmt.Sprintf("SELECT strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '%+d seconds') || '000'", seconds)
	},
	Session:  always(),
	Snapshot: []string{"BEGIN"},
	KindOf:   sqliteKind,
	Plain: func(quoted, typeName string) string {
		switch typeName {
		case "DATE", "DATETIME", "TIMESTAMP":
			return "+" + quoted
		}
		return quoted
	},
	Loose:     true,
	Bytes:     func(quoted string) string { return quoted },
	Greatest:  calling("MAX"),
	Substring: "SUBSTR",
	First:     limitBehind,
	Columns:   "SELECT name FROM pragma_table_info(?2, COALESCE(NULLIF(?1, ''), 'main')) ORDER BY cid",
	classify:  classifySQLite,
	NoMoment:  "1000-01-01",
	open:      openSQLite,
}

// sqliteKind goes by the declared type: INTEGER and its like are int, REAL and its
// like float, BLOB binary. Everything else is text, whatever it says it is; an
// expression has no declared type and is text.
func sqliteKind(decl string) Kind {
	decl, _, _ = strings.Cut(strings.ToUpper(decl), "(")
	decl = strings.TrimSpace(decl)
	switch {
	case strings.Contains(decl, "INT"):
		return Int
	case strings.Contains(decl, "REAL"), strings.Contains(decl, "FLOA"), strings.Contains(decl, "DOUB"):
		return Float
	case decl == "BLOB":
		return Binary
	case decl == "DECIMAL", decl == "NUMERIC":
		return Decimal
	case decl == "DATETIME", decl == "TIMESTAMP":
		return Datetime
	case decl == "DATE":
		return Date
	case decl == "TIME":
		return Time
	}
	return Text
}

func openSQLite(c Config) (*sql.DB, error) {
	if c.Path == "" {
		return nil, fault.New(fault.Config, "open connection", c.Where(),
			text.T("没有给出 SQLite 文件路径", "no path of a SQLite file is given"), text.Text{})
	}
	q := url.Values{"_dqs": {"0"}, "_pragma": {"busy_timeout(5000)"}}
	if c.ReadOnly {
		q.Set("mode", "ro")
		q.Set("_query_only", "1")
	} else {
		q.Set("mode", "rwc")
		q.Set("_txlock", "immediate")
	}
	segments := strings.Split(c.Path, "/")
	for i := range segments {
		segments[i] = url.PathEscape(segments[i])
	}
	connector, err := sqlite.NewConnector("file:" + strings.Join(segments, "/") + "?" + q.Encode())
	if err != nil {
		return nil, fault.New(fault.Config, "open connection", c.Where(),
			text.T("SQLite 文件路径有误", "the path of the SQLite file is wrong"), text.Text{})
	}
	return sql.OpenDB(connector), nil
}
