package sqldialect

import (
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/sijms/go-ora/v2/network"

	"banjian/internal/fault"
)

func pg(code, message string) error { return &pgconn.PgError{Code: code, Message: message} }

func ora(code int, message string) error { return &network.OracleError{ErrCode: code, ErrMsg: message} }

func ms(number int32, message string) error { return mssql.Error{Number: number, Message: message} }

// otherErrors are what servers say, and what that means.
var otherErrors = []struct {
	dialect *Dialect
	err     error
	kind    fault.Kind
	says    string
}{
	{&postgresDialect, pg("28P01", `password authentication failed for user "canary"`), fault.Blocked, "refuses the login"},
	{&postgresDialect, pg("42P01", `relation "gjj.v" does not exist`), fault.Config, "gjj.v"},
	{&postgresDialect, pg("42703", `字段 "slbh" 不存在`), fault.Config, "slbh"},
	{&postgresDialect, pg("42703", "column src.slbh does not exist"), fault.Config, "slbh"},
	{&postgresDialect, pg("42501", "permission denied for view v_accept"), fault.Config, "v_accept"},
	{&postgresDialect, pg("57014", "canceling statement due to statement timeout"), fault.Transient, "time ran out"},
	{&postgresDialect, pg("40P01", "deadlock detected"), fault.Transient, "deadlock"},
	{&postgresDialect, pg("53300", "too many connections"), fault.Transient, "to spare"},
	{&postgresDialect, pg("55000", "lost connection to parallel worker"), fault.Transient, "lost"},
	{&postgresDialect, pg("55000", `materialized view "canary" has not been populated`), fault.Transient, "not ready"},
	{&postgresDialect, pg("58030", "could not read file canary"), fault.Transient, "its disk"},
	{&postgresDialect, pg("22P02", `invalid input syntax for type integer: "canary"`), fault.Data, "does not fit"},
	{&postgresDialect, pg("42601", `syntax error at or near "canary"`), fault.Bug, "reported"},
	{&oracleDialect, ora(1017, "ORA-01017: invalid username/password"), fault.Blocked, "refuses the login"},
	{&oracleDialect, ora(942, "ORA-00942: table or view does not exist"), fault.Config, "capitals"},
	{&oracleDialect, ora(904, `ORA-00904: "SRC"."SLBH": invalid identifier`), fault.Config, "SLBH"},
	{&oracleDialect, ora(12514, "TNS:listener does not currently know of service"), fault.Config, "SID"},
	{&oracleDialect, ora(1555, "ORA-01555: snapshot too old"), fault.Transient, "stopped"},
	{&oracleDialect, ora(3113, "end-of-file on communication channel"), fault.Transient, "lost"},
	{&oracleDialect, ora(936, "missing expression canary"), fault.Bug, "reported"},
	{&sqlserverDialect, ms(18456, "Login failed for user 'canary'."), fault.Blocked, "refuses the login"},
	{&sqlserverDialect, ms(208, "Invalid object name 'dbo.v'."), fault.Config, "dbo.v"},
	{&sqlserverDialect, ms(207, "Invalid column name 'slbh'."), fault.Config, "slbh"},
	{&sqlserverDialect, ms(1205, "Transaction was deadlocked"), fault.Transient, "deadlock"},
	{&sqlserverDialect, ms(229, "The SELECT permission was denied"), fault.Config, "GRANT SELECT"},
	{&sqlserverDialect, ms(102, "Incorrect syntax near 'canary'."), fault.Bug, "reported"},
}
