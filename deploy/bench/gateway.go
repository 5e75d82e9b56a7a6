package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// How flow numbers are announced: so many callers, each with so long between two calls.
const (
	gatewayCallers = 8
	gatewayEvery   = 100 * time.Millisecond
	gatewayQuiet   = 5 * time.Second // measured without a load
)

// waits is how long acknowledgements took, in milliseconds.
type waits struct {
	Calls int     `json:"calls"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// gatewayResult is the acknowledgement of interface 1, alone and while a first load goes into
// the same ledger.
type gatewayResult struct {
	Rows  int     `json:"rows"`   // of the load
	Wall  float64 `json:"wall_s"` // of the load, collecting and delivering
	Quiet waits   `json:"quiet"`
	Load  waits   `json:"under_load"`
}

const gatewaySite = `  ywzt: {kind: platform, url: %q, keys: [{key: {env: BENCH_KEY}, secret: {env: BENCH_SECRET}, sm4: {env: BENCH_SM4}}]}
gateway:
  listen: 127.0.0.1:0
  systems: {bench: {connection: ywzt}}
receivers:`

const gatewayPipelines = `pipeline: inbox-application
from: {connection: ywzt, source_id: ywzt, inbox: application, key: [flow_no, submission]}
mapping: sd-ywzt-2024/application
deliver: []
---
pipeline: inbox-material
from: {connection: ywzt, source_id: ywzt, inbox: application_material, key: [flow_no, submission, seq]}
mapping: sd-ywzt-2024/application_material
deliver: []
`

var receivesAt = regexp.MustCompile(`(http://[0-9.:]+/\S+/sendApplyNO)`)

// gateway serves a site, and announces numbers before and while its ledger is loaded.
func (w *world) gateway(ctx context.Context, rows int) (*gatewayResult, error) {
	source, err := w.source(ctx, rows)
	if err != nil {
		return nil, err
	}
	base, stopPlatform, err := slowPlatform(ctx, w.dir, w.banjian, 0)
	if err != nil {
		return nil, err
	}
	defer stopPlatform()
	site := filepath.Join(w.dir, "gateway")
	if err := layOutGateway(site, base); err != nil {
		return nil, err
	}
	if err := w.exec(ctx, exchangeDB, "TRUNCATE TABLE "+acceptTable); err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, w.banjian, "serve", "--json", "--site", site)
	c.Env = append(os.Environ(), "BANJIAN_BENCH_SOURCE="+w.dsn(source), "BANJIAN_BENCH_EXCHANGE="+w.dsn(exchangeDB))
	for name, value := range pushKeys {
		c.Env = append(c.Env, name+"="+value)
	}
	said, err := c.StderrPipe()
	if err != nil {
		return nil, err
	}
	sums, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	defer func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait() // it was told to go
	}()
	return w.announce(ctx, rows, linesOf(said), linesOf(sums))
}

// linesOf is what a process says, line by line.
func linesOf(r io.Reader) <-chan string {
	lines := make(chan string, 1024)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			select {
			case lines <- s.Text():
			default: // nobody reads that fast
			}
		}
	}()
	return lines
}

// announce measures before the load and during it: its job begins by itself and its summary
// ends it.
func (w *world) announce(ctx context.Context, rows int, said, sums <-chan string) (*gatewayResult, error) {
	address := ""
	for line := range said {
		if m := receivesAt.FindString(line); m != "" {
			address = m
		}
		if strings.Contains(line, "Ctrl-C") {
			break
		}
	}
	if address == "" {
		return nil, fmt.Errorf("gateway: it did not say where it listens")
	}
	res := &gatewayResult{Rows: rows}
	w.say(text.T("收件：没有负载……", "gateway: without a load …"))
	quiet, stop := context.WithTimeout(ctx, gatewayQuiet)
	defer stop()
	var err error
	if res.Quiet, err = callsFor(quiet, address, 0); err != nil {
		return nil, err
	}
	for line := range said {
		if strings.HasSuffix(line, " job load") {
			break
		}
	}
	w.say(text.F("收件：同一进程、同一台账正在首次归集 %d 行……", "gateway: while a first load of %d rows goes into the same ledger in the same process …", rows))
	during, ended := context.WithCancel(ctx)
	defer ended()
	start, sum := time.Now(), make(chan string, 1)
	go func() {
		for line := range sums {
			if strings.Contains(line, pipeline) {
				sum <- line
				break
			}
		}
		ended()
	}()
	res.Load, err = callsFor(during, address, 1_000_000)
	res.Wall = time.Since(start).Seconds()
	select {
	case line := <-sum:
		if !strings.Contains(line, fmt.Sprintf(`"collected":%d,`, rows)) {
			err = fmt.Errorf("gateway: the load came to %s", line)
		}
	default:
		err = fmt.Errorf("gateway: the load did not end: %w", ctx.Err())
	}
	return res, err
}

// callsFor announces numbers until ctx ends, and says how long the answers took. A number
// that is not acknowledged ends it.
func callsFor(ctx context.Context, address string, from int64) (waits, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: gatewayCallers}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var wg sync.WaitGroup
	for caller := range int64(gatewayCallers) {
		wg.Go(func() {
			tick := time.NewTicker(gatewayEvery)
			defer tick.Stop()
			for n := from + caller; ctx.Err() == nil; n += gatewayCallers {
				start := time.Now()
				err := announceOne(client, address, middleplatform.TryOutFlow(n))
				mu.Lock()
				took = append(took, time.Since(start))
				if err != nil && failed == nil {
					failed = err
				}
				mu.Unlock()
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
	}
	wg.Wait()
	if failed != nil || len(took) == 0 {
		return waits{}, fmt.Errorf("gateway: %d calls, %w", len(took), failed)
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return took[min(len(took)-1, int(share*float64(len(took))))].Seconds() * 1000
	}
	return waits{Calls: len(took), P50: at(0.5), P99: at(0.99), Max: at(1)}, nil
}

func announceOne(client *http.Client, address, flowNo string) error {
	resp, err := client.PostForm(address, url.Values{"xmlStr": {"<APPROVEDATAINFO><SBLSH_SHORT>" + flowNo + "</SBLSH_SHORT><SXBM>" + middleplatform.TryOutItem + "</SXBM><XZQHDM>370102000000</XZQHDM><EXPRESSTYPE>0</EXPRESSTYPE></APPROVEDATAINFO>"}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && !bytes.HasPrefix(body, []byte(`{"status":"200"`)) {
		err = fmt.Errorf("answered %d %s", resp.StatusCode, body)
	}
	return err
}

// layOutGateway is the benchmark's site with a gateway.
func layOutGateway(site, base string) error {
	if err := layOut(site); err != nil {
		return err
	}
	file := filepath.Join(site, "banjian.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	changed := strings.Replace(string(data), "receivers:", fmt.Sprintf(gatewaySite, base), 1)
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(site, "jobs"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(site, "jobs", "load.yaml"), []byte("job: load\nschedule: \"@every 15s\"\npipelines: ["+pipeline+"]\n"), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(site, "pipelines", "inbox.yaml"), []byte(gatewayPipelines), 0o644)
}
