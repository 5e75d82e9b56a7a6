package middleplatform

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"banjian/internal/fault"
)

func profile(t testing.TB) *Profile {
	t.Helper()
	p, err := LoadProfile(DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The published known answer, with invented keys.
const (
	rightMAC   = "72e61709d9e3e4a90cf2232b923fa11e1666b3bb7731c7701302366faf3e48cc"
	swappedMAC = "739cc9dae3df967b79de2fbbfd78b50ed807ddddf40208e034b1485989729cfc"
	nonce      = "00000000-0000-4000-8000-000000000001"
	stamp      = "1704067200000"
)

var (
	demo   = Credentials{"demo-app-key-0001", "demo-app-secret-0001"}
	signed = time.UnixMilli(1704067200000)
)

func TestSignatureIsTheKnownAnswer(t *testing.T) {
	p := profile(t)
	if got := p.Stamp(signed); got != stamp {
		t.Errorf("stamp %s", got)
	}
	headers, err := p.Sign(demo, nonce, stamp)
	if err != nil {
		t.Fatal(err)
	}
	want := []Header{{"x-aep-appkey", demo.Key}, {"x-aep-nonce", nonce}, {"x-aep-timestamp", stamp}, {"x-aep-signature", rightMAC}}
	for i, h := range headers {
		if h != want[i] {
			t.Errorf("header %d is %v, want %v", i, h, want[i])
		}
	}
}

func TestSignRefusesWhatAHeaderCannotCarry(t *testing.T) {
	p := profile(t)
	for name, c := range map[string]struct {
		who          Credentials
		nonce, stamp string
	}{
		"no key":       {Credentials{"", "s"}, nonce, stamp},
		"no secret":    {Credentials{"k", ""}, nonce, stamp},
		"no nonce":     {demo, "", stamp},
		"line break":   {demo, "a\r\nx-evil: 1", stamp},
		"chinese key":  {Credentials{"接入者", "s"}, nonce, stamp},
		"blank inside": {demo, nonce, "17 04"},
	} {
		if _, err := p.Sign(c.who, c.nonce, c.stamp); !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func headersOf(t testing.TB, p *Profile, who Credentials, nonce, stamp string) http.Header {
	t.Helper()
	list, err := p.Sign(who, nonce, stamp)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	for _, x := range list {
		h.Set(x.Name, x.Value)
	}
	return h
}

func TestVerifyTakesTheRightSignatureAndNamesWhatIsWrongWithOthers(t *testing.T) {
	p := profile(t)
	set := func(name, value string) func(http.Header) {
		return func(h http.Header) { h.Set(name, value) }
	}
	for name, c := range map[string]struct {
		at     time.Time
		change func(http.Header)
		want   Reason
	}{
		"right":             {signed, func(http.Header) {}, ""},
		"late by a window":  {signed.Add(300 * time.Second), func(http.Header) {}, ""},
		"early by a window": {signed.Add(-300 * time.Second), func(http.Header) {}, ""},
		"later":             {signed.Add(300*time.Second + time.Millisecond), func(http.Header) {}, Stale},
		"earlier":           {signed.Add(-300*time.Second - time.Millisecond), func(http.Header) {}, Stale},
		"swapped":           {signed, set("x-aep-signature", swappedMAC), WrongMAC},
		"upper case":        {signed, set("x-aep-signature", strings.ToUpper(rightMAC)), WrongMAC},
		"cut":               {signed, set("x-aep-signature", rightMAC[:63]), WrongMAC},
		"other nonce":       {signed, set("x-aep-nonce", "n"), WrongMAC},
		"other key":         {signed, set("x-aep-appkey", "n"), UnknownKey},
		"no signature":      {signed, func(h http.Header) { h.Del("x-aep-signature") }, HeaderMissing},
		"empty nonce":       {signed, set("x-aep-nonce", ""), HeaderMissing},
		"two nonces":        {signed, func(h http.Header) { h.Add("x-aep-nonce", nonce) }, HeaderMissing},
		"seconds":           {signed, set("x-aep-timestamp", "1704067200"), BadTimestamp},
		"sign in the stamp": {signed, set("x-aep-timestamp", "+170406720000"), BadTimestamp},
		"no number":         {signed, set("x-aep-timestamp", "2024-01-01"), BadTimestamp},
	} {
		t.Run(name, func(t *testing.T) {
			v := NewVerifier(p, demo, func() time.Time { return c.at })
			h := headersOf(t, p, demo, nonce, stamp)
			c.change(h)
			if got := v.Verify(h); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if c.want != "" && c.want.Text().ZH == "" {
				t.Error("the reason has no words")
			}
		})
	}
	v := NewVerifier(p, Credentials{demo.Key, "another"}, func() time.Time { return signed })
	if got := v.Verify(headersOf(t, p, demo, nonce, stamp)); got != WrongMAC {
		t.Errorf("wrong secret: %q", got)
	}
}

func TestNonceIsTakenOnceAsLongAsItsStampIsGood(t *testing.T) {
	p := profile(t)
	now := signed.Add(-300 * time.Second) // the stamp is as far ahead as can be
	v := NewVerifier(p, demo, func() time.Time { return now })
	h := headersOf(t, p, demo, nonce, stamp)
	if got := v.Verify(h); got != "" {
		t.Fatal(got)
	}
	for range 20 {
		if got := v.Verify(h); got != Replayed {
			t.Errorf("at %s: %q", now, got)
		}
		now = now.Add(30 * time.Second)
		v.Verify(headersOf(t, p, demo, "other-"+now.String()[11:19], p.Stamp(now))) // others make the memory turn
	}
}

func TestMemoryOfNoncesIsBoundedAndRefusesWhenFull(t *testing.T) {
	p := profile(t)
	p.Signer.Nonces = 3
	now := signed
	v := NewVerifier(p, demo, func() time.Time { return now })
	for i, want := range []Reason{"", "", "", Crowded} {
		if got := v.Verify(headersOf(t, p, demo, string(rune('a'+i)), p.Stamp(now))); got != want {
			t.Errorf("call %d: %q, want %q", i, got, want)
		}
	}
	wrong := headersOf(t, p, demo, "z", p.Stamp(now))
	wrong.Set("x-aep-signature", swappedMAC)
	if got := v.Verify(wrong); got != WrongMAC {
		t.Errorf("a wrong call was judged %q", got)
	}
	now = now.Add(time.Hour)
	if got := v.Verify(headersOf(t, p, demo, "a", p.Stamp(now))); got != "" {
		t.Errorf("after the window: %q", got)
	}
}

func cipherOf(t testing.TB, key string) *Cipher {
	t.Helper()
	c, err := NewCipher(profile(t), key, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCipherGivesTheKnownAnswers(t *testing.T) {
	for _, c := range []struct{ key, plain, want string }{
		{"demoSm4Key", "oss", "yKmSsQ/8furdV3HD0DXRdg=="},
		{"demoSm4Key", "补正告知", "MXnlOSbA/Sxbh1XzIhyP5Q=="},
		{"demoSm4Key", "<SBLSH_SHORT>0000000000000</SBLSH_SHORT>", "OvtNSYJ9nlqFtCm5hJiXbWWEsGhTLEDwy1CkYlAvSG6V/XHmQJc+8JOjrPltzJu3"},
		{"demoSm4Key", "<SBLSH_SHORT>\r\n0000000000000\n</SBLSH_SHORT>\r", "OvtNSYJ9nlqFtCm5hJiXbWWEsGhTLEDwy1CkYlAvSG6V/XHmQJc+8JOjrPltzJu3"},
		{"0123456789abcdef", "oss", "WjxMZavtYP3h7wdri8xsiA=="},
		{"0123456789abcdefXYZ", "oss", "WjxMZavtYP3h7wdri8xsiA=="},
	} {
		sealed, err := cipherOf(t, c.key).Encrypt(c.plain)
		if err != nil || sealed != c.want {
			t.Errorf("%s %q: %s, %v; want %s", c.key, c.plain, sealed, err, c.want)
		}
		for _, folded := range []string{sealed, sealed[:5] + "\r\n" + sealed[5:] + "\n"} {
			if plain, err := cipherOf(t, c.key).Decrypt(folded); err != nil || plain != newlines.Replace(c.plain) {
				t.Errorf("%s: decrypted %q, %v", c.key, plain, err)
			}
		}
	}
}

func TestDecryptRefusesWhatWasNotSealedSo(t *testing.T) {
	sealed, err := cipherOf(t, "demoSm4Key").Encrypt("<SBLSH_SHORT>0000000000000</SBLSH_SHORT>")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ key, text string }{
		"wrong key":      {"another", sealed},
		"a block short":  {"demoSm4Key", sealed[:len(sealed)-24]},
		"cut in a block": {"demoSm4Key", sealed[:20]},
		"empty":          {"demoSm4Key", ""},
		"no base64":      {"demoSm4Key", "补正告知"},
		"url base64":     {"demoSm4Key", strings.ReplaceAll(sealed, "/", "_")},
		"hex":            {"demoSm4Key", hex.EncodeToString([]byte("0123456789abcdef"))},
		"loose bits":     {"demoSm4Key", base64.StdEncoding.EncodeToString(make([]byte, 16))[:21] + "B=="},
	} {
		if plain, err := cipherOf(t, c.key).Decrypt(c.text); !fault.Is(err, fault.Data) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
	for _, key := range []string{"", "密钥", "a\nb"} {
		if _, err := NewCipher(profile(t), key, nil); !fault.Is(err, fault.Config) {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestProfileWithoutCipherSendsPlainText(t *testing.T) {
	p := profile(t)
	p.Cipher.Kind = "none"
	c, err := NewCipher(p, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Encrypt("受理"); got != "受理" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzDecrypt(f *testing.F) {
	c := cipherOf(f, "demoSm4Key")
	f.Add("yKmSsQ/8furdV3HD0DXRdg==")
	f.Fuzz(func(t *testing.T, sealed string) {
		plain, err := c.Decrypt(sealed)
		if err != nil {
			return
		}
		if strings.ContainsAny(plain, "\r\n") {
			return // such a text is never sealed by us
		}
		if again, err := c.Encrypt(plain); err != nil || again != newlines.Replace(sealed) {
			t.Errorf("%q decrypts to what encrypts to %q, %v", sealed, again, err)
		}
	})
}

func TestSiteProfileLiesOverTheShippedOne(t *testing.T) {
	data, err := shipped.ReadFile("profiles/sd-ywzt-2024.yaml")
	if err != nil {
		t.Fatal(err)
	}
	site := fstest.MapFS{"profiles/sd-ywzt-2024.yaml": {Data: []byte(strings.Replace(string(data), "window: 300s", "window: 90s", 1))}}
	p, err := LoadProfile(DefaultProfile, site)
	if err != nil || p.Signer.Window.Duration != 90*time.Second {
		t.Errorf("window %v, %v", p.Signer.Window, err)
	}
	for _, name := range []string{"sd-ywzt-2023", "", "../x"} {
		if _, err := LoadProfile(name); !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() {
			t.Errorf("%q: %v", name, err)
		}
	}
}
