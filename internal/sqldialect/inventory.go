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
	"postgres": {
		Relations: "SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, COALESCE(obj_description(c.oid, 'pg_class'), '')," +
			" CASE WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL ELSE c.reltuples::int8 END" + postgresRelations +
			" WHERE" + postgresSeen + "{one} ORDER BY c.relname",
		Columns: "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), COALESCE(col_description(c.oid, a.attnum), '')," +
			" CASE WHEN a.attnotnull THEN 0 ELSE 1 END, COALESCE(array_position(k.conkey, a.attnum), 0)" + postgresRelations +
			" JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped" +
			" LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'" +
			" WHERE" + postgresSeen + "{one} ORDER BY c.relname, a.attnum",
		Definition: "SELECT pg_get_viewdef(c.oid)" + postgresRelations +
			" WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('v', 'm') AND c.relname = $2",
		one: " AND lower(c.relname) = lower($2)",
	},
	"oracle": oracleInventory,
	"dm": {Relations: questionMarks(oracleInventory.Relations), Columns: questionMarks(oracleInventory.Columns),
		Definition: questionMarks(oracleInventory.Definition), one: questionMarks(oracleInventory.one)},
	"sqlserver": {
		Relations: "SELECT o.name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' END, COALESCE(CAST(e.value AS nvarchar(1000)), '')," +
			" (SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1) AND o.type = 'U')" +
			" FROM sys.objects o LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = 'MS_Description'" +
			" WHERE o.type IN ('U', 'V') AND o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())){one} ORDER BY o.name",
		Columns: "SELECT o.name, c.name, t.name, COALESCE(CAST(e.value AS nvarchar(1000)), ''), CAST(c.is_nullable AS int), COALESCE(k.key_ordinal, 0)" +
			" FROM sys.objects o JOIN sys.columns c ON c.object_id = o.object_id JOIN sys.types t ON t.user_type_id = c.system_type_id" +
			" LEFT JOIN sys.indexes x ON x.object_id = o.object_id AND x.is_primary_key = 1" +
			" LEFT JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id AND k.column_id = c.column_id" +
			" LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = c.column_id AND e.name = 'MS_Description'" +
			" WHERE o.type IN ('U', 'V') AND o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())){one} ORDER BY o.name, c.column_id",
		Definition: "SELECT m.definition FROM sys.sql_modules m JOIN sys.views v ON v.object_id = m.object_id" +
			" WHERE v.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) AND v.name = @p2",
		one: " AND o.name = @p2",
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

const oracleOwner = "COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))"

var oracleInventory = Inventory{
	Relations: "SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SELECT owner, table_name, 'table' AS kind, num_rows FROM all_tables" +
		" UNION ALL SELECT owner, view_name, 'view', NULL FROM all_views) c" +
		" LEFT JOIN all_tab_comments m ON m.owner = c.owner AND m.table_name = c.table_name" +
		" WHERE c.owner = " + oracleOwner + "{one} ORDER BY c.table_name",
	Columns: "SELECT c.table_name, c.column_name, c.data_type, m.comments, CASE c.nullable WHEN 'Y' THEN 1 ELSE 0 END, COALESCE(k.position, 0) FROM all_tab_columns c" +
		" LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name" +
		" LEFT JOIN (SELECT b.owner, b.table_name, b.column_name, b.position FROM all_constraints a JOIN all_cons_columns b" +
		" ON b.owner = a.owner AND b.constraint_name = a.constraint_name WHERE a.constraint_type = 'P') k" +
		" ON k.owner = c.owner AND k.table_name = c.table_name AND k.column_name = c.column_name" +
		" WHERE c.owner = " + oracleOwner + "{one} ORDER BY c.table_name, c.column_id",
	Definition: "SELECT text FROM all_views WHERE owner = " + oracleOwner + " AND view_name = UPPER(:2)",
	one:        " AND c.table_name = UPPER(:2)",
}

// questionMarks is a statement whose parameters are told by their order alone.
func questionMarks(q string) string {
	return strings.NewReplacer(":1", "?", ":2", "?", ":3", "?").Replace(q)
}

// postgresRelations keeps to what the account may see; a partition is part of its table.
const postgresRelations = " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"

const postgresSeen = " n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition" +
	" AND has_table_privilege(c.oid, 'SELECT')"

// KindOfDeclared is the kind of a column by its type as declared: "varchar(64)",
// "int(10) unsigned", "DATETIME".
func (d *Dialect) KindOfDeclared(declared string) Kind {
	if d.Name == "mysql" {
		return d.KindOf(d.TypeName(declared))
	}
	name, _, _ := strings.Cut(strings.ToUpper(declared), "(")
	return d.KindOf(strings.TrimSpace(name))
}

// TypeName is a type as declared by the name Plain knows it by.
func (d *Dialect) TypeName(declared string) string {
	declared = strings.ToUpper(declared)
	if d.Name != "mysql" {
		return declared
	}
	name, _, _ := strings.Cut(declared, "(")
	name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
	if strings.Contains(declared, "UNSIGNED") {
		name = "UNSIGNED " + name
	}
	return name
}

// Opaque says that no function takes a value of a declared type: it can be read as it is,
// or not at all.
func (d *Dialect) Opaque(declared string) bool {
	return (d.Name == "oracle" || d.Name == DM) && strings.HasPrefix(strings.ToUpper(declared), "LONG")
}
