package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"banjian/deploy/demo"
)

// unset takes a variable away for the time of a test.
func unset(t *testing.T, name string) {
	t.Helper()
	t.Setenv(name, "")
	if err := os.Unsetenv(name); err != nil {
		t.Fatal(err)
	}
}

// A key that is not there concerns the receiver it belongs to, and nobody else: run
// collects, feeds the others and says what lacks, and status and doctor say it after it.
func TestAKeyThatIsNotThereStopsItsReceiverAlone(t *testing.T) {
	w := bothReceivers(t, "http://127.0.0.1:9")
	unset(t, "PLATFORM_SECRET")
	unset(t, "PLATFORM_SM4")
	for lang, want := range map[string][]string{
		"zh": {`错误: .*banjian\.yaml:\d+:\d+: 接收方 platform 不上报，其余照常：环境变量 PLATFORM_SECRET 没有设置`, `环境变量 PLATFORM_SM4 没有设置`},
		"en": {`error: .*banjian\.yaml:\d+:\d+: receiver platform is not fed, all else goes on: environment variable PLATFORM_SECRET is not set`, `environment variable PLATFORM_SM4 is not set`},
	} {
		code, _, errOut := w.says("run", "--all", "--lang", lang, "--site", w.dir)
		if code != exitUsage {
			t.Errorf("exited %d, want %d", code, exitUsage)
		}
		wantOnce(t, errOut, want)
	}
	e := expectOf(t, demo.Options{Cases: fewCases})
	if got, want := w.count("up_pro_result"), len(e.national["up_pro_result"]); got != want {
		t.Errorf("national has %d results of %d", got, want)
	}
	s := w.report(exitNews, "--receiver", "platform")
	if r := s.Receivers[0]; !r.InTrouble() || !strings.Contains(r.Why.EN, "PLATFORM_SECRET is not set") || !strings.Contains(r.Why.EN, "banjian.yaml:") || r.Pending == 0 {
		t.Errorf("status says %+v", r)
	}
	code, out, _ := w.says("doctor", "--lang", "en", "--site", w.dir)
	if code != exitUsage || strings.Count(out, "environment variable PLATFORM_SECRET is not set") != 1 {
		t.Errorf("doctor exited %d:\n%s", code, out)
	}
	os.Setenv("PLATFORM_SECRET", "site")
	os.Setenv("PLATFORM_SM4", "demoSm4Key")
	w.edit("banjian.yaml", fmt.Sprintf("url: %q, keys: [{key: {env: PLATFORM_KEY}, secret: {env: PLATFORM_SECRET}, sm4: {env: PLATFORM_SM4}}]", "http://127.0.0.1:9"), "embedded: data/platform.jsonl")
	w.mustRun()
	if r := w.report(exitNews, "--receiver", "platform").Receivers[0]; r.InTrouble() || r.Pending != 0 {
		t.Errorf("with its keys: %+v", r)
	}
}

// A platform whose keys are not there is told to come back; the calls of others are taken,
// and jobs run.
func TestServeWithoutTheKeysOfOneSystemTakesTheCallsOfOthers(t *testing.T) {
	w := newInboxWorld(t)
	w.write("banjian.yaml", strings.Replace(fmt.Sprintf(inboxSite, w.platform.URL+"/ywzt"), "only_sealed: true}", "only_sealed: true, keys: [{key: {env: UNSET_KEY}, secret: {env: INBOX_SECRET}, sm4: {env: INBOX_SM4}}]}", 1))
	unset(t, "UNSET_KEY")
	var errOut syncBuffer
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- execute(ctx, []string{"serve", "--lang", "en", "--site", w.dir}, &errOut, &errOut) }()
	for until := time.Now().Add(patience); !strings.Contains(errOut.String(), "serving, jobs") && time.Now().Before(until) && len(ended) == 0; {
		time.Sleep(20 * time.Millisecond)
	}
	said := errOut.String()
	wantOnce(t, said, []string{`error: .*banjian\.yaml:\d+:\d+: calls to system gjj are not taken, it is told to come back: environment variable UNSET_KEY is not set`})
	for path, want := range map[string]int{"/ywzt/spj/": http.StatusOK, "/gjj/": http.StatusServiceUnavailable} {
		asked := 0
		for line := range strings.Lines(said) {
			_, at, receives := strings.Cut(line, "receiving at ")
			if !receives || !strings.Contains(at, path) {
				continue
			}
			asked++
			answer, err := http.Get(strings.TrimSpace(at))
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s answers %d, want %d", at, answer.StatusCode, want)
			}
		}
		if asked != 2 {
			t.Errorf("%s has %d interfaces\n%s", path, asked, said)
		}
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("exited %d:\n%s", code, errOut.String())
	}
}
