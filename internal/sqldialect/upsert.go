package sqldialect

import (
	"fmt"
	"slices"
	"strings"
)

// Upsert says how rows are put into a table of somebody else's by their key.
type Upsert struct {
	Table   string   // quoted
	Columns []string // quoted, of every row
	Key     []string // quoted, of Columns: a unique key of the table
	Version string   // quoted, of Columns; a row goes over another only with a greater one; empty: always
}

// Upserts says that rows can be put in by their key.
func (d *Dialect) Upserts() bool { return upsertEnds[d.Name] != nil }

// Upsert is the statement for n rows; its parameters are those of the first row in the
// order of Columns, then those of the next.
func (d *Dialect) Upsert(u Upsert, n int) string {
	return "INSERT INTO " + u.Table + " (" + strings.Join(u.Columns, ", ") + ") VALUES " +
		Tuples(n, len(u.Columns), func(_, n int) string { return d.Placeholder(n) }) + upsertEnds[d.Name](u)
}

var upsertEnds = map[string]func(Upsert) string{"mysql": onDuplicateKey, "postgres": onConflict, "sqlite": onConflict}

// rest is the columns a newer row overwrites, the version last: MySQL sees what it has
// assigned before.
func (u Upsert) rest() []string {
	rest := slices.DeleteFunc(slices.Clone(u.Columns), func(c string) bool { return slices.Contains(u.Key, c) || c == u.Version })
	if u.Version != "" && !slices.Contains(u.Key, u.Version) {
		rest = append(rest, u.Version)
	}
	return rest
}

func onDuplicateKey(u Upsert) string {
	var set []string
	for _, c := range u.rest() {
		value := "VALUES(" + c + ")"
		if u.Version != "" {
			value = fmt.Sprintf("IF(%[1]s IS NULL OR %[1]s < VALUES(%[1]s), %[2]s, %[3]s)", u.Version, value, c)
		}
		set = append(set, c+" = "+value)
	}
	if len(set) == 0 { // nothing but the key
		set = []string{u.Key[0] + " = " + u.Key[0]}
	}
	return " ON DUPLICATE KEY UPDATE " + strings.Join(set, ", ")
}

func onConflict(u Upsert) string {
	end := " ON CONFLICT (" + strings.Join(u.Key, ", ") + ") DO "
	var set []string
	for _, c := range u.rest() {
		set = append(set, c+" = EXCLUDED."+c)
	}
	if len(set) == 0 {
		return end + "NOTHING"
	}
	end += "UPDATE SET " + strings.Join(set, ", ")
	if u.Version != "" {
		end += fmt.Sprintf(" WHERE %[1]s.%[2]s IS NULL OR %[1]s.%[2]s < EXCLUDED.%[2]s", u.Table, u.Version)
	}
	return end
}

// UniqueKeys is a query for the unique keys of a table that hold for all its rows: the
// name of each and its columns, a row each, in order; its parameters are those of Columns.
func (d *Dialect) UniqueKeys() string { return uniqueKeys[d.Name] }

var uniqueKeys = map[string]string{
	"mysql": "SELECT index_name, column_name FROM information_schema.statistics WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE())" +
		" AND table_name = ? AND non_unique = 0 AND sub_part IS NULL ORDER BY index_name, seq_in_index",
	"postgres": "SELECT x.relname::text, a.attname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" +
		" JOIN pg_catalog.pg_index i ON i.indrelid = c.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid" +
		" CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum" +
		" WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relname = $2 AND i.indisunique AND i.indisvalid AND i.indimmediate" +
		" AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts ORDER BY x.relname, k.place",
	"sqlite": "SELECT l.name, i.name FROM pragma_index_list(?2, COALESCE(NULLIF(?1, ''), 'main')) l JOIN pragma_index_info(l.name, COALESCE(NULLIF(?1, ''), 'main')) i" +
		` WHERE l."unique" = 1 AND l.partial = 0` +
		" UNION ALL SELECT 'PRIMARY', name FROM pragma_table_info(?2, COALESCE(NULLIF(?1, ''), 'main')) WHERE pk > 0 ORDER BY 1",
}
