package middleplatform_test

import (
	"strings"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/pipelines"
)

var (
	canonicalCorrection = map[string]string{
		"flow_no": "2407010000001", "item_code": "GJJ-0302", "correction_id": "1", "notifier": "张三", "reason": "缺购房合同", "material_names": "身份证|购房合同", "material_codes": "CL1|CL2",
		"limit": "5", "limit_unit": "workday", "notified_at": "2024-06-30T01:00:00Z", "region": "370102000000",
	}
	canonicalSpecial = map[string]string{
		"flow_no": "2407010000001", "item_code": "GJJ-0302", "special_no": "1", "special_type": "other", "special_name": "专家评审", "started_at": "2024-07-01T02:00:00Z", "approver": "赵六",
		"reason": "需评审", "content": "暂停计时", "limit": "10", "limit_unit": "workday", "region": "370102000000",
	}
	endedSpecial  = with(canonicalSpecial, "ended_at", "2024-07-01T09:00:00Z", "result", "通过", "result_at", "2024-07-01T08:00:00Z", "fee", "3.00")
	canonicalFile = map[string]string{
		"flow_no": "2407010000001", "item_code": "GJJ-0302", "file_id": "FJ1", "licence_code": "ZZ1", "licence_name": "提取通知书", "file_name": "通知书.pdf", "file_type": "pdf",
		"content": "sha256:86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b;8;application/pdf", "dept_code": "11370000MB284651XX", "region": "370102000000",
	}
)

// messagesOf is the messages that one canonical record goes as.
func messagesOf(t *testing.T, p *middleplatform.Profile, name string, row map[string]string) []*middleplatform.Element {
	t.Helper()
	res := mapped(t, p, name, row)
	if len(res.Outputs) != 1 || res.Outputs[0].Record.NumRows() != 1 {
		t.Fatalf("%s: %+v", name, res.Issues)
	}
	_, list, err := p.Messages(p.Interfaces[name], res.Outputs[0].Record, 0)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestASpecialProcedureGoesAsItsRequestAndThenItsResult(t *testing.T) {
	p := profileOf(t)
	in := p.Interfaces["suspend"]
	head := "<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>GJJ-0302</SXBM>"
	request := head + "<SUSPENDTYPE>0</SUSPENDTYPE><SPTEBIESHENQING><XH>1</XH><TBCXZL>B</TBCXZL><TBCXZLMC>专家评审</TBCXZLMC><TBCXKSRQ>2024-07-01 10:00:00</TBCXKSRQ>" +
		"<TBCXPZR>赵六</TBCXPZR><TBCXQDLY>需评审</TBCXQDLY><SQNR>暂停计时</SQNR><TBCXSX>10</TBCXSX><TBCXSXDW>G</TBCXSXDW><XZQHDM>370102000000</XZQHDM></SPTEBIESHENQING></APPROVEDATAINFO>"
	result := head + "<SUSPENDTYPE>1</SUSPENDTYPE><SPTEBIEJIEGUO><XH>1</XH><TBCXJG>通过</TBCXJG><JGCSRQ>2024-07-01 16:00:00</JGCSRQ><TBCXJSRQ>2024-07-01 17:00:00</TBCXJSRQ>" +
		"<TBCXSFJE>3.00</TBCXSFJE><JEDWDM>CNY</JEDWDM><XZQHDM>370102000000</XZQHDM></SPTEBIEJIEGUO></APPROVEDATAINFO>"
	for name, c := range map[string]struct {
		row  map[string]string
		want []string
	}{"open": {canonicalSpecial, []string{request}}, "ended": {endedSpecial, []string{request, result}}} {
		var got []string
		for _, m := range messagesOf(t, p, "suspend", c.row) {
			written, err := middleplatform.EncodeXML(m)
			if err != nil {
				t.Fatal(err)
			}
			back, err := middleplatform.DecodeXML(written)
			if err != nil {
				t.Fatal(err)
			}
			if found := p.Check(in, back); len(found) > 0 {
				t.Errorf("%s: %+v", name, found)
			}
			got = append(got, written)
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s", name, strings.Join(got, "\n"))
		}
	}
}

func TestMessagesOfTheLaterInterfacesAreChecked(t *testing.T) {
	p := profileOf(t)
	for name, c := range map[string]struct{ in, old, new, want string }{
		"right correction":           {"correction", "", "", ""},
		"correction without reason":  {"correction", "<BZGZYY>缺购房合同</BZGZYY>", "", "SPBUZHENGGAOZHI/BZGZYY required"},
		"limit in words":             {"correction", "<BZGZSX>5", "<BZGZSX>五", "SPBUZHENGGAOZHI/BZGZSX bad_int"},
		"limit of five digits":       {"correction", "<BZGZSX>5", "<BZGZSX>50000", "SPBUZHENGGAOZHI/BZGZSX bad_int"},
		"unit nobody has":            {"correction", "<BZGZSXDW>G", "<BZGZSXDW>M", "SPBUZHENGGAOZHI/BZGZSXDW bad_code"},
		"right request":              {"suspend", "", "", ""},
		"a result that says request": {"suspend", "SPTEBIESHENQING>", "SPTEBIEJIEGUO>", "SPTEBIEJIEGUO/TBCXZL unknown"},
		"a request that says result": {"suspend", "<SUSPENDTYPE>0", "<SUSPENDTYPE>1", "SPTEBIESHENQING unknown"},
		"neither":                    {"suspend", "<SUSPENDTYPE>0", "<SUSPENDTYPE>7", "SUSPENDTYPE bad_code"},
		"right file":                 {"result_file", "", "", ""},
		"a file that is not base64":  {"result_file", "c2hh", "****", "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/ATTACH_BODY bad_text"},
		"neither file nor path":      {"result_file", "<ATTACH_BODY>c2hh</ATTACH_BODY>", "", "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/ATTACH_BODY required"},
		"a path is enough":           {"result_file", "<ATTACH_BODY>c2hh</ATTACH_BODY>", "<ATTACH_PATH>/a</ATTACH_PATH>", ""},
		"no file block":              {"result_file", "SPSHENPIJIEGUODATA>", "ABC>", "ABC unknown"},
		"an empty file before one":   {"result_file", "<SPSHENPIJIEGUO>", "<SPSHENPIJIEGUO/><SPSHENPIJIEGUO>", "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/ZZBM required"},
		"no field of a piece":        {"result_file", "<SPSHENPIJIEGUO>", "<SPSHENPIJIEGUO><PIECE_NO>1</PIECE_NO>", "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/PIECE_NO unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			row := map[string]map[string]string{"correction": canonicalCorrection, "suspend": canonicalSpecial, "result_file": with(canonicalFile, "content", "c2hh")}[c.in]
			written, err := middleplatform.EncodeXML(messagesOf(t, p, c.in, row)[0])
			if err != nil || !strings.Contains(written, c.old) {
				t.Fatal(err, written)
			}
			m, err := middleplatform.DecodeXML(strings.ReplaceAll(written, c.old, c.new))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if found := p.Check(p.Interfaces[c.in], m); len(found) > 0 {
				got = found[0].Field + " " + found[0].Rule
				if said := found[0].Text; said.ZH == "" || said.EN == "" || strings.Contains(said.ZH+said.EN, "%!") {
					t.Errorf("it says %q / %q", said.ZH, said.EN)
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q\n%s", got, c.want, written)
			}
		})
	}
}

func TestAWholeCaseIsTakenByThePlatformInOrder(t *testing.T) {
	p := profileOf(t)
	e := newPeer(t, "", nil)
	target := open(t, e.base, func(o *middleplatform.Options) { o.Files, _ = store(t, "%PDF-1.7") })
	var bodies []string
	for _, c := range []struct {
		name string
		row  map[string]string
	}{{"correction", canonicalCorrection}, {"accept", canonicalAccept}, {"course", canonicalStep}, {"suspend", canonicalSpecial}, {"suspend", endedSpecial}, {"finish", canonicalResult}, {"result_file", canonicalFile}} {
		res := mapped(t, p, c.name, c.row)
		is, err := target.Call(t.Context(), &pipelines.Delivery{Table: c.name, Record: res.Outputs[0].Record}, 0)
		if is != nil || err != nil {
			t.Errorf("%s: %+v, %v", c.name, is, err)
		}
	}
	for _, e := range e.Effects() {
		bodies = append(bodies, e.Interface)
		if e.Interface == "result_file" && !strings.Contains(e.Body, "<ATTACH_BODY>JVBERi0xLjc=</ATTACH_BODY>") || e.Interface == "result_file" && !strings.Contains(e.Body, "<ATTACH_SIGN>f87357c6cdc4f067e19f42aebabc6fb7</ATTACH_SIGN>") {
			t.Error(e.Body)
		}
	}
	if got := strings.Join(bodies, " "); got != "correction accept course suspend suspend finish result_file" {
		t.Error(got)
	}
	if n := e.Count("suspend"); n.Repeats != 1 || n.Revisions != 0 {
		t.Errorf("the request that went again counts as %+v", n)
	}
}

func TestAFileWithoutAPlaceToTakeItFromIsNotSent(t *testing.T) {
	p := profileOf(t)
	e := newPeer(t, "", nil)
	target := open(t, e.base, nil)
	res := mapped(t, p, "result_file", canonicalFile)
	if is, err := target.Call(t.Context(), &pipelines.Delivery{Table: "result_file", Record: res.Outputs[0].Record}, 0); is != nil || !fault.Is(err, fault.Config) {
		t.Errorf("%+v, %v", is, err)
	}
	if n := len(e.Effects()); n != 0 {
		t.Errorf("%d effects", n)
	}
}

// refusedAtAcceptance is a result of a case that was never accepted.
var refusedAtAcceptance = map[string]string{
	"flow_no": "2407010000001", "item_code": "GJJ-0302", "result_code": "not_accepted", "result_text": "不予受理", "failure_reason": "不属于本机关职权", "finished_at": "2024-07-01T09:00:00Z",
	"user": "赵六", "dept_code": "11370000MB284651XX", "dept_name": "济南市住房公积金中心", "region": "370102000000",
}

func TestACaseThatWasNeverAcceptedIsToldByTheInterfaceOfAcceptances(t *testing.T) {
	for _, name := range []string{"sd-ywzt-2024", "sd-2020", "sx-ddpt", "json"} {
		p, err := middleplatform.LoadProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		res := mapped(t, profileOf(t), "finish", refusedAtAcceptance)
		if len(res.Outputs) != 1 || res.Outputs[0].Record.NumRows() != 1 {
			t.Fatalf("%s: %+v", name, res.Issues)
		}
		by, list, err := p.Messages(p.Interfaces["finish"], res.Outputs[0].Record, 0)
		if err != nil || by != p.Interfaces["accept"] || len(list) != 1 {
			t.Fatalf("%s: goes by %+v as %d messages, %v", name, by, len(list), err)
		}
		written, err := middleplatform.EncodeXML(list[0])
		if err != nil {
			t.Fatal(err)
		}
		const want = "<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>GJJ-0302</SXBM><SHOULI><YWSLSJ>2024-07-01 17:00:00</YWSLSJ><YWSLRMC>赵六</YWSLRMC><YWSLZT>0</YWSLZT>" +
			"<YWSLYJ>不属于本机关职权</YWSLYJ><YWSLQHMC>山东省济南市历下区</YWSLQHMC><YWSLQHBM>370102000000</YWSLQHBM><YWSLBMMC>济南市住房公积金中心</YWSLBMMC><YWSLBMBM>11370000MB284651XX</YWSLBMBM></SHOULI></APPROVEDATAINFO>"
		if !strings.HasSuffix(written, want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, written, want)
		}
		if found := p.Check(by, list[0]); len(found) != 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestAResultWithACodeHasNothingOfAnAcceptance(t *testing.T) {
	p := profileOf(t)
	list := messagesOf(t, p, "finish", with(refusedAtAcceptance, "result_code", "refused"))
	if len(list) != 1 || list[0].Child("SHOULI") != nil || list[0].Value("SPBANJIE/BJJGDM") != "7" {
		t.Errorf("%+v", list[0])
	}
	for _, problem := range p.Check(p.Interfaces["finish"], list[0]) {
		t.Errorf("%+v", problem)
	}
}
