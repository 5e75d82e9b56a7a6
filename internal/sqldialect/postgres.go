package sqldialect

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// postgresDialect serves PostgreSQL and what speaks its protocol. The server writes
// values out itself (Plain), so that what the driver would make of them, such as a
// time.Time that knows no infinity, never comes between.
var postgresDialect = Dialect{
	Name:        "postgres",
	Quote:       doubleQuotes,
	Placeholder: func(n int) string { return "$" + strconv.Itoa(n) },
	Bound: func(kind Kind, typeName, p string) string {
		switch {
		case postgresName(typeName) == "TIMESTAMPTZ":
			return "CAST(" + p + " AS TIMESTAMPTZ)"
		case kind == Datetime:
			return "CAST(" + p + " AS TIMESTAMP)"
		case kind == Date:
			return "CAST(" + p + " AS DATE)"
		}
		return p
	},
	Param: asText,
	Clock: func(zone string) string {
		return "SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '" + zone + "', 'YYYY-MM-DD HH24:MI:SS.US')"
	},
	Charset:       "SHOW client_encoding",
	CharsetWanted: "UTF8",
	Session:       always(),
	Snapshot:      []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
	KindOf:        postgresKind,
	Plain:         postgresPlain,
	Greatest:      calling("GREATEST"),
	Substring:     "SUBSTR",
	NullsFirst:    " NULLS FIRST",
	First:         limitBehind,
	Columns: "SELECT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid" +
		" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE a.attnum > 0 AND NOT a.attisdropped" +
		" AND n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relname = $2 ORDER BY a.attnum",
	classify: classifyPostgres,
	NoMoment: "1000-01-01",
	open:     openPostgres,
}

// postgresNames are the names a driver gives types that people declare otherwise.
var postgresNames = map[string]string{
	"SMALLINT": "INT2", "INTEGER": "INT4", "BIGINT": "INT8", "REAL": "FLOAT4", "DOUBLE PRECISION": "FLOAT8",
	"CHARACTER VARYING": "VARCHAR", "CHARACTER": "BPCHAR", "BOOLEAN": "BOOL", "DECIMAL": "NUMERIC",
	"TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP", "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
	"790":                    "MONEY", // which the driver does not know by name
	"TIME WITHOUT TIME ZONE": "TIME", "TIME WITH TIME ZONE": "TIMETZ",
}

// postgresName is "TIMESTAMPTZ" of "timestamp(3) with time zone".
func postgresName(declared string) string {
	name := strings.ToUpper(declared)
	if strings.HasSuffix(name, "]") {
		return name // an array
	}
	if head, rest, ok := strings.Cut(name, "("); ok {
		_, tail, _ := strings.Cut(rest, ")")
		name = head + tail
	}
	if short, ok := postgresNames[name]; ok {
		return short
	}
	return name
}

func postgresKind(name string) Kind {
	switch postgresName(name) {
	case "INT2", "INT4", "INT8", "OID":
		return Int
	case "FLOAT4", "FLOAT8":
		return Float
	case "NUMERIC", "MONEY":
		return Decimal
	case "TIMESTAMP", "TIMESTAMPTZ":
		return Datetime
	case "DATE":
		return Date
	case "TIME":
		return Time
	case "BYTEA":
		return Binary
	}
	return Text // a time of day with a zone too: no kind has one
}

// postgresPlain has a moment written in the session's zone, money as a number whatever
// the server's locale, a 4-byte float by its shortest digits and anything that has no
// kind of its own as text; the text of CHAR comes without its padding.
func postgresPlain(quoted, typeName string) string {
	switch postgresName(typeName) {
	case "INT2", "INT4", "INT8", "OID", "FLOAT8", "BYTEA", "TEXT", "VARCHAR", "NAME":
		return quoted
	case "TIMESTAMPTZ":
		return quoted + "::timestamp::text"
	case "MONEY":
		return quoted + "::numeric::text"
	case "FLOAT4":
		return quoted + "::text::float8"
	}
	return quoted + "::text"
}

// postgresZone writes "+08:00" the way POSIX does, in which east is negative.
func postgresZone(zone string) string {
	sign := "-"
	if strings.HasPrefix(zone, "-") {
		sign = "+"
	}
	return "<" + zone + ">" + sign + zone[1:]
}

// openPostgres leaves nothing to what the process's environment says of PostgreSQL. A
// run that is stopped asks the server to stop too, so that it does not go on sorting
// for nobody.
func openPostgres(c Config) (*sql.DB, error) {
	if hasDriver(strings.ToLower(c.Kind)) && (strings.EqualFold(c.Kind, KingbaseES) || strings.EqualFold(c.Kind, OpenGauss)) {
		return vendorPostgres(c)
	}
	cfg, err := pgx.ParseConfig("host=localhost sslmode=disable target_session_attrs=any require_auth=!password passfile=" + os.DevNull)
	if err != nil {
		return nil, fault.New(fault.Config, "open connection", c.Where(),
			text.T("连接设置不完整或有误", "the connection's settings are incomplete or wrong"), text.T("检查环境变量里的 PG… 设置", "look at the PG… variables of the environment"))
	}
	cfg.Host, cfg.Port, cfg.User, cfg.Password, cfg.Database = c.Host, uint16(portOr(c.Port, 5432)), c.User, "", c.Database
	cfg.Fallbacks, cfg.ValidateConnect, cfg.AfterConnect = nil, nil, nil
	cfg.ConnectTimeout = orDefault(c.ConnectTimeout, 10*time.Second)
	cfg.DialFunc = (&net.Dialer{Timeout: cfg.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext
	cfg.RuntimeParams = map[string]string{"client_encoding": "UTF8", "datestyle": "ISO, YMD", "intervalstyle": "postgres",
		"bytea_output": "hex", "extra_float_digits": "1", "timezone": postgresZone(c.Zone), "application_name": "banjian"}
	if c.TLS {
		if cfg.TLSConfig, err = c.tlsConfig(); err != nil {
			return nil, err
		}
		cfg.RequireAuth = ""
	}
	cfg.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Second}
	}
	return stdlib.OpenDB(*cfg, stdlib.OptionBeforeConnect(func(ctx context.Context, cfg *pgx.ConnConfig) (err error) {
		cfg.Password, err = c.password(ctx)
		return err
	})), nil
}

// asText has the server read a number as whatever type is wanted where it stands.
func asText(v any) any {
	switch v := v.(type) {
	case int, int64, uint64, bool:
		return fmt.Sprint(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return v
}

func always(statements ...string) func(zone string) []string {
	return func(string) []string { return statements }
}

func calling(function string) func(exprs []string) string {
	return func(exprs []string) string { return function + "(" + strings.Join(exprs, ", ") + ")" }
}

func doubleQuotes(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func limitBehind(query string, n int) string { return fmt.Sprintf("%s LIMIT %d", query, n) }
