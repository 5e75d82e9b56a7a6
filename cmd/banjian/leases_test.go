package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"banjian/jobs"
)

// Beside another process that has a pipeline in hand serve says so once, by the pipeline's
// name and with who has it, however often the job comes due; and once when it has it itself.
func TestServeTellsEachChangeOfHandsOnce(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.remove("jobs")
	w.write("jobs/often.yaml", "job: often\nschedule: \"@every 1s\"\npipelines: [provident-fund-accept]\n")
	store := w.openLedger()
	lease, err := store.Acquire(t.Context(), jobs.CollectLease("provident-fund-accept"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var out, said output
	c := w.productTo(&out, &said, "serve", "--site", w.dir, "--lang", "en")
	until := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: never\n%s%s", what, &out, &said)
			}
		}
	}
	const taken, ours = "pipeline provident-fund-accept: another process runs it (", "pipeline provident-fund-accept: this process runs it now"
	until("several tries", func() bool { return strings.Count(said.String(), "job often") >= 4 })
	if n := strings.Count(said.String(), taken); n != 1 || strings.Contains(said.String(), "lease until") || strings.Contains(said.String(), "collect:") {
		t.Errorf("it is said %d times that another process has it\n%s", n, &said)
	}
	if !strings.Contains(said.String(), fmt.Sprintf("/%d)", syscall.Getpid())) {
		t.Errorf("who has it is not said\n%s", &said)
	}
	if strings.Contains(out.String(), "provident-fund-accept") {
		t.Errorf("a run that was none is summed up\n%s", &out)
	}
	if err := store.Release(t.Context(), lease); err != nil {
		t.Fatal(err)
	}
	store.Close()
	until("the pipeline run here", func() bool {
		return strings.Contains(said.String(), ours) && strings.Contains(out.String(), "provident-fund-accept")
	})
	again := strings.Count(said.String(), "job often")
	until("more runs", func() bool { return strings.Count(said.String(), "job often") >= again+2 })
	if strings.Count(said.String(), ours) != 1 || strings.Count(said.String(), taken) != 1 {
		t.Errorf("said\n%s", &said)
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	if code := exitOf(t, c); code != exitDone {
		t.Errorf("exited %d\n%s", code, &said)
	}
}
