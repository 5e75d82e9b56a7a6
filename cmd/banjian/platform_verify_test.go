package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

// simulated is the address of a simulator that takes the usual keys.
func simulated(t *testing.T, broken string) string {
	t.Helper()
	p, err := middleplatform.LoadProfile(middleplatform.DefaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulator.New(simulator.Options{Profile: p, Credentials: middleplatform.Credentials{Key: simulatedKey, Secret: simulatedSecret}, SM4Key: simulatedSM4, Break: broken})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() { server.Close(); s.Close() })
	return server.URL
}

func TestVerifySaysOneLineAnAssertion(t *testing.T) {
	code, out, errOut := platform("verify", "--base", simulated(t, ""), "--lang", "zh")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if code != exitDone || len(lines) < 60 || !strings.Contains(errOut, "0 条不成立") {
		t.Errorf("exit %d, %d lines, %s", code, len(lines), errOut)
	}
	form := regexp.MustCompile(`^ok\t[a-z_]+\.[a-z0-9_]+\t[^\t]+$`)
	for _, line := range lines {
		if !form.MatchString(line) {
			t.Errorf("%q", line)
		}
	}
}

func TestVerifyOfABrokenPlatformExitsOneAndNamesTheAssertion(t *testing.T) {
	base := simulated(t, "finish.special_open")
	file := filepath.Join(t.TempDir(), "report.xlsx")
	code, out, errOut := platform("verify", "--base", base, "--lang", "en", "--out", file)
	if code != exitFailed || !strings.Contains(out, "FAIL\tfinish.special_open\ta result while a special procedure is open is refused: step 3") || !strings.Contains(errOut, "do not hold") {
		t.Errorf("exit %d, %s, %s", code, out, errOut)
	}
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("assertions")
	if err != nil || len(rows) < 61 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if got, _ := book.GetCellValue("cover", "B4"); got != base {
		t.Errorf("the cover names %q", got)
	}
	code, out, _ = platform("verify", "--base", base, "--json")
	var report struct {
		Results []struct {
			Assertion string `json:"assertion"`
			OK        bool   `json:"ok"`
		} `json:"results"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitFailed || len(report.Results) < 60 {
		t.Errorf("exit %d, %v", code, err)
	}
}

func TestVerifyListsItsAssertionsAndServeItsDefects(t *testing.T) {
	_, assertions, _ := platform("verify", "--list", "--lang", "en")
	_, inPieces, _ := platform("verify", "--list", "--profile", "json", "--lang", "en") // what the default profile has no use for
	_, defects, _ := platform("serve", "--break", "list")
	if n := strings.Count(assertions, "\n"); n < 60 {
		t.Errorf("%d assertions", n)
	}
	if n := strings.Count(defects, "\n"); n < 20 {
		t.Errorf("%d defects", n)
	}
	for line := range strings.Lines(defects) {
		if name := strings.TrimSpace(line); !strings.Contains("\n"+assertions+inPieces, "\n"+name+"\t") {
			t.Errorf("no assertion is named %s", name)
		}
	}
	if _, quirks, _ := platform("serve", "--quirks", "list"); !strings.Contains(quirks, "gbk_prolog\n") {
		t.Errorf("quirks %s", quirks)
	}
}

func TestVerifySaysWhatIsWrongWithItsFlags(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		code   int
		zh, en string
	}{
		"nobody":     {[]string{"verify"}, exitUsage, "用 --base", "with --base"},
		"report":     {[]string{"verify", "--base", "http://127.0.0.1:1", "--out", "x.doc"}, exitUsage, ".xlsx", ".xlsx"},
		"silence":    {[]string{"verify", "--base", "http://127.0.0.1:1"}, exitFailed, "连不上", "cannot be reached"},
		"flows":      {[]string{"verify", "--base", "http://127.0.0.1:1", "--flows", "nothing.tsv"}, exitUsage, "流水号文件", "flow numbers cannot"},
		"no defect":  {[]string{"serve", "--break", "sign.stall"}, exitUsage, "没有缺陷 \"sign.stall\"", "no defect \"sign.stall\""},
		"no quirk":   {[]string{"serve", "--quirks", "odd"}, exitUsage, "没有怪癖", "no quirk"},
		"no secret":  {[]string{"apply-url", "--key", "k", "--base", "http://h/x"}, exitUsage, "缺少 secret", "lacks secret"},
		"parameter":  {[]string{"apply-url", "--key", "k", "--secret", "s", "--param", "x"}, exitUsage, "名称=值", "name=value"},
		"timestamp":  {[]string{"apply-url", "--key", "k", "--secret", "s", "--timestamp", "x"}, exitUsage, "时间戳", "timestamp"},
		"no address": {[]string{"apply-url", "--key", "k", "--secret", "s", "--base", "x"}, exitUsage, "https://", "https://"},
	} {
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			code, out, errOut := platform(append(c.args, "--lang", lang)...)
			if code != c.code || !strings.Contains(errOut, want) || out != "" {
				t.Errorf("%s in %s: exit %d, %q, %q", name, lang, code, out, errOut)
			}
		}
	}
}

func TestApplyURLPrintsTheKnownAnswer(t *testing.T) {
	const want = "key=demo-app-key-0001&timestamp=1704067200000&sign=6cbae0fff33d5b284acc8c22dba8298c27277c601609d1957e57b097893ccb4d"
	args := []string{"apply-url", "--profile", "sd-ywzt-2024", "--key", "demo-app-key-0001", "--secret", "demo-app-secret-0001", "--timestamp", "1704067200000"}
	if code, out, errOut := platform(args...); code != exitDone || out != want+"\n" {
		t.Errorf("exit %d, %s, %s", code, out, errOut)
	}
	code, out, _ := platform(append(args, "--base", "https://ywzt.example.cn/apply", "--param", "channel=大厅")...)
	if code != exitDone || out != "https://ywzt.example.cn/apply?"+want+"&channel=%E5%A4%A7%E5%8E%85\n" || strings.Contains(out, "demo-app-secret") {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestServeTellsAnApprovalSystemOfApplicationsAndWithdrawals(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var paths []string
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path) // one after the other
		_, _ = io.WriteString(w, `{"status":"200","data":""}`)
	}))
	defer system.Close()
	errOut := &upTo{mark: "the approval system answered 200", times: 3, do: stop}
	code := execute(ctx, []string{"platform", "serve", "--callback", system.URL, "--announce", "2", "--withdraw", "1", "--lang", "en"}, io.Discard, errOut)
	if want := "/sendApplyNO /sendApplyNO /cancelProjectBeforeAccept"; code != exitDone || strings.Join(paths, " ") != want {
		t.Errorf("exit %d, %v: %s", code, paths, errOut.said.String())
	}
}

// upTo does something once a mark was written so many times.
type upTo struct {
	mark  string
	times int
	do    func()
	said  bytes.Buffer
}

func (u *upTo) Write(b []byte) (int, error) {
	u.said.Write(b)
	if strings.Count(u.said.String(), u.mark) == u.times {
		u.do()
	}
	return len(b), nil
}

func TestProfileOfTheSiteIsCheckedToo(t *testing.T) {
	dir := t.TempDir()
	if code, _, errOut := platform("serve", "--site", dir); code == exitDone {
		t.Errorf("a folder without a site: %s", errOut)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "banjian.yaml"), []byte("site: city\n"), 0o600), os.MkdirAll(filepath.Join(dir, "schemas", "profiles"), 0o700),
		os.WriteFile(filepath.Join(dir, "schemas", "profiles", "city.yaml"), []byte("profile: city\ntitle: 某市\nen: a city\nlike: json\nsigner: {use: tif, nonces: 100}\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := platform("sign", "--site", dir, "--profile", "city", "--key", "demo-app-key-0001", "--secret", "demo-app-secret-0001", "--nonce", "00000000-0000-4000-8000-000000000001", "--timestamp", "1704067200")
	if code != exitDone || !strings.HasSuffix(out, "x-tif-signature: 1c1b526f410138e36cb39ebb39a6c0fb483cc24012070a11278ad6ce5305fbfc\n") {
		t.Errorf("exit %d, %s, %s", code, out, errOut)
	}
}
