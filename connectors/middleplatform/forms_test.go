package middleplatform

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"banjian/internal/fault"
)

func loaded(t testing.TB, name string) (*Profile, *Intake) {
	t.Helper()
	p, err := LoadProfile(name)
	if err != nil {
		t.Fatal(err)
	}
	i, err := LoadIntake(p)
	if err != nil {
		t.Fatal(err)
	}
	return p, i
}

func TestEveryProfileHasTheTenInterfacesUnderPathsOfTheirOwn(t *testing.T) {
	for _, name := range Profiles() {
		p, i := loaded(t, name)
		var numbers []int
		paths := map[string]bool{i.Download.Path: true, p.ApplyURL.Path: true}
		for _, in := range p.ByNumber() {
			numbers = append(numbers, in.Number)
			paths[in.Path] = true
		}
		for _, in := range i.ByNumber() {
			numbers = append(numbers, in.Number)
			paths[in.Path] = true
		}
		if slices.Sort(numbers); !slices.Equal(numbers, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) || len(paths) != 12 {
			t.Errorf("%s has %v under %v", name, numbers, paths)
		}
	}
}

// What a call and its answers look like with each profile; the person is invented.
func TestBodiesHaveTheFormOfTheirProfile(t *testing.T) {
	sample := &Element{Name: "APPROVEDATAINFO"}
	sample.Add("SBLSH_SHORT", "2407010000001")
	sample.Add("SXBM", "GJJ-0302")
	block := sample.Add("SHOULI", "")
	block.Add("YWSLYJ", `同意 <"按规定">`)
	block.Add("LXRSJ", "13800138000")
	data := &Element{Name: AnswerRoot}
	data.Add("BJMC", "提取公积金")
	data.Add("SPSHENQIN", "").Add("XML_DATA", "").Add("tqYy", "购房")
	records := data.Add("RECORDS", "")
	records.Add("RECORD", "").Add("SQRZJHM", "11010519491231002X")
	for name, want := range map[string]struct{ call, taken, refused, failed, answer string }{
		"sd-ywzt-2024": {`{"xmlStr":"`, "<RESPONSE><code>200</code><data>", "<RESPONSE><code>200</code><data>", "<RESPONSE><code>401</code><data>签名不对</data></RESPONSE>", "<RESPONSE><code>200</code><data>"},
		"sd-2020": {`xmlStr=%3CAPPROVEDATAINFO%3E%3CSBLSH_SHORT%3E2407010000001`, "<RESULT><STATUS>200</STATUS><DESC>成功</DESC><TIME>20240701080000</TIME><DATA></DATA></RESULT>", "<RESULT><STATUS>300</STATUS><DESC>必填</DESC>", "<RESULT><STATUS>401</STATUS>",
			"<DATA><BJMC>提取公积金</BJMC><SPSHENQIN><XML_DATA><tqYy>购房</tqYy></XML_DATA></SPSHENQIN><RECORDS><RECORD><SQRZJHM>11010519491231002X</SQRZJHM></RECORD></RECORDS></DATA>"},
		"sx-ddpt": {`{"txnCommCom":{},"txnBodyCom":{"sblshShort":"2407010000001","sxbm":"GJJ-0302","shouli":{"ywslyj":"同意 <\"按规定\">","lxrsj":"13800138000"}}}`,
			`{"C-API-Status":"00","C-Response-Code":"000000","C-Response-Desc":"success","C-Response-Body":"{\"code\":\"00\",\"msg\":\"成功\"}"}`, `\"code\":\"11\",\"msg\":\"必填\"`, `{"C-API-Status":"01","C-Response-Code":"000000","C-Response-Desc":"fail"`, `\"data\":{\"bjmc\":\"提取公积金\",\"spshenqin\":{\"xmlData\":{\"tqYy\":\"购房\"}},\"records\":[{\"sqrzjhm\":\"11010519491231002X\"}]}`},
		"json": {`{"sblshShort":"2407010000001","sxbm":"GJJ-0302","shouli":{"ywslyj":"同意 <\"按规定\">","lxrsj":"`, `{"code":"200","msg":"成功","data":""}`, `{"code":"300","msg":"必填"`, `{"code":"401","msg":"签名不对"`, `"records":[{"sqrzjhm":"`},
	} {
		t.Run(name, func(t *testing.T) {
			p, i := loaded(t, name)
			c, err := NewCipher(p, "demoSm4Key", nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := p.EncodeCall(sample, c)
			if err != nil || !strings.HasPrefix(string(body), want.call) {
				t.Errorf("a call is %s, %v", body, err)
			}
			if strings.Contains(string(body), "13800138000") && p.Cipher.Kind != "none" {
				t.Errorf("a telephone number stands in the open: %s", body)
			}
			opened, back, err := p.DecodeCall(body, c)
			if err != nil || !opened || treeOf(back) != treeOf(sample) {
				t.Errorf("it comes back as %s, %t, %v", treeOf(back), opened, err)
			}
			failed := Reply{Code: "401", Data: "签名不对"}
			if p.Envelope.Failed != "" {
				failed.Code = p.Envelope.Failed
			}
			for want, r := range map[string]Reply{want.taken: {p.Envelope.OK, p.Envelope.OK, "成功", nil}, want.refused: {p.Envelope.OK, p.Envelope.Refused, "必填", nil}, want.failed: failed} {
				_, body, err := p.EncodeReplyAt(r, p.FormFor(""), c, signed.AddDate(0, 6, 0))
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(body), want) {
					t.Errorf("%v is answered %s, want %s", r, body, want)
				}
				if got, err := p.DecodeReply(body, c); err != nil || got != r {
					t.Errorf("%s is read as %v, %v", body, got, err)
				}
			}
			wire := i.Wire()
			_, body, err = wire.EncodeReply(Reply{p.Envelope.OK, p.Envelope.OK, "成功", data}, p.FormFor(""), c)
			if err != nil || !strings.Contains(string(body), want.answer) {
				t.Errorf("an answer with data is %s, %v", body, err)
			}
			if got, err := wire.DecodeReply(body, c); err != nil || treeOf(got.Answer) != treeOf(data) || !wire.Done(got) {
				t.Errorf("it is read as %s, %v", treeOf(got.Answer), err)
			}
		})
	}
}

func treeOf(e *Element) string {
	if e == nil {
		return ""
	}
	s, err := EncodeXML(e)
	if err != nil {
		return err.Error()
	}
	return s
}

func TestNamesInCamelCaseComeBack(t *testing.T) {
	p, i := loaded(t, "json")
	for tag, want := range map[string]string{"SBLSH_SHORT": "sblshShort", "SXBM": "sxbm", "SPBUZHENGGAOZHI": "spbuzhenggaozhi", "ATTACH_NAME": "attachName", "OBTAIN_PAPER_WAY": "obtainPaperWay", "channelCode": "channelCode"} {
		if got := camel(tag); got != want {
			t.Errorf("%s is written %s", tag, got)
		}
		if got := i.Wire().tag(want); got != tag {
			t.Errorf("%s is read %s", want, got)
		}
	}
	for _, in := range p.ByNumber() {
		for _, b := range in.Blocks {
			for _, f := range b.Fields {
				if p.tag(camel(f.Name)) != f.Name {
					t.Errorf("%s comes back as %s", f.Name, p.tag(camel(f.Name)))
				}
			}
		}
	}
}

func TestJSONThatIsNoMessageIsADataFault(t *testing.T) {
	p, _ := loaded(t, "json")
	for name, s := range map[string]string{
		"nothing": "", "an array": "[]", "half": `{"sxbm":"1"`, "more": `{} {}`, "a name of markup": `{"<a>":"1"}`, "too deep": strings.Repeat(`{"a":`, maxDepth+1) + `""` + strings.Repeat("}", maxDepth+1),
		"arrays too deep": `{"a":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + "}", "too many": `{"a":[` + strings.Repeat("1,", maxElements) + `1]}`, "invalid UTF-8": "{\"a\":\"\xff\"}",
	} {
		if e, err := p.DecodeJSON(s); !fault.Is(err, fault.Data) {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
	e, err := p.DecodeJSON(`{"sxbm":1,"shouli":{"ywslzt":true,"ywslyj":null}}`)
	if err != nil || treeOf(e) != "<APPROVEDATAINFO><SXBM>1</SXBM><SHOULI><YWSLZT>true</YWSLZT><YWSLYJ></YWSLYJ></SHOULI></APPROVEDATAINFO>" {
		t.Errorf("%s, %v", treeOf(e), err)
	}
	if _, err := p.EncodeJSON(&Element{Name: "A", Children: []*Element{{Name: "B", Text: "\x00"}}}); !fault.Is(err, fault.Data) {
		t.Errorf("a control character: %v", err)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	p, err := LoadProfile("json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`{"sblshShort":"1","shouli":{"ywslyj":"x"},"spshenpijieguo":[{"zzbm":"1"},{"zzbm":"2"}]}`)
	f.Add(`{"a":[{"b":1},[2]],"c":null}`)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := p.DecodeJSON(s)
		if err != nil {
			return
		}
		written, err := p.EncodeJSON(e)
		if err != nil {
			return // a control character, or a name that cannot stand
		}
		if again, err := p.DecodeJSON(written); err != nil {
			t.Fatalf("%v: %s became %s (%v)", err, s, written, again)
		}
	})
}

func TestApplyURLIsSignedByItsOwnSigner(t *testing.T) {
	p := profile(t)
	got, err := p.SignApplyURL("https://ywzt.example.cn/apply?channel=web", demo, signed)
	want := "https://ywzt.example.cn/apply?key=demo-app-key-0001&timestamp=1704067200000&sign=6cbae0fff33d5b284acc8c22dba8298c27277c601609d1957e57b097893ccb4d&channel=web"
	if err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
	if strings.Contains(got, demo.Secret) {
		t.Error("the secret stands in the address")
	}
	if got, err = p.SignApplyURL("https://ywzt.example.cn", demo, signed); err != nil || !strings.HasPrefix(got, "https://ywzt.example.cn/apply?key=") {
		t.Errorf("%s, %v", got, err)
	}
	p.ApplyURL.EmitSecretParam = true
	if got, _ = p.SignApplyURL("https://ywzt.example.cn", demo, signed); !strings.HasSuffix(got, "&secret=demo-app-secret-0001") {
		t.Errorf("%s", got)
	}
	for _, bad := range []string{"", "ywzt.example.cn", "ftp://x/y", "https://u:p@x/y"} {
		if _, err := p.SignApplyURL(bad, demo, signed); !fault.Is(err, fault.Config) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The examples of the guide; the signature was computed once with openssl dgst -sm3 -hmac.
func TestProfileAndSignerOfASiteStandUponThoseThatShip(t *testing.T) {
	site := fstest.MapFS{
		"profiles/city.yaml": {Data: []byte("profile: city\ntitle: 某市业务中台\nen: platform of a city\nlike: sd-ywzt-2024\nsigner: {use: ours, nonces: 100}\ninterfaces:\n  correction: {path: /receiveBzgz, conf: client}\n")},
		"signers/ours.yaml": {Data: []byte("signer: ours\ntitle: 某市签名\nen: a city's signature\nconf: client\nmessage: \"{key}\\n{nonce}\\n{time}\"\nhash: hmac-sm3\nencoding: base64\ntime: ms\nwindow: 90s\nplace:\n" +
			"  - {header: x-key, value: \"{key}\"}\n  - {header: x-nonce, value: \"{nonce}\"}\n  - {header: x-time, value: \"{time}\"}\n  - {header: x-sign, value: \"{signature}\"}\n")},
	}
	p, err := LoadProfile("city", site)
	if err != nil {
		t.Fatal(err)
	}
	if p.Interfaces["correction"].Path != "/receiveBzgz" || p.Interfaces["accept"].Path != "/receiveAcceptInfo" || p.Signer.Window.Duration != 90*time.Second {
		t.Errorf("%+v", p.Signer)
	}
	headers, err := p.Sign(demo, nonce, stamp)
	if err != nil || len(headers) != 4 || headers[3] != (Header{"x-sign", "hsDo9QPP5tNni+m35MAfN0yU0g9P3Sl1b37OouVysRc="}) {
		t.Errorf("%v, %v", headers, err)
	}
	i, err := LoadIntake(p, site)
	if err != nil || i.Profile != "city" || i.Interfaces["apply_no"].Path != "/sendApplyNO" {
		t.Errorf("%v", err)
	}
}
