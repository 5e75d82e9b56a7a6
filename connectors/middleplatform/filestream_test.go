package middleplatform

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"banjian/internal/fault"
)

// answers is a transport that gives one answer to every call.
type answers struct {
	status int
	body   io.Reader
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(a.body)}, err
}

func askerOver(t *testing.T, a *answers) *Asker {
	t.Helper()
	asker, err := NewAsker(Options{Name: "p", Profile: profile(t), Base: "http://p.invalid", Keys: []Keys{{Credentials{"k", "s"}, "demoSm4Key"}}, Transport: a}, intakeOf(t))
	if err != nil {
		t.Fatal(err)
	}
	return asker
}

// downloaded is the answer to a download, and the plain text that is sealed in it.
func downloaded(t *testing.T, form Form, code, status, data string) string {
	t.Helper()
	p := profile(t)
	c, err := NewCipher(p, "demoSm4Key", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, body, err := p.EncodeReply(Reply{Code: code, Status: status, Data: data}, form, c)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func fileJSON(t *testing.T, content []byte) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"msg": "好\"\\/\n😀", "data": map[string]any{"size": len(content), "list": []any{1, "a", map[string]any{}}, "fileContent": base64.StdEncoding.EncodeToString(content), "name": "甲"}, "ok": true})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAFileComesWholeInEitherEnvelope(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for _, size := range []int{0, 1, 15, 16, 17, 4095, 100_003} {
		content := make([]byte, size)
		_, _ = random.Read(content)
		for _, form := range []Form{XML, JSON} {
			body, err := askerOver(t, &answers{200, strings.NewReader(downloaded(t, form, "200", "200", fileJSON(t, content)))}).Download(t.Context(), "/a")
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(body)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s, %d bytes: got %d, %v", form, size, len(got), err)
			}
			if err := body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAFileThatDoesNotComeWholeIsAFault(t *testing.T) {
	whole := downloaded(t, JSON, "200", "200", fileJSON(t, bytes.Repeat([]byte("abc"), 5000)))
	for name, c := range map[string]struct {
		a    answers
		want fault.Kind
		says string
	}{
		"refused":          {answers{200, strings.NewReader(downloaded(t, JSON, "200", "300", "没有这个附件"))}, fault.Data, "does not give it"},
		"refused in xml":   {answers{200, strings.NewReader(downloaded(t, XML, "200", "300", "没有这个附件"))}, fault.Data, "does not give it"},
		"by the envelope":  {answers{200, strings.NewReader(downloaded(t, JSON, "500", "", "内部错误"))}, fault.Data, ""},
		"the key":          {answers{401, strings.NewReader(downloaded(t, JSON, "401", "", "签名不对"))}, fault.Blocked, ""},
		"later":            {answers{503, strings.NewReader("")}, fault.Transient, ""},
		"html":             {answers{200, strings.NewReader("<html><body>login</body></html>")}, fault.Transient, ""},
		"nothing":          {answers{200, strings.NewReader("")}, fault.Transient, ""},
		"cut in the data":  {answers{200, strings.NewReader(whole[:len(whole)/2])}, fault.Transient, ""},
		"cut at the end":   {answers{200, strings.NewReader(whole[:len(whole)-1])}, fault.Transient, ""},
		"another key":      {answers{200, strings.NewReader(strings.Replace(whole, `"data":"`, `"data":"AAAAAAAAAAAAAAAAAAAAAA`, 1))}, fault.Transient, ""},
		"no file in it":    {answers{200, strings.NewReader(downloaded(t, JSON, "200", "200", `{"data":{}}`))}, fault.Transient, ""},
		"a file of a kind": {answers{200, strings.NewReader(downloaded(t, JSON, "200", "200", `{"data":{"fileContent":5}}`))}, fault.Transient, ""},
	} {
		body, err := askerOver(t, &c.a).Download(t.Context(), "/a")
		if err == nil {
			_, err = io.ReadAll(body)
			body.Close()
		}
		if !fault.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v is %s", name, err, fault.KindOf(err))
		}
	}
}

// A file far beyond what a message may have goes through in little memory.
func TestALargeFileIsStreamed(t *testing.T) {
	const size = 48 << 20
	body := downloaded(t, JSON, "200", "200", fileJSON(t, make([]byte, size)))
	asker := askerOver(t, &answers{200, strings.NewReader(body)})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	file, err := asker.Download(t.Context(), "/a")
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, file)
	runtime.ReadMemStats(&after)
	if n != size || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

func TestJSONTextIsFoundAtItsPlace(t *testing.T) {
	for _, c := range []struct{ in, path, want string }{
		{`{"a":"x"}`, "a", "x"},
		{` { "b" : [1,{"a":"no"}] , "a" : "x\u00e9\ud83d\ude00\\" , "c":null}  `, "a", "xé😀\\"},
		{`{"a":{"b":"x"},"z":1.5e3}`, "a/b", "x"},
		{`{"a":"{\"b\":\"x\\ny\",\"c\":[{}]}"}`, "a/b", "x\ny"},
		{`{"a":"{\"b\":\"x\"`, "a/b", "error"},
		{`{"a":"x"`, "a", "error"},
		{`{"a":"\q"}`, "a", "error"},
		{`{"b":"x"}`, "a", "error"},
		{`["a"]`, "a", "error"},
		{``, "a", "error"},
		{`{"b":` + strings.Repeat("[", 100) + `,"a":"x"}`, "a", "error"},
	} {
		r, err := jsonText(strings.NewReader(c.in), strings.Split(c.path, "/"), func(string, string) {})
		got := []byte("error")
		if err == nil {
			if got, err = io.ReadAll(r); err != nil {
				got = []byte("error")
			}
		}
		if string(got) != c.want {
			t.Errorf("%s: %q, %v, want %q", c.in, got, err, c.want)
		}
	}
}

func FuzzJSONText(f *testing.F) {
	f.Add(`{"a":{"b":"x"},"z":1.5e3}`)
	f.Add(`{"a":"{\"b\":\"\\u00e9\"}"}`)
	f.Fuzz(func(t *testing.T, in string) {
		r, err := jsonText(strings.NewReader(in), []string{"a", "b"}, func(string, string) {})
		if err != nil {
			return
		}
		got, err := io.ReadAll(r)
		var members struct{ A struct{ B string } }
		if err == nil && json.Unmarshal([]byte(in), &members) == nil && len(got) > 0 && members.A.B != string(got) && strings.Count(in, "\"a\"")+strings.Count(in, "\"A\"")+strings.Count(in, "\"b\"")+strings.Count(in, "\"B\"") == 2 && !strings.Contains(in, "\\") {
			t.Errorf("%q, not %q", got, members.A.B)
		}
		if errors.Is(err, io.EOF) {
			t.Error("io.EOF is no error of ReadAll")
		}
	})
}
