package main

import (
	"fmt"
	"strings"
	"testing"
)

// What a receiver refused for a fault of its own goes out once it is mended there and a
// person asks for it; nothing else goes out again. It goes as U: it was frozen before.
func TestRefusedRecordsGoAgainWhenAskedFor(t *testing.T) {
	w := newTroubled(t, onMariaDB(t))
	w.exchangeExec("ALTER TABLE up_pro_accept MODIFY applyer_name VARCHAR(3)")
	s := w.mustRun()["provident-fund-accept"]
	if s.Receivers["national"].Rejected == 0 {
		t.Fatalf("nothing was refused: %+v", s)
	}
	before := w.totalRows()
	redrive := []string{"rejects", "redrive", "--receiver", "national", "--rule", "receiver_refused", "--site", w.dir}
	if code, _, errOut := w.says(redrive...); code != exitDone {
		t.Fatalf("exited %d: %s", code, errOut)
	}
	if w.mustRun(); w.totalRows() != before {
		t.Errorf("%d rows went out although the table is as it was", w.totalRows()-before)
	}
	w.exchangeExec("ALTER TABLE up_pro_accept MODIFY applyer_name VARCHAR(200)")
	if w.mustRun(); w.totalRows() != before {
		t.Errorf("%d rows went out unasked", w.totalRows()-before)
	}
	w.says(redrive...)
	w.mustRun()
	if n, want := w.text("SELECT COUNT(DISTINCT row_guid) FROM up_pro_accept"), len(w.e.national["up_pro_accept"]); n != fmt.Sprint(want) || w.text("SELECT COUNT(*) FROM up_pro_accept") != n {
		t.Errorf("%s acceptances arrived, want %d", n, want)
	}
	w.wantRejects(w.e)
	w.wantHeld(w.e)
	w.wantOnceEach()
	if code, _, errOut := w.says("rejects", "redrive", "--receiver", "nobody", "--site", w.dir); code != exitUsage || errOut == "" {
		t.Errorf("an unknown receiver: exited %d: %s", code, errOut)
	}
}

// Rows a mapping refused pass once it is mended and they are driven again: the department
// is not asked, and what waited for them goes along.
func TestRejectsTurnGreenOnceTheMappingIsMendedAndTheyAreDrivenAgain(t *testing.T) {
	w := newRan(t)
	localNo := w.ofDirt("unknown_applicant_type")
	if open := w.rejects("provident-fund-accept", localNo, "open"); len(open) != 1 || open[0].Rule != "unmapped_code" {
		t.Fatalf("rejects of %s: %+v", localNo, open)
	}
	w.overlay("provident-fund/accept", `机关: "6"}`, `机关: "6", 其它: "9"}`)
	w.remove("data/department.db")
	code, out, errOut := w.says("rejects", "redrive", "--json", "--lang", "en", "--site", w.dir)
	if code != exitNews && code != exitDone {
		t.Fatalf("exited %d\n%s%s", code, out, errOut)
	}
	if open := w.rejects("provident-fund-accept", localNo, "open"); len(open) != 0 {
		t.Errorf("still open: %+v", open)
	}
	if n := len(w.lines("--receiver", "national")); n == 0 || strings.Count(errOut, "receiver national that are left as they are: "+fmt.Sprint(n)+".") != 1 || !strings.Contains(errOut, "banjian rejects redrive --receiver national (") {
		t.Errorf("national refused %d, of which is said\n%s", n, errOut)
	}
	if _, out, errOut := w.says("rejects", "redrive", "--rule", "unmapped_code", "--pipeline", "provident-fund-accept", "--lang", "en", "--site", w.dir); strings.Contains(out+errOut, "left as they are") {
		t.Errorf("none of national's is of the rule:\n%s%s", out, errOut)
	}
	if n := w.text("SELECT COUNT(*) FROM up_pro_accept WHERE project_no IN (SELECT project_no FROM up_pro_process) AND applyer_type='6'"); n == "0" {
		t.Error("nothing that waited for it went along")
	}
}

// A run after the mapping was mended reads what changed at the department and no more: status
// says what maps the refused rows again.
func TestStatusTellsRejectsOfAnEarlierMapping(t *testing.T) {
	w := newRan(t)
	told := func() bool {
		_, out, _ := w.says("status", "--lang", "en", "--site", w.dir)
		return strings.Contains(out, "were refused before the mapping changed; to map them again: banjian rejects redrive --pipeline provident-fund-accept\n")
	}
	if told() {
		t.Error("told of a mapping that is as it was")
	}
	w.overlay("provident-fund/accept", `机关: "6"}`, `机关: "6", 其它: "9"}`)
	if w.mustRun(); !told() {
		t.Error("not told")
	}
	w.says("rejects", "redrive", "--pipeline", "provident-fund-accept", "--site", w.dir)
	if told() {
		t.Error("told although they were driven again")
	}
}

// One case, or one run's, can be driven again and the others left.
func TestRejectsOfOneCaseAreDrivenAgainAlone(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.mustRun()
	localNo := w.ofDirt("unknown_applicant_type")
	w.overlay("provident-fund/accept", `机关: "6"}`, `机关: "6", 其它: "9"}`)
	before := w.lines()
	code, out, errOut := w.says("rejects", "redrive", "--case", localNo, "--json", "--site", w.dir)
	var s summary
	if decode(t, out, &s); code > exitNews || s.Read != 1 || s.Collected != 1 {
		t.Fatalf("exited %d: %+v\n%s", code, s, errOut)
	}
	if left := w.lines(); len(left) >= len(before) || len(w.lines("--case", localNo)) != 0 {
		t.Errorf("%d are open of %d", len(left), len(before))
	}
	refused := w.lines("--receiver", "national")
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--case", refused[0].Key[0], "--rule", refused[0].Rule}, `"records":1`},
		{[]string{"--case", refused[0].Key[0], "--rule", refused[0].Rule}, `"records":0`}, // is driven again already
		{[]string{"--department", "national-centre"}, `"records":0`},
	} {
		if code, out, errOut := w.says(append([]string{"rejects", "redrive", "--receiver", "national", "--json", "--site", w.dir}, c.flags...)...); code != exitDone || !strings.Contains(out, c.want) {
			t.Errorf("%v exited %d: %s%s, want %s", c.flags, code, out, errOut, c.want)
		}
	}
	if code, _, errOut := w.says("rejects", "redrive", "--run", "999999", "--lang", "en", "--site", w.dir); code != exitDone || !strings.Contains(errOut, "no such rejects") {
		t.Errorf("of no run: exited %d: %s", code, errOut)
	}
}
