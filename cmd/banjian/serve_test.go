package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"banjian/deploy/demo"
)

// bothReceivers is a demo site, laid out, whose platform is at base.
func bothReceivers(t *testing.T, base string) *troubled {
	t.Helper()
	w := &troubled{world: embedded(t)}
	if err := (&app{out: os.Stderr, err: os.Stderr}).layOutDemo(t.Context(), demoOptions{dir: w.dir, cases: fewCases, seed: 1}); err != nil {
		t.Fatal(err)
	}
	w.attach()
	for name, value := range map[string]string{"PLATFORM_KEY": "site", "PLATFORM_SECRET": "site", "PLATFORM_SM4": "demoSm4Key"} {
		t.Setenv(name, value)
	}
	w.edit("banjian.yaml", "{kind: platform, embedded: data/platform.jsonl}",
		fmt.Sprintf("{kind: platform, url: %q, keys: [{key: {env: PLATFORM_KEY}, secret: {env: PLATFORM_SECRET}, sm4: {env: PLATFORM_SM4}}]}", base))
	return w
}

// A platform that takes a call and never answers keeps nobody else waiting, not even
// later deliveries to the others.
func TestServeFeedsAReceiverWhileAnotherHangs(t *testing.T) {
	release := make(chan struct{})
	let := sync.OnceFunc(func() { close(release) })
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		<-release
		rw.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	defer let()
	w := bothReceivers(t, server.URL)
	w.remove("jobs")
	w.exec("run", "--all", "--json", "--collect-only", "--fail-on", "none", "--site", w.dir)
	e := expectOf(t, demo.Options{Cases: fewCases})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan int, 1)
	var out, errOut bytes.Buffer
	go func() { ended <- execute(ctx, []string{"serve", "--site", w.dir}, &out, &errOut) }()
	want := len(e.national["up_pro_result"])
	for until := time.Now().Add(patience); w.count("up_pro_result") < want; {
		if time.Now().After(until) {
			t.Fatalf("national has %d results of %d", w.count("up_pro_result"), want)
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	let()
	if code := <-ended; code != exitDone {
		t.Errorf("serve exited %d\n%s", code, &errOut)
	}
}

func (w *troubled) count(table string) (n int) {
	w.t.Helper()
	if err := w.exchange.QueryRowContext(w.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestValidateTakesASiteWithAPlatform(t *testing.T) {
	w := bothReceivers(t, "http://127.0.0.1:1")
	if code, out, errOut := w.says("validate", "--site", w.dir); code != exitDone {
		t.Errorf("exited %d\n%s%s", code, out, errOut)
	}
}

// A shipped pipeline takes part as soon as the site has a connection of its name; that its
// receivers are missing is said before anything starts.
func TestServeRefusesPipelinesWhoseReceiversAreMissing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "banjian.yaml"), []byte("site: x\nconnections:\n  gjj: {kind: sqlite, path: gjj.db}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	if code := execute(t.Context(), []string{"serve", "--lang", "zh", "--site", dir}, &out, &errOut); code != exitUsage || !strings.Contains(errOut.String(), "national") {
		t.Errorf("exited %d: %s", code, &errOut)
	}
}
