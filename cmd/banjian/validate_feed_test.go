package main

import (
	"strings"
	"testing"
)

func TestValidateWarnsOfWhatAReceiverMustHaveAndNobodyFills(t *testing.T) {
	w := newTroubled(t, embedded(t))
	if out, errOut := w.must(exitDone, "validate", "--lang", "en"); strings.Contains(out+errOut, "warning") {
		t.Errorf("the demo is whole: %s%s", out, errOut)
	}
	w.overlay("provident-fund/accept", "  catalog_code: ", "  # catalog_code: ")
	_, errOut := w.must(exitDone, "validate", "--lang", "en")
	wantText(t, errOut, "warning: ", "case/accept of provident-fund-accept will be refused by national", "does not fill: catalog_code (basic code)\n", "what to do: map these fields")
	_, errOut = w.must(exitDone, "validate", "--lang", "zh")
	wantText(t, errOut, "提醒: ", "provident-fund-accept 送 national 的 case/accept 会被退", "没有填的字段：catalog_code 基本编码\n")
	out, _ := w.must(exitDone, "validate", "--json")
	var f finding
	decode(t, strings.SplitAfter(out, "\n")[0], &f)
	if !f.Warning || f.Line == 0 || f.Hint == "" {
		t.Errorf("%+v of %s", f, out)
	}
}
