package main

import (
	"os"
	"path/filepath"
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

func TestReconcilingLeavesOutTheTableThatNothingIsSentTo(t *testing.T) {
	w := newTroubled(t, embedded(t))
	own := "pipeline: provident-fund-material\nfrom: {connection: gjj, source_id: gjj-core, view: v_gjj_material, key: [local_no, material_id], cursor: gxsj, lookback: 10m}\n" +
		"mapping: provident-fund/material\ndeliver: []\n"
	if err := os.WriteFile(filepath.Join(w.dir, "pipelines", "material.yaml"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	w.exchangeExec("DROP TABLE up_pro_material")
	if code, _, errOut := w.run(); code != exitNews && code != exitDone {
		t.Fatalf("exited %d: %s", code, errOut)
	}
	if code, r := w.reconcile("--receiver", "national"); code != exitDone || r.Differs() || len(r.Lines) == 0 {
		t.Errorf("exited %d: %+v", code, r.Differences)
	}
	_, all, _ := w.says("doctor", "--lang", "en", "--site", w.dir)
	wantText(t, all, "there is none for case/material, which no pipeline sends yet")
}
