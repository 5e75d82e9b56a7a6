package simulator

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"banjian/connectors/middleplatform"
)

// Application is what was handed in under a flow number; the people are invented.
type Application struct {
	Flow, Item, ItemName string
	Region               string
	Company              bool
	Name, ID, Phone      string
	OrgName, OrgCode     string // of a company, whose agent Name is
	AppliedAt            time.Time
	Instant              bool // decided at the window (EXPRESSTYPE 2): its result comes with it
	Materials            []Material
}

// Material is one of its materials; a paper one has no file.
type Material struct {
	Code, Name string
	File       []byte
	FileName   string
	FileType   string
	Path       string // what the file is fetched by
}

// Sum is the MD5 of a file in hexadecimal.
func (m *Material) Sum() string {
	sum := md5.Sum(m.File)
	return hex.EncodeToString(sum[:])
}

var (
	surnames = []string{"张", "王", "李", "赵", "刘", "陈", "杨", "欧阳"}
	given    = []string{"样例", "示范", "试", "演示", "甲乙"}
	papers   = []string{"身份证", "购房合同", "申请表", "收入证明", "授权委托书", "营业执照"}
)

// TryOutApplication is the application behind a try-out flow number, always the same; nil for any
// other number.
func TryOutApplication(flow string) *Application {
	if !middleplatform.IsTryOut(flow) {
		return nil
	}
	r := rand.New(rand.NewPCG(seedOf(flow), 0))
	a := &Application{Flow: flow, Item: middleplatform.TryOutItem, ItemName: "提取住房公积金", Region: "370102000000", Company: (flow[12]-'0')%2 == 1,
		Name: surnames[r.IntN(len(surnames))] + given[r.IntN(len(given))], Phone: fmt.Sprintf("138%08d", r.IntN(1e8)),
		AppliedAt: time.Date(2024, 5, 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC)}
	a.ID = residentID(r)
	if a.Company {
		a.OrgName, a.OrgCode = "济南样例"+given[r.IntN(len(given))]+"有限公司", creditCode(r)
	}
	for i, name := range papers[:3+r.IntN(len(papers)-3)] {
		m := Material{Code: fmt.Sprintf("CL%02d", i+1), Name: name}
		if i != 1 { // the second one is on paper
			m.FileName, m.FileType, m.Path = name+".pdf", "pdf", "/tryout/"+flow+"/"+m.Code
			m.File = []byte(fmt.Sprintf("%%PDF-1.4\n%% %s %s 的附件，为联调而造\n%%%%EOF\n", flow, name))
		}
		a.Materials = append(a.Materials, m)
	}
	return a
}

func seedOf(flow string) uint64 {
	sum := md5.Sum([]byte(flow))
	return binary.BigEndian.Uint64(sum[:])
}

// residentID is a number with a right check character (GB 11643—1999).
func residentID(r *rand.Rand) string {
	s := fmt.Sprintf("370102%04d%02d%02d%03d", 1950+r.IntN(50), 1+r.IntN(12), 1+r.IntN(28), r.IntN(1000))
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * weight
	}
	return s + string("10X98765432"[sum%11])
}

// creditCode is a unified social credit code with right check characters (GB 32100—2015
// and GB 11714—1997).
func creditCode(r *rand.Rand) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	org := fmt.Sprintf("%08d", r.IntN(1e8))
	sum := 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(org[i]-'0') * weight
	}
	s := "91370102" + org + string("0123456789X"[(11-sum%11)%11])
	sum = 0
	weight := 1
	for i := range len(s) {
		sum += strings.IndexByte(alphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return s + string(alphabet[(31-sum%31)%31])
}

// details is the DATA of the answer to interface 2.
func (a *Application) details(p *middleplatform.Profile) *middleplatform.Element {
	data := &middleplatform.Element{Name: middleplatform.AnswerRoot}
	fill(data, "SXBDBM", "BD-"+a.Item[len(a.Item)-6:], "YWLY", "01", "BJMC", a.ItemName+"（"+a.Name+"）", "ACTUALREGION", a.Region)
	kind, document, number, applicant := "1", "111", a.ID, a.Name
	if a.Company {
		kind, document, number, applicant = "3", "1", a.OrgCode, a.OrgName
		fill(data.Add("SPQIYE", ""), "ORGNAME", a.OrgName, "ORGCODE", a.OrgCode, "ORGTYPE", "Enterprise", "COMPANYLICENSE", "1", "HANDLERNAME", a.Name,
			"HANDLERPHONE", a.Phone, "HANDLERIDTYPE", "111", "HANDLERID", a.ID, "CERTIFICATENO", a.OrgCode, "LINKMAN", a.Name, "CONTACTPHONE", a.Phone)
	} else {
		fill(data.Add("SPRENYUAN", ""), "IDENTITYTYPE", "111", "IDCARDNO", a.ID, "NAME", a.Name, "SEX", "1", "LINKPHONE", a.Phone, "BIRTHDAY", a.ID[6:10]+"-"+a.ID[10:12]+"-"+a.ID[12:14],
			"HOMEADDRESS", "山东省济南市历下区样例路1号")
	}
	names := make([]string, len(a.Materials))
	for i, m := range a.Materials {
		names[i] = m.Name
	}
	s := data.Add("SPSHENQIN", "")
	fill(s, "SBLSH_SHORT", a.Flow, "SXBM", a.Item, "SXMC", a.ItemName, "SQRLX", kind, "SQRMC", applicant, "SQRZJLX", document, "SQRZJHM", number, "LXRXM", a.Name,
		"LXRSFZJHM", a.ID, "LXRSJ", a.Phone, "SBXMMC", a.ItemName, "SBCLQD", strings.Join(names, ";"), "TJFS", "1", "SBSJ", p.FormatTime(a.AppliedAt), "XZQHDM", a.Region, "WSSBQD", "0")
	if a.Instant {
		fill(data.Add("SPBANJIE", ""), "BJJGDM", "6", "BJJGMS", "准予", "BJSJ", p.FormatTime(a.AppliedAt))
	}
	fill(s.Add("XML_DATA", "").Add("SPItemListDef", "").Add("TableCols", ""), "tqyy", "购房", "beizhu", "金额 < 10 万 & 首套")
	return data
}

// materials is the DATA of the answer to interface 3: those of these codes, of nil all.
func (a *Application) materials(only map[string]bool) *middleplatform.Element {
	data := &middleplatform.Element{Name: middleplatform.AnswerRoot}
	records := data.Add("RECORDS", "")
	for i := range a.Materials {
		m := &a.Materials[i]
		if only != nil && !only[m.Code] {
			continue
		}
		seq := md5.Sum([]byte(a.Flow + m.Code))
		r := records.Add("RECORD", "")
		fill(r, "SEQ", hex.EncodeToString(seq[:]), "SBLSH_SHORT", a.Flow, "STUFF_SEQ", m.Code, "CLMC", m.Name)
		if m.File == nil {
			fill(r, "WJLX", "0", "CLLX", "0", "CLSL", "1")
			continue
		}
		fill(r, "WJLX", "1", "CLLX", "2", "CLSL", "1", "ATTACH_NAME", m.FileName, "ATTACH_ID", hex.EncodeToString(seq[:8]), "ATTACH_TYPE", m.FileType, "ATTACH_PATH", m.Path,
			"ATTACH_SIGN", m.Sum(), "SAVE_TYPE", "1")
	}
	return data
}

func fill(e *middleplatform.Element, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		e.Add(pairs[i], pairs[i+1])
	}
}
