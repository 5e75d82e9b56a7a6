package signing

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"banjian/internal/fault"
)

func scheme(t testing.TB, name string) *Scheme {
	t.Helper()
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The inputs of the known answers; all are invented. 2024-01-01 00:00:00 UTC.
var (
	at   = time.UnixMilli(1704067200000)
	demo = Call{Key: "demo-app-key-0001", Secret: "demo-app-secret-0001", Nonce: "00000000-0000-4000-8000-000000000001",
		Method: "POST", Path: "/openapi/x", Query: "b=2&a=1", Business: "biz-1", Service: "SID1", Token: "t-1"}
	sharing = Call{Key: "RID1", Secret: "my-app-secret-0001", Service: "SID1", Time: "1700000000000"}
)

// aep-hmac and gjzwfwpt are published known answers; the others were computed once with
// Python's hashlib and hmac over the message that stands beside them.
func TestSignaturesAreTheKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		scheme        string
		call          Call
		message       string
		want, swapped string
		placed        string // name=value of what else is placed
	}{
		{"aep-hmac", demo, "x-aep-appkey=demo-app-key-0001&x-aep-nonce=00000000-0000-4000-8000-000000000001&x-aep-timestamp=1704067200000",
			"72e61709d9e3e4a90cf2232b923fa11e1666b3bb7731c7701302366faf3e48cc", "739cc9dae3df967b79de2fbbfd78b50ed807ddddf40208e034b1485989729cfc",
			"x-aep-appkey=demo-app-key-0001 x-aep-nonce=00000000-0000-4000-8000-000000000001 x-aep-timestamp=1704067200000"},
		{"gjzwfwpt", sharing, "SID1RID11700000000000",
			"Y9VFOe35jAVRdb0y2cYMF9GmaaU2p5/8D4orJv2Agv0=", "EZz4sZn9dZ0aqj0FpKSciHbJFqOUxMLx8oM3Mu8uwDQ=", "gjzwfwpt_rid=RID1 gjzwfwpt_sid=SID1 gjzwfwpt_rtime=1700000000000"},
		{"gjgxjhpt", sharing, "SID1RID11700000000000",
			"Y9VFOe35jAVRdb0y2cYMF9GmaaU2p5/8D4orJv2Agv0=", "EZz4sZn9dZ0aqj0FpKSciHbJFqOUxMLx8oM3Mu8uwDQ=", "gjgxjhpt_rid=RID1 gjgxjhpt_sid=SID1 gjgxjhpt_rtime=1700000000000"},
		{"tif", demo, "1704067200demo-app-secret-000100000000-0000-4000-8000-0000000000011704067200",
			"1c1b526f410138e36cb39ebb39a6c0fb483cc24012070a11278ad6ce5305fbfc", "", "x-tif-paasid=demo-app-key-0001 x-tif-timestamp=1704067200 x-tif-nonce=00000000-0000-4000-8000-000000000001"},
		{"bg-hmac", demo, "POST\n/openapi/x\na=1&b=2\ndemo-app-key-0001\nMon, 01 Jan 2024 00:00:00 GMT\n",
			"sCk73Pq61+Rd3rKZLuaqQrxx3bKYZL4Y7uCNey2WZdk=", "eBRBPQ46R7LDQu1Y06wwPc+5cFK1iIQQpgr8AYbTkIo=",
			"X-BG-HMAC-ACCESS-KEY=demo-app-key-0001 X-BG-HMAC-ALGORITHM=hmac-sha256 X-BG-DATE-TIME=Mon, 01 Jan 2024 00:00:00 GMT"},
		{"aep-sha", demo, "1704067200.000demo-app-secret-000100000000-0000-4000-8000-000000000001biz-11704067200.000",
			"CE45ABC3B0BC2461A9A90EC9459B764EF6EF28AA8EA99581559ED3C498536A0E", "",
			"x-aep-appkey=demo-app-key-0001 x-aep-nonce=00000000-0000-4000-8000-000000000001 x-aep-timestamp=1704067200.000 x-aep-business=biz-1"},
		{"md5-cat", demo, "demo-app-key-0001demo-app-secret-00011704067200000", "4274780a9b98bfeeb3f7892440d8282b", "", "appKey=demo-app-key-0001 requestTime=1704067200000"},
		{"sm3-cat", demo, "170406720000000000-0000-4000-8000-0000000000011704067200",
			"935491C3249080CF7DDE1287EBAE8F6297BB117453E834A5EA214BDB87F4D7AB", "", "x-ka-appkey=demo-app-key-0001 x-ka-timestamp=1704067200 x-ka-nonce=00000000-0000-4000-8000-000000000001"},
		{"token", demo, "", "", "", "ApiKey=demo-app-key-0001 accessToken=t-1"},
		{"apply-url", demo, "key=demo-app-key-0001&timestamp=1704067200000",
			"6cbae0fff33d5b284acc8c22dba8298c27277c601609d1957e57b097893ccb4d", "acc16ff95d4f1780205420ec8e314a3daeb5c4de83372bffa0afc40f7ebc81ee", "key=demo-app-key-0001 timestamp=1704067200000"},
	} {
		t.Run(c.scheme, func(t *testing.T) {
			s := scheme(t, c.scheme)
			if c.call.Time == "" {
				c.call.Time = s.Stamp(at)
			}
			if got := string(s.text(nil, &c.call)); got != c.message {
				t.Errorf("signed is %q, want %q", got, c.message)
			}
			placed, err := s.Sign(&c.call)
			if err != nil {
				t.Fatal(err)
			}
			var others []string
			for _, p := range placed {
				if p.Where+p.Name == whereOf(s, "signature") {
					if p.Value != c.want {
						t.Errorf("signature %s, want %s", p.Value, c.want)
					}
					continue
				}
				others = append(others, p.Name+"="+p.Value)
			}
			if got := strings.Join(others, " "); got != c.placed {
				t.Errorf("beside it stand %s, want %s", got, c.placed)
			}
			if got := s.Swapped(&c.call); got != c.swapped || got != "" && got == c.want {
				t.Errorf("swapped %s, want %s", got, c.swapped)
			}
		})
	}
}

func whereOf(s *Scheme, value string) string {
	p := s.At(value)
	if p == nil {
		return ""
	}
	where, name := p.Name()
	return where + name
}

// The sample that takes the requester before the service is wrong.
func TestOrderOfASignedTextCounts(t *testing.T) {
	wrong := Call{Key: "SID1", Service: "RID1", Secret: "my-app-secret-0001", Time: "1700000000000"}
	if got := scheme(t, "gjzwfwpt").Signature(&wrong); got == "Y9VFOe35jAVRdb0y2cYMF9GmaaU2p5/8D4orJv2Agv0=" {
		t.Error("rid and sid may be taken for each other")
	}
}

func TestEncodingAndFormOfTimeAreData(t *testing.T) {
	for name, c := range map[string]struct{ of, old, new, want string }{
		"aep in base64":     {"aep-hmac", "encoding: hex", "encoding: base64", "cuYXCdnj5KkM8iMrkj+hHhZms7t3McdwEwI2b68+SMw="},
		"tif in upper case": {"tif", "encoding: hex", "encoding: HEX", "1C1B526F410138E36CB39EBB39A6C0FB483CC24012070A11278AD6CE5305FBFC"},
	} {
		data, err := shipped.ReadFile("signers/" + c.of + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		s, err := Parse(name, []byte(strings.Replace(string(data), c.old, c.new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		call := demo
		call.Time = s.Stamp(at)
		if got := s.Signature(&call); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestStampIsReadAsItIsWrittenAndNotOtherwise(t *testing.T) {
	for form, c := range map[string]struct {
		stamp string
		bad   []string
	}{
		"ms":      {"1704067200000", []string{"1704067200", "+170406720000", "1704067200.000", "01704067200000", "", "2024-01-01", "99999999999999999999"}},
		"s":       {"1704067200", []string{"1704067200000", "-170406720", "1704067200.0", "17 04067200"}},
		"s.3":     {"1704067200.000", []string{"1704067200", "1704067200.00", "1704067200000", ".1704067200000"}},
		"compact": {"20240101080000", []string{"20240132080000", "2024010108000", "1704067200000"}},
		"rfc1123": {"Mon, 01 Jan 2024 00:00:00 GMT", []string{"Tue, 01 Jan 2024 00:00:00 GMT", "Mon, 01 Jan 2024 08:00:00 CST", "1704067200"}},
	} {
		s := &Scheme{Time: form}
		if got := s.Stamp(at); got != c.stamp {
			t.Errorf("%s: %s, want %s", form, got, c.stamp)
		}
		if got, ok := s.Moment(c.stamp); !ok || !got.Equal(at) {
			t.Errorf("%s: %s is read as %v, %t", form, c.stamp, got, ok)
		}
		for _, bad := range c.bad {
			if got, ok := s.Moment(bad); ok {
				t.Errorf("%s: %q is read as %v", form, bad, got)
			}
		}
	}
}

func TestWhatIsMissingOrCannotBeCarriedIsAConfigFault(t *testing.T) {
	s := scheme(t, "aep-hmac")
	for name, change := range map[string]func(*Call){
		"no key":       func(c *Call) { c.Key = "" },
		"no secret":    func(c *Call) { c.Secret = "" },
		"no nonce":     func(c *Call) { c.Nonce = "" },
		"no time":      func(c *Call) { c.Time = "" },
		"line break":   func(c *Call) { c.Nonce = "a\r\nx-evil: 1" },
		"chinese key":  func(c *Call) { c.Key = "接入者" },
		"blank inside": func(c *Call) { c.Time = "17 04" },
	} {
		c := demo
		c.Time = s.Stamp(at)
		change(&c)
		if _, err := s.Sign(&c); !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTokenIsAskedForWithKeyAndSecret(t *testing.T) {
	s := scheme(t, "token")
	if got := s.Token.Parameters(&demo).Encode(); got != "appKey=demo-app-key-0001&appSecret=demo-app-secret-0001" || s.Token.Lifetime() != 30*time.Minute {
		t.Errorf("%s for %s", got, s.Token.Lifetime())
	}
}

func TestEveryShippedSchemeIsWhole(t *testing.T) {
	for _, name := range Schemes() {
		s := scheme(t, name)
		if s.Signer != name {
			t.Errorf("signers/%s.yaml calls itself %s", name, s.Signer)
		}
		if s.Uses("secret") {
			t.Errorf("%s puts the secret on the call", name)
		}
	}
	if len(Schemes()) < 9 {
		t.Errorf("there are %v", Schemes())
	}
}

func TestWrongSchemeIsRefusedAtItsLine(t *testing.T) {
	data, err := shipped.ReadFile("signers/aep-hmac.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, line, says string }{
		"unknown key":        {"hash:", "hashes:", "", "unknown key"},
		"unknown hash":       {"hash: hmac-sha256", "hash: sha1", "sha1", "hmac-sha256"},
		"unknown encoding":   {"encoding: hex", "encoding: HeX", "HeX", "hex | HEX"},
		"unknown time":       {"time: ms", "time: ns", "ns", "ms | s"},
		"unknown name":       {`"{pairs}"`, `"{header}"`, "{header}", "cannot hold {header}"},
		"signs itself":       {`"{pairs}"`, `"{pairs}{signature}"`, "{signature}", "cannot hold {signature}"},
		"header twice":       {"header: x-aep-nonce", "header: X-Aep-Appkey", "Appkey", "used once"},
		"two places":         {"header: x-aep-nonce", "header: x-aep-nonce, query: n", "query: n", "one of header"},
		"no place":           {`{header: x-aep-signature, value: "{signature}"}`, `{header: x-aep-signature, value: none}`, "", "a place for {signature}"},
		"window of words":    {"window: 300s", "window: soon", "soon", "above zero"},
		"no window":          {"window: 300s", "window: 0s", "0s", "above zero"},
		"token out of air":   {`value: "{nonce}"`, `value: "{token}"`, "", "token go together"},
		"time without place": {`value: "{time}"`, `value: "1"`, "time: ms", "time go together"},
		"no key":             {`value: "{key}"`, `value: "1"`, "", "a place for {key}"},
		"not sure":           {"conf: client", "conf: sure", "sure", "client | analog"},
		"no title":           {"en: x-aep headers, HMAC-SHA256\n", "", "", "title and en"},
	} {
		bad := strings.Replace(string(data), c.old, c.new, 1)
		_, err := Parse("s.yaml", []byte(bad))
		var f *fault.Error
		if bad == string(data) || !errors.As(err, &f) || f.Kind != fault.Config || !strings.Contains(f.What.EN, c.says) || f.What.ZH == "" || !regexp.MustCompile(`^s\.yaml:\d+:\d+$`).MatchString(f.Where) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if lines := strings.Split(bad, "\n"); c.line != "" {
			n := 0
			for _, r := range strings.Split(f.Where, ":")[1] {
				n = n*10 + int(r-'0')
			}
			if !strings.Contains(lines[n-1], c.line) {
				t.Errorf("%s: at %s, which is %q", name, f.Where, lines[n-1])
			}
		}
	}
}

func TestSiteSchemeLiesOverTheShippedOne(t *testing.T) {
	data, err := shipped.ReadFile("signers/aep-hmac.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site := fstest.MapFS{"signers/aep-hmac.yaml": {Data: []byte(strings.Replace(string(data), "window: 300s", "window: 90s", 1))}}
	s, err := Load("aep-hmac", site)
	if err != nil || s.Skew() != 90*time.Second {
		t.Errorf("%v, %v", s, err)
	}
	for _, name := range []string{"aep-hmak", "", "../x"} {
		if _, err := Load(name); !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() {
			t.Errorf("%q: %v", name, err)
		}
	}
}
