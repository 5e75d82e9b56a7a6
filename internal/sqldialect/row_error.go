package sqldialect

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/sijms/go-ora/v2/network"
	"modernc.org/sqlite"
)

// RowError is a server's refusal of the values of one row. As an error it says the number
// alone.
type RowError struct {
	Reason string // too_long, bad_value, bad_time, out_of_range, bad_text, null, duplicate, check, refused
	Number string // the server's error number or SQLSTATE
	Column string // physical, as far as the server names it; it may be part of a value: use it only to find a column
}

func (e *RowError) Error() string { return "error " + e.Number }

// TooLong is how MySQL refuses a value, for those who see it coming.
func TooLong() *RowError { return &RowError{"too_long", "1406", ""} }

var mysqlRowReasons = map[uint16]string{
	1048: "null", 1364: "null", 1062: "duplicate", 1169: "duplicate", 1586: "duplicate", 1264: "out_of_range", 1690: "out_of_range",
	1265: "bad_value", 1366: "bad_value", 1367: "bad_value", 1411: "bad_value", 3140: "bad_value", 1292: "bad_time",
	1300: "bad_text", 1977: "bad_text", 3854: "bad_text", 1406: "too_long", 1216: "check", 1452: "check", 3819: "check", 4025: "check", 1644: "refused",
}

var postgresRowReasons = map[string]string{
	"22001": "too_long", "22003": "out_of_range", "22007": "bad_time", "22008": "bad_time", "22009": "bad_time", "22021": "bad_text", "22P05": "bad_text",
	"23502": "null", "23505": "duplicate", "23514": "check", "23503": "check", "23P01": "check", "P0001": "refused",
	"21000": "duplicate", // a statement that would touch a row twice
}

var oracleRowReasons = map[int]string{
	1: "duplicate", 1400: "null", 1407: "null", 12899: "too_long", 1461: "too_long", 1438: "out_of_range", 1722: "bad_value", 1426: "out_of_range",
	1830: "bad_time", 1839: "bad_time", 1841: "bad_time", 1843: "bad_time", 1847: "bad_time", 1858: "bad_time", 1861: "bad_time", 2290: "check", 2291: "check", 20000: "refused",
}

var sqliteRowReasons = map[int]string{18: "too_long", 20: "bad_value", 3091: "bad_value", 275: "check", 787: "check", 1299: "null", 1555: "duplicate", 1811: "refused", 2067: "duplicate"}

// RowErrorOf finds out whether err is one row's fault; nil: it is not.
func RowErrorOf(err error) *RowError {
	var told *RowError
	var m *mysql.MySQLError
	var p *pgconn.PgError
	var l *sqlite.Error
	var o *network.OracleError
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &o):
		if reason, ok := oracleRowReasons[o.ErrCode]; ok {
			return &RowError{reason, fmt.Sprintf("ORA-%05d", o.ErrCode), oracleColumn(o.ErrMsg)}
		}
	case errors.As(err, &m):
		if reason, ok := mysqlRowReasons[m.Number]; ok {
			return &RowError{reason, strconv.Itoa(int(m.Number)), lastNamed(m.Message)}
		}
	case errors.As(err, &p):
		reason, ok := postgresRowReasons[p.Code]
		if !ok && strings.HasPrefix(p.Code, "22") {
			reason, ok = "bad_value", true
		}
		if ok {
			return &RowError{reason, p.Code, p.ColumnName}
		}
	case errors.As(err, &l):
		if reason, ok := sqliteRowReasons[l.Code()]; ok {
			return &RowError{reason, strconv.Itoa(l.Code()), sqliteColumn(l.Error())}
		}
	}
	return nil
}

// oracleColumn is the last name an Oracle sentence quotes: "SCHEMA"."TABLE"."COLUMN".
func oracleColumn(message string) string {
	parts := strings.Split(message, `"`)
	if len(parts) < 6 {
		return ""
	}
	return parts[5]
}

// Changed is the first warning of the last statement over c, a connection to MySQL, that
// says a value was stored otherwise than sent; nil when there is none.
func Changed(ctx context.Context, c Session) (first *RowError, err error) {
	if n, err := Warnings(ctx, c); err != nil || n == 0 {
		return nil, err
	}
	rows, err := c.QueryContext(ctx, "SHOW WARNINGS")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var level, message string
		var number uint16
		if err := rows.Scan(&level, &number, &message); err != nil {
			return nil, err
		}
		if reason, ok := mysqlRowReasons[number]; ok && first == nil {
			first = &RowError{reason, strconv.Itoa(int(number)), lastNamed(message)}
		}
	}
	return first, rows.Err()
}

// Warnings is how many the last statement over c, a connection to MySQL, left.
func Warnings(ctx context.Context, c Session) (n int, err error) {
	err = c.QueryRowContext(ctx, "SELECT @@warning_count").Scan(&n)
	return n, err
}

// sqliteColumn is the column of "… NOT NULL constraint failed: table.column (1299)" or
// "… CHECK constraint failed: length(`column`) <= 6 (275)".
func sqliteColumn(message string) string {
	if _, rest, ok := strings.Cut(message, "`"); ok {
		name, _, _ := strings.Cut(rest, "`")
		return name
	}
	message, _, _ = strings.Cut(message, " (")
	return message[strings.LastIndexByte(message, '.')+1:]
}

// lastNamed is the last column a sentence names: 'c' or `d`.`t`.`c`.
func lastNamed(message string) string {
	i := strings.LastIndex(message, "olumn ")
	if i < 0 {
		return ""
	}
	name, _, _ := strings.Cut(message[i+len("olumn "):], " ")
	return strings.Trim(name[strings.LastIndexByte(name, '.')+1:], "'`")
}

// Misshapen says that a statement names a table or column that is not there, or that we may
// not see.
func Misshapen(err error) bool {
	var p *pgconn.PgError
	var o *network.OracleError
	switch {
	case errors.As(err, &p):
		return p.Code == "42P01" || p.Code == "42703" || p.Code == "3F000"
	case errors.As(err, &o):
		return o.ErrCode == 942 || o.ErrCode == 904
	}
	return false
}

// RolledBack says that an answer to COMMIT means that the transaction is gone for certain.
func RolledBack(err error) bool {
	var m *mysql.MySQLError
	var p *pgconn.PgError
	var l *sqlite.Error
	switch {
	case errors.As(err, &m):
		return m.Number == 1213 || m.Number == 1290 || m.Number == 1836
	case errors.As(err, &p):
		return strings.HasPrefix(p.Code, "23") || strings.HasPrefix(p.Code, "40") && p.Code != "40003"
	case errors.As(err, &l):
		return l.Code()&0xff == 5
	}
	return false
}
