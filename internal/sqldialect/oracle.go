package sqldialect

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	go_ora "github.com/sijms/go-ora/v2"
)

// oracleDialect serves Oracle from 11g on: ROWNUM instead of FETCH FIRST, names in
// capitals as they are kept when nobody quotes them. Not run against a real server.
var oracleDialect = Dialect{
	Name:        "oracle",
	Quote:       quotedUpper,
	Placeholder: func(n int) string { return fmt.Sprintf(":%d", n) },
	Bound:       oracleBound,
	Param:       oracleParam,
	Clock: func(zone string) string {
		return "SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '" + zone + "', 'YYYY-MM-DD HH24:MI:SS.FF6') FROM DUAL"
	},
	Session: func(zone string) []string {
		return []string{"ALTER SESSION SET TIME_ZONE = '" + zone + "'", "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'"}
	},
	InTransaction: true,
	Snapshot:      []string{"SET TRANSACTION READ ONLY"},
	KindOf:        oracleKind,
	Plain:         oraclePlain,
	EmptyIsNull:   true,
	Greatest:      calling("GREATEST"),
	Substring:     "SUBSTR",
	NullsFirst:    " NULLS FIRST",
	First:         rownum,
	Columns: "SELECT column_name FROM all_tab_columns WHERE owner = COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))" +
		" AND table_name = UPPER(:2) ORDER BY column_id",
	classify: classifyOracle,
	NoMoment: "1000-01-01",
	open:     openOracle,
}

// oracleType is "TIMESTAMP WITH TIME ZONE" of "TIMESTAMP(6) WITH TIME ZONE", and of what
// the driver calls it.
func oracleType(name string) string {
	name = strings.ToUpper(name)
	if head, rest, ok := strings.Cut(name, "("); ok {
		_, tail, _ := strings.Cut(rest, ")")
		name = head + tail
	}
	switch name {
	case "TIMESTAMPDTY":
		return "TIMESTAMP"
	case "TIMESTAMPTZ_DTY", "TIMESTAMPTZ", "TIMESTAMPLTZ_DTY", "TIMESTAMPELTZ", "TIMESTAMP WITH LOCAL TIME ZONE":
		return "TIMESTAMP WITH TIME ZONE"
	case "IBFLOAT", "BFLOAT":
		return "BINARY_FLOAT"
	case "IBDOUBLE", "BDOUBLE":
		return "BINARY_DOUBLE"
	case "OCIBLOBLOCATOR", "LONGVARRAW":
		return "BLOB"
	case "LONGRAW", "VARRAW":
		return "RAW"
	}
	return name
}

func oracleKind(name string) Kind {
	switch oracleType(name) {
	case "NUMBER", "FLOAT", "INTEGER", "DECIMAL":
		return Decimal
	case "BINARY_FLOAT", "BINARY_DOUBLE":
		return Float
	case "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE":
		return Datetime
	case "BLOB", "RAW", "LONG RAW":
		return Binary
	}
	return Text
}

const (
	oracleSecond = "'YYYY-MM-DD HH24:MI:SS'"
	oracleMicro  = "'YYYY-MM-DD HH24:MI:SS.FF6'"
)

// oraclePlain has the server print numbers, of which a NUMBER holds more digits than a
// float64, and moments; CHAR loses its padding.
func oraclePlain(quoted, typeName string) string {
	switch oracleType(typeName) {
	case "NUMBER", "FLOAT", "INTEGER", "DECIMAL":
		return "TO_CHAR(" + quoted + ", 'TM9')"
	case "DATE":
		return "TO_CHAR(" + quoted + ", " + oracleSecond + ")"
	case "TIMESTAMP":
		return "TO_CHAR(" + quoted + ", " + oracleMicro + ")"
	case "TIMESTAMP WITH TIME ZONE":
		return "TO_CHAR(" + quoted + " AT TIME ZONE SESSIONTIMEZONE, " + oracleMicro + ")"
	case "CHAR":
		return "RTRIM(" + quoted + ")"
	}
	return quoted
}

// oracleBound keeps a DATE a DATE: compared with a TIMESTAMP it would be converted, row
// by row, and no index used. What is cut off lies below a second.
func oracleBound(kind Kind, typeName, p string) string {
	switch {
	case oracleType(typeName) == "DATE":
		return "TO_DATE(SUBSTR(" + p + ", 1, 19), " + oracleSecond + ")"
	case kind == Datetime:
		return "TO_TIMESTAMP(" + p + ", 'YYYY-MM-DD HH24:MI:SS.FF')"
	}
	return p
}

func rownum(query string, n int) string {
	return fmt.Sprintf("SELECT * FROM (%s) WHERE ROWNUM <= %d", query, n)
}

func quotedUpper(name string) string { return doubleQuotes(strings.ToUpper(name)) }

// openOracle takes the database as a service name, or "SID:name" for what has none.
func openOracle(c Config) (*sql.DB, error) {
	options := map[string]string{"CONNECTION TIMEOUT": seconds(orDefault(c.ConnectTimeout, 10*time.Second)), "PROGRAM": "banjian"}
	service := c.Database
	if sid, ok := strings.CutPrefix(service, "SID:"); ok {
		service, options["SID"] = "", sid
	}
	if c.TLS {
		tls, err := c.tlsConfig()
		if err != nil {
			return nil, err
		}
		options["SSL"], options["SSL VERIFY"] = "TRUE", "TRUE"
		return c.late(func(password string) (driver.Connector, error) {
			connector := go_ora.NewConnector(go_ora.BuildUrl(c.Host, portOr(c.Port, 2484), service, c.User, password, options))
			connector.(*go_ora.OracleConnector).WithTLSConfig(tls)
			return connector, nil
		}), nil
	}
	return c.late(func(password string) (driver.Connector, error) {
		return go_ora.NewConnector(go_ora.BuildUrl(c.Host, portOr(c.Port, 1521), service, c.User, password, options)), nil
	}), nil
}

func seconds(d time.Duration) string { return fmt.Sprint(int(d / time.Second)) }

// oracleParam is asText for a database without truth values.
func oracleParam(v any) any {
	if b, ok := v.(bool); ok {
		if b {
			return "1"
		}
		return "0"
	}
	return asText(v)
}
