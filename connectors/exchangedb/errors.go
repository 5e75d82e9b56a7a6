package exchangedb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// RuleRefused is the rule of a row the receiver's database would not store. Its
// arguments are a reason (too_long, bad_value, bad_time, out_of_range, bad_text, null,
// duplicate, check, refused) and the server's error number.
const RuleRefused = "receiver_refused"

// errLoadRefused are the ways a server says that it takes no LOAD DATA LOCAL.
var errLoadRefused = []uint16{1148, 3948, 4166}

// errNotStrict says that the session's sql_mode could not be set.
var errNotStrict = errors.New("sql_mode is not strict")

// rowError is err as one row's fault; nil: it is not. A column without a default that is
// not written is the table's.
func rowError(err error) *sqldialect.RowError {
	if isNumber(err, errShape) {
		return nil
	}
	return sqldialect.RowErrorOf(err)
}

func errorNumber(err error) string {
	var m *mysql.MySQLError
	var l *sqlite.Error
	switch {
	case errors.As(err, &m):
		return strconv.Itoa(int(m.Number))
	case errors.As(err, &l):
		return strconv.Itoa(l.Code())
	}
	if other := sqldialect.RowErrorOf(err); other != nil {
		return other.Number
	}
	return ""
}

func isNumber(err error, numbers []uint16) bool {
	var m *mysql.MySQLError
	return errors.As(err, &m) && slices.Contains(numbers, m.Number)
}

// where names a table of this receiver.
func (t *Target) where(table string) string { return t.opts.Name + "/" + logicalTable(table) }

func (t *Target) bugTable(table, what string) error {
	return fault.New(fault.Bug, "use exchange table", t.where(table), text.F("表用法不对：%s", "wrong use of a table: %s", what), text.Text{})
}

var (
	errShape = []uint16{1049, 1054, 1136, 1146, 1364}
	errGrant = []uint16{1142, 1143, 1227, 1370}
)

// fault is a driver's error as a fault, for everything before COMMIT.
func (t *Target) fault(op, table string, err error) error {
	var f *fault.Error
	where := t.where(table)
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, errNotStrict):
		return fault.Wrap(err, fault.Config, op, where,
			text.T("会话无法设为严格模式，过长或错误的值会被悄悄改写", "the session cannot be made strict: values too long or wrong would be changed silently"),
			text.T("检查中间的数据库代理是否吞掉了 SET sql_mode", "see whether a database proxy in between swallows SET sql_mode"))
	case isNumber(err, errShape), isSQLiteShape(err), sqldialect.Misshapen(err):
		return t.configFault(err, op, where,
			text.T("接收方的表与交换标准不一致：缺表或缺列", "the receiver's table is not as the standard has it: a table or column is missing"),
			ddlHint(table))
	case isNumber(err, errGrant):
		return t.configFault(err, op, where,
			text.T("在接收方的表上权限不足", "rights on the receiver's table are missing"),
			grantHint(t.plain(table)))
	case comesBack(err):
		return fault.Wrap(publicError(err), fault.Transient, op, where,
			text.T("接收方数据库暂时不能服务", "the receiver's database cannot serve at the moment"), text.Text{})
	}
	return t.opts.Dialect.Fault(err, op, where)
}

func ddlHint(table string) text.Text {
	return text.F("用 `banjian schema ddl %s` 打印标准表结构，与接收方核对，请对方补上或放宽",
		"print the standard table with `banjian schema ddl %s`, compare, and ask the receiver to add or widen what differs", logicalTable(table))
}

func grantHint(physical string) text.Text {
	return text.F("请 DBA 执行：GRANT SELECT, INSERT ON %s TO <用户>", "have the DBA run: GRANT SELECT, INSERT ON %s TO <user>", physical)
}

// configFault is a Config fault that says the server's error number, never its words.
func (t *Target) configFault(err error, op, where string, what, hint text.Text) error {
	return fault.Wrap(publicError(err), fault.Config, op, where, what, hint)
}

func publicError(err error) error { return fmt.Errorf("error %s", errorNumber(err)) }

// comesBack says that the SQLSTATE is of the classes connection (08) or transaction
// rollback (40): another attempt may succeed.
func comesBack(err error) bool {
	var m *mysql.MySQLError
	return errors.As(err, &m) && (string(m.SQLState[:2]) == "08" || string(m.SQLState[:2]) == "40")
}

func isServer(err error) bool { return errorNumber(err) != "" }

// isSQLiteShape recognises a missing table or column; SQLite has one code for every
// statement it cannot prepare.
func isSQLiteShape(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == 1 &&
		(strings.Contains(e.Error(), "no such table") || strings.Contains(e.Error(), "no such column") || strings.Contains(e.Error(), "has no column named"))
}

// plain is the physical name of a table for messages.
func (t *Target) plain(table string) string {
	n, err := t.opts.names(table, "")
	if err != nil {
		return table
	}
	return n.plain
}

// errRolledBack are answers to COMMIT that mean the transaction is gone for certain.
var errRolledBack = []uint16{1213, 1290, 1836}

// commitFault is the error of a COMMIT. Only a server that says so has rolled back;
// whatever else went wrong, the rows may be there.
func (t *Target) commitFault(table string, err error) error {
	const op = "commit delivery"
	where := t.where(table)
	var lite *sqlite.Error
	if isNumber(err, errRolledBack) || errors.As(err, &lite) && lite.Code()&0xff == 5 || sqldialect.RolledBack(err) {
		return fault.Wrap(publicError(err), fault.Transient, op, where,
			text.T("接收方回滚了事务", "the receiver rolled the transaction back"), text.Text{})
	}
	cause := error(nil)
	switch {
	case isServer(err):
		cause = publicError(err)
	case errors.Is(err, context.DeadlineExceeded):
		cause = context.DeadlineExceeded
	}
	return fault.Wrap(cause, fault.Unknown, op, where,
		text.T("提交的答复没有收到，不知道行是否已写入", "the answer to the commit was lost; whether the rows are there is not known"),
		text.T("将按 cd_batch 计数核实，核实前不会重发", "the rows will be counted by cd_batch before anything is sent again"))
}
