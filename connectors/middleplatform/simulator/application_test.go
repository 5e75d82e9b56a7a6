package simulator

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
)

// asker is a simulator of a profile and what it takes to ask it.
type asker struct {
	*world
	i *middleplatform.Intake
}

func newAsker(t *testing.T, change func(*Options)) *asker {
	t.Helper()
	w := newWorld(t, "")
	i, err := middleplatform.LoadIntake(w.p)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		o := w.s.opts
		o.State = ""
		change(&o)
		if err := w.s.Close(); err != nil {
			t.Fatal(err)
		}
		if w.s, err = New(o); err != nil {
			t.Fatal(err)
		}
	}
	return &asker{w, i}
}

// ask sends a body to a path and reads the answer.
func (a *asker) ask(path string, body []byte) middleplatform.Reply {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, path, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	a.sign(r)
	rec := httptest.NewRecorder()
	a.s.ServeHTTP(rec, r)
	reply, err := a.i.Wire().DecodeReply(rec.Body.Bytes(), a.c)
	if err != nil {
		a.t.Fatalf("%v: %s", err, rec.Body)
	}
	return reply
}

func (a *asker) question(name, xml string) middleplatform.Reply {
	a.t.Helper()
	m, err := middleplatform.DecodeXML("<APPROVEDATAINFO>" + xml + "</APPROVEDATAINFO>")
	if err != nil {
		a.t.Fatal(err)
	}
	body, err := a.i.Wire().EncodeCall(m, a.c)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.ask(a.i.Interfaces[name].Path, body)
}

var person, company = middleplatform.TryOutFlow(1234567890), middleplatform.TryOutFlow(1234567891)

func asking(flow string) string {
	return "<SBLSH_SHORT>" + flow + "</SBLSH_SHORT><SXBM>" + middleplatform.TryOutItem + "</SXBM>"
}

func TestTryOutApplicationIsAlwaysTheSameAndRightInEverything(t *testing.T) {
	a := newAsker(t, nil)
	for flow, block := range map[string]string{person: "SPRENYUAN", company: "SPQIYE"} {
		first, again := a.question("apply_info", asking(flow)), a.question("apply_info", asking(flow))
		if !a.p.Done(first) || first.Data != again.Data && first.Answer == nil {
			t.Fatalf("%v", first)
		}
		if found := a.i.CheckAnswer(a.i.Interfaces["apply_info"], first.Answer); len(found) > 0 {
			t.Errorf("%s: %+v", flow, found)
		}
		if first.Answer.Child(block) == nil || first.Answer.Value("SPSHENQIN/SBLSH_SHORT") != flow {
			t.Errorf("%s has no %s", flow, block)
		}
		list := a.question("apply_materials", asking(flow)+"<YWLX>0</YWLX>")
		if found := a.i.CheckAnswer(a.i.Interfaces["apply_materials"], list.Answer); len(found) > 0 {
			t.Errorf("%s: %+v", flow, found)
		}
		if names := strings.Split(first.Answer.Value("SPSHENQIN/SBCLQD"), ";"); len(names) != len(list.Answer.Child("RECORDS").Children) {
			t.Errorf("%v, but %d materials", names, len(list.Answer.Child("RECORDS").Children))
		}
	}
	for _, flow := range []string{"2407010000001", "99", "9900000000000x", "990000000000000"} {
		if r := a.question("apply_info", asking(flow)); a.p.Done(r) || r.Data != "没有这个申报流水号" {
			t.Errorf("%s: %v", flow, r)
		}
	}
	if r := a.question("apply_info", "<SBLSH_SHORT>"+person+"</SBLSH_SHORT><SXBM>other</SXBM>"); a.p.Done(r) {
		t.Errorf("another item: %v", r)
	}
}

func TestFileOfAMaterialIsHandedOutByItsPath(t *testing.T) {
	a := newAsker(t, nil)
	list := a.question("apply_materials", asking(person)+"<YWLX>0</YWLX>")
	for _, m := range list.Answer.Child("RECORDS").Children {
		path := m.Value("ATTACH_PATH")
		if path == "" {
			continue
		}
		body, err := a.i.EncodeDownload(path, a.c)
		if err != nil {
			t.Fatal(err)
		}
		content, err := a.i.FileOf(a.ask(a.i.Download.Path, body))
		sum := md5.Sum(content)
		if err != nil || hex.EncodeToString(sum[:]) != m.Value("ATTACH_SIGN") {
			t.Errorf("%s: %q, %v", path, content, err)
		}
	}
	for _, path := range []string{"/tryout/" + person + "/CL02", "/tryout/" + person + "/CL99", "/etc/passwd", ""} {
		body, err := a.i.EncodeDownload(path, a.c)
		if err != nil {
			t.Fatal(err)
		}
		if r := a.ask(a.i.Download.Path, body); a.p.Done(r) {
			t.Errorf("%q: %v", path, r)
		}
	}
}

func TestCorrectionAsksForTheCorrectedMaterialsOnly(t *testing.T) {
	a := newAsker(t, nil)
	if r := a.question("apply_materials", asking(person)+"<YWLX>1</YWLX>"); !a.p.Done(r) || r.Answer != nil && r.Answer.Child("RECORDS").Children != nil {
		t.Errorf("without a correction: %v", r)
	}
	correction := asking(person) + "<SPBUZHENGGAOZHI><BZGZFCRXM>张三</BZGZFCRXM><BZGZYY>不清晰</BZGZYY><BZCLQD>申请表</BZCLQD><BQBZCLBM>CL03</BQBZCLBM><BZGZSX>5</BZGZSX><BZGZSXDW>G</BZGZSXDW><BZGZSJ>2024-06-30 09:00:00</BZGZSJ><XZQHDM>370102000000</XZQHDM></SPBUZHENGGAOZHI>"
	a.send("correction", "<APPROVEDATAINFO>"+change(t, correction, "CL03", "CL99")+"</APPROVEDATAINFO>", "不在申报材料中")
	a.send("correction", "<APPROVEDATAINFO>"+correction+"</APPROVEDATAINFO>", "")
	r := a.question("apply_materials", asking(person)+"<YWLX>1</YWLX>")
	if list := r.Answer.Child("RECORDS").Children; len(list) != 1 || list[0].Value("STUFF_SEQ") != "CL03" {
		t.Errorf("%v", r)
	}
}

func TestEveryQuirkCanBeSeen(t *testing.T) {
	for name, want := range map[string]string{"placeholder": "<SBXMMC>无</SBXMMC>", "null": "<SBXMMC>null</SBXMMC>", "region_6": "<ACTUALREGION>370102</ACTUALREGION>", "sex_text": "<SEX>男</SEX>",
		"misspelt": "<BRITHDAY>", "repeated_tag": "<XZQHDM>370102000000</XZQHDM><WSSBQD>0</WSSBQD>", "unknown_tag": "<EXTRA_INFO>x</EXTRA_INFO>", "empty_blocks": "<SPQIYE></SPQIYE>", "form_json": "<XML_DATA>{&#34;tqyy",
		"bad_date": "<SBSJ>2024/05/", "unescaped": "<beizhu>金额 &lt; 10 万 &amp; 首套</beizhu>"} {
		a := newAsker(t, func(o *Options) { o.Quirks = name })
		r := a.question("apply_info", asking(person))
		if written, err := middleplatform.EncodeXML(r.Answer); err != nil || !strings.Contains(written, want) {
			t.Errorf("%s: %s, %v", name, written, err)
		}
	}
	a := newAsker(t, func(o *Options) { o.Quirks = "no_download" })
	body, err := a.i.EncodeDownload("/x", a.c)
	if err != nil {
		t.Fatal(err)
	}
	if r := a.ask(a.i.Download.Path, body); r.Code != "500" {
		t.Errorf("a download: %v", r)
	}
	if _, err := New(Options{Profile: a.p, Credentials: credentials, SM4Key: sm4Key, Quirks: "odd"}); !fault.Is(err, fault.Config) {
		t.Errorf("an unknown quirk: %v", err)
	}
}

// What an approval system is told, in each way it has been seen.
func TestApprovalSystemIsToldOfApplicationsAndWithdrawals(t *testing.T) {
	a := newAsker(t, func(o *Options) { o.Quirks = "gbk_prolog" })
	var got []string
	answers := `{"status":"200","data":"<RESULT/>"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := r.URL.Query().Get("xmlStr")
		if form, err := url.ParseQuery(string(body)); err == nil && text == "" {
			text = form.Get("xmlStr")
		}
		if text == "" {
			text = string(body)
		}
		got = append(got, r.URL.Path+" "+text)
		if reason := middleplatform.NewVerifier(a.p, credentials, a.s.opts.Now).VerifyRequest(r); reason != "" {
			t.Errorf("its signature: %s", reason)
		}
		_, _ = io.WriteString(w, answers)
	}))
	defer server.Close()
	for _, how := range []middleplatform.Notice{{Place: "form"}, {Place: "query"}, {Place: "json", Sealed: true}} {
		if status, err := a.s.Announce(t.Context(), server.Client(), server.URL+"/", Announcement{Flow: person, Item: "i", Region: "370102000000", How: how}); status != "200" || err != nil {
			t.Errorf("%v: %s, %v", how, status, err)
		}
	}
	if _, err := a.s.Announce(t.Context(), server.Client(), server.URL, Announcement{Flow: person, Withdrawn: true, By: "张三", How: middleplatform.Notice{Place: "form"}}); err != nil {
		t.Error(err)
	}
	prolog := `<?xml version="1.0" encoding="GBK"?><APPROVEDATAINFO><SBLSH_SHORT>` + person
	for i, want := range []string{"/sendApplyNO " + prolog, "/sendApplyNO " + prolog, `/sendApplyNO {"xmlStr":"`, "/cancelProjectBeforeAccept " + prolog} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Errorf("call %d: %q", i, got)
		}
	}
	answers = "<html>502</html>"
	if _, err := a.s.Announce(t.Context(), server.Client(), server.URL, Announcement{Flow: person}); !fault.Is(err, fault.Unknown) {
		t.Errorf("an answer that is none: %v", err)
	}
}

func TestAddressOfAnApplicationIsJudged(t *testing.T) {
	a := newAsker(t, nil)
	base, client := a.over()
	for name, c := range map[string]struct {
		spoil func(string) string
		want  int
	}{
		"right":  {func(s string) string { return s + "&channel=hall" }, http.StatusOK},
		"wrong":  {func(s string) string { return s + "0" }, http.StatusUnauthorized},
		"no key": {func(s string) string { return strings.Replace(s, "key=", "kee=", 1) }, http.StatusUnauthorized},
		"twice":  {func(s string) string { return s + "&key=demo-app-key-0001" }, http.StatusUnauthorized},
	} {
		address, err := a.p.SignApplyURL(base, credentials, a.now)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Get(c.spoil(address))
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != c.want {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
}

func TestOrderOfACaseIsKept(t *testing.T) {
	w := newWorld(t, "")
	suspend := courseXML[:strings.Index(courseXML, "<GDBSSPCL>")] + "<SUSPENDTYPE>0</SUSPENDTYPE><SPTEBIESHENQING><XH>1</XH><TBCXZL>B</TBCXZL><TBCXZLMC>公示</TBCXZLMC><TBCXKSRQ>2024-07-01 10:00:00</TBCXKSRQ><TBCXPZR>王五</TBCXPZR><TBCXQDLY>公示</TBCXQDLY><SQNR>暂停</SQNR><TBCXSX>5</TBCXSX><TBCXSXDW>G</TBCXSXDW><XZQHDM>370102000000</XZQHDM></SPTEBIESHENQING></APPROVEDATAINFO>"
	result := courseXML[:strings.Index(courseXML, "<GDBSSPCL>")] + "<SUSPENDTYPE>1</SUSPENDTYPE><SPTEBIEJIEGUO><XH>1</XH><TBCXJG>无异议</TBCXJG><JGCSRQ>2024-07-01 11:00:00</JGCSRQ><TBCXJSRQ>2024-07-01 11:00:00</TBCXJSRQ><XZQHDM>370102000000</XZQHDM></SPTEBIEJIEGUO></APPROVEDATAINFO>"
	w.send("accept", acceptXML, "")
	w.send("suspend", result, "还没有申请")
	w.send("suspend", suspend, "")
	w.send("finish", finishXML, "特别程序还没有结束")
	w.send("suspend", change(t, result, "<TBCXJSRQ>2024-07-01 11", "<TBCXJSRQ>2024-07-01 09"), "结束早于开始")
	w.send("suspend", result, "")
	w.send("suspend", change(t, change(t, suspend, "<TBCXZL>B", "<TBCXZL>A"), "<XH>1</XH>", "<XH>2</XH>"), "")
	w.send("finish", finishXML, "特别程序还没有结束")
	w.start("") // what the state file says counts as before
	w.send("finish", finishXML, "特别程序还没有结束")
	w.send("suspend", change(t, result, "<XH>1</XH>", "<XH>2</XH>"), "")
	w.send("finish", finishXML, "")
}
