package main

import (
	"strings"
	"testing"
)

func TestOnlyWhatHasNoTableAtAReceiverWaits(t *testing.T) {
	w := newTroubled(t, embedded(t))
	table := w.text("SELECT sql FROM sqlite_master WHERE name = 'up_pro_material'")
	w.exchangeExec("DROP TABLE up_pro_material")
	code, _, errOut := w.run()
	if code != exitUsage || strings.Count(errOut, "no table") != 1 {
		t.Fatalf("exited %d: %s", code, errOut)
	}
	wantText(t, errOut, "case/material waits in the ledger, all else is delivered", "the receiver has no table up_pro_material", "what to do: print the standard table with `banjian schema ddl up_pro_material`")
	if n := w.text("SELECT COUNT(*) FROM up_pro_accept"); n == "0" {
		t.Error("acceptances waited too")
	}
	w.exchangeExec(table)
	w.mustRun()
	w.wantForetold()
	w.wantOnceEach()
}
