package main

import (
	"strings"
	"testing"
)

// A department changes its view. What does not concern us is told once; what we read of
// another type stops the pipeline before anything is read, and no other.
func TestAChangedViewIsToldOrStopsItsPipeline(t *testing.T) {
	w := newTroubled(t, onMariaDB(t))
	w.mustRun("--fail-on", "none")

	w.do("CREATE OR REPLACE VIEW v_gjj_material AS SELECT c.*, 1 AS xl FROM gjj_sqcl c")
	code, sums, errOut := w.run("--fail-on", "none")
	if s := sums["provident-fund-material"]; code != exitDone || len(s.Drift) != 2 || !strings.Contains(errOut, "column xl") || strings.Contains(errOut, "level=") || s.Records != 0 {
		t.Errorf("columns were added: exited %d, %+v\n%s", code, s, errOut)
	}
	if _, sums, errOut := w.run("--fail-on", "none"); len(sums["provident-fund-material"].Drift) != 0 {
		t.Errorf("told again:\n%s", errOut)
	}

	w.do("ALTER TABLE gjj_bljl MODIFY hjxh VARCHAR(10)")
	w.do("UPDATE gjj_bljl SET gxsj = " + w.now + " - INTERVAL 5 SECOND, blyj = CONCAT(blyj, '。')")
	code, sums, errOut = w.run("--fail-on", "none", "--mode", "full")
	step := sums["provident-fund-step"]
	if code != exitUsage || step.State != "failed" || step.Read != 0 || !strings.Contains(errOut, "hjxh changed from int") || !strings.Contains(errOut, "--approve-changes") {
		t.Errorf("retyped: exited %d, %+v\n%s", code, step, errOut)
	}
	if s := sums["provident-fund-result"]; s.State != "done" || s.Read == 0 {
		t.Errorf("the others go on: %+v", s)
	}
	if s := w.mustRun("--fail-on", "none", "--mode", "full", "--approve-changes")["provident-fund-step"]; s.Collected == 0 {
		t.Errorf("approved: %+v", s)
	}
	if _, sums, errOut := w.run("--fail-on", "none"); sums["provident-fund-step"].State != "done" {
		t.Errorf("once approved, that is its shape: %s", errOut)
	}

	w.do("CREATE OR REPLACE VIEW v_gjj_result AS SELECT slbh, bjjg FROM gjj_bjjg")
	if code, sums, errOut := w.run("--fail-on", "none"); code != exitUsage || sums["provident-fund-result"].Read != 0 || !strings.Contains(errOut, "jgms") {
		t.Errorf("columns are gone: exited %d\n%s", code, errOut)
	}
}
