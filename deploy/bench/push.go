package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"banjian/deploy/demo"
	"banjian/internal/text"
)

// The platform that is pushed to: what it takes to answer, and the connections its
// profile grants.
const (
	pushAnswer      = 20 * time.Millisecond
	pushConnections = 8
	pushAccepts     = 50_000
)

// pushed is what is pushed of the demo's department.
type pushed struct {
	what      text.Text
	cases     int // nearly seven of ten have a flow number to be pushed under
	least     int // messages that must come of them
	pipelines []string
}

var (
	acceptsAlone = pushed{text.T("受理信息", "acceptances"), 72_000, pushAccepts, []string{"provident-fund-accept"}}
	wholeCases   = pushed{text.T("整件（受理、环节、办结）", "whole cases: acceptances, steps, results"), 3000, 8000, []string{"--all"}}
)

// pushResult is records pushed to a middle platform, one message a call.
type pushResult struct {
	What     text.Text `json:"what"`
	Messages int       `json:"messages"`
	Wall     float64   `json:"wall_s"`            // of the whole command, start and end of the process included
	CPU      float64   `json:"cpu_s"`             // of it: ledger, mapping, SM4, HMAC, HTTP
	Bare     float64   `json:"bare_cpu_s_a_call"` // of a bare HTTP client at the same pace: nothing signed, sealed or remembered
}

// measurePush collects a department into a ledger and measures a command that does
// nothing but push what is there to a platform in a process of its own.
func measurePush(ctx context.Context, dir, banjian string, of pushed, say func(text.Text)) (*pushResult, error) {
	site := filepath.Join(dir, "push-"+strconv.Itoa(of.cases))
	base, stop, err := slowPlatform(ctx, dir, banjian, pushAnswer)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := layOutPush(ctx, site, base, of.cases); err != nil {
		return nil, err
	}
	say(text.F("推送：归集 %d 件……", "pushes: collecting %d cases …", of.cases))
	if out, err := of.run(ctx, banjian, site, "--collect-only").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("collect: %w: %s", err, out)
	}
	say(text.T("推送……", "pushing …"))
	run := of.run(ctx, banjian, site, "--deliver-only", "--json")
	start := time.Now()
	out, err := run.Output()
	if err != nil {
		return nil, fmt.Errorf("push: %w: %s", err, out)
	}
	res := &pushResult{What: of.what, Wall: time.Since(start).Seconds(), CPU: (run.ProcessState.UserTime() + run.ProcessState.SystemTime()).Seconds()}
	for line := range strings.Lines(string(out)) {
		var s struct {
			Receivers map[string]struct {
				Released int `json:"released"`
			} `json:"receivers"`
		}
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			return nil, fmt.Errorf("push: %w: %s", err, line)
		}
		res.Messages += s.Receivers["platform"].Released
	}
	if res.Messages < of.least {
		return nil, fmt.Errorf("%d messages of %d cases were pushed", res.Messages, of.cases)
	}
	res.Bare, err = bareClient(ctx, base+"/receiveAcceptInfo", min(res.Messages, bareCalls))
	return res, err
}

// bareCalls are enough to know what a bare client takes.
const bareCalls = 8000

// bareClient posts a body of the usual size over as many connections and says what CPU a
// call takes of this process. The platform answers as slowly and refuses it.
func bareClient(ctx context.Context, url string, calls int) (float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: pushConnections, MaxIdleConnsPerHost: pushConnections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	body := strings.Repeat("x", 900)
	before := ownCPU()
	var g errgroup.Group
	for range pushConnections {
		g.Go(func() error {
			for range calls / pushConnections {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
				if err != nil {
					return err
				}
				resp, err := client.Do(req)
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, resp.Body)
				if resp.Body.Close(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := g.Wait()
	return (ownCPU() - before).Seconds() / float64(calls), err
}

// Environment variables that hold the keys of the benchmark's platform.
var pushKeys = map[string]string{"BENCH_KEY": "bench-key", "BENCH_SECRET": "bench-secret", "BENCH_SM4": "benchSm4Key"}

func (of *pushed) run(ctx context.Context, banjian, site string, flags ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, banjian, slices.Concat([]string{"run", "--fail-on", "none", "--site", site}, of.pipelines, flags)...)
	c.Env = os.Environ()
	for name, value := range pushKeys {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// layOutPush makes the demo's site feed the platform at base and nobody else.
func layOutPush(ctx context.Context, site, base string, cases int) error {
	if err := demo.Layout(demo.Site{Dir: site, ExchangeEnv: "BENCH_NOBODY"}); err != nil {
		return err
	}
	if _, err := demo.Department(ctx, site, demo.Options{Cases: cases}, false); err != nil {
		return err
	}
	for _, edit := range []struct{ file, old, new string }{
		{demo.SiteFile, "embedded: " + demo.PlatformFile, fmt.Sprintf("url: %q, keys: [{key: {env: BENCH_KEY}, secret: {env: BENCH_SECRET}, sm4: {env: BENCH_SM4}}]", base)},
		{demo.PipelinesFile, "deliver: [national, platform]", "deliver: [platform]"},
		{demo.PipelinesFile, "deliver: [national]", "deliver: []"},
	} {
		path := filepath.Join(site, edit.file)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !strings.Contains(string(data), edit.old) {
			return fmt.Errorf("no %q in %s", edit.old, path)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(data), edit.old, edit.new)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// slowPlatform starts a simulator that takes its time for every answer, and says where
// it is.
func slowPlatform(ctx context.Context, dir, banjian string, answer time.Duration) (base string, stop func(), err error) {
	faults := filepath.Join(dir, "push-faults.yaml")
	if err := os.WriteFile(faults, []byte("faults: [{do: delay, for: "+max(answer, time.Microsecond).String()+"}]\n"), 0o600); err != nil {
		return "", nil, err
	}
	c := exec.CommandContext(ctx, banjian, "platform", "serve", "--faults", faults, "--key", pushKeys["BENCH_KEY"], "--secret", pushKeys["BENCH_SECRET"], "--sm4", pushKeys["BENCH_SM4"])
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait() // it was told to go
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start platform: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}
