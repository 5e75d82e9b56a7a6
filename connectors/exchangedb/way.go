package exchangedb

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Names of the dialects that can be written to.
const (
	mysqlName    = "mysql"
	sqliteName   = "sqlite"
	postgresName = "postgres"
	oracleName   = "oracle"
	dmName       = "dm"
)

// way is how one kind of database is written to and asked. The receiver's tables are
// append-only for all of them; what differs is how a transaction begins, how a question
// waits for one of ours that may still be under way, and how a moment is written.
type way struct {
	quote func(name string) string
	fold  func(name string) string // a name as the database keeps it when nobody quoted it
	place func(n int) string       // n-th parameter, from 1

	driverTx  bool // the driver commits every statement unless it began the transaction itself
	manyRows  bool // VALUES takes several rows
	savepoint bool // a statement that fails ends the transaction, or leaves rows behind, without one
	moment    func(place string) string
	day       func(place string) string
	asText    func(column, kind string) string // what a driver would make a time of is read as it is

	setUp     func(zone *time.Location, lockWait int) []string
	begin     string // empty: with the first statement
	beginRead []string
	share     string                                      // behind a query: read rows with locks
	mine      func(id string) string                      // in a delivery's transaction: marks it; empty = nothing does
	await     func(id, table string, lockWait int) string // before counting: waits for a transaction that did
	columns   string                                      // a query like that of describeMySQL
	indexed   string                                      // a query for an index that begins with a column
}

func same(s string) string { return s }

func asItIs(column, _ string) string { return column }

func castToText(column, _ string) string { return "CAST(" + column + " AS TEXT)" }

// dateToText is for databases of which a driver gives dates as moments.
func dateToText(column, kind string) string {
	if kind == "date" || strings.HasPrefix(kind, "timestamp") || strings.HasPrefix(kind, "datetime") {
		return "TO_CHAR(" + column + ", 'YYYY-MM-DD HH24:MI:SS')"
	}
	return column
}

func backticks(name string) string    { return "`" + name + "`" }
func doubleQuotes(name string) string { return `"` + name + `"` }
func question(int) string             { return "?" }

func (w *way) quoted(name string) string { return w.quote(w.fold(name)) }

// begins is the statement that begins a reading transaction.
func (w *way) begins() []string {
	if w.beginRead != nil {
		return w.beginRead
	}
	return []string{w.begin}
}

var mysqlWay = way{
	quote: backticks, fold: same, place: question, manyRows: true, savepoint: true, moment: same, day: same, asText: asItIs,
	setUp: func(zone *time.Location, lockWait int) []string {
		return []string{fmt.Sprintf("SET NAMES utf8mb4, SESSION sql_mode = '%s', SESSION time_zone = '%s', SESSION autocommit = 1, SESSION innodb_lock_wait_timeout = %d",
			strictMode, offset(zone), lockWait)}
	},
	begin: "START TRANSACTION",
	// Read-committed locks the rows found and no gaps, so that other deliveries go on.
	beginRead: []string{"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION"},
	share:     " LOCK IN SHARE MODE",
	columns: "SELECT column_name, LOWER(data_type), COALESCE(character_maximum_length, 0), COALESCE(character_set_name, '')," +
		" is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%' AND extra NOT LIKE '%GENERATED%'" +
		" FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? ORDER BY ordinal_position",
	indexed: "SELECT MIN(index_name) FROM information_schema.statistics" +
		" WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND column_name = ? AND seq_in_index = 1",
}

var sqliteWay = way{
	quote: backticks, fold: same, place: question, manyRows: true, moment: same, day: same, asText: castToText,
	setUp: func(_ *time.Location, lockWait int) []string {
		return []string{fmt.Sprintf("PRAGMA busy_timeout = %d", lockWait*1000)}
	},
	begin: "BEGIN IMMEDIATE", // a reader takes the write lock as well, and so waits for writers
	columns: `SELECT name, LOWER(type), 0, '', "notnull" AND dflt_value IS NULL AND NOT pk` +
		" FROM pragma_table_info(?2, COALESCE(NULLIF(?1, ''), 'main')) ORDER BY cid",
}

// postgresWay marks each delivery's transaction with an advisory lock of its number: rows
// that are not committed can be neither seen nor waited for.
var postgresWay = way{
	quote: doubleQuotes, fold: strings.ToLower, place: func(n int) string { return "$" + strconv.Itoa(n) }, manyRows: true, savepoint: true, moment: same, day: same, asText: castToText,
	setUp: func(zone *time.Location, lockWait int) []string {
		return []string{"SET TIME ZONE INTERVAL '" + offset(zone) + "' HOUR TO MINUTE", fmt.Sprintf("SET lock_timeout = '%ds'", lockWait), "SET standard_conforming_strings = on"}
	},
	begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
	mine:  advisory,
	await: func(id, _ string, _ int) string { return advisory(id) },
	columns: "SELECT column_name, data_type, COALESCE(character_maximum_length, 0), ''," +
		" is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'" +
		" FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF($1, ''), current_schema()) AND table_name = $2 ORDER BY ordinal_position",
	indexed: "SELECT MIN(x.relname::text) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_index i ON i.indrelid = c.oid" +
		" JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]" +
		" WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relname = $2 AND a.attname = $3",
}

func advisory(id string) string {
	raw, _ := hex.DecodeString(id) // checked before
	return fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(binary.BigEndian.Uint64(raw)))
}

// oracleWay counts behind a lock on the table, which waits for whoever is inserting: rows
// that are not committed cannot be seen.
var oracleWay = way{
	quote: doubleQuotes, fold: strings.ToUpper, place: func(n int) string { return ":" + strconv.Itoa(n) }, driverTx: true, savepoint: true,
	moment: func(p string) string { return "TO_DATE(" + p + ", 'YYYY-MM-DD HH24:MI:SS')" },
	day:    func(p string) string { return "TO_DATE(" + p + ", 'YYYY-MM-DD')" },
	asText: dateToText,
	await: func(_, table string, lockWait int) string {
		return fmt.Sprintf("LOCK TABLE %s IN SHARE MODE WAIT %d", table, lockWait)
	},
	columns: "SELECT column_name, LOWER(data_type), CASE WHEN char_used = 'C' THEN char_length ELSE COALESCE(data_length, 0) * CASE WHEN char_used = 'B' THEN 1 ELSE 0 END END, ' '," +
		" CASE WHEN nullable = 'N' AND default_length IS NULL AND identity_column = 'NO' THEN 1 ELSE 0 END" +
		" FROM all_tab_columns WHERE owner = COALESCE(:1, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = :2 ORDER BY column_id",
	indexed: "SELECT MIN(index_name) FROM all_ind_columns WHERE table_owner = COALESCE(:1, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = :2 AND column_name = :3 AND column_position = 1",
}

// dmWay is 达梦: Oracle's words, with parameters and a lock without a limit of its own.
var dmWay = way{
	quote: doubleQuotes, fold: strings.ToUpper, place: question, driverTx: true, savepoint: true,
	moment: oracleWay.moment, day: oracleWay.day, asText: dateToText,
	await: func(_, table string, _ int) string { return "LOCK TABLE " + table + " IN SHARE MODE" },
	columns: "SELECT column_name, LOWER(data_type), CASE WHEN data_type IN ('VARCHAR', 'VARCHAR2', 'CHAR') THEN data_length ELSE 0 END, ' '," +
		" CASE WHEN nullable = 'N' AND data_default IS NULL AND column_name <> 'ID' THEN 1 ELSE 0 END" +
		" FROM all_tab_columns WHERE owner = COALESCE(?, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = ? ORDER BY column_id",
	indexed: "SELECT MIN(index_name) FROM all_ind_columns WHERE table_owner = COALESCE(?, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = ? AND column_name = ? AND column_position = 1",
}

// wayOf is how a dialect is written to, nil if it cannot be.
func wayOf(dialect string) *way {
	switch dialect {
	case mysqlName:
		return &mysqlWay
	case sqliteName:
		return &sqliteWay
	case postgresName:
		return &postgresWay
	case oracleName:
		return &oracleWay
	case dmName:
		return &dmWay
	}
	return nil
}

func offset(zone *time.Location) string { return time.Now().In(zone).Format("-07:00") }
