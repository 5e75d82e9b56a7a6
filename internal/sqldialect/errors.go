package sqldialect

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// verdict is what an error of a driver means.
type verdict struct {
	kind       fault.Kind
	what, hint text.Text
	ours       bool   // our login is refused
	public     string // what may be shown of the driver's error
}

// driverError keeps a driver's error in the chain, for errors.As, without its words.
type driverError struct {
	err    error
	public string
}

func (e *driverError) Error() string { return e.public }
func (e *driverError) Unwrap() error { return e.err }

// Fault is err as a fault: what kind of trouble it is, and a message without values.
// op is what was being done, where the connection or table. A fault stays what it
// is; nil stays nil.
func (d *Dialect) Fault(err error, op, where string) error {
	var f *fault.Error
	if err == nil {
		return nil
	}
	if errors.As(err, &f) {
		return f
	}
	v := d.classify(err)
	if v == nil {
		v = classifyCommon(err)
	}
	told := fault.Wrap(&driverError{err, v.public}, v.kind, op, where, v.what, v.hint)
	told.Ours = v.ours
	return told
}

func classifyCommon(err error) *verdict {
	var network *net.OpError
	isNetwork := errors.As(err, &network)
	switch {
	case errors.Is(err, context.Canceled):
		return stopped()
	case isNetwork && network.Op == "dial": // before the deadline: a dial that took too long is both
		return &verdict{kind: fault.Transient, public: "dial " + network.Net,
			what: text.T("连不上数据库", "the database cannot be reached"),
			hint: text.T("检查地址、端口、防火墙以及对方服务是否在运行", "check address, port, firewall and whether the server runs")}
	case errors.Is(err, context.DeadlineExceeded) && !isNetwork:
		return stopped()
	}
	if v := classifyLogin(err); v != nil {
		return v
	}
	for _, gone := range []error{driver.ErrBadConn, mysql.ErrInvalidConn, mysql.ErrMalformPkt, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if isNetwork || errors.Is(err, gone) {
			return lost("connection lost")
		}
	}
	return &verdict{kind: fault.Bug, public: fmt.Sprintf("%T", err), what: text.T("数据库驱动报出未归类的错误", "the database driver returned an error nobody has classified")}
}

// classifyLogin knows what keeps two sides from agreeing on how to log in.
func classifyLogin(err error) *verdict {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return &verdict{kind: fault.Config, public: "certificate not verified",
			what: text.T("对方的证书验证不通过", "the server's certificate is not verified"),
			hint: text.T("给出签发它的 CA 文件，并核对主机名；不能跳过验证", "name the file of the CA that signed it and check the host name; verification cannot be skipped")}
	case errors.Is(err, mysql.ErrNoTLS):
		return noTLS()
	case errors.Is(err, mysql.ErrCleartextPassword), errors.Is(err, mysql.ErrOldPassword), errors.Is(err, mysql.ErrUnknownPlugin), errors.Is(err, mysql.ErrNativePassword):
		return unsafeLogin("mysql_native_password, ed25519, caching_sha2_password")
	}
	return nil
}

func stopped() *verdict {
	return &verdict{kind: fault.Transient, public: "stopped", what: text.T("操作被中止", "the operation was stopped")}
}

func lost(public string) *verdict {
	return &verdict{kind: fault.Transient, public: public, what: text.T("与数据库的连接中断", "the connection to the database was lost")}
}

func classifyMySQL(err error) *verdict {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return nil
	}
	public := fmt.Sprintf("error %d (%s)", e.Number, e.SQLState[:])
	v := mysqlVerdict(e)
	v.public = public
	return v
}

func mysqlVerdict(e *mysql.MySQLError) *verdict {
	first, second := named(e.Message, "'", 0), named(e.Message, "'", 1)
	switch e.Number {
	case 1045, 1698, 1044, 1130, 1129, 1820, 1862, 3118, 4151:
		return refusedLogin()
	case 1049:
		return config(text.F("数据库 %s 不存在", "there is no database %s", first), text.Text{})
	case 1146, 1051:
		return noTable(first, renamed)
	case 1054:
		return config(text.F("列 %s 不存在", "there is no column %s", first), text.Text{})
	case 1356:
		return config(text.F("视图 %s 已失效：它引用的表、列不存在，或定义者没有权限", "view %s is invalid: it refers to a table or column that is gone, or its definer lacks rights", first),
			text.T("请部门重建该视图", "have the department create the view again"))
	case 1142:
		command, _, _ := strings.Cut(e.Message, " ")
		table := named(e.Message, "'", 2)
		if i := strings.LastIndex(e.Message, "for table "); i >= 0 {
			table = strings.Trim(e.Message[i+len("for table "):], "'`")
		}
		table = strings.ReplaceAll(table, "`", "")
		return config(text.F("没有对 %s 的 %s 权限", "no right to %[2]s on %[1]s", table, command),
			text.F("请 DBA 执行：GRANT %s ON %s TO '%s'@'…'", "have the DBA run: GRANT %s ON %s TO '%s'@'…'", command, table, first))
	case 1143, 1370, 1227, 1449:
		return config(text.T("权限不足", "a right is missing"), text.T("请 DBA 补授权限", "have the DBA grant it"))
	case 1205, 1213, 1614:
		return lockTrouble()
	case 1040, 1203, 1226, 1041, 1135:
		return noConnection()
	case 1317, 1969, 3024:
		return stoppedByServer()
	case 1021, 1114, 1037, 1038:
		return noRoom()
	case 1053, 1077, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013:
		return lost("")
	case 1290, 1836, 1792:
		return readOnly()
	case 1406, 1264, 1366, 1292, 1048, 1364, 1265, 3140, 4025, 3819:
		return &verdict{kind: fault.Data, what: text.F("有值不适合列 %s", "a value does not fit column %s", valueColumn(e, second))}
	case 1062, 1586:
		return &verdict{kind: fault.Data, what: text.T("唯一键重复", "a unique key is repeated")}
	case 1267, 1270, 1271:
		return mixedCollations("CONVERT(… USING utf8mb4)")
	}
	return &verdict{kind: fault.Bug, what: text.T("数据库报错", "the database reported an error")}
}

// valueColumn is the column a refused value was meant for; other quoted parts of such
// a message are the value.
func valueColumn(e *mysql.MySQLError, second string) string {
	if _, after, ok := strings.Cut(e.Message, "for column "); ok {
		name, _, _ := strings.Cut(strings.TrimLeft(after, "'`"), " at row")
		name = strings.Trim(name, "'`")
		return strings.ReplaceAll(name, "`", "")
	}
	if e.Number == 1048 || e.Number == 1406 || e.Number == 1264 || e.Number == 1265 || e.Number == 1364 {
		return named(e.Message, "'", 0)
	}
	return ""
}

func config(what, hint text.Text) *verdict {
	return &verdict{kind: fault.Config, what: what, hint: hint}
}

func classifySQLite(err error) *verdict {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return nil
	}
	v := sqliteVerdict(e)
	v.public = fmt.Sprintf("sqlite error %d", e.Code())
	return v
}

func sqliteVerdict(e *sqlite.Error) *verdict {
	switch e.Code() & 0xff {
	case 1:
		if name, ok := after(e.Error(), "no such table: "); ok {
			return noTable(name, renamed)
		}
		if name, ok := after(e.Error(), "no such column: "); ok {
			return config(text.F("列 %s 不存在", "there is no column %s", name), text.Text{})
		}
	case 5, 6:
		return &verdict{kind: fault.Transient, what: text.T("SQLite 文件正被占用", "the SQLite file is locked")}
	case 9:
		return &verdict{kind: fault.Transient, what: text.T("操作被中止", "the operation was stopped")}
	case 10, 13:
		return &verdict{kind: fault.Transient, what: text.T("磁盘读写出错或已满", "the disk failed or is full")}
	case 14:
		return config(text.T("打不开 SQLite 文件", "the SQLite file cannot be opened"), text.T("看文件在不在（盘是否已挂载）、能不能读；路径在 banjian.yaml 的 connections 里", "see that the file is there (is its disk mounted?) and may be read; its path is under connections in banjian.yaml"))
	case 11, 26:
		return config(text.T("不是完好的 SQLite 文件", "this is not an intact SQLite file"), text.T("检查 banjian.yaml 里的 path；路径没错就向给文件的人重新要一份", "check path in banjian.yaml; if it is right, ask whoever gave the file for it again"))
	case 3, 8, 23:
		return config(text.T("没有权限，或文件只读", "not permitted, or the file is read-only"), text.Text{})
	case 19, 18, 20:
		return &verdict{kind: fault.Data, what: text.T("有值违反表的约束", "a value breaks a constraint of the table")}
	}
	return &verdict{kind: fault.Bug, what: text.T("数据库报错", "the database reported an error")}
}

func after(message, mark string) (string, bool) {
	_, rest, ok := strings.Cut(message, mark)
	rest, _, _ = strings.Cut(rest, " (")
	return rest, ok
}
