package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/deploy/demo"
)

// previewSite is a demo site whose department database is laid out and nothing is run.
func previewSite(t *testing.T) *world {
	t.Helper()
	w := embedded(t)
	a := &app{out: os.Stderr, err: os.Stderr}
	if err := a.layOutDemo(t.Context(), demoOptions{dir: w.dir, cases: 60, seed: 1}); err != nil {
		t.Fatal(err)
	}
	w.source = open(t, filepath.Join(w.dir, demo.DepartmentFile))
	return w
}

func (w *world) oneText(query string, args ...any) string {
	w.t.Helper()
	var s string
	if err := w.source.QueryRowContext(w.t.Context(), query, args...).Scan(&s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestPreviewShowsEveryStepOfARowAndWritesNothing(t *testing.T) {
	w := previewSite(t)
	no := w.oneText("SELECT slbh FROM gjj_ywsl WHERE zjlx='身份证' AND sqqd='窗口' LIMIT 1")
	for lang, wants := range map[string][]string{
		"zh": {"→ case/accept", "  channel = “window”", "      from sqqd  “窗口”", "      map  “窗口” → “window”", "when  applicant_id_type == '111'  → 成立", "  规则\n    promise_after_accept  未触发", "结论：归集为 case/accept"},
		"en": {"  round = “1”\n      const  “1”", "check resident_id", "  rules\n    promise_after_accept  kept", "verdict: collected as case/accept"},
	} {
		code, out, errOut := command("preview", "provident-fund-accept", "--key", no+"/1", "--site", w.dir, "--lang", lang)
		for _, want := range wants {
			if code != exitDone || !strings.Contains(out, want) {
				t.Errorf("exited %d, no %q in\n%s%s", code, want, out, errOut)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(w.dir, "data", "ledger.db")); !os.IsNotExist(err) {
		t.Errorf("a ledger was made: %v", err)
	}
}

func TestPreviewMasksPersonalValues(t *testing.T) {
	w := previewSite(t)
	no := w.oneText("SELECT slbh FROM gjj_ywsl WHERE zjlx='身份证' AND length(zjhm)=18 AND lxdh IS NOT NULL AND length(sqr)>2 LIMIT 1")
	_, people, _ := command("preview", "provident-fund-accept", "--key", no+"/1", "--site", w.dir, "--lang", "zh")
	_, scripts, _ := command("preview", "provident-fund-accept", "--key", no+"/1", "--site", w.dir, "--json")
	for _, column := range []string{"sqr", "zjhm", "lxdh", "txdz", "blr"} {
		value := w.oneText("SELECT "+column+" FROM gjj_ywsl WHERE slbh=?", no)
		if strings.Contains(people, value) || strings.Contains(scripts, value) {
			t.Errorf("%s shows as it is", column)
		}
		if !strings.Contains(people, "from "+column+"  “"+value[:1]) {
			t.Errorf("%s does not show at all in\n%s", column, people)
		}
	}
}

func TestPreviewSaysWhyARowIsRefusedOrFiltered(t *testing.T) {
	w := previewSite(t)
	no := w.oneText("SELECT slbh FROM gjj_ywsl WHERE sqsj LIKE '0000%' LIMIT 1")
	code, out, errOut := command("preview", "provident-fund-accept", "--key", no+"/1", "--site", w.dir, "--json", "--lang", "en")
	var line previewLine
	if err := json.Unmarshal([]byte(out), &line); err != nil || code != exitDone {
		t.Fatalf("exited %d: %v %s%s", code, err, out, errOut)
	}
	if line.Verdict != "rejected" || len(line.Issues) != 1 || line.Issues[0].Rule != "bad_time" || line.Issues[0].Reason == "" || len(line.Subjects) > 0 || line.Key != no+"/1" {
		t.Errorf("%+v", line)
	}
	found := false
	for _, s := range line.Steps {
		found = found || s.Op == "time" && s.Field == "applied_at" && s.Issue != nil && strings.Contains(s.At, "provident-fund/accept.yaml:")
	}
	if !found {
		t.Error("no step carries the finding")
	}
	id := w.oneText("SELECT slbh||'/'||hjid FROM gjj_bljl WHERE hjzt='0' LIMIT 1")
	if code, out, _ := command("preview", "provident-fund-step", "--key", id, "--site", w.dir, "--lang", "en"); code != exitDone || !strings.Contains(out, "only rows where:  hjzt == '1'  → no\nverdict: filtered") {
		t.Errorf("exited %d: %s", code, out)
	}
}

func TestPreviewShowsAsManyRowsAsAsked(t *testing.T) {
	w := previewSite(t)
	code, out, _ := command("preview", "provident-fund-material", "--rows", "3", "--json", "--site", w.dir)
	if code != exitDone || strings.Count(out, "\n") != 3 {
		t.Errorf("exited %d: %d lines", code, strings.Count(out, "\n"))
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"preview provident-fund-material --key no/such", exitFailed, "no row with the key no/such"},
		{"preview provident-fund-material --rows 0", exitUsage, "--rows is at least 1"},
		{"preview provident-fund-materia", exitUsage, "no such pipeline"},
		{"preview", exitUsage, "name one pipeline"},
	} {
		code, _, errOut := command(append(strings.Fields(c.args), "--site", w.dir, "--lang", "en")...)
		if code != c.code || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: exited %d: %s", c.args, code, errOut)
		}
	}
}
