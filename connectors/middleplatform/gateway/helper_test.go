package gateway

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/internal/text"
)

var keys = middleplatform.Keys{Credentials: middleplatform.Credentials{Key: "demo-app-key-0001", Secret: "demo-app-secret-0001"}, SM4Key: "demoSm4Key"}

// clock is one that tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a gateway with the platform behind it.
type world struct {
	t        testing.TB
	dir      string
	clock    *clock
	journal  *Journal
	gateway  *Gateway
	platform *platform
	profile  *middleplatform.Profile
	intake   *middleplatform.Intake
	cipher   *middleplatform.Cipher
	objects  *objects.Store
	accepted map[string]time.Time // by flow number
	finished map[string]time.Time // by flow number
	system   System
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), clock: newClock(), accepted: map[string]time.Time{}, finished: map[string]time.Time{}}
	var err error
	if w.profile, err = middleplatform.LoadProfile(middleplatform.DefaultProfile); err != nil {
		t.Fatal(err)
	}
	if w.intake, err = middleplatform.LoadIntake(w.profile); err != nil {
		t.Fatal(err)
	}
	if w.cipher, err = middleplatform.NewCipher(w.profile, keys.SM4Key, nil); err != nil {
		t.Fatal(err)
	}
	if w.objects, err = objects.Open(filepath.Join(w.dir, "objects")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.objects.Close() })
	w.platform = &platform{w: w, details: map[string]string{}, materials: map[string]string{}, files: map[string][]byte{}}
	w.system = System{Name: "gjj", Platform: "ywzt", Path: "/gjj", Profile: w.profile, Intake: w.intake, Keys: []middleplatform.Keys{keys}}
	w.reopen()
	return w
}

// reopen is a restart.
func (w *world) reopen() {
	w.t.Helper()
	if w.journal != nil {
		if err := w.journal.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	j, err := OpenJournal(context.Background(), filepath.Join(w.dir, "inbox.db"), w.clock.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.journal = j
	w.t.Cleanup(func() { j.Close() })
	w.gateway = w.open(w.system)
}

func (w *world) open(systems ...System) *Gateway {
	w.t.Helper()
	g, err := New(Options{Journal: w.journal, Systems: systems, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now,
		Decided: func(_ context.Context, _, flowNo string, since time.Time) (Decision, error) {
			if at, known := w.accepted[flowNo]; known && !at.Before(since) {
				return Accepted, nil
			}
			if at, known := w.finished[flowNo]; known && !at.Before(since) {
				return Finished, nil
			}
			return Undecided, nil
		}})
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// said is the answer of a call.
type said struct {
	http   int
	status string
	desc   string
	header http.Header
}

func (w *world) do(r *http.Request) said {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.gateway.ServeHTTP(rec, r)
	var body struct{ Status, Data string }
	if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
		w.t.Fatalf("%v: %q", err, rec.Body)
	}
	m, err := middleplatform.DecodeXML(body.Data)
	if err != nil || m.Name != "RESULT" || m.Value("STATUS") != body.Status || len(m.Value("TIME")) != 13 {
		w.t.Fatalf("%v: %q", err, body.Data)
	}
	return said{rec.Code, body.Status, m.Value("DESC"), rec.Header()}
}

// call posts a message as a form, plain.
func (w *world) call(path, xml string) said {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(url.Values{"xmlStr": {xml}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.do(r)
}

const (
	applyPath  = "/gjj/sendApplyNO"
	cancelPath = "/gjj/cancelProjectBeforeAccept"
)

func applyXML(flowNo, kind, replied string) string {
	return fmt.Sprintf("<APPROVEDATAINFO><SBLSH_SHORT>%s</SBLSH_SHORT><SXBM>GJJ-0302</SXBM><XZQHDM>370102</XZQHDM><EXPRESSTYPE>%s</EXPRESSTYPE><BZSLBLRXM>张补正</BZSLBLRXM><BZCLQD>身份证</BZCLQD><BZSJ>%s</BZSJ></APPROVEDATAINFO>", flowNo, kind, replied)
}

func cancelXML(flowNo string) string {
	return "<APPROVEDATAINFO><SBLSH_SHORT>" + flowNo + "</SBLSH_SHORT><CXRXM>张样例</CXRXM></APPROVEDATAINFO>"
}

// announce announces a number that must be taken.
func (w *world) announce(flowNo, kind, replied string) {
	w.t.Helper()
	if got := w.call(applyPath, applyXML(flowNo, kind, replied)); got.status != "200" || got.http != 200 {
		w.t.Fatalf("%+v", got)
	}
}

// submissions lists what the journal has of a number.
func (w *world) submissions(flowNo string) []string {
	w.t.Helper()
	rows, err := w.journal.read.Query("SELECT submission || ':' || kind || ':' || state || ':' || calls FROM applications WHERE flow_no=? ORDER BY submission", flowNo)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// platform is one that answers 2, 3 and downloads.
type platform struct {
	w         *world
	mu        sync.Mutex
	details   map[string]string // DATA by flow number
	materials map[string]string // by flow number/YWLX
	files     map[string][]byte
	trouble   func(call string, nth int) error // before anything is looked at; nil = none
	calls     []string
	xml       bool                                      // envelopes in XML
	absent    map[string]func(*platform) *http.Response // answers to downloads, by path
	unknown   [2]string                                 // code and status for a number there is not; empty: 200 and 300
}

func (p *platform) put(flowNo string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.details[flowNo] = `<DATA><SXBDBM>BD1</SXBDBM><YWLY>01</YWLY><BJMC>提取公积金</BJMC><SPRENYUAN><IDENTITYTYPE>111</IDENTITYTYPE><IDCARDNO>11010519491231002X</IDCARDNO><NAME>张样例</NAME><SEX>男</SEX><LINKPHONE>13800138000</LINKPHONE><BRITHDAY>1949-12-31</BRITHDAY><HOBBY>x</HOBBY></SPRENYUAN><SPSHENQIN><SBLSH_SHORT>` + flowNo + `</SBLSH_SHORT><SXMC>提取公积金</SXMC><SQRLX>1</SQRLX><SQRMC>张样例</SQRMC><SQRZJLX>10</SQRZJLX><SQRZJHM>11010519491231002X</SQRZJHM><LXRXM>无</LXRXM><LXRSJ>13800138000</LXRSJ><SBSJ>2026-11-22 08:00:00</SBSJ><XML_DATA><SPItemListDef><TableCols><tqyy>购房</tqyy></TableCols></SPItemListDef></XML_DATA></SPSHENQIN></DATA>`
	p.materials[flowNo+"/0"] = `<DATA><RECORDS><RECORD><SEQ>a1</SEQ><STUFF_SEQ>CL1</STUFF_SEQ><CLMC>身份证</CLMC><WJLX>1</WJLX><CLLX>2</CLLX><CLSL>1</CLSL><ATTACH_NAME>正面.jpg</ATTACH_NAME><ATTACH_ID>f1</ATTACH_ID><ATTACH_PATH>/oss/` + flowNo + `/1</ATTACH_PATH></RECORD>` +
		`<RECORD><SEQ/><STUFF_SEQ>CL2</STUFF_SEQ><CLMC>合同</CLMC><WJLX>0</WJLX><CLLX>0</CLLX><CLSL>2</CLSL></RECORD></RECORDS></DATA>`
	p.materials[flowNo+"/1"] = `<DATA><RECORDS><RECORD><SEQ>b1</SEQ><STUFF_SEQ>CL1</STUFF_SEQ><CLMC>身份证</CLMC><WJLX>1</WJLX><CLLX>2</CLLX><CLSL>1</CLSL><ATTACH_NAME>补正.pdf</ATTACH_NAME><ATTACH_BODY>` +
		base64.StdEncoding.EncodeToString([]byte("%PDF-1.7 补正")) + `</ATTACH_BODY></RECORD></RECORDS></DATA>`
	p.files["/oss/"+flowNo+"/1"] = []byte("\xff\xd8\xff\xe0 a picture")
}

// RoundTrip answers one call.
func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	p.calls = append(p.calls, name)
	if p.trouble != nil {
		if err := p.trouble(name, len(p.calls)); err != nil {
			return nil, err
		}
	}
	if r.Header.Get("x-aep-signature") == "" {
		return p.answer("401", "", "签名不对")
	}
	if name == "downloadFile" {
		return p.download(body)
	}
	_, m, err := p.w.profile.DecodeCall(body, p.w.cipher)
	if err != nil {
		p.w.t.Error(err)
	}
	flowNo := m.Value("SBLSH_SHORT")
	data, known := p.details[flowNo]
	if name == "getApplyMaterialInfo" {
		data, known = p.materials[flowNo+"/"+m.Value("YWLX")]
	}
	if !known {
		return p.answer(cmp.Or(p.unknown[0], "200"), cmp.Or(p.unknown[1], "300"), "没有这个流水号")
	}
	return p.answer("200", "200", `<?xml version="1.0" encoding="GBK"?><RESULT><STATUS>200</STATUS><DESC>成功</DESC><TIME>20261122090000</TIME>`+data+"</RESULT>")
}

func (p *platform) download(body []byte) (*http.Response, error) {
	var asked struct{ DownloadMode, FileKey string }
	if err := json.Unmarshal(body, &asked); err != nil {
		p.w.t.Error(err)
	}
	mode, _ := p.w.cipher.Decrypt(asked.DownloadMode)
	key, err := p.w.cipher.Decrypt(asked.FileKey)
	if err != nil || mode != "oss" {
		p.w.t.Errorf("%q, %v", mode, err)
	}
	if says := p.absent[key]; says != nil {
		return says(p), nil
	}
	content, known := p.files[key]
	if !known {
		return p.answer("200", "300", "没有这个文件")
	}
	inner, err := json.Marshal(map[string]any{"code": 200, "data": map[string]string{"fileName": "甲\"乙", "fileContent": base64.StdEncoding.EncodeToString(content)}})
	if err != nil {
		p.w.t.Error(err)
	}
	return p.answer("200", "200", string(inner))
}

func (p *platform) answer(code, status, data string) (*http.Response, error) {
	form := middleplatform.JSON
	if p.xml {
		form = middleplatform.XML
	}
	kind, body, err := p.w.profile.EncodeReply(middleplatform.Reply{Code: code, Status: status, Data: data}, form, p.w.cipher)
	if err != nil {
		p.w.t.Error(err)
	}
	number := http.StatusOK
	if code == "401" {
		number = http.StatusUnauthorized
	}
	return &http.Response{StatusCode: number, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// unreachable is a platform nobody reaches.
var unreachable = fault.New(fault.Transient, "call platform", "", text.T("连不上", "cannot be reached"), text.Text{})

// asker asks the platform.
func (w *world) asker() (*middleplatform.Asker, error) {
	return middleplatform.NewAsker(middleplatform.Options{Name: "gjj", Profile: w.profile, Base: "http://platform.invalid/ywzt", Keys: []middleplatform.Keys{keys}, Transport: w.platform, Now: w.clock.Now}, w.intake)
}

// fetch runs a fetcher on the test's clock until nothing is due within span of its beginning.
// Waiting turns the clock.
func (w *world) fetch(span time.Duration) {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	f := NewFetcher(FetchOptions{Journal: w.journal, Systems: []Origin{{Name: "gjj", Profile: w.profile, Intake: w.intake, Open: w.asker}}, Objects: w.objects, Log: slog.New(slog.DiscardHandler), Now: w.clock.Now})
	end := w.clock.Now().Add(span)
	for _, what := range []kind{numbers{}, contents{}} {
		l := newLine(f, &f.o.Systems[0], 1, what)
		inner, done := context.WithCancel(ctx)
		f.o.Wait = func(_ context.Context, d time.Duration, _ <-chan struct{}) {
			if w.clock.Now().Add(d).After(end) {
				done()
				return
			}
			w.clock.turn(max(d, time.Second))
		}
		f.keep(inner, l)
		done()
	}
}

func (w *world) wantSubmissions(flowNo string, want ...string) {
	w.t.Helper()
	if got := w.submissions(flowNo); !slices.Equal(got, want) {
		w.t.Errorf("%s: %q, want %q", flowNo, got, want)
	}
}

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}
