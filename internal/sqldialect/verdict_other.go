package sqldialect

import (
	"errors"
	"fmt"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/sijms/go-ora/v2/network"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func classifyOracle(err error) *verdict {
	var e *network.OracleError
	if !errors.As(err, &e) {
		return nil
	}
	v := oracleVerdict(e)
	v.public = fmt.Sprintf("ORA-%05d", e.ErrCode)
	return v
}

func oracleVerdict(e *network.OracleError) *verdict {
	name := "" // the last of "SRC"."SLBH"
	if parts := strings.Split(e.ErrMsg, `"`); len(parts) > 2 {
		name = parts[len(parts)-2]
	}
	switch e.ErrCode {
	case 1017, 28000, 28001, 1045, 1005, 28002, 28003:
		return refusedLogin()
	case 12514, 12505, 12504:
		return config(text.T("监听里没有这个服务名或 SID", "the listener knows no such service or SID"), text.T("与 DBA 核对 database；SID 写成 SID:名称", "check database with the DBA; an SID is written SID:name"))
	case 942, 4043:
		return noTable("", text.T("不存在，或没有 SELECT 权限（GRANT SELECT）；名称按大写查找", "it is gone, or the right to SELECT is missing; names are looked for in capitals"))
	case 904:
		return config(text.F("列 %s 不存在", "there is no column %s", name), text.Text{})
	case 4063:
		return config(text.T("视图已失效：它引用的表、列不存在，或属主没有权限", "the view is invalid: it refers to a table or column that is gone, or its owner lacks rights"), text.T("请部门重建该视图", "have the department create the view again"))
	case 1031:
		return config(text.T("权限不足", "a right is missing"), text.T("请 DBA 补授权限", "have the DBA grant it"))
	case 54, 60, 30006:
		return lockTrouble()
	case 20, 18, 2391, 12516, 12520, 12519:
		return noConnection()
	case 1013, 40, 2396, 1555: // cancelled, time limits, a snapshot too old
		return stoppedByServer()
	case 1652, 4030, 4031, 1653, 1654:
		return noRoom()
	case 28, 1012, 1033, 1034, 1089, 1090, 3113, 3114, 3135, 12170, 12537, 12541, 12547, 12571:
		return lost("")
	case 1, 1400, 12899, 1438, 1722, 1830, 1840, 1843, 1847, 1858, 2290:
		return &verdict{kind: fault.Data, what: text.T("有值不适合列", "a value does not fit a column")}
	}
	return &verdict{kind: fault.Bug, what: text.T("数据库报错", "the database reported an error")}
}

func classifySQLServer(err error) *verdict {
	var e mssql.Error
	if !errors.As(err, &e) {
		return nil
	}
	v := sqlserverVerdict(e)
	v.public = fmt.Sprintf("error %d", e.Number)
	return v
}

func sqlserverVerdict(e mssql.Error) *verdict {
	name := named(e.Message, "'", 0)
	switch e.Number {
	case 18456, 18452, 18486, 18487, 18488, 4064, 916:
		return refusedLogin()
	case 4060, 911:
		return config(text.T("数据库不存在，或账号不能进入", "there is no such database, or the account may not enter it"), text.Text{})
	case 208:
		return noTable(name, renamed)
	case 207:
		return config(text.F("列 %s 不存在", "there is no column %s", name), text.Text{})
	case 4413, 4502:
		return config(text.F("视图 %s 已失效", "view %s is invalid", name), text.T("请部门重建该视图", "have the department create the view again"))
	case 229, 230, 297, 300:
		return config(text.T("权限不足", "a right is missing"), text.T("请 DBA 执行：GRANT SELECT ON 视图 TO 账号", "have the DBA run: GRANT SELECT ON the view TO the account"))
	case 1205, 1222, 3960:
		return lockTrouble()
	case 17809, 17810, 10928, 10929:
		return noConnection()
	case -2, 3617, 8645, 8651:
		return stoppedByServer()
	case 701, 802, 1101, 1105, 9002:
		return noRoom()
	case 233, 6005, 596, 10053, 10054, 10060, 17142, 18451:
		return lost("")
	case 3906:
		return readOnly()
	case 2601, 2627:
		return &verdict{kind: fault.Data, what: text.T("唯一键重复", "a unique key is repeated")}
	case 220, 232, 241, 242, 245, 515, 547, 2628, 8114, 8115, 8152:
		return &verdict{kind: fault.Data, what: text.T("有值不适合列", "a value does not fit a column")}
	case 451, 457, 468:
		return mixedCollations("COLLATE")
	}
	return &verdict{kind: fault.Bug, what: text.T("数据库报错", "the database reported an error")}
}
