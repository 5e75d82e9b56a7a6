package sqldialect

import (
	"database/sql"
	"maps"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Kind is what a column of a source is to us; its text is the value of the Arrow
// field metadata key MetaKind.
type Kind string

// MetaKind is the key of the Arrow field metadata that holds a column's Kind.
const MetaKind = "banjian.kind"

const (
	Int      Kind = "int"      // int64
	Float    Kind = "float"    // float64
	Decimal  Kind = "decimal"  // text as the server prints it, also integers beyond int64
	Datetime Kind = "datetime" // text, "2006-01-02 15:04:05[.ffffff]"
	Date     Kind = "date"     // text, "2006-01-02"
	Time     Kind = "time"     // text, "15:04:05[.ffffff]"
	Text     Kind = "text"
	Binary   Kind = "binary" // bytes
)

// Dialect is one database product, as far as reading and writing tables goes.
type Dialect struct {
	Name string

	// Quote quotes one checked name (CheckName).
	Quote func(name string) string
	// Placeholder is the n-th parameter of a statement, n from 1.
	Placeholder func(n int) string
	// Bound is a placeholder as the right side of a comparison with a column of kind and
	// of a type by the driver's name, so that the server compares in the column's own type.
	Bound func(kind Kind, typeName, placeholder string) string
	// Param is a parameter as the driver should send it; nil: as it is.
	Param func(v any) any
	// Clock is a query for the server's time in zone ("+08:00"), as text
	// "2006-01-02 15:04:05.ffffff", microseconds where the server has them.
	Clock func(zone string) string
	// Session is run on a connection that is going to read, before Snapshot; zone is that of
	// the session ("+08:00").
	Session func(zone string) []string
	// Charset is a query whose first column must be CharsetWanted; empty: not asked.
	Charset       string
	CharsetWanted string
	// Snapshot opens one consistent read-only view of the whole database.
	Snapshot []string
	// KindOf is the kind of a column by the driver's name of its type.
	KindOf func(typeName string) Kind
	// Plain is the expression for a quoted column that makes the driver hand out the
	// stored value unchanged.
	Plain func(quoted, typeName string) string
	// Bytes is the expression for a quoted text column that makes the driver hand out its
	// bytes as they are stored, in whatever charset; nil: the driver turns all text into
	// UTF-8.
	Bytes func(quoted string) string
	// ColumnCharsets is a query for the columns of a table or view and the charset, if any,
	// the server holds each in; its parameters are those of Columns. Empty: none to ask.
	ColumnCharsets string
	// Loose says that a value need not fit its column's type, so that types must be
	// asked for with typeof().
	Loose bool
	// Greatest is the greatest of several values, none of which is NULL unless all are.
	Greatest func(exprs []string) string
	// Substring is the name of the function.
	Substring string
	// NullsFirst stands behind each term of ORDER BY, so that NULL comes before everything;
	// empty where it does so anyway.
	NullsFirst string
	// InTransaction says that the driver commits after every statement unless it began the
	// transaction itself.
	InTransaction bool
	// EmptyIsNull says that the database keeps no empty text: '' is NULL.
	EmptyIsNull bool
	// NoMoment is the latest moment that stands for none.
	NoMoment string
	// First is a query for the first n rows of another one.
	First func(query string, n int) string
	// Columns is a query for the column names of a table or view, in order; its
	// parameters are the schema (empty: the connection's own) and the name.
	Columns string

	classify func(err error) *verdict
	open     func(Config) (*sql.DB, error)
}

// Dialects is every database banjian can be connected to.
var Dialects = []*Dialect{&mysqlDialect, &sqliteDialect, &postgresDialect, &oracleDialect, &sqlserverDialect, &dmDialect}

// aliases are products that speak the dialect of another one.
var aliases = map[string]string{
	"mariadb": "mysql", "oceanbase": "mysql", "postgresql": "postgres", KingbaseES: "postgres", OpenGauss: "postgres", "mssql": "sqlserver",
}

// Kinds is every name ByName finds.
func Kinds() []string {
	names := slices.Sorted(maps.Keys(aliases))
	for _, d := range Dialects {
		names = append(names, d.Name)
	}
	slices.Sort(names)
	return names
}

// ByName finds a dialect by its name or that of a product that speaks it: "mysql",
// "mariadb", "sqlite", "postgres", "kingbase".
func ByName(name string) (*Dialect, error) {
	if alias, ok := aliases[strings.ToLower(name)]; ok {
		name = alias
	}
	var known []string
	for _, d := range Dialects {
		if strings.EqualFold(d.Name, name) {
			return d, nil
		}
		known = append(known, d.Name)
	}
	list := strings.Join(known, ", ")
	return nil, fault.New(fault.Config, "choose database kind", "",
		text.F("不认识的数据库类型 %q", "unknown kind of database %q", name),
		text.F("可用：%s", "known kinds: %s", list))
}
