package simulator

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are what a gateway is told about those who call it.
type Options struct {
	RID      string
	Services map[string]Service // by sid
	Families []string           // name families that must all be there: gjzwfwpt, gjgxjhpt; default the first
	InBody   bool               // the same values must be members of the body
	Plain    bool               // secrets are asked for with the app key itself and handed out in plain
	Lasts    time.Duration      // of a secret; default an hour
	Grace    time.Duration      // an old secret is taken that long after a new one was handed out
	Window   time.Duration      // a time may be off, either way; default 300s
	Now      func() time.Time   // default time.Now
}

// Service is one interface.
type Service struct {
	AppKey string
	Direct bool              // the secret itself is the signature
	Form   string            // parameter of the form that holds the question; empty: a JSON body
	Known  map[string]Person // by number
}

// Person is what the register knows of one number.
type Person struct{ Name, Status string }

// Paths of the gateway: secrets, and services by their sid.
const (
	RefreshPath = "/sysapi/auth/refreshappsecret"
	ServicePath = "/sysapi/service/"
)

// Fault is what the next calls of a service meet instead of an answer.
type Fault string

// Faults.
const (
	Healthy   Fault = ""
	Out       Fault = "out"       // 503
	Hang      Fault = "hang"      // no answer before the caller gives up
	Throttle  Fault = "throttle"  // 429, Retry-After: 60
	Forget    Fault = "forget"    // every signature is refused
	Truncate  Fault = "truncate"  // half an answer
	Gibberish Fault = "gibberish" // no JSON
	Flood     Fault = "flood"     // more than anybody should read
)

// Gateway is the simulator. It is an http.Handler and may be used concurrently.
type Gateway struct {
	o Options

	mu      sync.Mutex
	secrets map[string][]secret // of a sid, the latest last
	fault   map[string]Fault    // by sid
	asked   map[string]int
	refused map[string]int
	renewed map[string]int
}

type secret struct {
	text  string
	until time.Time
}

// New is a gateway without faults.
func New(o Options) *Gateway {
	if len(o.Families) == 0 {
		o.Families = []string{"gjzwfwpt"}
	}
	if o.Lasts == 0 {
		o.Lasts = time.Hour
	}
	if o.Window == 0 {
		o.Window = 300 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Gateway{o: o, secrets: map[string][]secret{}, fault: map[string]Fault{}, asked: map[string]int{}, refused: map[string]int{}, renewed: map[string]int{}}
}

// Break has the calls of a service meet a fault from now on; the refreshing of secrets is
// the service "refresh".
func (g *Gateway) Break(sid string, f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault[sid] = f
}

// Counts says how often a service was asked with a right signature, how often it refused
// one, and how many secrets were handed out for it.
func (g *Gateway) Counts(sid string) (asked, refused, renewed int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked[sid], g.refused[sid], g.renewed[sid]
}

// Revoke ends every secret of a service at once.
func (g *Gateway) Revoke(sid string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.secrets, sid)
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || r.Method != http.MethodPost {
		say(w, "405", "method", nil)
		return
	}
	if r.URL.Path == RefreshPath {
		if g.ill(w, r, "refresh") {
			return
		}
		g.refresh(w, r, body)
		return
	}
	sid, found := strings.CutPrefix(r.URL.Path, ServicePath)
	service, known := g.o.Services[sid]
	if !found || !known {
		http.NotFound(w, r)
		return
	}
	if g.ill(w, r, sid) {
		return
	}
	if why := g.judge(r, body, sid, func(want string) bool { return g.signedBy(service, sid, want, r) }); why != "" {
		g.count(g.refused, sid)
		say(w, "401", why, nil)
		return
	}
	g.count(g.asked, sid)
	g.answer(w, r, service, body)
}

func (g *Gateway) count(in map[string]int, sid string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	in[sid]++
}

// ill answers as the fault of a service has it.
func (g *Gateway) ill(w http.ResponseWriter, r *http.Request, sid string) bool {
	g.mu.Lock()
	f := g.fault[sid]
	g.mu.Unlock()
	switch f {
	case Out:
		w.WriteHeader(http.StatusServiceUnavailable)
	case Hang:
		<-r.Context().Done()
	case Throttle:
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
	case Forget:
		g.count(g.refused, sid)
		say(w, "401", "sign", nil)
	case Truncate:
		w.Header().Set("Content-Length", "4096")
		_, _ = io.WriteString(w, `{"code":"200",`)
	case Gibberish:
		_, _ = io.WriteString(w, "<html>maintenance</html>")
	case Flood:
		for range 40 {
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<16))
		}
	default:
		return false
	}
	return true
}

// judge says what is wrong with what stands on a call, empty for nothing.
func (g *Gateway) judge(r *http.Request, body []byte, sid string, signed func(sign string) bool) string {
	values := membersOf(r, body)
	for _, family := range g.o.Families {
		of := func(name string) string { return one(r.Header, family+"_"+name) }
		switch {
		case sid == "" || of("sid") != sid:
			return "sid"
		case of("rid") != g.o.RID:
			return "rid"
		case !g.inTime(of("rtime")):
			return "rtime"
		case !signed(family):
			return "sign"
		}
		for _, name := range []string{"rid", "sid", "rtime", "sign"} {
			if g.o.InBody && values[family+"_"+name] != of(name) {
				return "body"
			}
		}
	}
	return ""
}

// one is a header that was sent once, whatever the case of its name.
func one(h http.Header, name string) string {
	if v := h.Values(name); len(v) == 1 {
		return v[0]
	}
	return ""
}

func (g *Gateway) inTime(stamp string) bool {
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || len(stamp) != 13 {
		return false
	}
	off := g.o.Now().Sub(time.UnixMilli(n))
	return off.Abs() <= g.o.Window
}

// signedBy says that the signature of a family was made with a secret that is good.
func (g *Gateway) signedBy(s Service, sid, family string, r *http.Request) bool {
	sign, stamp := one(r.Header, family+"_sign"), one(r.Header, family+"_rtime")
	for _, key := range g.good(sid) {
		want := Sign(sid, g.o.RID, stamp, key)
		if s.Direct {
			want = key
		}
		if hmac.Equal([]byte(sign), []byte(want)) {
			return true
		}
	}
	return false
}

// good is the secrets of a service that are taken now.
func (g *Gateway) good(sid string) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []string
	for _, s := range g.secrets[sid] {
		if g.o.Now().Before(s.until) {
			list = append(list, s.text)
		}
	}
	return list
}

// Sign is the signature of a call: base64 of HMAC-SHA256 over sid, rid and rtime.
func Sign(sid, rid, stamp, key string) string {
	h := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(h, sid+rid+stamp)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// refresh hands out a secret.
func (g *Gateway) refresh(w http.ResponseWriter, r *http.Request, body []byte) {
	sid := one(r.Header, g.o.Families[0]+"_sid")
	service, known := g.o.Services[sid]
	why := "sid"
	if known && g.o.Plain {
		why = g.plainly(r, service)
	} else if known {
		why = g.judge(r, body, sid, func(family string) bool {
			stamp := one(r.Header, family+"_rtime")
			return hmac.Equal([]byte(one(r.Header, family+"_sign")), []byte(Sign(sid, g.o.RID, stamp, service.AppKey))) && membersOf(r, body)[family+"_sid"] == sid
		})
	}
	if why != "" {
		g.count(g.refused, "refresh")
		say(w, "1", why, nil)
		return
	}
	text, until := g.issue(sid)
	if g.o.Plain {
		_ = json.NewEncoder(w).Encode(map[string]any{"code": "0", "appSecret": text})
		return
	}
	say(w, "0", "", map[string]any{"secret": Seal(service.AppKey, text), "secretEndTime": until.UnixMilli()})
}

// plainly judges a call that is signed by the app key itself and has no time.
func (g *Gateway) plainly(r *http.Request, s Service) string {
	for _, family := range g.o.Families {
		if one(r.Header, family+"_rid") != g.o.RID || one(r.Header, family+"_rtime") != "" || one(r.Header, family+"_sign") != s.AppKey {
			return "sign"
		}
	}
	return ""
}

func (g *Gateway) issue(sid string) (string, time.Time) {
	var b [16]byte
	_, _ = rand.Read(b[:])
	fresh := secret{hex.EncodeToString(b[:]), g.o.Now().Add(g.o.Lasts)}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.secrets[sid] {
		if old, ends := &g.secrets[sid][i], g.o.Now().Add(g.o.Grace); ends.Before(old.until) {
			old.until = ends
		}
	}
	g.secrets[sid] = append(g.secrets[sid], fresh)
	g.renewed[sid]++
	return fresh.text, fresh.until
}

// Seal is a secret as the gateway hands it out: base64 of AES-128 in ECB with PKCS#5
// padding under the first half of SHA1(SHA1(app key)).
func Seal(appKey, secret string) string {
	once := sha1.Sum([]byte(appKey))
	twice := sha1.Sum(once[:])
	block, err := aes.NewCipher(twice[:aes.BlockSize])
	if err != nil {
		return ""
	}
	fill := aes.BlockSize - len(secret)%aes.BlockSize
	out := append([]byte(secret), strings.Repeat(string(rune(fill)), fill)...)
	for at := 0; at < len(out); at += aes.BlockSize {
		block.Encrypt(out[at:], out[at:])
	}
	return base64.StdEncoding.EncodeToString(out)
}

// answer looks a person up: {code, message, data: {found, match, status, name}}.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, s Service, body []byte) {
	q := membersOf(r, body)
	if s.Form != "" {
		inner := map[string]string{}
		if json.Unmarshal([]byte(q[s.Form]), &inner) != nil {
			say(w, "300", "biz_content", nil)
			return
		}
		q = inner
	}
	if q["gmsfhm"] == "" {
		say(w, "300", "gmsfhm", nil)
		return
	}
	p, known := s.Known[q["gmsfhm"]]
	if !known {
		say(w, "200", "", map[string]any{"found": 0})
		return
	}
	match := "0"
	if p.Name == q["xm"] {
		match = "1"
	}
	say(w, "200", "", map[string]any{"found": 1, "match": match, "status": p.Status, "name": p.Name})
}

// membersOf is the members of a JSON body, or the parameters of a form.
func membersOf(r *http.Request, body []byte) map[string]string {
	out := map[string]string{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		values, err := url.ParseQuery(string(body))
		if err == nil {
			for k := range values {
				out[k] = values.Get(k)
			}
		}
		return out
	}
	if json.Unmarshal(body, &out) != nil {
		return map[string]string{}
	}
	return out
}

func say(w http.ResponseWriter, code, message string, data any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": message, "data": data})
}
