package sqldialect

import (
	"cmp"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func classifyPostgres(err error) *verdict {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if strings.Contains(err.Error(), "require_auth") {
			return unsafeLogin("scram-sha-256")
		}
		if strings.Contains(err.Error(), "server refused TLS connection") {
			return noTLS()
		}
		return nil
	}
	v := postgresVerdict(e)
	v.public = "SQLSTATE " + e.Code
	return v
}

// postgresVerdict goes by SQLSTATE. Messages quote names in double quotes, in whatever
// language the server speaks.
func postgresVerdict(e *pgconn.PgError) *verdict {
	name := named(strings.NewReplacer("“", `"`, "”", `"`, "«", `"`, "»", `"`).Replace(e.Message), `"`, 0)
	switch e.Code {
	case "28000", "28P01":
		return refusedLogin()
	case "3D000":
		return config(text.F("数据库 %s 不存在", "there is no database %s", name), text.Text{})
	case "42P01":
		return noTable(name, text.T("是否被改名或删除？名称区分大小写；请与部门核对", "was it renamed or dropped? Case counts; ask the department"))
	case "3F000":
		return config(text.F("模式 %s 不存在", "there is no schema %s", name), text.Text{})
	case "42703":
		return config(text.F("列 %s 不存在", "there is no column %s", cmp.Or(name, qualifiedIn(e.Message))), text.T("PostgreSQL 的名称区分大小写，未加引号建的都是小写", "names have a case in PostgreSQL: those made without quotes are in small letters"))
	case "42501":
		return config(text.F("没有对 %s 的权限", "no right to %s", lastWord(e.Message, name)),
			text.F("请 DBA 执行：GRANT SELECT ON %s TO 账号（模式还要 GRANT USAGE ON SCHEMA）", "have the DBA run: GRANT SELECT ON %s TO the account (and GRANT USAGE ON SCHEMA)", lastWord(e.Message, name)))
	case "55P03", "40P01", "40001":
		return lockTrouble()
	case "53300":
		return noConnection()
	case "57014", "25P03":
		return stoppedByServer()
	case "53100", "53200", "53000", "54000":
		return noRoom()
	case "57P01", "57P02", "57P03", "57P05", "08000", "08003", "08006", "08001", "08004":
		return lost("")
	case "25006":
		return readOnly()
	case "23505":
		return &verdict{kind: fault.Data, what: text.T("唯一键重复", "a unique key is repeated")}
	case "42P21", "42P22":
		return mixedCollations("COLLATE")
	case "42883", "42804", "42846":
		return config(text.T("列的类型与条件里的值不能比较", "a column cannot be compared with the value a condition gives"),
			text.T("让视图把这一列 CAST 成合适的类型", "have the view CAST the column"))
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "22", "23":
		return &verdict{kind: fault.Data, what: text.F("有值不适合列 %s", "a value does not fit column %s", e.ColumnName)}
	case "08", "40", "53", "57":
		return lost("")
	case "55":
		return notReady()
	case "58":
		return &verdict{kind: fault.Transient, what: text.T("数据库所在系统出错（磁盘等）", "the database's own system failed (its disk or the like)")}
	}
	return &verdict{kind: fault.Bug, what: text.T("数据库报错", "the database reported an error")}
}

// notReady is what a server says whose parallel worker died under a statement, as when
// it is killed: worth another try. It says the same of a materialized view never filled.
func notReady() *verdict {
	return &verdict{kind: fault.Transient, what: text.T("数据库中断了语句，或对象尚未就绪", "the database lost part of the statement's work, or the object is not ready"),
		hint: text.T("若是物化视图，请部门执行 REFRESH MATERIALIZED VIEW", "if it is a materialized view, have the department run REFRESH MATERIALIZED VIEW")}
}

// qualifiedIn is the column of "column src.slbh does not exist", which servers do not
// quote when it is qualified.
func qualifiedIn(message string) string {
	for _, word := range strings.Fields(message) {
		if _, name, ok := strings.Cut(word, "."); ok && CheckName(name) == nil {
			return name
		}
	}
	return ""
}

// lastWord is the relation of "permission denied for view v_accept", which older
// servers quote and newer ones do not.
func lastWord(message, quoted string) string {
	if quoted != "" {
		return quoted
	}
	word := message[strings.LastIndexByte(message, ' ')+1:]
	if CheckName(word) != nil {
		return ""
	}
	return word
}
