package sqldialect

import (
	"banjian/internal/fault"
	"banjian/internal/text"
)

// What servers of every product have to say.

var renamed = text.T("是否被改名或删除？请与部门核对", "was it renamed or dropped? Ask the department")

func refusedLogin() *verdict {
	return &verdict{kind: fault.Blocked, ours: true, what: text.T("数据库拒绝登录", "the database refuses the login"),
		hint: text.T("核对用户名、口令以及该用户允许登录的来源主机与库；修正前不会再次尝试，以免账号被锁定",
			"check user, password, and the hosts and databases the user may come from; no further attempt is made until then, so that the account is not locked")}
}

func noTLS() *verdict {
	return &verdict{kind: fault.Config, public: "no TLS", what: text.T("对方不支持加密连接", "the server does not encrypt"),
		hint: text.T("请 DBA 开启 TLS，或在连接设置中关闭 tls", "have the DBA switch TLS on, or set tls: false")}
}

// unsafeLogin names the ways to log in that will do.
func unsafeLogin(better string) *verdict {
	return &verdict{kind: fault.Config, public: "login method", what: text.T("对方要求的登录方式不安全或不支持", "the server asks for a way to log in that is unsafe or not supported"),
		hint: text.F("请 DBA 将该账号的登录方式改为：%s", "have the DBA give the account one of: %s", better)}
}

func noTable(name string, hint text.Text) *verdict {
	return config(text.F("表或视图 %s 不存在", "there is no table or view %s", name), hint)
}

func lockTrouble() *verdict {
	return &verdict{kind: fault.Transient, what: text.T("锁等待超时或死锁", "lock wait timeout or deadlock")}
}

func noConnection() *verdict {
	return &verdict{kind: fault.Transient, what: text.T("数据库连接数已满", "the database has no connection to spare")}
}

// Full says that a server refused a connection because it has none to spare.
func (d *Dialect) Full(err error) bool {
	v := d.classify(err)
	return v != nil && v.what == noConnection().what
}

func stoppedByServer() *verdict {
	return &verdict{kind: fault.Transient, what: text.T("语句被对方中止或超过时限", "the server stopped the statement or its time ran out")}
}

func noRoom() *verdict {
	return &verdict{kind: fault.Transient, what: text.T("数据库的磁盘或内存不足", "the database is out of disk or memory")}
}

func readOnly() *verdict {
	return config(text.T("数据库或会话只读", "the database or the session is read-only"), text.Text{})
}

func mixedCollations(remedy string) *verdict {
	return config(text.T("各列的排序规则不一致，无法比较", "columns of different collations cannot be compared"),
		text.F("请部门在视图中用 %s 统一", "have the view use %s", remedy))
}
