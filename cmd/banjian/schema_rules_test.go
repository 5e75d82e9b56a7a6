package main

import (
	"strings"
	"testing"
)

func TestRulesAreListedWithTheirSourceInBothLanguages(t *testing.T) {
	for lang, want := range map[string]string{"zh": "法人没有填写法定代表人", "en": "a legal person without a legal representative"} {
		out, _ := banjian(t, exitDone, "schema", "rules", "case/accept", "--lang", lang)
		for _, part := range []string{want, "legal_representative_missing", "GB/T 39046—2020", "applied_after_accepted"} {
			if !strings.Contains(out, part) {
				t.Errorf("%s: %s\nhas no %s", lang, out, part)
			}
		}
	}
	if out, _ := banjian(t, exitDone, "schema", "rules", "case/special", "--json"); strings.Count(out, "\n") != 6 || !strings.Contains(out, `"demand":"order started_at <= ended_at"`) {
		t.Error(out)
	}
	if _, errs := banjian(t, exitUsage, "schema", "rules", "case/nothing", "--lang", "en"); !strings.Contains(errs, "case/nothing: there is no such subject") {
		t.Error(errs)
	}
}
