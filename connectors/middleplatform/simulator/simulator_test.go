package simulator

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
)

func TestCaseIsTakenInItsOrder(t *testing.T) {
	w := newWorld(t, "")
	w.send("course", courseXML, "还没有推送业务受理信息")
	w.send("finish", finishXML, "还没有推送业务受理信息")
	w.send("accept", acceptXML, "")
	w.send("finish", change(t, finishXML, "2024-07-02 09", "2024-07-01 08"), "早于 SHOULI/YWSLSJ")
	w.send("course", change(t, courseXML, "2024-07-01 10", "2024-07-01 08"), "") // a step may begin before the acceptance
	w.send("course", courseXML, "")
	w.send("course", change(t, courseXML, "2024-07-01 10", "2024-07-01 09"), "按开始时间先后")
	w.send("course", change(t, courseXML, "2024-07-01 10:00:00</JSSJ>", "2024-07-01 08:00:00</JSSJ>"), "") // as it came
	w.send("finish", finishXML, "")
	w.send("course", change(t, courseXML, "<SPHJDM>2", "<SPHJDM>3"), "已有推送业务办结信息")
	w.send("accept", change(t, acceptXML, "张三", "赵六"), "已有推送业务办结信息")
	w.wantCount("accept", Count{Effects: 1, Refused: 1})
	w.wantCount("course", Count{Effects: 2, Repeats: 1, Refused: 3})
	w.wantCount("finish", Count{Effects: 1, Refused: 2})
	w.send("course", change(t, courseXML, "2407010000001", "2407010000002"), "还没有推送业务受理信息")
}

func TestCaseThatWasNeverCorrectedEndsWithoutAcceptance(t *testing.T) {
	w := newWorld(t, "")
	w.send("finish", change(t, finishXML, "<BJJGDM>6</BJJGDM><BJJGMS>准予</BJJGMS>", "<BJJGDM>5</BJJGDM><BJJGMS>补正不来</BJJGMS><ZFHTHYY>逾期未补正</ZFHTHYY>"), "")
}

func TestSameBodyHasOneEffectAndAnotherIsARevision(t *testing.T) {
	w := newWorld(t, "")
	for range 3 {
		w.send("accept", acceptXML, "")
		w.send("course", courseXML, "")
	}
	w.send("course", change(t, courseXML, "<SPYJ>同意", "<SPYJ>同意办理"), "")
	w.send("course", change(t, courseXML, "2024-07-01 10:00", "2024-07-01 10:30"), "") // begins at another time: another step
	w.send("finish", finishXML, "")
	w.send("finish", change(t, finishXML, "准予", "准予许可"), "只收一次") // by its profile
	w.send("finish", finishXML, "")
	w.send("course", change(t, courseXML, "2024-07-01 10:00", "2024-07-01 10:30"), "")
	w.wantCount("accept", Count{Effects: 1, Repeats: 2})
	w.wantCount("course", Count{Effects: 2, Repeats: 3, Revisions: 1})
	w.wantCount("finish", Count{Effects: 1, Repeats: 1, Refused: 1})
	effects := w.s.Effects()
	if len(effects) != 4 || effects[3].Interface != "finish" || effects[3].Revision != 1 || effects[3].Body != finishXML || effects[3].Key[0] != "2407010000001" {
		t.Errorf("it has %+v", effects)
	}
}

func TestConcurrentRepeatsHaveOneEffect(t *testing.T) {
	w := newWorld(t, "")
	var wg sync.WaitGroup
	for range 20 {
		r := w.request("", "accept", acceptXML)
		wg.Go(func() { w.do(r) })
	}
	wg.Wait()
	w.wantCount("accept", Count{Effects: 1, Repeats: 19})
}

func TestMessageWithProblemsIsRefusedInChineseWords(t *testing.T) {
	w := newWorld(t, "")
	for name, c := range map[string]struct{ xml, says string }{
		"required": {change(t, acceptXML, "张三", ""), "受理人 SHOULI/YWSLRMC 必填"},
		"width":    {change(t, acceptXML, "张三", strings.Repeat("张", 101)), "超长：至多 100 字，现有 101"},
		"code":     {change(t, acceptXML, "<YWSLZT>1", "<YWSLZT>9"), "受理状态 SHOULI/YWSLZT 不在代码集内"},
		"no XML":   {"<APPROVEDATAINFO>", "不是合格的 XML"},
		"bomb":     {`<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>`, "不是合格的 XML"},
		"many":     {"<APPROVEDATAINFO>" + strings.Repeat("<A/>", 20) + "</APPROVEDATAINFO>", "另有 "},
	} {
		t.Run(name, func(t *testing.T) { w.send("accept", c.xml, c.says) })
	}
	w.wantCount("accept", Count{Refused: 6})
	if len(w.s.Effects()) != 0 {
		t.Error("a refused message left something")
	}
}

func TestCallThatIsNotSignedRightlyChangesNothing(t *testing.T) {
	w := newWorld(t, "")
	for name, c := range map[string]struct {
		spoil func(*http.Request)
		says  string
	}{
		"no signature": {func(r *http.Request) { r.Header.Del("x-aep-signature") }, "缺少签名请求头"},
		"wrong secret": {func(r *http.Request) {
			r.Header.Set("x-aep-signature", strings.Repeat("0", 64))
		}, "签名不对"},
		"other caller": {func(r *http.Request) { r.Header.Set("x-aep-appkey", "x") }, "接入者标识不认识"},
		"stale": {func(r *http.Request) {
			w.now = w.now.Add(-301 * time.Second)
			w.sign(r)
			w.now = w.now.Add(301 * time.Second)
		}, "时间差"},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.request("", "accept", acceptXML)
			c.spoil(r)
			resp, reply := w.do(r)
			if resp.StatusCode != http.StatusUnauthorized || reply.Code != "401" || !strings.Contains(reply.Data, c.says) {
				t.Errorf("%d %v", resp.StatusCode, reply)
			}
		})
	}
	r := w.request("", "accept", acceptXML)
	again := w.request("", "course", courseXML)
	again.Header = r.Header.Clone()
	w.do(r)
	if resp, reply := w.do(again); resp.StatusCode != http.StatusUnauthorized || reply.Data != "随机数已用过" {
		t.Errorf("a replayed nonce: %d %v", resp.StatusCode, reply)
	}
	if n := len(w.s.Effects()); n != 1 {
		t.Errorf("%d effects", n)
	}
}

func TestCallThatCannotBeOpenedIsSaidSo(t *testing.T) {
	w := newWorld(t, "")
	body := func(s string) *http.Request {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "/receiveAcceptInfo", strings.NewReader(s))
		w.sign(r)
		return r
	}
	other, err := middleplatform.NewCipher(w.p, "another", nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := other.Encrypt(acceptXML)
	get, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/receiveAcceptInfo", nil)
	nowhere, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "/receiveNothing", nil)
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"plain":       {body(`{"xmlStr":"<a/>"}`), http.StatusBadRequest},
		"other key":   {body(`{"xmlStr":"` + sealed + `"}`), http.StatusBadRequest},
		"form":        {body("xmlStr=1"), http.StatusBadRequest},
		"too large":   {body(strings.Repeat(" ", middleplatform.MaxBody+1)), http.StatusRequestEntityTooLarge},
		"get":         {get, http.StatusMethodNotAllowed},
		"no such one": {nowhere, http.StatusNotFound},
	} {
		if resp, reply := w.do(c.r); resp.StatusCode != c.want || reply.Data == "" {
			t.Errorf("%s: %d %v", name, resp.StatusCode, reply)
		}
	}
}

func TestAnswerComesInTheFormTheCallerAsksFor(t *testing.T) {
	w := newWorld(t, "")
	for accept, want := range map[string]string{"": "application/xml", "*/*": "application/xml", "application/json": "application/json", "text/xml": "application/xml"} {
		r := w.request("", "accept", acceptXML)
		r.Header.Set("Accept", accept)
		if resp, _ := w.do(r); !strings.HasPrefix(resp.Header.Get("Content-Type"), want) {
			t.Errorf("%q is answered %s", accept, resp.Header.Get("Content-Type"))
		}
	}
}

func TestSimulatorNobodyCouldCallIsAConfigFault(t *testing.T) {
	w := newWorld(t, "")
	for name, o := range map[string]Options{
		"no secret": {Profile: w.p, Credentials: middleplatform.Credentials{Key: "k"}, SM4Key: "k"},
		"no cipher": {Profile: w.p, Credentials: credentials},
		"taken":     {Profile: w.p, Credentials: credentials, SM4Key: sm4Key, State: w.state},
		"a folder":  {Profile: w.p, Credentials: credentials, SM4Key: sm4Key, State: t.TempDir()},
	} {
		if _, err := New(o); !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
