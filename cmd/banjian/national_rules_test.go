package main

import (
	"testing"

	"banjian/pipelines"
)

// D is for records reported in error, and a person approves each: no shipped profile of the
// national exchange sends deletes unasked, none takes withdrawals. A withdrawal before
// acceptance has no national row; one after it is a result.
func TestNothingIsTakenBackFromTheNationalTablesUnasked(t *testing.T) {
	n := 0
	for _, name := range pipelines.Profiles(nil) {
		p, err := pipelines.LoadProfile(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind != pipelines.KindExchange {
			continue
		}
		n++
		if !p.AsksDeletes() {
			t.Errorf("%s sends deletes unasked", name)
		}
		for _, s := range p.Subjects {
			if s.Subject == "case/withdrawal" || s.Subject == "case/application" {
				t.Errorf("%s takes %s", name, s.Subject)
			}
			if len(s.Adopt) == 0 && s.Table != "up_pro_process" {
				t.Errorf("%s: nobody knows how records of %s are adopted", name, s.Subject)
			}
		}
		if len(p.Returns) == 0 {
			t.Errorf("%s: nobody reads what comes back", name)
		}
	}
	if n < 5 {
		t.Errorf("%d profiles of exchange tables", n)
	}
}

// An application withdrawn after its acceptance is a result row, never a D.
func TestAWithdrawalAfterAcceptanceIsAResult(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.mustRun("--fail-on", "none")
	w.overlay("provident-fund/result", "result_code:", "result_code: {const: withdrawn}\n  # result_code:")
	w.must(exitDone, "run", "provident-fund-result", "--remap", "--approve-changes", "--fail-on", "none")
	rows := w.text("SELECT COUNT(*) FROM up_pro_result WHERE cd_operation='U'")
	if rows == "0" || w.text("SELECT COUNT(*) FROM up_pro_accept WHERE cd_operation='D'") != "0" || w.text("SELECT COUNT(*) FROM up_pro_result WHERE cd_operation='D'") != "0" {
		t.Errorf("%s results told anew, or deletes went out", rows)
	}
	if got := w.text("SELECT COUNT(*) FROM up_pro_result WHERE cd_operation='U' AND result_type<>'3'"); got != "0" {
		t.Errorf("%s withdrawals are told as something else", got)
	}
}
