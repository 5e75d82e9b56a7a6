package sqldialect

import "strings"

// Inventory is how a database is asked what it holds, without counting and without
// touching a row. Each query has one parameter, the schema; empty is the connection's
// own. All and One make statements of Relations and Columns.
type Inventory struct {
	// Relations gives name, "table" or "view", comment and rows; rows is NULL where the
	// server does not know without counting.
	Relations string
	// Columns gives relation, column, type as declared, comment, 1 if it may be NULL, and
	// the place in the primary key (0: not part of it), in the order of the columns.
	Columns string
	// Estimates gives relation and rows from statistics somebody took before; asked only
	// if HasEstimates finds a row. Empty: Relations says all there is.
	HasEstimates string
	Estimates    string

	// Definition gives the text of a view, or nothing where the account may not see it; its
	// parameters are the schema and the name.
	Definition string

	one string // the condition that leaves one relation
}

// One is query for a single relation, whose name is the second parameter.
func (i Inventory) One(query string) string { return strings.Replace(query, "{one}", i.one, 1) }

// All is query for every relation.
func (i Inventory) All(query string) string { return strings.Replace(query, "{one}", "", 1) }

// Inventory is the dialect's; every dialect of Dialects has one.
func (d *Dialect) Inventory() Inventory { return inventories[d.Name] }

var inventories = map[string]Inventory{
	"mysql": {
		Relations: "SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' ELSE 'table' END," +
			" CASE WHEN table_type = 'VIEW' THEN '' ELSE table_comment END," +
			" CASE WHEN table_type = 'VIEW' THEN NULL ELSE table_rows END" +
			" FROM information_schema.tables c WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()){one} ORDER BY table_name",
		Columns: "SELECT c.table_name, c.column_name, c.column_type, c.column_comment," +
			" CASE WHEN c.is_nullable = 'YES' THEN 1 ELSE 0 END, COALESCE(k.ordinal_position, 0)" +
			" FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k" +
			" ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'" +
			" WHERE c.table_schema = COALESCE(NULLIF(?, ''), DATABASE()){one} ORDER BY c.table_name, c.ordinal_position",
		Definition: "SELECT view_definition FROM information_schema.views WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ?",
		one:        " AND c.table_name = ?",
	},
	"sqlite": {
		Relations: "SELECT name, type, '', NULL FROM sqlite_master m WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'" +
			" AND ?1 IN ('', 'main'){one} ORDER BY name",
		Columns: `SELECT m.name, p.name, p.type, '', CASE WHEN p."notnull" = 0 AND p.pk = 0 THEN 1 ELSE 0 END, p.pk` +
			" FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type IN ('table', 'view')" +
			" AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND ?1 IN ('', 'main'){one} ORDER BY m.name, p.cid",
		HasEstimates: "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1' AND ?1 IN ('', 'main')",
		Estimates:    "SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE ?1 IN ('', 'main') GROUP BY tbl",
		Definition:   "SELECT sql FROM sqlite_master WHERE ?1 IN ('', 'main') AND type = 'view' AND name = ?2 COLLATE NOCASE",
		one:          " AND m.name = ?2 COLLATE NOCASE",
	},
}

// KindOfDeclared is the kind of a column by its type as declared: "varchar(64)",
// "int(10) unsigned", "DATETIME".
func (d *Dialect) KindOfDeclared(declared string) Kind {
	name, _, _ := strings.Cut(strings.ToUpper(declared), "(")
	name = strings.TrimSpace(name)
	if d.Name != "mysql" {
		return d.KindOf(name)
	}
	name, _, _ = strings.Cut(name, " ")
	if strings.Contains(strings.ToUpper(declared), "UNSIGNED") {
		name = "UNSIGNED " + name
	}
	return d.KindOf(name)
}
