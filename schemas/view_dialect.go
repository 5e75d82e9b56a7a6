package schemas

import (
	"fmt"
	"strings"
)

// AccountName is the read-only account that View creates.
const AccountName = "banjian_ro"

// viewDialects are the databases departments run. Marks of the account stand without
// quotes, so that a script somebody forgot to fill in is refused as a whole and no
// account with a known password comes into being.
var viewDialects = map[string]viewDialect{
	"mysql":     {title: "MySQL / MariaDB", tested: true, types: mysqlNull, account: accountOf(mysqlAccount), quote: between("`", "`"), end: ";"},
	"oracle":    {title: "Oracle", types: oracleNull, account: accountOf(oracleAccount), quote: quotedUpper, end: ";"},
	"sqlserver": {title: "SQL Server", types: sqlserverNull, account: accountOf(sqlserverAccount), quote: between("[", "]"), end: "\nGO"},
	"postgres":  {title: "PostgreSQL", types: postgresNull, account: accountOf(postgresAccount), quote: between(`"`, `"`), end: ";"},
	"dm":        {title: "达梦 DM8", types: oracleNull, account: accountOf(dmAccount), quote: quotedUpper, end: ";"},
	"sqlite":    {title: "SQLite", tested: true, types: sqliteNull, account: accountOf(sqliteAccount), quote: between("`", "`"), end: ";"},
}

func between(before, behind string) func(string) string {
	return func(name string) string { return before + name + behind }
}

// quotedUpper quotes where names without quotes are kept in capitals.
func quotedUpper(name string) string { return `"` + strings.ToUpper(name) + `"` }

func accountOf(script string) func(view string) string {
	return func(view string) string {
		return strings.NewReplacer("{view}", view, "{account}", AccountName).Replace(script)
	}
}

// nullTypes are the types of a missing column, by logical type.
type nullTypes struct {
	whole, stamp, day, flag string
	decimal, text           string // formats of width and scale, of width
	most                    int    // characters of text
	long                    string // longer ones
}

func (n nullTypes) of(f *Field) string {
	switch {
	case f.Type == Int:
		return n.whole
	case f.Type == Bool:
		return n.flag
	case f.Type == Time:
		return n.stamp
	case f.Type == Date:
		return n.day
	case f.Type == Decimal && n.decimal != "":
		return fmt.Sprintf(n.decimal, f.Width, f.Scale)
	case f.Type == Code && f.Width == 0:
		return fmt.Sprintf(n.text, 32)
	case f.Type == List:
		return n.long
	case f.Width == 0 || f.Width > n.most:
		return n.long
	}
	return fmt.Sprintf(n.text, f.Width)
}

func mysqlNull(f *Field) string {
	return nullTypes{whole: "SIGNED", stamp: "DATETIME", day: "DATE", flag: "SIGNED", decimal: "DECIMAL(%d,%d)", text: "CHAR(%d)", most: 4000, long: "CHAR(4000)"}.of(f)
}

func oracleNull(f *Field) string {
	return nullTypes{whole: "NUMBER(18)", stamp: "DATE", day: "DATE", flag: "NUMBER(1)", decimal: "NUMBER(%d,%d)", text: "VARCHAR2(%d CHAR)", most: 1000, long: "VARCHAR2(4000)"}.of(f)
}

func sqlserverNull(f *Field) string {
	return nullTypes{whole: "BIGINT", stamp: "DATETIME2(0)", day: "DATE", flag: "BIT", decimal: "DECIMAL(%d,%d)", text: "NVARCHAR(%d)", most: 4000, long: "NVARCHAR(MAX)"}.of(f)
}

func postgresNull(f *Field) string {
	return nullTypes{whole: "BIGINT", stamp: "TIMESTAMP(0)", day: "DATE", flag: "SMALLINT", decimal: "NUMERIC(%d,%d)", text: "VARCHAR(%d)", most: 4000, long: "TEXT"}.of(f)
}

// sqliteNull gives a cast only the few names SQLite itself tells apart.
func sqliteNull(f *Field) string {
	switch f.Type {
	case Int, Bool:
		return "INTEGER"
	}
	return "TEXT"
}

const mysqlAccount = `-- ── 只读账号：只能读这个视图，同时最多 2 个连接 / read-only account: this view only, 2 connections at most
-- 换掉 <HOST>（归集服务器地址，如 '10.0.0.8'）和 <PASSWORD>（DBA 自定的强口令，带引号）；账号已存在时只执行 GRANT。
-- Replace <HOST> (the collecting server, such as '10.0.0.8') and <PASSWORD> (a strong one of the DBA's own, quoted); with an account that exists run GRANT only.
CREATE USER '{account}'@<HOST> IDENTIFIED BY <PASSWORD> WITH MAX_USER_CONNECTIONS 2;
GRANT SELECT ON {view} TO '{account}'@<HOST>;
`

const oracleAccount = `-- ── 只读账号：只能读这个视图，同时最多 2 个会话 / read-only account: this view only, 2 sessions at most
-- 换掉 <PASSWORD>（DBA 自定的强口令，带双引号）和 <OWNER>（视图的属主）；会话限制需要 RESOURCE_LIMIT = TRUE。
-- Replace <PASSWORD> (a strong one of the DBA's own, in double quotes) and <OWNER> (of the view); the limit needs RESOURCE_LIMIT = TRUE.
CREATE PROFILE {account}_profile LIMIT SESSIONS_PER_USER 2 IDLE_TIME 30 FAILED_LOGIN_ATTEMPTS 10;
CREATE USER {account} IDENTIFIED BY <PASSWORD> PROFILE {account}_profile;
GRANT CREATE SESSION TO {account};
-- 12c 起用 READ：SELECT 还允许 FOR UPDATE 加锁；更早的版本改为 GRANT SELECT / from 12c on READ, since SELECT may lock rows; SELECT before
GRANT READ ON <OWNER>.{view} TO {account};
`

const sqlserverAccount = `-- ── 只读账号：只能读这个视图 / read-only account: this view only
-- 换掉 <PASSWORD>（DBA 自定的强口令，写成 N'…'）。连接数由归集方限制为 2；服务器侧须用登录触发器或资源调控器。
-- Replace <PASSWORD> (a strong one of the DBA's own, as N'…'). banjian opens 2 connections at most; on the server a logon trigger or the Resource Governor limits them.
CREATE LOGIN {account} WITH PASSWORD = <PASSWORD>, CHECK_POLICY = ON;
GO
CREATE USER {account} FOR LOGIN {account};
GO
GRANT SELECT ON {view} TO {account};
GO
`

const postgresAccount = `-- ── 只读账号：只能读这个视图，同时最多 2 个连接 / read-only account: this view only, 2 connections at most
-- 换掉 <PASSWORD>（DBA 自定的强口令，带单引号）和 <SCHEMA>（视图所在的模式）。
-- Replace <PASSWORD> (a strong one of the DBA's own, in single quotes) and <SCHEMA> (of the view).
CREATE ROLE {account} LOGIN PASSWORD <PASSWORD> CONNECTION LIMIT 2;
ALTER ROLE {account} SET default_transaction_read_only = on;
ALTER ROLE {account} SET statement_timeout = '30min';
GRANT USAGE ON SCHEMA <SCHEMA> TO {account};
GRANT SELECT ON <SCHEMA>.{view} TO {account};
`

const dmAccount = `-- ── 只读账号：只能读这个视图，同时最多 2 个会话 / read-only account: this view only, 2 sessions at most
-- 换掉 <PASSWORD>（DBA 自定的强口令，带双引号）和 <OWNER>（视图所在的模式）。
-- Replace <PASSWORD> (a strong one of the DBA's own, in double quotes) and <OWNER> (the schema of the view).
CREATE USER {account} IDENTIFIED BY <PASSWORD> LIMIT SESSION_PER_USER 2, CONNECT_IDLE_TIME 30, FAILED_LOGIN_ATTEMPS 10;
GRANT CREATE SESSION TO {account};
GRANT SELECT ON <OWNER>.{view} TO {account};
`

const sqliteAccount = `-- ── SQLite 没有账号：归集方以只读方式打开文件；文件权限只给读（或给一份副本）。
-- SQLite has no accounts: banjian opens the file read-only; give it a right to read the file only, or a copy.
`
