package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"banjian/deploy/demo"
	"banjian/jobs/reconcile"
)

// A platform that has a question for it is asked for each record that was delivered: what it
// does not have and what it has otherwise is named.
func TestAPlatformThatCanBeAskedIsAskedForEachRecord(t *testing.T) {
	w := onPlatform(t)
	w.edit("banjian.yaml", "profile: sd-ywzt-2024", "profile: json")
	w.mustRun("--fail-on", "none")
	code, r := w.reconcile("--receiver", "platform")
	if code != exitDone || len(r.Unasked) != 1 || !strings.Contains(r.Unasked[0].Said, "--ask") {
		t.Fatalf("exited %d: %+v", code, r.Unasked)
	}
	if code, r = w.reconcile("--receiver", "platform", "--ask"); code != exitDone || len(r.Differences) != 0 || len(r.Unasked) != 0 {
		t.Fatalf("exited %d: %+v, %+v", code, r.Differences, r.Unasked)
	}
	var kept []string
	spoilt := map[string]bool{}
	for line := range strings.Lines(w.state()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		switch name := m["interface"]; {
		case name == "accept" && !spoilt["missing"]:
			spoilt["missing"] = true
			continue
		case name == "finish" && !spoilt["altered"] && strings.Contains(line, "BJJG"):
			spoilt["altered"] = true
			line = strings.Replace(line, "<BJBMMC>", "<BJBMMC>另一", 1)
		}
		kept = append(kept, line)
	}
	if err := os.WriteFile(w.path(demo.PlatformFile), []byte(strings.Join(kept, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	code, r = w.reconcile("--receiver", "platform", "--ask")
	var got []string
	for _, d := range r.Differences {
		got = append(got, d.Kind+" "+d.Subject)
	}
	slices.Sort(got)
	if code != exitNews || !slices.Equal(got, []string{reconcile.Altered + " case/result", reconcile.Missing + " case/accept"}) {
		t.Errorf("exited %d: %q", code, got)
	}
}

// state is what the simulated platform keeps.
func (w *troubled) state() string {
	w.t.Helper()
	data, err := os.ReadFile(w.path(demo.PlatformFile))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}
