package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

func platform(args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = execute(context.Background(), append([]string{"platform"}, args...), &o, &e)
	return code, o.String(), e.String()
}

func TestPlatformSignPrintsTheKnownAnswer(t *testing.T) {
	const want = `x-aep-appkey: demo-app-key-0001
x-aep-nonce: 00000000-0000-4000-8000-000000000001
x-aep-timestamp: 1704067200000
x-aep-signature: 72e61709d9e3e4a90cf2232b923fa11e1666b3bb7731c7701302366faf3e48cc
`
	code, out, errOut := platform("sign", "--profile", "sd-ywzt-2024", "--key", "demo-app-key-0001", "--secret", "demo-app-secret-0001", "--nonce", "00000000-0000-4000-8000-000000000001", "--timestamp", "1704067200000")
	if code != exitDone || out != want || errOut != "" {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	_, first, _ := platform("sign", "--key", "k", "--secret", "s")
	_, second, _ := platform("sign", "--key", "k", "--secret", "s")
	if first == second || !regexp.MustCompile(`x-aep-timestamp: \d{13}\n`).MatchString(first) {
		t.Errorf("without a nonce: %s and %s", first, second)
	}
}

func TestPlatformEncryptAndDecryptPrintTheKnownAnswers(t *testing.T) {
	for _, c := range []struct{ verb, key, arg, in, want string }{
		{"encrypt", "demoSm4Key", "oss", "", "yKmSsQ/8furdV3HD0DXRdg=="},
		{"encrypt", "demoSm4Key", "-", "补正告知\n", "MXnlOSbA/Sxbh1XzIhyP5Q=="},
		{"encrypt", "0123456789abcdefXYZ", "oss", "", "WjxMZavtYP3h7wdri8xsiA=="},
		{"decrypt", "demoSm4Key", "MXnlOSbA/Sxbh1XzIhyP5Q==", "", "补正告知"},
		{"decrypt", "demoSm4Key", "-", "yKmSsQ/8fur\r\ndV3HD0DXRdg==\r\n", "oss"},
	} {
		var out, errOut bytes.Buffer
		a := &app{out: &out, err: &errOut, lang: "zh"}
		root := a.root()
		root.SetArgs([]string{"platform", c.verb, "--profile", "sd-ywzt-2024", "--key", c.key, c.arg})
		root.SetIn(strings.NewReader(c.in))
		if err := root.ExecuteContext(t.Context()); err != nil || out.String() != c.want+"\n" {
			t.Errorf("%s %s: %q, %v", c.verb, c.arg, out.String(), err)
		}
	}
}

func TestPlatformVerbsSayWhatIsWrongInBothLanguages(t *testing.T) {
	file := filepath.Join(t.TempDir(), "faults.yaml")
	if err := os.WriteFile(file, []byte("faults:\n  - {do: explode}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args   []string
		code   int
		zh, en string
	}{
		"profile":     {[]string{"sign", "--profile", "sd-ywzt-2023", "--key", "k", "--secret", "s"}, exitUsage, "没有中台档案 sd-ywzt-2023", "no platform profile sd-ywzt-2023"},
		"no secret":   {[]string{"sign", "--key", "k"}, exitUsage, "签名要有 --key 和 --secret", "a signature needs --key and --secret"},
		"no key":      {[]string{"encrypt", "x"}, exitUsage, "用 --key 写出 SM4 密钥", "the SM4 key with --key"},
		"no text":     {[]string{"encrypt", "--key", "k"}, exitUsage, "写一段文本", "give one text"},
		"wrong key":   {[]string{"decrypt", "--key", "other", "MXnlOSbA/Sxbh1XzIhyP5Q=="}, exitFailed, "密文解不开", "cannot be decrypted"},
		"truncated":   {[]string{"decrypt", "--key", "demoSm4Key", "MXnlOSbA/Sxbh1Xz"}, exitFailed, "密文解不开", "cannot be decrypted"},
		"no base64":   {[]string{"decrypt", "--key", "demoSm4Key", "补正告知"}, exitFailed, "base64", "base64"},
		"faults":      {[]string{"serve", "--faults", file}, exitUsage, file + ":2:6: 没有 \"explode\" 这种故障", file + ":2:6: there is no fault \"explode\""},
		"no faults":   {[]string{"serve", "--faults", file + "x"}, exitUsage, "故障文件读不了", "cannot be read"},
		"callback":    {[]string{"serve", "--callback", "127.0.0.1:8443/gjj"}, exitUsage, "--callback 要写成", "--callback is http(s)"},
		"address":     {[]string{"serve", "--listen", "nowhere"}, exitUsage, "主机:端口", "host:port"},
		"verb":        {[]string{"frobnicate"}, exitUsage, "没有", "has no verb"},
		"a verb near": {[]string{"verfiy"}, exitUsage, "是不是 verify", "did you mean verify"},
		"an argument": {[]string{"serve", "x"}, exitUsage, "不带参数", "takes no argument"},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			code, out, errOut := platform(append(c.args, "--lang", lang)...)
			if code != c.code || !strings.Contains(errOut, want) || out != "" {
				t.Errorf("%s in %s: exit %d, %q, %q", name, lang, code, out, errOut)
			}
		}
	}
}

func TestPlatformServeHelpShowsAFaultsFileThatWorks(t *testing.T) {
	p, err := middleplatform.LoadProfile(middleplatform.DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := simulator.ParseFaults("help", []byte(faultsExample), p)
	if err != nil || len(f.Faults) != 8 {
		t.Errorf("%v, %v", f, err)
	}
	for lang, want := range map[string]string{"zh": "只供联调", "en": "joint testing only"} {
		if code, out, _ := platform("serve", "--help", "--lang", lang); code != exitDone || !strings.Contains(out, faultsExample) || !strings.Contains(out, want) {
			t.Errorf("exit %d, %s", code, out)
		}
	}
}

// receiveAccept is a message of interface 4; the person is invented.
const receiveAccept = `<APPROVEDATAINFO><SBLSH_SHORT>2407010000001</SBLSH_SHORT><SXBM>11370000MB284651XX3370106001000</SXBM><SHOULI><YWSLSJ>2024-07-01 09:00:00</YWSLSJ><YWSLRMC>张三</YWSLRMC><YWSLZT>1</YWSLZT><YWSLQHMC>历下区</YWSLQHMC><YWSLQHBM>370102000000</YWSLQHBM><YWSLBMMC>某公积金中心</YWSLBMMC><YWSLBMBM>11370000MB284651XX</YWSLBMBM></SHOULI></APPROVEDATAINFO>`

// callPlatform sends a message as the verbs sign and encrypt it.
func callPlatform(t *testing.T, base string) middleplatform.Reply {
	t.Helper()
	_, headers, _ := platform("sign", "--key", "k", "--secret", "s")
	_, sealed, _ := platform("encrypt", "--key", "sm4", receiveAccept)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/receiveAcceptInfo", strings.NewReader(`{"xmlStr":"`+strings.TrimSpace(sealed)+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		r.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	p, err := middleplatform.LoadProfile(middleplatform.DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	c, err := middleplatform.NewCipher(p, "sm4", nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := p.DecodeReply(body, c)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestPlatformServeSaysItsAddressFirstAndEndsOnSIGTERM(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.jsonl")
	for i, taken := range []string{"taken 1, revised 0, repeated 0, refused 0", "taken 1, revised 0, repeated 1, refused 0"} {
		c := exec.CommandContext(t.Context(), os.Args[0], "platform", "serve", "--key", "k", "--secret", "s", "--sm4", "sm4", "--state", state, "--lang", "en")
		c.Env = append(os.Environ(), asProduct+"=1")
		var errOut bytes.Buffer
		c.Stderr = &errOut
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		first, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || !regexp.MustCompile(`^http://127\.0\.0\.1:\d+\n$`).MatchString(first) {
			t.Fatalf("its first line is %q, %v: %s", first, err, &errOut)
		}
		if reply := callPlatform(t, strings.TrimSpace(first)); reply.Status != "200" {
			t.Errorf("run %d: %v", i, reply)
		}
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if code := exitOf(t, c); code != exitDone {
			t.Errorf("exit %d: %s", code, &errOut)
		}
		if !strings.Contains(errOut.String(), "accept: "+taken) || strings.Contains(errOut.String(), "%!") {
			t.Errorf("it said %s", &errOut)
		}
	}
}
