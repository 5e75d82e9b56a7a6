package sqldialect

import "strings"

// Exam is how a database is asked about itself and about the rights of the account; a
// query that is empty is not asked.
type Exam struct {
	Version string // a text
	Account string // who we are to the server: 'user'@'host'
	// Rights gives the account's rights, a statement GRANT … ON … TO … a row.
	Rights string
	// Charsets gives the columns of a relation that hold text, and the charset of each; its
	// parameters are the schema (empty: the connection's own) and the name.
	Charsets string
	// Indexed gives a row if the column comes first in an index; its parameters are the
	// schema, the name and the column.
	Indexed string
	// Schema gives the connection's own schema.
	Schema string
	// Leave takes back a role; %s are the role and the account.
	Leave string
	// Exact makes values equal only if they are byte by byte; %s is the expression of a text.
	Exact string
}

// Exam is the dialect's; one that is not known asks nothing.
func (d *Dialect) Exam() Exam {
	e := exams[d.Name]
	if e.Leave == "" {
		e.Leave = "REVOKE %s FROM %s"
	}
	return e
}

// Kept is a name, or schema and name, as the database keeps it when nobody quotes it.
func (d *Dialect) Kept(name string) string {
	if d.Name == "oracle" || d.Name == DM {
		return strings.ToUpper(name)
	}
	return name
}

var exams = map[string]Exam{
	"mysql": {
		Version:  "SELECT VERSION()",
		Account:  "SELECT CURRENT_USER()",
		Rights:   "SHOW GRANTS",
		Charsets: "SELECT column_name, character_set_name FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND character_set_name IS NOT NULL ORDER BY ordinal_position",
		Indexed:  "SELECT 1 FROM information_schema.statistics WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND column_name = ? AND seq_in_index = 1",
		Schema:   "SELECT DATABASE()",
		Exact:    "CAST(%s AS BINARY)",
	},
	"postgres": {
		Version: "SHOW server_version",
		Account: "SELECT quote_ident(current_user)",
		Rights: "SELECT 'GRANT ' || string_agg(privilege_type, ', ' ORDER BY privilege_type) || ' ON ' || quote_ident(table_schema) || '.' || quote_ident(table_name) || ' TO ' || quote_ident(current_user)" +
			" FROM information_schema.table_privileges WHERE grantee IN (current_user, 'PUBLIC') AND table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY table_schema, table_name ORDER BY 1",
		Schema:  "SELECT current_schema()",
		Indexed: "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relname = $2 AND a.attname = $3",
	},
	"oracle": oracleExam,
	DM: {
		Version: "SELECT banner FROM v$version WHERE ROWNUM = 1",
		Account: oracleExam.Account,
		Schema:  oracleExam.Schema,
		Indexed: questionMarks(oracleExam.Indexed),
	},
	"sqlserver": {
		Version: "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128))",
		Account: "SELECT QUOTENAME(USER_NAME())",
		Rights: "SELECT 'GRANT ' + p.permission_name + ' ON ' + CASE p.class WHEN 1 THEN QUOTENAME(SCHEMA_NAME(o.schema_id)) + '.' + QUOTENAME(o.name)" +
			" WHEN 3 THEN QUOTENAME(SCHEMA_NAME(p.major_id)) + '.*' ELSE '*.*' END + ' TO ' + QUOTENAME(USER_NAME()) + CASE p.state WHEN 'W' THEN ' WITH GRANT OPTION' ELSE '' END" +
			" FROM sys.database_permissions p LEFT JOIN sys.objects o ON p.class = 1 AND o.object_id = p.major_id" +
			" WHERE p.grantee_principal_id = DATABASE_PRINCIPAL_ID() AND p.state IN ('G', 'W')" +
			" UNION ALL SELECT 'GRANT ' + QUOTENAME(r.name) + ' TO ' + QUOTENAME(USER_NAME()) FROM sys.database_role_members m" +
			" JOIN sys.database_principals r ON r.principal_id = m.role_principal_id WHERE m.member_principal_id = DATABASE_PRINCIPAL_ID() ORDER BY 1",
		Indexed: "SELECT 1 FROM sys.index_columns i JOIN sys.columns c ON c.object_id = i.object_id AND c.column_id = i.column_id JOIN sys.objects o ON o.object_id = i.object_id" +
			" WHERE o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) AND o.name = @p2 AND c.name = @p3 AND i.key_ordinal = 1",
		Schema: "SELECT SCHEMA_NAME()",
		Leave:  "ALTER ROLE %s DROP MEMBER %s",
		Exact:  "%s COLLATE Latin1_General_BIN2",
	},
	"sqlite": {
		Version: "SELECT sqlite_version()",
		Indexed: "SELECT 1 FROM pragma_index_list(?2) l JOIN pragma_index_info(l.name) i WHERE ?1 IN ('', 'main') AND i.seqno = 0 AND i.name = ?3",
	},
}

// oracleExam asks what every account may see.
var oracleExam = Exam{
	Version: "SELECT version FROM product_component_version WHERE ROWNUM = 1",
	Account: "SELECT USER FROM DUAL",
	Rights: "SELECT 'GRANT ' || privilege || ' ON ' || owner || '.' || table_name || ' TO ' || USER || CASE grantable WHEN 'YES' THEN ' WITH GRANT OPTION' END FROM user_tab_privs_recd" +
		" UNION ALL SELECT 'GRANT ' || privilege || ' TO ' || USER FROM user_sys_privs UNION ALL SELECT 'GRANT ' || granted_role || ' TO ' || USER FROM user_role_privs ORDER BY 1",
	Indexed: "SELECT 1 FROM all_ind_columns WHERE table_owner = " + oracleOwner + " AND table_name = UPPER(:2) AND column_name = UPPER(:3) AND column_position = 1",
	Schema:  "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL",
}
