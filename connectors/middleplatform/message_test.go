package middleplatform

import (
	"slices"
	"strings"
	"testing"

	"banjian/internal/fault"
)

// messages of the three interfaces, right in everything; the people are invented.
const (
	acceptXML = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><SHOULI><YWSLSJ>2024-07-01 09:00:00</YWSLSJ><YWSLRMC>张三</YWSLRMC><YWSLZT>1</YWSLZT><YWSLQHMC>历下区</YWSLQHMC><YWSLQHBM>370102000000</YWSLQHBM><YWSLBMMC>某公积金中心</YWSLBMMC><YWSLBMBM>11370000MB284651XX</YWSLBMBM></SHOULI></APPROVEDATAINFO>`
	courseXML = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><GDBSSPCL><SPHJDM>2</SPHJDM><SPHJMC>审核</SPHJMC><SPBMMC>某公积金中心</SPBMMC><SPBMZZJDMD>11370000MB284651XX</SPBMZZJDMD><XZQHDM>370102000000</XZQHDM><SPRXM>李四</SPRXM><SPHJZTDM>1</SPHJZTDM><SPYJ>同意 &lt;按规定&gt; 办理</SPYJ><JSSJ>2024-07-01 10:00:00</JSSJ><SPSJ>2024-07-01 11:00:00</SPSJ></GDBSSPCL></APPROVEDATAINFO>`
	finishXML = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><SPBANJIE><BJBMMC>某公积金中心</BJBMMC><BJBMZZJDDM>11370000MB284651XX</BJBMZZJDDM><XZQHDM>370102000000</XZQHDM><SPRXM>王五</SPRXM><BJJGDM>6</BJJGDM><BJJGMS>准予</BJJGMS><SFJE>0.00</SFJE><JEDWDM>CNY</JEDWDM><BJSJ>2024-07-02 09:00:00</BJSJ></SPBANJIE></APPROVEDATAINFO>`
)

func decoded(t testing.TB, s string) *Element {
	t.Helper()
	e, err := DecodeXML(s)
	if err != nil {
		t.Fatalf("%v: %s", err, s)
	}
	return e
}

func TestCheckNamesEveryProblemOfAMessage(t *testing.T) {
	p := profile(t)
	for name, c := range map[string]struct {
		in, xml, old, new string
		want              string // FIELD rule
	}{
		"right accept":            {"accept", acceptXML, "", "", ""},
		"right step":              {"course", courseXML, "", "", ""},
		"right result":            {"finish", finishXML, "", "", ""},
		"no flow number":          {"accept", acceptXML, "<SBLSH_SHORT>2407010000001</SBLSH_SHORT>", "", "SBLSH_SHORT required"},
		"blank flow number":       {"accept", acceptXML, "2407010000001", " \t", "SBLSH_SHORT required"},
		"placeholder":             {"accept", acceptXML, "张三", "无", "SHOULI/YWSLRMC required"},
		"null":                    {"accept", acceptXML, "张三", "null", "SHOULI/YWSLRMC required"},
		"no block":                {"accept", `<APPROVEDATAINFO><SBLSH_SHORT>1</SBLSH_SHORT><SXBM>1</SXBM></APPROVEDATAINFO>`, "", "", "SHOULI required"},
		"refusal without opinion": {"accept", acceptXML, "<YWSLZT>1", "<YWSLZT>0", "SHOULI/YWSLYJ required"},
		"code outside its set":    {"accept", acceptXML, "<YWSLZT>1", "<YWSLZT>2", "SHOULI/YWSLZT bad_code"},
		"region of six digits":    {"accept", acceptXML, "370102000000", "370102", "SHOULI/YWSLQHBM bad_region"},
		"too long by one":         {"accept", acceptXML, "张三", strings.Repeat("张", 101), "SHOULI/YWSLRMC too_long"},
		"as long as can be":       {"accept", acceptXML, "张三", strings.Repeat("张", 100), ""},
		"time with a T":           {"accept", acceptXML, "2024-07-01 09:00:00", "2024-07-01T09:00:00", "SHOULI/YWSLSJ bad_time"},
		"a day that is not":       {"accept", acceptXML, "2024-07-01", "2024-02-30", "SHOULI/YWSLSJ bad_time"},
		"hour without zero":       {"accept", acceptXML, "01 09:", "01 9:", "SHOULI/YWSLSJ bad_time"},
		"unknown field":           {"accept", acceptXML, "<YWSLZT>", "<ABC>x</ABC><YWSLZT>", "SHOULI/ABC unknown"},
		"unknown block":           {"accept", acceptXML, "<SHOULI>", "<ABC/><SHOULI>", "ABC unknown"},
		"field twice":             {"accept", acceptXML, "<YWSLZT>", "<YWSLRMC>x</YWSLRMC><YWSLZT>", "SHOULI/YWSLRMC repeated"},
		"root field twice":        {"accept", acceptXML, "<SHOULI>", "<SXBM>1</SXBM><SHOULI>", "SXBM repeated"},
		"elements in a field":     {"accept", acceptXML, "张三", "<a>张三</a>", "SHOULI/YWSLRMC unknown SHOULI/YWSLRMC required"},
		"other root":              {"accept", strings.ReplaceAll(acceptXML, "APPROVEDATAINFO", "DATA"), "", "", "APPROVEDATAINFO root"},
		"ends before it begins":   {"course", courseXML, "11:00:00", "09:59:59", "GDBSSPCL/SPSJ too_early"},
		"ends as it begins":       {"course", courseXML, "11:00:00", "10:00:00", ""},
		"void without reason":     {"finish", finishXML, "<BJJGDM>6", "<BJJGDM>2", "SPBANJIE/ZFHTHYY required"},
		"licence without number":  {"finish", finishXML, "<BJJGDM>6", "<BJJGDM>0", "SPBANJIE/ZJBH required"},
		"fee without currency":    {"finish", finishXML, "<JEDWDM>CNY</JEDWDM>", "", "SPBANJIE/JEDWDM required"},
		"fee in words":            {"finish", finishXML, "0.00", "无", "SPBANJIE/SFJE bad_amount"},
		"fee of three decimals":   {"finish", finishXML, "0.00", "0.001", "SPBANJIE/SFJE bad_amount"},
		"fee of 17 digits":        {"finish", finishXML, "0.00", "123456789012345.67", "SPBANJIE/SFJE bad_amount"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(c.xml, c.old) {
				t.Fatal("nothing was changed")
			}
			var got []string
			for _, x := range p.Check(p.Interfaces[c.in], decoded(t, strings.ReplaceAll(c.xml, c.old, c.new))) {
				got = append(got, x.Field, x.Rule)
				if x.Text.ZH == "" || x.Text.EN == "" || strings.Contains(x.Text.ZH+x.Text.EN, "%!") {
					t.Errorf("it says %q / %q", x.Text.ZH, x.Text.EN)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestMessageComesBackAsItWasWritten(t *testing.T) {
	for _, s := range []string{acceptXML, courseXML, finishXML} {
		if got, err := EncodeXML(decoded(t, s)); err != nil || got != s {
			t.Errorf("%s, %v; want %s", got, err, s)
		}
	}
	p, c := profile(t), cipherOf(t, "demoSm4Key")
	m := &Element{Name: "APPROVEDATAINFO"}
	const opinion = "第一行\r\n第二行\t<b>&amp;\"'𠮷"
	m.Add("SPYJ", opinion)
	body, err := p.EncodeCall(m, c)
	if err != nil {
		t.Fatal(err)
	}
	opened, back, err := p.DecodeCall(body, c)
	if err != nil || !opened || back.Child("SPYJ").Text != opinion {
		t.Errorf("it came back as %v, %v", back, err)
	}
}

func TestMessageXMLCannotCarryIsRefused(t *testing.T) {
	for name, e := range map[string]*Element{
		"control character": {Name: "A", Text: "a\x01"},
		"invalid UTF-8":     {Name: "A", Text: "a\xff"},
		"markup as a name":  {Name: "A><B", Text: "a"},
		"no name":           {},
		"text and elements": {Name: "A", Text: "a", Children: []*Element{{Name: "B"}}},
	} {
		if s, err := EncodeXML(e); err == nil {
			t.Errorf("%s was written: %s", name, s)
		}
	}
}

func TestReadingXMLIsBounded(t *testing.T) {
	for name, s := range map[string]string{
		"entity bomb":     `<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>`,
		"unknown entity":  `<a>&c;</a>`,
		"outside entity":  `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`,
		"too deep":        strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1),
		"too many":        "<a>" + strings.Repeat("<b/>", maxElements) + "</a>",
		"too large":       "<a>" + strings.Repeat("b", MaxBody) + "</a>",
		"not closed":      "<a><b>",
		"closed wrongly":  "<a><b></a></b>",
		"two roots":       "<a/><b/>",
		"text around":     "<a/>x",
		"mixed":           "<a>x<b/></a>",
		"other encoding":  `<?xml version="1.0" encoding="GBK"?><a/>`,
		"invalid UTF-8":   "<a>\xff</a>",
		"namespace":       `<x:a xmlns:x="urn:y"/>`,
		"bare ampersand":  "<a>b & c</a>",
		"empty":           "",
		"a stray end tag": "</a>",
	} {
		if e, err := DecodeXML(s); !fault.Is(err, fault.Data) {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
	if _, err := DecodeXML(strings.Repeat("<a>", maxDepth) + strings.Repeat("</a>", maxDepth)); err != nil {
		t.Errorf("%d levels: %v", maxDepth, err)
	}
	if e := decoded(t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>\n  <b>1</b> <!-- c -->\n</a>\n"); e.Value("b") != "1" || e.Text != "" {
		t.Errorf("a message with a prolog and white space became %v", e)
	}
}

func TestTextThatIsNotEscapedIsReadWhereItCanMeanNothingElse(t *testing.T) {
	for given, want := range map[string]string{
		"<a><b>金额 < 10 万 & 首套</b></a>":   "金额 < 10 万 & 首套",
		"<a><b>1 <2 &&lt;3</b></a>":      "1 <2 &<3",
		"<a><b>right &lt; &amp;</b></a>": "right < &",
	} {
		if e, err := DecodeLoose(given); err != nil || e.Value("b") != want {
			t.Errorf("%s: %v, %v", given, e, err)
		}
	}
	for _, given := range []string{"<a><b>x <y z</b></a>", "<a>", "<!DOCTYPE a [<!ENTITY b \"b\">]><a>&b;< </a>", "", "&"} {
		if e, err := DecodeLoose(given); !fault.Is(err, fault.Data) {
			t.Errorf("%s: %v, %v", given, e, err)
		}
	}
}

func FuzzDecodeXML(f *testing.F) {
	f.Add(acceptXML)
	f.Add("<a>&#xA;<b/></a>")
	f.Fuzz(func(t *testing.T, s string) {
		e, err := DecodeXML(s)
		if err != nil {
			return
		}
		written, err := EncodeXML(e)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := DecodeXML(written)
		if err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		if twice, _ := EncodeXML(again); twice != written {
			t.Errorf("%q became %q", written, twice)
		}
	})
}

func TestReplyIsReadInEitherForm(t *testing.T) {
	p, c := profile(t), cipherOf(t, "demoSm4Key")
	for _, r := range []Reply{{"200", "200", "成功", nil}, {"200", "300", "受理人 <SHOULI/YWSLRMC> 必填\n第二行", nil}, {"401", "", "签名不对", nil}} {
		for _, form := range []Form{XML, JSON} {
			kind, body, err := p.EncodeReply(r, form, c)
			if err != nil || !strings.Contains(kind, string(form)) {
				t.Fatalf("%s, %v", kind, err)
			}
			if got, err := p.DecodeReply(body, c); err != nil || got != r {
				t.Errorf("%s: %v, %v; want %v", body, got, err, r)
			}
			if p.Done(r) != slices.Equal([]string{r.Code, r.Status}, []string{"200", "200"}) {
				t.Errorf("%v is done: %t", r, p.Done(r))
			}
		}
	}
	sealed, _ := c.Encrypt(`{"status":200,"data":{"fileContent":"AA=="}}`)
	if got, err := p.DecodeReply([]byte("\ufeff {\"code\":200,\"data\":\""+sealed+"\",\"more\":1}"), c); err != nil || got != (Reply{"200", "200", `{"fileContent":"AA=="}`, nil}) {
		t.Errorf("numbers and an object: %v, %v", got, err)
	}
}

func TestAnswerThatIsNoReplyIsADataFault(t *testing.T) {
	p, c := profile(t), cipherOf(t, "demoSm4Key")
	kind, whole, err := p.EncodeReply(Reply{"200", "200", "成功", nil}, XML, c)
	if err != nil {
		t.Fatal(kind, err)
	}
	plain, _ := c.Encrypt("成功")
	for name, body := range map[string]string{
		"nothing":        "",
		"a proxy's page": "<html><body>502 Bad Gateway</body></html>",
		"words":          "bad gateway",
		"cut short":      string(whole[:len(whole)-20]),
		"no code":        `{"data":"x"}`,
		"half a JSON":    `{"code":"200","da`,
		"plain data":     `{"code":"200","data":"成功"}`,
		"sealed no JSON": `{"code":"200","data":"` + plain + `"}`,
		"code is a null": `{"code":null}`,
		"too large":      strings.Repeat(" ", MaxBody+1),
		"invalid UTF-8":  "{\"code\":\"401\",\"data\":\"\xff\"}",
		"no status sealed": func() string {
			s, _ := c.Encrypt(`{"data":"x"}`)
			return `{"code":"200","data":"` + s + `"}`
		}(),
	} {
		if r, err := p.DecodeReply([]byte(body), c); !fault.Is(err, fault.Data) {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

func TestCallThatIsNoCallIsADataFault(t *testing.T) {
	p, c := profile(t), cipherOf(t, "demoSm4Key")
	sealed, _ := c.Encrypt("no XML")
	for name, s := range map[string]struct {
		body   string
		opened bool
	}{
		"no JSON":         {"xmlStr=1", false},
		"other parameter": {`{"xml":"1"}`, false},
		"more parameters": {`{"xmlStr":"1","a":"b"}`, false},
		"not sealed":      {`{"xmlStr":"<a/>"}`, false},
		"no XML inside":   {`{"xmlStr":"` + sealed + `"}`, true},
		"a number":        {`{"xmlStr":1}`, false},
		"invalid UTF-8":   {"{\"xmlStr\":\"\xff\"}", false},
	} {
		opened, m, err := p.DecodeCall([]byte(s.body), c)
		if !fault.Is(err, fault.Data) || opened != s.opened {
			t.Errorf("%s: opened %t, %v, %v", name, opened, m, err)
		}
	}
}

func FuzzDecodeReply(f *testing.F) {
	p, c := profile(f), cipherOf(f, "demoSm4Key")
	f.Add([]byte(`{"code":"200","data":"yKmSsQ/8furdV3HD0DXRdg=="}`))
	f.Add([]byte(`<R><code>401</code><data/></R>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := p.DecodeReply(body, c); err == nil && r.Code == "" {
			t.Error("an answer without a code was taken")
		}
	})
}
