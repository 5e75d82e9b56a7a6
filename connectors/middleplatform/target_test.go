package middleplatform_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/testdb"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Every answer a platform can give, and what it means for the message.
func TestEveryAnswerMeansOneThing(t *testing.T) {
	const page = "<html><body><h1>oops</h1></body></html>"
	plain := func(status int, words string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, words)
		}
	}
	said := func(status int, code, inner, words string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			answers(t, w, status, middleplatform.Reply{Code: code, Status: inner, Data: words})
		}
	}
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		kind    string // "" = taken, refused, or of a fault
		says    string
		waiting time.Duration
	}{
		"taken":                          {said(200, "200", "200", "成功"), "", "", 0},
		"created":                        {said(201, "200", "200", "成功"), "", "", 0},
		"refused":                        {said(200, "200", "300", "受理人必填"), "refused", "受理人必填", 0},
		"refused without words":          {said(200, "200", "300", ""), "refused", "other", 0},
		"refused by a status of its own": {said(200, "200", "0", "没有这个流水号"), "refused", "没有这个流水号", 0},
		"sealed and bad request":         {said(400, "200", "300", "受理人必填"), "refused", "受理人必填", 0},
		"sealed and unprocessable":       {said(422, "200", "300", "受理人必填"), "refused", "受理人必填", 0},
		"duplicate":                      {plain(409, page), "", "", 0},
		"duplicate in the envelope":      {said(200, "409", "", "重复"), "", "", 0},
		"duplicate sealed":               {said(200, "200", "409", "重复"), "", "", 0},
		"unauthorised":                   {said(401, "401", "", "签名不对"), "blocked", "签名不对", 0},
		"forbidden by a gateway":         {plain(403, page), "blocked", "(403)", 0},
		"unauthorised in the envelope":   {said(200, "401", "", "签名不对"), "blocked", "签名不对", 0},
		"too many":                       {plain(429, "", "Retry-After", "7"), "transient", "(429)", 7 * time.Second},
		"too many, no time given":        {plain(429, ""), "transient", "(429)", 0},
		"too many in the envelope":       {said(200, "429", "", "太多"), "transient", "(429)", 0},
		"until a moment":                 {plain(429, "", "Date", "Mon, 01 Jul 2024 01:00:00 GMT", "Retry-After", "Mon, 01 Jul 2024 01:01:30 GMT"), "transient", "", 90 * time.Second},
		"until a moment gone by":         {plain(429, "", "Date", "Mon, 01 Jul 2024 01:00:00 GMT", "Retry-After", "Mon, 01 Jul 2024 00:59:00 GMT"), "transient", "", 0},
		"a year":                         {plain(429, "", "Retry-After", "31536000"), "transient", "", 24 * time.Hour},
		"resting":                        {plain(503, page, "Retry-After", "60"), "transient", "(503)", time.Minute},
		"unavailable":                    {plain(503, page), "unknown", "503", 0},
		"unavailable, and nonsense":      {plain(503, page, "Retry-After", "soon"), "unknown", "503", 0},
		"internal error":                 {said(500, "500", "", "内部错误"), "unknown", "500", 0},
		"internal error in the envelope": {said(200, "500", "", "内部错误"), "unknown", "500", 0},
		"internal error sealed":          {said(200, "200", "500", "内部错误"), "unknown", "500", 0},
		"bad gateway":                    {plain(502, page), "unknown", "502", 0},
		"gateway timeout":                {plain(504, page), "unknown", "504", 0},
		"request timeout":                {plain(408, ""), "unknown", "408", 0},
		"a page instead of an answer":    {plain(200, page), "unknown", "cannot be read", 0},
		"nothing instead of an answer":   {plain(204, ""), "unknown", "cannot be read", 0},
		"an unknown code":                {said(200, "E77", "", "?"), "unknown", "E77", 0},
		"too much":                       {plain(200, strings.Repeat(" ", middleplatform.MaxBody+1)), "unknown", "cannot be read", 0},
		"no such number, sealed":         {said(200, "200", "404", "没有这个流水号"), "refused", "没有这个流水号", 0},
		"too early, sealed":              {said(200, "200", "425", "还不能办结"), "refused", "还不能办结", 0},
		"too many, sealed":               {said(200, "200", "429", "太多"), "transient", "(429)", 0},
		"no such path":                   {plain(404, page), "config", "(404)", 0},
		"no such path in the envelope":   {said(404, "404", "", "没有这个接口"), "config", "(404)", 0},
		"no such method":                 {plain(405, ""), "config", "(405)", 0},
		"no such type":                   {plain(415, ""), "config", "(415)", 0},
		"gone":                           {plain(410, ""), "config", "(410)", 0},
		"a proxy's bad request":          {plain(400, page), "config", "proxy or gateway", 0},
		"moved":                          {plain(302, "", "Location", "http://elsewhere.example/"), "config", "elsewhere", 0},
		"moved, keeping the method":      {plain(307, "", "Location", "/receiveFinishInfo"), "config", "elsewhere", 0},
	} {
		t.Run(name, func(t *testing.T) {
			target := open(t, serve(t, c.answer), nil)
			is, err := target.Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0)
			switch c.kind {
			case "":
				if is != nil || err != nil {
					t.Errorf("%+v, %v", is, err)
				}
			case "refused":
				want := &pipelines.Issue{Row: 0, Rule: middleplatform.RuleRefused, Args: []string{c.says}, Severity: pipelines.Reject}
				if err != nil || is == nil || is.Rule != want.Rule || is.Row != 0 || !slices.Equal(is.Args, want.Args) || is.Severity != want.Severity {
					t.Errorf("%+v, %v", is, err)
				}
			default:
				wantFault(t, err, kinds[c.kind], c.says)
				if got := fault.AfterOf(err); is != nil || got != c.waiting {
					t.Errorf("%+v, after %v, want %v", is, got, c.waiting)
				}
			}
		})
	}
}

var kinds = map[string]fault.Kind{"transient": fault.Transient, "unknown": fault.Unknown, "blocked": fault.Blocked, "config": fault.Config}

// transportFunc is a transport without a network.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOnlyWhatWasCertainlyNotSentIsTransient(t *testing.T) {
	closed := testdb.FreeAddress(t)
	ended := make(chan struct{})
	defer close(ended)
	dialing := func(dial func() (net.Conn, error)) *http.Transport {
		return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return dial() }}
	}
	failing := func(err error) transportFunc {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	within := map[string]time.Duration{"dial takes too long": 100 * time.Millisecond, "no answer in time": 100 * time.Millisecond} // else it does not matter
	for name, c := range map[string]struct {
		transport http.RoundTripper
		handler   http.HandlerFunc // of the real platform, where there is one
		base      string           // where there is none
		kind      fault.Kind
	}{
		"connection refused":              {nil, nil, "http://" + closed, fault.Transient},
		"no such host":                    {failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "ywzt.example.cn"}}), nil, "http://ywzt.example.cn", fault.Transient},
		"dial takes too long":             {dialing(func() (net.Conn, error) { <-ended; return nil, net.ErrClosed }), nil, "http://ywzt.example.cn", fault.Transient},
		"dial fails in its way":           {dialing(func() (net.Conn, error) { return nil, errors.New("no route") }), nil, "http://ywzt.example.cn", fault.Transient},
		"a transport that is mum":         {failing(errors.New("broken pipe")), nil, "http://ywzt.example.cn", fault.Unknown},
		"a transport that says it itself": {failing(fault.New(fault.Config, "open state", "platform/state", text.T("打不开", "cannot be opened"), text.Text{})), nil, "http://ywzt.example.cn", fault.Config},
		"reset on the way":                {failing(&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), nil, "http://ywzt.example.cn", fault.Unknown},
		"dropped after the request": {nil, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}, "", fault.Unknown},
		"cut in the answer": {nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "<RESPONSE><code>200</code>")
		}, "", fault.Unknown},
		"cut in a refusal": {nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "<RESPONSE><code>400</code>")
		}, "", fault.Unknown},
		"no answer in time": {nil, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, "", fault.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			base := c.base
			if c.handler != nil {
				base = serve(t, c.handler)
			}
			d := delivery(t, profileOf(t), "accept", acceptRow)
			call := func(within time.Duration) (*pipelines.Issue, error) {
				target := open(t, base, func(o *middleplatform.Options) {
					o.Transport = c.transport
					o.Limits = map[string]middleplatform.Limit{"accept": {Timeout: within}}
				})
				return target.Call(t.Context(), d, 0)
			}
			is, err := call(cmp.Or(within[name], patience))
			for more := 2 * within[name]; c.kind == fault.Unknown && fault.Is(err, fault.Transient) && 0 < more && more < patience; more *= 2 { // the machine did not get round to sending it
				is, err = call(more)
			}
			if is != nil {
				t.Errorf("%+v", is)
			}
			wantFault(t, err, c.kind, "")
		})
	}
}

func TestCallGivenUpBeforeItBeganIsTransientAndAfterwardsUnknown(t *testing.T) {
	began := make(chan struct{})
	base := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(began)
		<-r.Context().Done()
	})
	target := open(t, base, nil)
	d := delivery(t, profileOf(t), "accept", acceptRow)
	ctx, cancel := context.WithCancel(t.Context())
	together(2, func(i int) {
		if i == 0 {
			_, err := target.Call(ctx, d, 0)
			if wantFault(t, err, fault.Unknown, ""); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			return
		}
		<-began // the first goes alone: this one waits
		waiting := make(chan error)
		go func() {
			_, err := target.Call(ctx, d, 0)
			waiting <- err
		}()
		cancel()
		err := <-waiting
		if wantFault(t, err, fault.Transient, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestMessageWithProblemsIsRefusedHereAndNeverSent(t *testing.T) {
	p := profileOf(t)
	target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) {
		o.Transport = transportFunc(func(*http.Request) (*http.Response, error) {
			t.Error("it was sent")
			return nil, errors.New("sent")
		})
	})
	for name, c := range map[string]struct {
		in    string
		row   map[string]string
		field string
		rule  string
		args  string
	}{
		"no flow number":       {"accept", with(acceptRow, "SBLSH_SHORT", ""), "SBLSH_SHORT", "required", ""},
		"placeholder":          {"accept", with(acceptRow, "SHOULI_YWSLRMC", "无"), "SHOULI_YWSLRMC", "required", ""},
		"too long":             {"accept", with(acceptRow, "SXBM", strings.Repeat("1", 37)), "SXBM", "too_long", "36 37"},
		"code":                 {"accept", with(acceptRow, "SHOULI_YWSLZT", "7"), "SHOULI_YWSLZT", "bad_code", "sd-ywzt-2024/accept_state 7"},
		"words for a code":     {"accept", with(acceptRow, "SHOULI_YWSLZT", "张三李四王五赵六孙七周八吴九"), "SHOULI_YWSLZT", "bad_code", "sd-ywzt-2024/accept_state 张三李四…"},
		"region":               {"accept", with(acceptRow, "SHOULI_YWSLQHBM", "370102"), "SHOULI_YWSLQHBM", "bad_region", ""},
		"ends before it began": {"course", with(courseRow, "GDBSSPCL_SPSJ", "2024-07-01T01:59:59Z"), "GDBSSPCL_SPSJ", "too_early", ""},
		"fee without currency": {"finish", with(finishRow, "SPBANJIE_JEDWDM", ""), "SPBANJIE_JEDWDM", "required", ""},
		"licence":              {"finish", with(finishRow, "SPBANJIE_BJJGDM", "0"), "SPBANJIE_ZJBH", "required", ""},
		"what XML cannot hold": {"course", with(courseRow, "GDBSSPCL_SPYJ", "a\uffff"), "GDBSSPCL_SPYJ", "bad_text", ""},
		"no block":             {"accept", map[string]string{"SBLSH_SHORT": "1", "SXBM": "1"}, "SHOULI", "required", ""},
	} {
		is, err := target.Call(t.Context(), delivery(t, p, c.in, acceptOr(c.in), c.row), 1)
		if err != nil || is == nil || is.Row != 1 || is.Field != c.field || is.Rule != c.rule || strings.Join(is.Args, " ") != c.args || is.Severity != pipelines.Reject {
			t.Errorf("%s: %+v, %v", name, is, err)
		}
	}
}

func acceptOr(name string) map[string]string {
	return map[string]map[string]string{"accept": acceptRow, "course": courseRow, "finish": finishRow}[name]
}

func TestWrongUseOfATargetIsSaidAtOnce(t *testing.T) {
	p := profileOf(t)
	for name, change := range map[string]func(*middleplatform.Options){
		"no keys": func(o *middleplatform.Options) { o.Keys = nil },
		"no secret": func(o *middleplatform.Options) {
			o.Keys = []middleplatform.Keys{{Credentials: middleplatform.Credentials{Key: "k"}, SM4Key: "k"}}
		},
		"no SM4 key":  func(o *middleplatform.Options) { o.Keys = []middleplatform.Keys{{Credentials: who}} },
		"no profile":  func(o *middleplatform.Options) { o.Profile = nil },
		"no scheme":   func(o *middleplatform.Options) { o.Base = "ywzt.example.cn/x" },
		"ftp":         func(o *middleplatform.Options) { o.Base = "ftp://ywzt.example.cn/x" },
		"a password":  func(o *middleplatform.Options) { o.Base = "https://u:p@ywzt.example.cn/x" },
		"a query":     func(o *middleplatform.Options) { o.Base = "https://ywzt.example.cn/x?a=b" },
		"no CA file":  func(o *middleplatform.Options) { o.TLS.CAFile = "testdata/nothing.pem" },
		"CA of words": func(o *middleplatform.Options) { o.TLS.CAFile = "doc.go" },
	} {
		o := middleplatform.Options{Name: "platform", Profile: p, Base: "https://ywzt.example.cn/x", Keys: []middleplatform.Keys{keys}}
		change(&o)
		if _, err := middleplatform.New(o); !fault.Is(err, fault.Config) || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", name, err)
		}
	}
	target := open(t, "http://ywzt.example.cn", nil)
	if _, err := target.Call(t.Context(), &pipelines.Delivery{Table: "nothing"}, 0); !fault.Is(err, fault.Bug) {
		t.Errorf("unknown interface: %v", err)
	}
	d := delivery(t, p, "accept", acceptRow)
	d.Table = "course"
	if _, err := target.Call(t.Context(), d, 0); !fault.Is(err, fault.Bug) {
		t.Errorf("another interface's record: %v", err)
	}
}
