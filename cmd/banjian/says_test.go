package main

import (
	"strings"
	"testing"
)

func TestValidateAndServeRefuseAJobOfAPipelineThatIsNone(t *testing.T) {
	w := newTroubled(t, embedded(t))
	out, _ := w.must(exitDone, "validate", "--lang", "en")
	wantText(t, out, "job every-minute: * * * * * ✓")
	w.write("jobs/nightly.yaml", "job: nightly\nschedule: \"30 1 * * *\"\npipelines: [provident-fund-acept]\n")
	for _, verb := range []string{"validate", "serve"} {
		_, errOut := w.must(exitUsage, verb, "--lang", "en")
		wantText(t, errOut, "jobs/nightly.yaml:3:13: job nightly: there is no pipeline provident-fund-acept", "did you mean provident-fund-accept?")
	}
	w.write("jobs/nightly.yaml", "job: nightly\nschedule: \"30 1 * *\"\n")
	_, errOut := w.must(exitUsage, "validate", "--lang", "zh")
	wantText(t, errOut, "jobs/nightly.yaml")
}

func TestWhatWaitsForAWaivedAcceptSaysSo(t *testing.T) {
	w := newRan(t)
	no := w.ofDirt("no_name")
	w.must(exitDone, "rejects", "waive", "--case", no, "--why", "test")
	n := 0
	for _, l := range w.held() {
		if l.Key[0] == no && l.Rule == "waits_parent" {
			n++
			wantText(t, l.WaitsFor, "its accept record: reject ", " was waived: nothing goes until its row is mended")
		}
	}
	if n == 0 {
		t.Errorf("nothing waits for %s", no)
	}
}

func TestACaseNamesTheFieldOfItsRejectsInTheSitesTime(t *testing.T) {
	w := newRan(t)
	r := w.lines("--case", w.ofDirt("no_name"))[0]
	out, _ := w.must(exitDone, "case", "show", r.Key[0], "--lang", "zh")
	h := w.house()
	wantText(t, out, "未决  "+localTime(r.At, h.Zone())+"  申请人名称 applicant_name  必填")
	if strings.Contains(out, r.At) {
		t.Errorf("a time in UTC in\n%s", out)
	}
}

func TestAReceiversOwnFieldHasItsTitle(t *testing.T) {
	w := newTroubled(t, embedded(t))
	h := w.house()
	for field, want := range map[string]string{"project_no": "case number project_no", "applicant_name": "applicant name applicant_name", "nowhere": "nowhere"} {
		if got := h.FieldTitle("national", "case/accept", field, "en"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for field, want := range map[string]string{"applyer_name": "applicant_name", "applicant_name": "", "nowhere": ""} {
		if got := strings.Join(h.CanonicalFields("national", "case/accept", field), " "); got != want {
			t.Errorf("%s is made from %q, want %q", field, got, want)
		}
	}
	if got := h.CanonicalFields("", "case/accept", "applicant_name"); got != nil {
		t.Errorf("without a receiver: %q", got)
	}
	if got := h.FieldTitle("platform", "case/accept", "SHOULI_YWSLQHMC", "zh"); !strings.HasSuffix(got, " SHOULI_YWSLQHMC") {
		t.Errorf("no title: %q", got)
	}
}
