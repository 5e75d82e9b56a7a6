package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The model of a case: what is true, in canonical terms, before the department
// writes it down in its own codes (view.go) and before dirt falls on it (dirt.go).
type (
	theCase struct {
		localNo, givenNo, flowNo string // givenNo: the provincial number, empty where the department has none yet

		item   *item
		branch branch
		clerk  clerk
		user   applicant

		channel               string // canonical code
		appliedAt, acceptedAt time.Time
		accepted              bool // false: 不予受理
		opinion               string
		promiseDays           int       // 0 for an instant case
		promisedOn            time.Time // zero for an instant case; a day
		docNo, remark         string
		amount                float64
		acceptStamp           time.Time // gxsj

		steps     []step
		materials []material
		result    *result
	}

	applicant struct {
		kind         string // canonical applicant_type
		name         string
		idType, idNo string
		legalRep     string
		contact      string // natural persons have no second contact
		contactID    string
		phone        string
		zip, address string
	}

	step struct {
		id         string
		no         int
		code, name string
		done       bool
		action     string // canonical, empty while pending
		opinion    string
		clerk      clerk
		start, end time.Time // end is zero while pending
		stamp      time.Time
	}

	material struct {
		id, code, name string
		got            bool
		way            string // canonical get_type
		count          int
		at             time.Time // zero when not got
		file           string
		stamp          time.Time
	}

	result struct {
		code           string // canonical
		text, reason   string
		at             time.Time
		clerk          clerk
		proof, proofNo string
		delivered      bool
		satisfaction   string
		stamp          time.Time
	}
)

// wish is what a dirt needs of the case it falls on.
type wish struct {
	dirty           bool // accepted, so that the dirt has one consequence only
	person, idEndsX bool
	stages          bool // promised, at least two steps done
	result          bool
	flow            bool // it has a flow number
	issued          bool // of an item with a proof: it is issued
	item            *item
}

// project is 办件编号 as the site's policy makes it: as given, otherwise composed.
func (c *theCase) project() string {
	if c.givenNo != "" {
		return c.givenNo
	}
	return centreCode() + "-" + c.localNo
}

// maker makes cases one after the other; case n needs nothing of case n-1 but the
// running numbers of the day.
type maker struct {
	o       Options
	centre  string
	pcg     *rand.PCG
	r       *rand.Rand
	running map[string]int // item and day → numbers given
}

func newMaker(o Options) *maker {
	pcg := rand.NewPCG(o.Seed, 0)
	return &maker{o: o, centre: centreCode(), pcg: pcg, r: rand.New(pcg), running: map[string]int{}}
}

// make is case n, shaped as w wishes.
func (m *maker) make(n int, w wish) *theCase {
	m.pcg.Seed(m.o.Seed, uint64(n)+1)
	r := m.r
	c := &theCase{branch: pick(r, branches), clerk: pick(r, clerks), accepted: true}
	for c.item == nil || w.stages && c.item.instant || w.person && c.item.units {
		c.item = &ordinaryItems[r.IntN(len(ordinaryItems))]
	}
	if w.item != nil {
		c.item = w.item
	}
	c.user = m.applicant(w, c.item.units)
	m.receive(c, n, w)
	m.decide(c, w)
	if c.accepted {
		m.handle(c, w)
		m.collect(c, w)
	} else {
		c.turnAway()
	}
	return c
}

func (m *maker) applicant(w wish, unit bool) applicant {
	r := m.r
	a := applicant{zip: zipCode(r), address: address(r), phone: mobile(r)}
	if unit {
		m.unit(&a)
		return a
	}
	a.kind, a.name, a.idType, a.idNo = "1", personName(r), "111", residentID(r)
	switch {
	case w.idEndsX:
		a.idNo = residentIDEndingX(r)
	case !w.person && chance(r, 2):
		a.idType, a.idNo = "516", fmt.Sprintf("H%08d", r.IntN(100_000_000))
	}
	if chance(r, 40) {
		a.zip = ""
	}
	return a
}

func (m *maker) unit(a *applicant) {
	r := m.r
	a.idType, a.legalRep = "001", personName(r)
	a.contact, a.contactID = personName(r), residentID(r)
	switch k := r.IntN(10); {
	case k < 8:
		a.kind, a.name, a.idNo = "2", companyName(r), creditCode(r, "91")
	case k == 8:
		a.kind, a.name, a.idNo = "3", "岭南市"+pick(r, brands)+"实验学校", creditCode(r, "12")
	default:
		a.kind, a.name, a.idNo = "4", "岭南市"+pick(r, brands)+"行业协会", creditCode(r, "51")
	}
}

// receive sets numbers, channel and time of the application.
func (m *maker) receive(c *theCase, n int, w wish) {
	r := m.r
	day := workday(m.o.Base.AddDate(0, 0, -22-r.IntN(160)))
	c.appliedAt = clock(day, 8*60*60+30*60+r.IntN(8*60*60))
	c.channel = pick(r, []string{"window", "window", "window", "window", "web", "web", "app", "app", "wechat", "alipay"})
	c.localNo = fmt.Sprintf("GJJ%s%07d", day.Format("060102"), n+1)
	if c.channel != "window" || chance(r, 30) || w.flow {
		c.flowNo = fmt.Sprintf("4401%s%08d", day.Format("20060102"), n+1)
	}
	c.docNo = fmt.Sprintf("岭公积金受〔%d〕%07d号", day.Year(), n+1)
	if chance(r, 12) {
		c.remark = pick(r, []string{"材料齐全", "委托他人代办", "电话回访已通知申请人", "容缺受理，限五个工作日内补齐", "周末延时服务"})
	}
	c.amount = float64(r.IntN(80_000_000)) / 100
}

// decide sets acceptance, promise and the provincial number.
func (m *maker) decide(c *theCase, w wish) {
	r := m.r
	c.acceptedAt = c.appliedAt.Add(time.Duration(3*60+r.IntN(40*60)) * time.Second)
	if !c.item.instant && c.channel != "window" {
		c.acceptedAt = clock(addWorkdays(c.appliedAt, 1), 9*60*60+r.IntN(6*60*60))
	}
	c.acceptStamp = c.acceptedAt.Add(time.Duration(1+r.IntN(90)) * time.Second)
	c.opinion = "符合受理条件，予以受理"
	if !c.item.instant {
		c.promiseDays = pick(r, []int{3, 5, 10, 15})
		c.promisedOn = midnight(addWorkdays(c.acceptedAt, c.promiseDays))
	}
	if !c.item.instant && !w.dirty && chance(r, 6) {
		c.accepted, c.opinion = false, pick(r, []string{"不属于本中心职权范围", "账户处于封存状态，不符合受理条件", "申请材料与本人情况不符"})
	}
	if day := c.acceptedAt.Format("20060102"); chance(r, 92) {
		m.running[c.item.taskCode+day]++
		c.givenNo = fmt.Sprintf("%s%s%04d", c.item.taskCode, day, m.running[c.item.taskCode+day])
	}
}

var stages = []struct{ code, name, opinion string }{
	{"10", "受理", "材料齐全，予以受理"},
	{"20", "审核", "经核对缴存信息，情况属实"},
	{"30", "复核", "复核无误"},
	{"40", "审批", "同意办理"},
}

// handle walks the case through its steps, to the end or to where it stands at Base.
func (m *maker) handle(c *theCase, w wish) {
	r := m.r
	if c.item.instant {
		s := step{id: c.localNo + "-1", no: 1, code: "99", name: "受理并办结", done: true, action: "pass", opinion: "即时办结",
			clerk: c.clerk, start: c.acceptedAt, end: c.acceptedAt, stamp: c.acceptStamp}
		c.steps = []step{s}
		m.finish(c, w)
		return
	}
	count, stop := 2+r.IntN(3), 0
	if !w.stages && !w.result && chance(r, 18) {
		stop = 1 + r.IntN(count-1)
	}
	at := c.acceptedAt
	for i := range count {
		stage := stages[i]
		if i == count-1 {
			stage = stages[3]
		}
		s := step{id: fmt.Sprintf("%s-%d", c.localNo, i+1), no: i + 1, code: stage.code, name: stage.name, start: at, clerk: pick(r, clerks)}
		if i == 0 {
			s.start, at, s.clerk = c.appliedAt, c.acceptedAt, c.clerk
		} else {
			at = openHours(at.Add(time.Duration(600+r.IntN(40*60*60)) * time.Second))
		}
		if stop > 0 && i == stop {
			s.stamp = s.start.Add(time.Second)
			c.steps = append(c.steps, s)
			return
		}
		s.done, s.action, s.opinion, s.end, s.stamp = true, "pass", stage.opinion, at, at.Add(2*time.Second)
		c.steps = append(c.steps, s)
	}
	m.finish(c, w)
}

// turnAway ends a case with the decision not to accept it (不予受理): the department
// enters it as a result of its own, at the time of the decision.
func (c *theCase) turnAway() {
	c.result = &result{code: "not_accepted", text: "不予受理", reason: c.opinion, at: c.acceptedAt, clerk: c.clerk, stamp: c.acceptStamp}
}

// finish gives the case its result at the end of its last step.
func (m *maker) finish(c *theCase, w wish) {
	r := m.r
	last := &c.steps[len(c.steps)-1]
	res := &result{code: "granted", text: "准予办理", at: last.end, clerk: last.clerk, stamp: last.end.Add(time.Duration(r.IntN(30)) * time.Second)}
	c.result = res
	switch k := r.IntN(100); {
	case c.item.proof != "" && (k < 85 || w.issued):
		res.code, res.text = "issued", "已出具"+c.item.proof
		res.proof = c.item.proof
		res.proofNo = fmt.Sprintf("岭公积金证〔%d〕%s号", res.at.Year(), c.localNo[9:])
	case c.item.instant || k < 88:
	case k < 95:
		res.code, res.text, res.reason = "refused", "不予办理", pick(r, []string{"连续缴存时间不足", "租赁合同未经备案", "征信记录不符合贷款条件"})
		last.action, last.opinion = "return", "不符合办理条件，建议不予办理"
	case k < 97:
		res.code, res.text, res.reason = "withdrawn", "申请人撤回", "申请人书面申请撤回"
		last.action, last.opinion = "other", "申请人撤回申请，终止办理"
	case k < 98:
		res.code, res.text, res.reason = "lapsed", "补正不来", "申请人逾期未补正材料"
		last.action, last.opinion = "other", "逾期未补正，终止办理"
	default:
		res.code, res.text = "done_other", "账户已处理完毕"
	}
	res.delivered = res.code == "issued" && chance(r, 25)
	if chance(r, 30) {
		res.satisfaction = pick(r, []string{"1", "1", "1", "2", "3", "4"})
	}
}

// collect gives the case its materials: 1 to 5 of those the item asks for.
func (m *maker) collect(c *theCase, w wish) {
	r := m.r
	for i, name := range c.item.materials {
		if i > 0 && chance(r, 15) {
			continue
		}
		id := fmt.Sprintf("%s-C%d", c.localNo, i+1)
		k := material{id: id, code: fmt.Sprintf("%s%03d", c.item.taskCode, i+1), name: name, got: true, way: "upload", count: 1, at: c.appliedAt}
		switch {
		case strings.HasSuffix(name, "身份证") && chance(r, 60):
			k.way = "licence"
		case c.channel == "window" && chance(r, 70):
			k.way, k.count = "paper", 1+r.IntN(2)
		case c.channel == "window":
			k.way = "scan"
		}
		if k.way == "upload" || k.way == "scan" {
			k.file = name + ".pdf"
		}
		if i == len(c.item.materials)-1 && i > 1 && !w.dirty && chance(r, 8) {
			k.got, k.at, k.count, k.file = false, time.Time{}, 0, ""
		}
		k.stamp = c.acceptStamp
		c.materials = append(c.materials, k)
	}
}

func midnight(t time.Time) time.Time {
	y, mo, d := t.Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, zone)
}

func clock(day time.Time, seconds int) time.Time {
	return midnight(day).Add(time.Duration(seconds) * time.Second)
}

// workday is t, or the Friday before a weekend.
func workday(t time.Time) time.Time {
	switch t.Weekday() {
	case time.Saturday:
		return t.AddDate(0, 0, -1)
	case time.Sunday:
		return t.AddDate(0, 0, -2)
	}
	return t
}

// openHours is t, or an hour after opening on the next workday.
func openHours(t time.Time) time.Time {
	if h := t.Hour(); h >= 9 && h < 17 && t.Weekday()%6 != 0 {
		return t
	}
	return clock(addWorkdays(t, 1), 10*60*60+t.Minute()*60+t.Second())
}

func addWorkdays(t time.Time, days int) time.Time {
	for days > 0 {
		t = t.AddDate(0, 0, 1)
		if wd := t.Weekday(); wd != time.Saturday && wd != time.Sunday {
			days--
		}
	}
	return t
}
