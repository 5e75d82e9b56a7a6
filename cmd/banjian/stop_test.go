package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"banjian/deploy/demo"
)

// product starts the product beside the test.
func (w *troubled) product(errOut io.Writer, args ...string) *exec.Cmd {
	w.t.Helper()
	return w.productTo(nil, errOut, args...)
}

func (w *troubled) productTo(out, errOut io.Writer, args ...string) *exec.Cmd {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), asProduct+"=1")
	c.Stdout, c.Stderr = out, errOut
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// exitOf waits for it.
func exitOf(t *testing.T, c *exec.Cmd) int {
	t.Helper()
	var ended *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode()
}

func TestSIGTERMFinishesTheBatchInHandAndTheNextRunGoesOn(t *testing.T) {
	const cases = 1500
	w := &troubled{world: embedded(t)}
	a := &app{out: os.Stderr, err: os.Stderr}
	if err := a.layOutDemo(t.Context(), demoOptions{dir: w.dir, cases: cases, seed: 1}); err != nil {
		t.Fatal(err)
	}
	w.attach()
	w.nationalAlone()
	w.e = expectOf(t, demo.Options{Cases: cases}).at(demo.National)
	w.overlayPipelines("mode: incremental", "mode: incremental, batch_rows: 50")
	stopped, delay := 0, 30*time.Millisecond
	for i := 0; i < 40 || stopped < 2 && i < 400; i++ {
		var errOut bytes.Buffer
		lang := []string{"zh", "en"}[i%2]
		c := w.product(&errOut, "run", "--all", "--json", "--lang", lang, "--site", w.dir)
		time.AfterFunc(delay, func() { _ = c.Process.Signal(syscall.SIGTERM) })
		switch code := exitOf(t, c); code {
		case exitFailed:
			stopped++
			delay += 10 * time.Millisecond
			wantOnce(t, errOut.String(), map[string][]string{"zh": {`已按要求停止；下次运行从停下的地方继续`}, "en": {`stopped as asked; the next run goes on from here`}}[lang])
			if n := strings.Count(errOut.String(), "\n"); n != 1 {
				t.Errorf("%d lines were said:\n%s", n, &errOut)
			}
		case exitDone, exitNews: // the signal came after its end: there is less to do than before
			delay -= delay / 4
		case -1: // the signal came before it was being waited for: a busy machine starts a program slowly
			delay += delay / 2
		default:
			t.Fatalf("exited %d: %s", code, &errOut)
		}
	}
	if stopped < 2 {
		t.Errorf("stopped in mid-run %d times only", stopped)
	}
	t.Logf("stopped in mid-run %d times", stopped)
	w.mustRun()
	w.wantForetold()
	w.wantOnceEach()
}

func TestSecondRunOfTheSamePipelineIsToldWhoRunsIt(t *testing.T) {
	w := newTroubled(t, embedded(t))
	store := w.openLedger()
	lease, err := store.Acquire(t.Context(), "collect:provident-fund-accept", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	host, _ := os.Hostname()
	owner := fmt.Sprintf(`%s/%d`, host, os.Getpid())
	for lang, want := range map[string][]string{"zh": {`错误: .*正由另一个进程运行（` + owner, `怎么办: 等它结束`}, "en": {`error: .*another process is running it \(` + owner, `what to do: wait for it to end`}} {
		code, _, errOut := w.says("run", "provident-fund-accept", "--lang", lang, "--site", w.dir)
		if code != exitFailed {
			t.Errorf("exited %d, want %d", code, exitFailed)
		}
		wantOnce(t, errOut, want)
	}
	if err := errors.Join(store.Release(t.Context(), lease), store.Close()); err != nil {
		t.Fatal(err)
	}
	w.mustRun()
	w.wantForetold()
}

func TestTwoRunsStartedTogetherLoseNothingAndDoubleNothing(t *testing.T) {
	w := newTroubled(t, embedded(t))
	for range 3 {
		var first, second bytes.Buffer
		a := w.product(&first, "run", "--all", "--json", "--site", w.dir)
		b := w.product(&second, "run", "--all", "--json", "--site", w.dir)
		for c, said := range map[*exec.Cmd]*bytes.Buffer{a: &first, b: &second} {
			if code := exitOf(t, c); code == exitUsage || code < 0 || code == exitFailed && !strings.Contains(said.String(), "another process is running it") && !strings.Contains(said.String(), "正由另一个进程运行") {
				t.Errorf("exited %d: %s", code, said)
			}
		}
	}
	w.mustRun()
	w.wantForetold()
	w.wantOnceEach()
}

func TestFullDiskSaysSoAndGoesOnWhenThereIsSpace(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can mount a small disk")
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("SKIPPED: no small disk can be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("mode: incremental", "mode: incremental, batch_rows: 20")
	w.edit("banjian.yaml", "data/ledger.db", filepath.Join(disk, "ledger.db"))
	fill := filepath.Join(disk, "fill")
	for _, free := range []int64{0, 100 << 10, 400 << 10, 900 << 10, 1500 << 10} {
		fillDisk(t, fill, disk, free)
		for lang, want := range map[string][]string{"zh": {`错误: .*磁盘已满`, `怎么办: 腾出空间`}, "en": {`error: .*the disk is full`, `what to do: free some space`}} {
			var said bytes.Buffer
			code := exitOf(t, w.product(&said, "run", "--all", "--lang", lang, "--site", w.dir))
			errOut := said.String()
			if code == exitDone || code == exitNews {
				t.Logf("%d bytes were enough", free)
				continue
			}
			if code != exitFailed {
				t.Errorf("%d bytes free: exited %d, want %d", free, code, exitFailed)
			}
			wantOnce(t, errOut, want)
		}
		if err := os.Remove(fill); err != nil {
			t.Fatal(err)
		}
	}
	w.mustRun()
	w.mustRun() // what was frozen before the disk was full is settled, what came after it goes out
	w.edit("banjian.yaml", filepath.Join(disk, "ledger.db"), "data/ledger.db")
	if out, err := exec.Command("cp", filepath.Join(disk, "ledger.db"), w.path("data/ledger.db")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.wantForetold()
	w.wantOnceEach()
}

// fillDisk leaves so many bytes free.
func fillDisk(t *testing.T, file, disk string, free int64) {
	t.Helper()
	var st syscall.Statfs_t
	if err := syscall.Statfs(disk, &st); err != nil {
		t.Fatal(err)
	}
	n := int64(st.Bavail)*st.Bsize - free
	if err := os.WriteFile(file, make([]byte, max(n, 0)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestServeRunsItsJobsUntilItIsStopped(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.write("jobs/every-minute.yaml", "job: often\nschedule: \"@every 1s\"\n")
	var errOut bytes.Buffer
	c := w.product(&errOut, "serve", "--site", w.dir, "--lang", "en")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for ctx.Err() == nil && !w.arrived() {
		time.Sleep(50 * time.Millisecond)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	code := exitOf(t, c)
	if _, after, stopping := strings.Cut(errOut.String(), "\nstopping: "); code != exitDone || !stopping || !strings.HasSuffix(after, "\nstopped\n") {
		t.Errorf("exited %d: %s", code, &errOut)
	}
	w.mustRun()
	w.wantForetold()
	w.wantOnceEach()
}

// arrived says whether the receiver has every result.
func (w *troubled) arrived() bool {
	return w.text("SELECT COUNT(*) FROM up_pro_result") == fmt.Sprint(len(w.e.national["up_pro_result"]))
}
