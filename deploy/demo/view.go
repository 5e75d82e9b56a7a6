package demo

import "time"

// The department's own codes for canonical ones.
var (
	localApplicant = map[string]string{"1": "个人", "2": "企业", "3": "事业单位", "4": "社会团体"}
	localIDType    = map[string]string{"111": "身份证", "001": "信用代码", "516": "港澳通行证"}
	localChannel   = map[string]string{"window": "窗口", "web": "网厅", "app": "手机APP", "wechat": "微信", "alipay": "支付宝"}
	localAction    = map[string]string{"pass": "通过", "return": "退回", "other": "其他"}
	localWay       = map[string]string{"paper": "纸质", "upload": "上传", "licence": "电子证照", "scan": "扫描"}
	localResult    = map[string]string{"issued": "1", "granted": "2", "refused": "3", "withdrawn": "4", "not_accepted": "5", "lapsed": "6", "done_other": "9"}
)

// acceptRow is the case as gjj_ywsl holds it.
func (c *theCase) acceptRow(id int64) []any {
	u := &c.user
	state, kind, days := "1", "即办", any(nil)
	if !c.accepted {
		state = "0"
	}
	if !c.item.instant {
		kind, days = "承诺", c.promiseDays
	}
	var contactType any
	if u.contactID != "" {
		contactType = localIDType["111"]
	}
	acceptedAt := c.acceptedAt.Format(stamp)
	if c.branch.code == "06" { // that branch still runs the old system
		acceptedAt = c.acceptedAt.Format("20060102150405")
	}
	return []any{id, c.localNo, null(c.givenNo), null(c.flowNo), c.item.code,
		u.name, localApplicant[u.kind], localIDType[u.idType], u.idNo, null(u.legalRep),
		null(u.contact), contactType, null(u.contactID), u.phone, null(u.zip), u.address,
		c.appliedAt.Format(stamp), localChannel[c.channel], acceptedAt, state, c.opinion, c.clerk.name, c.clerk.no,
		c.branch.code, kind, days, at(c.promisedOn, time.DateOnly), c.docNo, c.amount, null(c.remark), c.acceptStamp.Format(stamp)}
}

func (c *theCase) stepRow(s *step, id int64) []any {
	state := "0"
	if s.done {
		state = "1"
	}
	return []any{id, s.id, c.localNo, s.no, s.code, s.name, state, null(localAction[s.action]), null(s.opinion), s.clerk.name, s.clerk.no,
		c.branch.code, at(s.start, stamp), at(s.end, stamp), nil, s.stamp.Format(stamp)}
}

func (c *theCase) materialRow(m *material, id int64) []any {
	got, count := "1", any(itoa(m.count))
	if !m.got {
		got, count = "0", nil
	}
	return []any{id, m.id, c.localNo, m.code, m.name, got, localWay[m.way], count, at(m.at, stamp), null(m.file), nil, m.stamp.Format(stamp)}
}

func (c *theCase) resultRow(id int64) []any {
	r := c.result
	posted := "否"
	if r.delivered {
		posted = "是"
	}
	return []any{id, c.localNo, localResult[r.code], r.text, null(r.reason), r.at.Format(stamp), r.clerk.name, r.clerk.no,
		c.branch.code, null(r.proof), null(r.proofNo), posted, null(r.satisfaction), nil, r.stamp.Format(stamp)}
}

// null is s, or NULL where the department has nothing.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func at(t time.Time, layout string) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(layout)
}
