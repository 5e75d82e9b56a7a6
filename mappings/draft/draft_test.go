package draft_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/mappings/draft"
	"banjian/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files")

func drafter(t *testing.T) (*draft.Drafter, *schemas.Catalog) {
	t.Helper()
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := draft.New(cat)
	if err != nil {
		t.Fatal(err)
	}
	return d, cat
}

// view is a view whose columns are written "name type comment | value | value".
func view(name string, columns ...string) draft.View {
	v := draft.View{Connection: "gjj", Name: name, Kind: "view"}
	for _, line := range columns {
		parts := strings.Split(line, "|")
		head := strings.Fields(parts[0])
		c := draft.Column{Name: head[0], Type: head[1], Kind: kinds[head[1]], Comment: strings.Join(head[2:], " "), Nullable: true}
		for _, p := range parts[1:] {
			c.Values = append(c.Values, strings.TrimSpace(p))
		}
		v.Columns = append(v.Columns, c)
	}
	return v
}

var kinds = map[string]sqldialect.Kind{"int": sqldialect.Int, "varchar": sqldialect.Text, "datetime": sqldialect.Datetime, "date": sqldialect.Date, "decimal": sqldialect.Decimal}

// views are the ways departments write, one for each kind of record.
var views = map[string]draft.View{
	"initials": view("v_gjj_accept", // the initials of pinyin
		"id int", "slbh varchar", "sblsh varchar", "sxbm varchar", "sxmc varchar", "sqr varchar", "sqrlx varchar | 个人 | 企业 | 合作社", "zjlx varchar | 身份证 | 信用代码",
		"zjhm varchar | 440308199901101512 | 11440399MB00000196 | 440308199901101511", "lxdh varchar | 13800000001 | 13800000002", "sqsj datetime", "slsj varchar | 2025-03-13 09:26:53 | 20250313092653",
		"slzt varchar 受理状态（1受理 0不予受理） | 1 | 1 | 0", "blr varchar", "blrgh varchar", "slbm varchar", "tyxydm varchar | 11440399MB00000196", "xzqh varchar | 440300 | 440305",
		"bjlx varchar | 即办 | 承诺", "cnbjsj date", "bz varchar", "gxsj datetime", "yuliu varchar"),
	"ea_jc": view("EA_JC_STEP_DONE", // front-end tables of a province
		"ORGBUSNO varchar", "PROJID varchar", "DATAVER int", "DONERESULT varchar 办结结果（0:出证办结 1:不予许可 2:作废 3:删除 4:转报 5:退回） | 0 | 1", "EXITRES varchar",
		"CERTIFICATENO varchar | A1;A2", "CERTIFICATELIMIT varchar", "PUBLISHER varchar", "FEE decimal", "RESULTCETRNAME varchar | 证;照", "OCCURTIME datetime", "REGION_ID varchar | 370000", "MAKETIME datetime"),
	"tags": view("v_step", // the tags of the platform's interfaces
		"SBLSH_SHORT varchar", "SLBH varchar", "SPHJDM varchar", "SPHJMC varchar", "SPBMMC varchar", "SPBMZZJDMD varchar | 11440399MB00000196", "XZQHDM varchar | 440300000000", "SPRXM varchar",
		"SPRZWMC varchar", "SPHJZTDM varchar | 1 | 2", "SPYJ varchar", "JSSJ varchar | 2025-03-13 09:26:53", "SPSJ varchar | 2025-03-13 10:26:53", "RWID varchar"),
	"english": view("v_material", "business_no varchar", "material_id varchar", "material_name varchar", "received varchar | 是 | 否", "get_type varchar | 纸质 | 电子证照", "copies int", "upload_time datetime", "file_name varchar | a.pdf"),
	"wide": view("v_case", // a whole case in one row
		"slbh varchar", "sxbm varchar", "sxmc varchar", "sqr varchar", "sqrlx varchar | 个人 | 企业", "zjlx varchar | 身份证", "zjhm varchar | 440308199901101512", "slsj datetime", "slr varchar", "slzt varchar | 受理 | 不予受理",
		"bmmc varchar", "tyxydm varchar | 11440399MB00000196", "qhdm varchar | 440300", "bjlx varchar | 即办件", "bjsj datetime", "bjjg varchar | 准予 | 退回", "bjyj varchar", "spr varchar", "gxsj datetime"),
	"chinese": view("办件受理", // names and comments in Chinese
		"受理编号 varchar", "事项编码 varchar", "事项名称 varchar", "c01 varchar 申请人姓名", "c02 varchar 申请人类型(1:自然人,2:企业法人) | 1 | 2", "c03 varchar 证件类型 | 111 | 001", "c04 varchar | 440308199901101512 | 440308199901101512",
		"受理日期 varchar | 2025年03月13日", "c05 varchar 是否受理 | 受理 | 不予受理", "经办人 varchar", "c06 varchar 行政区划 | 440300", "c07 varchar 部门统一社会信用代码 | 11440399MB00000196", "c08 varchar 受理部门名称", "c09 varchar 办件类型 | 即办件", "最后修改时间 varchar | 20250313092653"),
}

func TestDrafts(t *testing.T) {
	d, _ := drafter(t)
	for name, v := range views {
		t.Run(name, func(t *testing.T) {
			subjects := d.Kinds(v)
			if len(subjects) == 0 {
				t.Fatal("the subject is not guessed")
			}
			_, why := d.GuessSubject(v)
			f := d.Draft(v, name, subjects...)
			got := "# " + strings.Join(f.Subjects, ", ") + ": " + why.EN + "\n" + f.Mapping + "---\n" + f.Test + "---\n" + f.Pipeline
			file := filepath.Join("testdata", name+".golden.yaml")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs (run with -update to accept):\n%s", file, got)
			}
		})
	}
}

func TestADraftForAnEnglishReaderHasEnglishComments(t *testing.T) {
	d, _ := drafter(t)
	han := regexp.MustCompile(`#.*\p{Han}`)
	for name, v := range views {
		if name == "chinese" {
			continue // columns of Chinese names are named in comments
		}
		v.Lang = text.EN
		f := d.Draft(v, name, d.Kinds(v)...)
		for _, line := range strings.Split(f.Mapping+f.Test+f.Pipeline, "\n") {
			if han.MatchString(line) && !strings.Contains(line, ": \"\"") && !strings.Contains(line, " / ") && !strings.Contains(line, "comment “") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// guessed is field → column of a view.
func guessed(t *testing.T, v draft.View, subject string) map[string]string {
	t.Helper()
	d, cat := drafter(t)
	s, ok := cat.Subject(subject)
	if !ok {
		t.Fatalf("no subject %s", subject)
	}
	out := map[string]string{}
	for _, g := range d.Guesses(v, s) {
		if g.Field != nil {
			if g.Reason.ZH == "" || g.Reason.EN == "" {
				t.Errorf("%s → %s has no reason in both languages", g.Column, g.Field.Name)
			}
			out[g.Field.Name] = g.Column
		}
	}
	return out
}

func TestWhatDepartmentsCallAFieldIsRecognised(t *testing.T) {
	for _, c := range []struct{ subject, column, field string }{
		{"case/accept", "slbh varchar", "local_no"}, {"case/accept", "sxbm varchar", "item_code"}, {"case/accept", "sqr varchar", "applicant_name"},
		{"case/accept", "zjhm varchar", "applicant_id_no"}, {"case/accept", "slsj datetime", "accepted_at"}, {"case/accept", "blr varchar", "accept_user"},
		{"case/result", "bjsj datetime", "finished_at"}, {"case/step", "blr varchar", "user"}, {"case/accept", "ACCEPTDEPTNAME varchar", "dept_name"},
		{"case/accept", "YWSLQHBM varchar", "accept_region"}, {"case/step", "SPBMZZJDMD varchar", "dept_code"}, {"case/result", "BJBMZZJDDM varchar", "dept_code"},
		{"case/accept", "shoulishijian datetime", "accepted_at"}, {"case/accept", "c_slbh varchar", "local_no"}, {"case/accept", "yw_slbh varchar", "local_no"},
		{"case/accept", "Accept_Date datetime", "accepted_at"}, {"case/accept", "x1 varchar 联系人手机号码", "contact_mobile"},
		{"case/accept", "x1 datetime 业务受理时间（系统自动）", "accepted_at"}, {"case/step", "x1 varchar 审批意见", "opinion"},
		{"case/accept", "x1 varchar | 440308199901101512 | 440308199901101512", "applicant_id_no"}, {"case/accept", "x1 varchar | 13800000001", "contact_mobile"},
	} {
		name := strings.Fields(c.column)[0]
		if got := guessed(t, view("v", c.column), c.subject)[c.field]; got != name {
			t.Errorf("%s in %s is not taken for %s", c.column, c.subject, c.field)
		}
	}
}

func TestATimeIsKnownInItsSpellings(t *testing.T) {
	d, cat := drafter(t)
	s, _ := cat.Subject("case/accept")
	for value, want := range map[string]string{
		"2025-03-13 09:26:53": "accepted_at: slsj ", "2025-03-13T09:26:53": "accepted_at: slsj ", "2025-03-13": "accepted_at: slsj ", "20250313092653": `["20060102150405"]`, "20250313": `["20060102"]`,
		"2025/03/13 09:26:53": `["2006/01/02 15:04:05"]`, "2025/3/5 9:26": "", "2025年3月13日": `["2006年1月2日"]`, "2025-03-13 09:26:53.120": "accepted_at: slsj ", "2025年03月13日 09:26": `["2006年1月2日 15:04"]`, "2025-3-5 9:26": "", "2025.03.13 09:26:53": `["2006.01.02 15:04:05"]`, "1741829213": `["unix"]`, "1741829213000": `["unix_ms"]`,
	} {
		f := d.Draft(view("v", "slbh varchar", "slsj varchar | "+value), "x", s)
		if !strings.Contains(f.Mapping, "accepted_at: ") || !strings.Contains(f.Mapping, want) {
			t.Errorf("%s:\n%s", value, f.Mapping)
		}
		if err := compile(t, f); err == nil || !strings.Contains(err.Error(), "is not mapped") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestADateWithATimeOfDayIsLookedBackByMinutes(t *testing.T) {
	d, cat := drafter(t)
	s, _ := cat.Subject("case/accept")
	for column, want := range map[string]string{
		"gxsj date | 2025-03-13 09:26:53": "lookback: 10m", "gxsj date | 2025-03-13 00:00:00": "lookback: 1d", "gxsj date | 2025-03-13": "lookback: 1d", "gxsj date": "lookback: 1d",
	} {
		if f := d.Draft(view("v", "slbh varchar", column), "x", s); !strings.Contains(f.Pipeline, want) {
			t.Errorf("%s:\n%s", column, f.Pipeline)
		}
	}
}

func TestValuesCanSpeakAgainstAName(t *testing.T) {
	for _, column := range []string{"slsj varchar | 张某 | 李某", "slzt datetime", "xzqh varchar | 城东 | 城西", "sqr datetime"} {
		if got := guessed(t, view("v", column), "case/accept"); len(got) > 0 {
			t.Errorf("%s is taken for %v", column, got)
		}
	}
}

func TestACodeIsNeverGuessedFromADigit(t *testing.T) {
	d, cat := drafter(t)
	s, _ := cat.Subject("case/accept")
	f := d.Draft(view("v", "slbh varchar", "sqrlx varchar | 1 | 2", "slzt varchar | 1 | 0"), "x", s)
	if strings.Contains(f.Mapping, "\n  applicant_type:") || strings.Contains(f.Mapping, "\n  decision:") {
		t.Errorf("a digit became a code:\n%s", f.Mapping)
	}
	for _, want := range []string{"applicant_type", "decision"} {
		found := false
		for _, m := range f.Missing {
			found = found || m.Field.Name == want
		}
		if !found {
			t.Errorf("%s is not said to be missing", want)
		}
	}
}

func TestNoValueOfTheSampleReachesTheDraftUnlessItIsACode(t *testing.T) {
	d, cat := drafter(t)
	s, _ := cat.Subject("case/accept")
	v := views["initials"]
	v.Columns = slices.Clone(v.Columns)
	for i := range v.Columns {
		if c := &v.Columns[i]; c.Name == "sqr" || c.Name == "bz" || c.Name == "slbh" {
			c.Values = []string{"某某甲", "某某乙"}
		}
	}
	f := d.Draft(v, "x", s)
	everything := f.Mapping + f.Test + f.Pipeline
	for _, secret := range []string{"某某", "440308199901101511", "13800000001", "440305"} {
		if strings.Contains(everything, secret) {
			t.Errorf("%s is in the draft", secret)
		}
	}
	for _, g := range d.Guesses(v, s) {
		if said := g.Reason.In(text.ZH) + g.Looks.In(text.ZH); strings.Contains(said, "某某") || strings.Contains(said, "13800") {
			t.Errorf("a reason shows a value: %s", said)
		}
	}
}

func TestEveryFieldOfTheWordListExists(t *testing.T) {
	_, cat := drafter(t)
	for file, check := range map[string]func([]string) bool{
		"fields": func(c []string) bool {
			if _, known := cat.Subject("case/" + c[0]); !known && c[0] != "*" {
				t.Logf("SKIPPED: the catalog has no case/%s", c[0])
				return true
			}
			if c[1] == "-" {
				return true
			}
			for _, s := range cat.Subjects() {
				if strings.HasPrefix(s.Name, "case/") && (c[0] == "*" || s.Name == "case/"+c[0]) && s.Field(c[1]) != nil {
					return true
				}
			}
			return false
		},
		"codes": func(c []string) bool { set, ok := cat.CodeSet(c[0]); return ok && set.Has(c[1]) },
	} {
		raw, err := os.ReadFile("data/" + file + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
			cells := strings.Split(line, "\t")
			if line[0] == '#' || cells[0] == "subject" || cells[0] == "set" {
				continue
			}
			if !check(cells) {
				t.Errorf("data/%s.tsv:%d: nothing is called %s %s", file, i+1, cells[0], cells[1])
			}
		}
	}
}

func TestASystemKeepsTheShortNameItHas(t *testing.T) {
	d, cat := drafter(t)
	s, _ := cat.Subject("case/accept")
	v := draft.View{Connection: "gjj", Name: "v", Kind: "view", Columns: []draft.Column{{Name: "slbh", Type: "text"}}}
	for source, want := range map[string]string{"": "source_id: gjj ", "gjj-core": `source_id: "gjj-core" `} {
		v.Source = source
		if got := d.Draft(v, "x", s).Pipeline; !strings.Contains(got, want) {
			t.Errorf("%q: no %q in\n%s", source, want, got)
		}
	}
}
