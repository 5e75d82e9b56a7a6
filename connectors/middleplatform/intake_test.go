package middleplatform

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"banjian/internal/fault"
)

func intakeOf(t *testing.T) *Intake {
	t.Helper()
	i, err := LoadIntake(profile(t))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestProfileAndIntakeTogetherAreTheTenInterfaces(t *testing.T) {
	p, i := profile(t), intakeOf(t)
	var numbers []int
	for _, in := range p.ByNumber() {
		numbers = append(numbers, in.Number)
	}
	for _, in := range i.ByNumber() {
		numbers = append(numbers, in.Number)
		for _, b := range append(slices.Clone(in.Request), in.Answer...) {
			for _, f := range b.Fields {
				if f.Title == "" || f.EN == "" || f.Conf == "" || f.Type == "text" && f.Codes == "" && f.Width == 0 {
					t.Errorf("%s %s has no title, confidence or width", in.Name, f.Name)
				}
			}
		}
	}
	if slices.Sort(numbers); !slices.Equal(numbers, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) {
		t.Errorf("%v", numbers)
	}
}

// What comes in, right in everything; the people are invented.
const (
	applyNoXML   = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>GJJ-0302</SXBM><XZQHDM>370102000000</XZQHDM><EXPRESSTYPE>0</EXPRESSTYPE><BZSLBLRXM></BZSLBLRXM><BZCLQD/><BZSJ/></APPROVEDATAINFO>`
	applyInfoXML = `<DATA><SXBDBM>BD1</SXBDBM><YWLY>01</YWLY><BJMC>提取公积金</BJMC>` +
		`<SPRENYUAN><IDENTITYTYPE>111</IDENTITYTYPE><IDCARDNO>11010519491231002X</IDCARDNO><NAME>张样例</NAME><SEX>男</SEX><LINKPHONE>13800138000</LINKPHONE><BRITHDAY>1949-12-31</BRITHDAY><HOBBY>x</HOBBY></SPRENYUAN>` +
		`<SPSHENQIN><SXMC>提取公积金</SXMC><SQRLX>1</SQRLX><SQRMC>张样例</SQRMC><SQRZJLX>10</SQRZJLX><SQRZJHM>11010519491231002X</SQRZJHM><LXRXM>张样例</LXRXM><LXRSJ>13800138000</LXRSJ><SBSJ>2024-07-01 08:00:00</SBSJ>` +
		`<XML_DATA><SPItemListDef><TableCols><tqyy>购房</tqyy></TableCols></SPItemListDef></XML_DATA></SPSHENQIN><SPTZS><A>1</A></SPTZS></DATA>`
	applyMaterialsXML = `<DATA><RECORDS><RECORD><SEQ>a1</SEQ><STUFF_SEQ>CL1</STUFF_SEQ><CLMC>身份证</CLMC><WJLX>1</WJLX><CLLX>2</CLLX><CLSL>1</CLSL><ATTACH_NAME>正面.jpg</ATTACH_NAME></RECORD>` +
		`<RECORD><SEQ>a2</SEQ><STUFF_SEQ>CL2</STUFF_SEQ><CLMC>合同</CLMC><WJLX>0</WJLX><CLLX>0</CLLX><CLSL>2</CLSL><WEBDISK_ADDRESSS>x</WEBDISK_ADDRESSS></RECORD></RECORDS></DATA>`
	cancelXML = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><CXRXM>张样例</CXRXM></APPROVEDATAINFO>`
)

func TestWhatComesInIsChecked(t *testing.T) {
	i := intakeOf(t)
	for name, c := range map[string]struct{ in, xml, old, new, want string }{
		"right flow number":                {"apply_no", applyNoXML, "", "", ""},
		"a correction without its time":    {"apply_no", strings.Replace(applyNoXML, "<EXPRESSTYPE>0", "<EXPRESSTYPE>1", 1), "<BZSJ/>", "", "BZSLBLRXM required BZCLQD required BZSJ required"},
		"a region of six digits":           {"apply_no", applyNoXML, "370102000000", "370102", "XZQHDM bad_region"},
		"a type nobody knows":              {"apply_no", applyNoXML, "<EXPRESSTYPE>0", "<EXPRESSTYPE>8", "EXPRESSTYPE bad_code"},
		"right details":                    {"apply_info", applyInfoXML, "", "", ""},
		"details without an application":   {"apply_info", applyInfoXML, "SPSHENQIN>", "SPTZSS>", "SPTZSS unknown SPSHENQIN required"},
		"a form as text":                   {"apply_info", applyInfoXML, "<SPItemListDef><TableCols><tqyy>购房</tqyy></TableCols></SPItemListDef>", `{"tqyy":"购房"}`, ""},
		"a person without a name":          {"apply_info", applyInfoXML, "<NAME>张样例</NAME>", "<NAME>null</NAME>", "SPRENYUAN/NAME required"},
		"the same field in both spellings": {"apply_info", applyInfoXML, "<BRITHDAY>1949-12-31</BRITHDAY>", "<BIRTHDAY>1949-12-31</BIRTHDAY><BRITHDAY/>", ""},
		"right materials":                  {"apply_materials", applyMaterialsXML, "", "", ""},
		"a second material without a name": {"apply_materials", applyMaterialsXML, "<CLMC>合同</CLMC>", "", "RECORDS/RECORD/CLMC required"},
		"a count in words":                 {"apply_materials", applyMaterialsXML, "<CLSL>2", "<CLSL>两", "RECORDS/RECORD/CLSL bad_int"},
		"no material at all":               {"apply_materials", "<DATA/>", "", "", ""},
		"right withdrawal":                 {"cancel", cancelXML, "", "", ""},
		"a withdrawal by nobody":           {"cancel", cancelXML, "张样例", "无", "CXRXM required"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(c.xml, c.old) {
				t.Fatal("nothing was changed")
			}
			in, m := i.Interfaces[c.in], decoded(t, strings.ReplaceAll(c.xml, c.old, c.new))
			check := i.CheckRequest
			if in.Direction == "asks" {
				check = i.CheckAnswer
			}
			var got []string
			for _, x := range check(in, m) {
				got = append(got, x.Field, x.Rule)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
	in := i.Interfaces["apply_info"]
	person := decoded(t, applyInfoXML).Child("SPRENYUAN")
	if got := i.Value(blockOf(in.Answer, "SPRENYUAN").field("BIRTHDAY"), person); got != "1949-12-31" {
		t.Errorf("the misspelt date of birth is read as %q", got)
	}
	for _, asks := range []string{"apply_info", "apply_materials"} {
		xml := "<APPROVEDATAINFO><SBLSH_SHORT>1</SBLSH_SHORT><SXBM>1</SXBM><YWLX>0</YWLX></APPROVEDATAINFO>"
		if asks == "apply_info" {
			xml = strings.Replace(xml, "<YWLX>0</YWLX>", "", 1)
		}
		if found := i.CheckRequest(i.Interfaces[asks], decoded(t, xml)); len(found) > 0 {
			t.Errorf("%s: %+v", asks, found)
		}
	}
}

func TestWrongIntakeIsRefusedAtItsLine(t *testing.T) {
	data, err := shippedIntake.ReadFile("intake/sd-ywzt-2024.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, says string }{
		"another profile":      {"profile: sd-ywzt-2024", "profile: sd-2020", "must be sd-ywzt-2024"},
		"unknown direction":    {"direction: called", "direction: both", "called | asks"},
		"unknown confidence":   {"conf: analog", "conf: sure", "client | analog"},
		"unknown code set":     {"codes: express_type", "codes: express", "no code set express"},
		"a set of the profile": {"  express_type:\n    title", "  result:\n    title", "the profile has it"},
		"a push":               {"number: 10", "number: 4", "1, 2, 3 or 10"},
		"an alias twice":       {"aliases: [BRITHDAY]", "aliases: [NAME]", "repeated"},
		"no flow number":       {"{name: SBLSH_SHORT, title: 申报流水号, en: flow number, width: 50, required: true}", "{name: SBLSH, title: 申报流水号, en: flow number, width: 50, required: true}", "no required field SBLSH_SHORT"},
	} {
		bad := strings.Replace(string(data), c.old, c.new, 1)
		_, err := parseIntake("i.yaml", []byte(bad), profile(t), nil)
		var f *fault.Error
		if bad == string(data) || !errors.As(err, &f) || f.Kind != fault.Config || !strings.Contains(f.What.EN, c.says) || !regexp.MustCompile(`^i\.yaml:\d+:\d+$`).MatchString(f.Where) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
