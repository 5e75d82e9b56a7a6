package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"banjian/schemas"
	"banjian/schemas/ids"
)

// viewColumns are the thirty columns of v_accept.
var viewColumns = []string{
	"slbh", "bjbh", "sblsh", "sxbm", "sxmc", "sqr", "sqrlx", "zjlx", "zjhm", "frdb",
	"lxr", "lxrzjlx", "lxrzjhm", "lxdh", "yzbm", "txdz", "sqsj", "sqqd", "slsj", "slzt",
	"slyj", "blr", "blrgh", "slbm", "tyxydm", "xzqh", "bjlx", "cnts", "cnbjsj", "gxsj",
}

// intColumn is the only column of the view that is not text to us.
const intColumn = "cnts"

// zone is how the department writes its clock.
var zone = time.FixedZone("UTC+8", 8*60*60)

const stamp = "2006-01-02 15:04:05"

// caseRow is one row of the department, by column; an absent one is NULL. office is the
// number of its branch, which the view turns into name, credit code and division.
type caseRow struct {
	office string
	cell   map[string]string
}

// item is a row of the department's item dictionary.
type item struct{ code, name, taskCode string }

type office struct{ code, name, region string }

var offices = []office{
	{"01", "岭南市住房公积金管理中心", "440100"},
	{"02", "岭南市住房公积金管理中心第一管理部", "440103"},
	{"03", "岭南市住房公积金管理中心第二管理部", "440104"},
	{"04", "岭南市住房公积金管理中心第三管理部", "440105"},
	{"05", "岭南市住房公积金管理中心第四管理部", "440106"},
}

var (
	surnames = []string{"样", "例", "拟", "设", "假", "试"}
	given    = []string{"明轩", "静媛", "晓薇", "志辉", "雅琳", "宏杰", "敏霞", "泽宇", "嘉颖", "庆波"}
	trades   = []string{"科技", "贸易", "物流", "建材", "食品", "电子"}
	streets  = []string{"珠江东路", "体育西横街", "环市中路", "解放北路", "工业大道南"}
	channels = []string{"窗口", "窗口", "网厅", "手机APP", "微信"}
)

// people makes invented rows; row n depends on n alone. Numbers carry sequence codes
// and prefixes that are not given out, with right check digits.
type people struct {
	items  []item
	centre string
	base   time.Time
}

func newPeople(cat *schemas.Catalog) (*people, error) {
	x, ok := cat.Crosswalk("provident-fund/items")
	if !ok {
		return nil, fmt.Errorf("crosswalk provident-fund/items is not in the catalog")
	}
	p := &people{centre: creditCode("12440100X0000001"), base: time.Date(2023, 1, 3, 9, 0, 0, 0, zone)}
	name, task := x.Column("item_name"), x.Column("task_code")
	for _, local := range x.Locals() {
		row, _ := x.Lookup(local)
		if !ids.IsTEUnit(row[task][:min(18, len(row[task]))]) {
			p.items = append(p.items, item{local, row[name], row[task]})
		}
	}
	return p, nil
}

// creditCode completes 16 characters, the last eight of which are an organisation
// number without its check character.
func creditCode(s16 string) string {
	s17 := s16 + string(ids.OrgCheck(s16[8:]))
	return s17 + string(ids.USCCCheck(s17))
}

const casesPerDay = 2000

func (p *people) row(n int) caseRow {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	applied := p.base.AddDate(0, 0, n/casesPerDay).Add(time.Duration(n%casesPerDay) * 12 * time.Second)
	accepted := applied.Add(time.Duration(60+r.IntN(1800)) * time.Second)
	it, off := p.items[r.IntN(len(p.items))], offices[r.IntN(len(offices))]
	c := map[string]string{
		"slbh": fmt.Sprintf("GJJ%s%08d", applied.Format("060102"), n), "sxbm": it.code,
		"bjbh": fmt.Sprintf("%s%s%07d", it.taskCode, applied.Format("20060102"), n%10_000_000),
		"lxdh": fmt.Sprintf("154%08d", r.IntN(100_000_000)), "yzbm": fmt.Sprintf("51%04d", r.IntN(10_000)),
		"txdz": fmt.Sprintf("广东省岭南市%s%d号%d栋%d房", pick(r, streets), 1+r.IntN(400), 1+r.IntN(20), 101+r.IntN(3000)),
		"sqsj": applied.Format(stamp), "slsj": accepted.Format(stamp), "gxsj": accepted.Add(time.Second).Format(stamp),
		"sqqd": pick(r, channels), "slzt": "1", "slyj": "经审查，申请材料齐全，符合受理条件，予以受理",
		"blr": person(r), "blrgh": fmt.Sprintf("G%04d", 1000+r.IntN(200)), "bjlx": "即办",
	}
	if r.IntN(2) == 0 {
		c["sblsh"] = fmt.Sprintf("4401%s%08d", applied.Format("20060102"), n)
	}
	if r.IntN(3) > 0 {
		days := 1 + r.IntN(20)
		c["bjlx"], c["cnts"] = "承诺", strconv.Itoa(days)
		c["cnbjsj"] = accepted.AddDate(0, 0, days).Format(time.DateOnly)
	}
	p.applicant(r, c)
	return caseRow{office: off.code, cell: c}
}

// applicant is a person in two cases of three, otherwise a company with a contact.
func (p *people) applicant(r *rand.Rand, c map[string]string) {
	if r.IntN(3) > 0 {
		c["sqr"], c["sqrlx"], c["zjlx"], c["zjhm"] = person(r), "个人", "身份证", residentID(r)
		return
	}
	c["sqr"] = fmt.Sprintf("岭南市样例%s第%d有限公司", pick(r, trades), 1+r.IntN(9000))
	c["sqrlx"], c["zjlx"] = "企业", "信用代码"
	c["zjhm"] = creditCode(fmt.Sprintf("91440101X%07d", r.IntN(10_000_000)))
	c["frdb"], c["lxr"], c["lxrzjlx"], c["lxrzjhm"] = person(r), person(r), "身份证", residentID(r)
}

func person(r *rand.Rand) string { return pick(r, surnames) + pick(r, given) }

func residentID(r *rand.Rand) string {
	born := time.Date(1960, 1, 1, 0, 0, 0, 0, zone).AddDate(0, 0, r.IntN(15_000))
	s17 := "440106" + born.Format("20060102") + strconv.Itoa(996+r.IntN(4))
	return s17 + string(ids.ResidentCheck(s17))
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// viewRow is row n as v_accept shows it, in the order of viewColumns; "" is NULL.
func (p *people) viewRow(n int) []string {
	c := p.row(n)
	for _, o := range offices {
		if o.code == c.office {
			c.cell["slbm"], c.cell["xzqh"], c.cell["tyxydm"] = o.name, o.region, p.centre
		}
	}
	for _, it := range p.items {
		if it.code == c.cell["sxbm"] {
			c.cell["sxmc"] = it.name
		}
	}
	row := make([]string, len(viewColumns))
	for i, name := range viewColumns {
		row[i] = c.cell[name]
	}
	return row
}
