package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"banjian/connectors/exchangedb/exchangetest"
)

// versions are the operations the receiver got for a record, in order.
func (w *troubled) versions(subject, table string, key ...string) string {
	w.t.Helper()
	var ops []string
	rows, err := w.exchange.QueryContext(w.t.Context(), "SELECT cd_operation FROM "+table+" WHERE row_guid=? ORDER BY ID", guidText(subject, key))
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var op string
		if err := rows.Scan(&op); err != nil {
			w.t.Fatal(err)
		}
		ops = append(ops, op)
	}
	return strings.Join(ops, "")
}

func TestTwoSystemsWithTheSameLocalNumbersAreKeptApart(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("source_id: gjj-core", "source_id: gjj-second")
	w.edit("pipelines/provident-fund.yaml", "pipeline: provident-fund", "pipeline: second")
	w.mustRun()
	for table, rows := range w.e.national {
		if n := w.text("SELECT COUNT(DISTINCT row_guid) FROM " + table); n != fmt.Sprint(2*len(rows)) {
			t.Errorf("%s: %s records, want %d", table, n, 2*len(rows))
		}
	}
	w.wantOnceEach()
	_, out, _ := w.says("case", "show", w.ofDirt("no_name"), "--json", "--site", w.dir)
	lives := strings.Split(strings.TrimSpace(out), "\n")
	if len(lives) != 2 {
		t.Fatalf("%d cases have the number, want 2", len(lives))
	}
	for _, line := range lives {
		var life caseLife
		if err := json.Unmarshal([]byte(line), &life); err != nil {
			t.Fatal(err)
		}
		for _, r := range life.Rejects {
			if strings.HasPrefix(r.Pipeline, "second") != (life.Source == "gjj-second") {
				t.Errorf("the life in %s shows a reject of %s", life.Source, r.Pipeline)
			}
		}
		if len(life.Rejects) != 1 {
			t.Errorf("%s: %d rejects", life.Source, len(life.Rejects))
		}
	}
}

func TestCaseRefusedFirstAndAcceptedThenIsDeliveredWithItsChildren(t *testing.T) {
	w := newTroubled(t, embedded(t))
	no := w.sourceText("SELECT slbh FROM gjj_ywsl WHERE slzt='0' ORDER BY id LIMIT 1")
	w.sourceExec("INSERT INTO gjj_sqcl SELECT id+1000000, slbh||'-C9', ?, clbm, clmc, sfsq, sqfs, fs, clsj, fjmc, bz, gxsj FROM gjj_sqcl WHERE sfsq='1' AND sqfs='纸质' AND fs IN ('1','2') AND clmc<>'' LIMIT 1", no)
	id := w.sourceText("SELECT clid FROM gjj_sqcl WHERE slbh=?", no)
	w.mustRun()
	if ops := w.versions("case/accept", "up_pro_accept", no, "1") + w.versions("case/material", "up_pro_material", no, id); ops != "" {
		t.Fatalf("of a refused case %q went out", ops)
	}
	w.sourceExec("UPDATE gjj_ywsl SET slzt='1', slyj='补正后受理', gxsj="+soon+" WHERE slbh=?", no)
	w.mustRun()
	w.mustRun()
	if ops := w.versions("case/accept", "up_pro_accept", no, "1"); ops != "I" {
		t.Errorf("the acceptance went out as %q, want I", ops)
	}
	if ops := w.versions("case/material", "up_pro_material", no, id); ops != "I" {
		t.Errorf("its material went out as %q, want I", ops)
	}
	w.wantOnceEach()
}

// A result refused because its case's acceptance is later goes out once the acceptance
// is mended, although the result itself did not change.
func TestRecordRefusedForItsParentGoesWhenTheParentIsMended(t *testing.T) {
	w := newRan(t)
	no := w.ofDirt("finished_before_accepted")
	if ops := w.versions("case/result", "up_pro_result", no, "1"); ops != "" {
		t.Fatalf("went out as %q", ops)
	}
	w.sourceExec("UPDATE gjj_ywsl SET sqsj='2020-01-02 09:00:00', slsj='2020-01-02 10:00:00', cnbjsj='2020-02-02', gxsj="+soon+" WHERE slbh=?", no)
	w.mustRun()
	w.mustRun()
	if ops := w.versions("case/result", "up_pro_result", no, "1"); ops != "I" {
		t.Errorf("the result went out as %q, want I", ops)
	}
	if list := w.rejects("provident-fund-result", no, "open"); len(list) != 0 {
		t.Errorf("%d rejects are open", len(list))
	}
	w.wantOnceEach()
}

func TestVersionsWaitingForDeliveryCoalesceToTheNewest(t *testing.T) {
	w := newTroubled(t, embedded(t))
	no := w.clean()
	for i := range 3 {
		w.mustRun("--collect-only")
		w.sourceExec("UPDATE gjj_ywsl SET txdz=?, gxsj="+soon+" WHERE slbh=?", fmt.Sprintf("第%d号", i), no)
	}
	w.mustRun("--collect-only")
	w.mustRun("--deliver-only")
	if ops := w.versions("case/accept", "up_pro_accept", no, "1"); ops != "I" {
		t.Errorf("went out as %q, want one I", ops)
	}
	if got := w.text("SELECT address FROM up_pro_accept WHERE row_guid=?", guidText("case/accept", []string{no, "1"})); got != "第2号" {
		t.Errorf("address %q, want the newest", got)
	}
	w.wantOnceEach()
}

func TestMappingChangeGoesOutOnlyWhereItChangesARecord(t *testing.T) {
	w := newRan(t)
	before := w.totalRows()
	w.overlay("provident-fund/accept", "to: case/accept", "to: case/accept # the same")
	if s := w.mustRun("--mode", "full")["provident-fund-accept"]; s.Collected != 0 || w.totalRows() != before {
		t.Errorf("nothing changed, but %d were collected and %d rows went out", s.Collected, w.totalRows()-before)
	}
	w.wantForetold()
	w.remove("mappings")
	w.overlay("provident-fund/accept", "{expr: \"sxmc + '（' + slbh + '）'\"}", "{expr: \"sxmc + '：' + slbh\"}")
	s := w.mustRun("--mode", "full")["provident-fund-accept"]
	sent := len(w.e.national["up_pro_accept"])
	if c := s.Receivers["national"]; c.Delivered != int64(sent) || w.totalRows() != before+sent {
		t.Errorf("%d of %d acceptances went out again, as %d rows", c.Delivered, sent, w.totalRows()-before)
	}
	if n := w.text("SELECT COUNT(*) FROM up_pro_accept WHERE cd_operation='U'"); n != fmt.Sprint(sent) {
		t.Errorf("%s went out as U, want %d", n, sent)
	}
	w.wantOnceEach()
}

func TestFullAndIncrementalRunsMayAlternate(t *testing.T) {
	w := newTroubled(t, embedded(t))
	no := w.clean()
	w.mustRun("--mode", "full")
	w.wantForetold()
	for i, mode := range []string{"incremental", "full", "incremental", "full", "full", "incremental"} {
		w.sourceExec("UPDATE gjj_ywsl SET txdz=?, gxsj="+soon+" WHERE slbh=?", fmt.Sprintf("第%d号", i), no)
		sums := w.mustRun("--mode", mode)
		if c := sums["provident-fund-accept"]; c.Collected != 1 || c.Receivers["national"].Delivered != 1 {
			t.Errorf("%d %s: %+v", i, mode, c)
		}
	}
	if ops := w.versions("case/accept", "up_pro_accept", no, "1"); ops != "IUUUUUU" {
		t.Errorf("went out as %q", ops)
	}
	w.wantOnceEach()
}

// A department that changes a row without moving its clock, or moves it back, is
// outside of what an incremental run can see; a full run finds it.
func TestChangeUnderAnOldClockIsFoundByAFullRun(t *testing.T) {
	w := newRan(t)
	no := w.clean()
	w.sourceExec("UPDATE gjj_ywsl SET txdz='新地址', gxsj='2001-01-01 00:00:00' WHERE slbh=?", no)
	if s := w.mustRun()["provident-fund-accept"]; s.Collected != 0 {
		t.Errorf("collected %d", s.Collected)
	}
	if s := w.mustRun("--mode", "full")["provident-fund-accept"]; s.Collected != 1 || s.Receivers["national"].Delivered != 1 {
		t.Errorf("%+v", s)
	}
	w.wantOnceEach()
}

// Identities are computed, versions are remembered: with its ledger lost, a site sends
// everything once more, as new, under the same row_guids. Only adopting the receiver's
// rows, or a backup of the ledger, prevents it.
func TestLostLedgerSendsEverythingAgainUnderTheSameIdentities(t *testing.T) {
	w := newRan(t)
	before := w.totalRows()
	if err := os.Remove(w.path("data/ledger.db")); err != nil {
		t.Fatal(err)
	}
	w.mustRun()
	if w.totalRows() != 2*before {
		t.Errorf("%d rows became %d", before, w.totalRows())
	}
	for table, rows := range w.e.national {
		c := &exchangetest.Consumer{DB: w.exchange, Table: table}
		if err := c.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(c.Records) != len(rows) {
			t.Errorf("%s: %d identities, want %d", table, len(c.Records), len(rows))
		}
	}
}

// Of two rows with one key the one that was taken first stays, whatever the other does,
// as long as the run reads both.
func TestSecondRowOfAKeyNeverReplacesTheFirst(t *testing.T) {
	w := newRan(t)
	no := w.ofDirt("duplicate_key")
	for i, mode := range []string{"full", "full"} {
		w.sourceExec("UPDATE gjj_ywsl SET bz=?, gxsj="+soon+" WHERE id=(SELECT MAX(id) FROM gjj_ywsl WHERE slbh=?)", fmt.Sprint("改", i), no)
		w.mustRun("--mode", mode)
		if ops := w.versions("case/accept", "up_pro_accept", no, "1"); ops != "I" {
			t.Fatalf("after a change of the second row and a run in mode %s it went out as %q, want I alone", mode, ops)
		}
		for _, r := range w.rejects("provident-fund-accept", no, "open") {
			if r.Rule != "duplicate_key" {
				t.Errorf("reject %+v", r)
			}
		}
	}
}

// A case that is refused after its acceptance went out is not taken back from the
// receiver by itself: a person sees what the receiver still has.
func TestAcceptanceTakenBackIsShownAsWhatTheReceiverStillHas(t *testing.T) {
	w := newRan(t)
	no := w.clean()
	w.sourceExec("UPDATE gjj_ywsl SET slzt='0', gxsj="+soon+" WHERE slbh=?", no)
	if c := w.mustRun()["provident-fund-accept"].Receivers["national"]; c.Held != 1 || c.Delivered != 0 {
		t.Errorf("%+v", c)
	}
	if ops := w.versions("case/accept", "up_pro_accept", no, "1"); ops != "I" {
		t.Errorf("went out as %q", ops)
	}
	if _, out, _ := w.says("held", "list", "--site", w.dir, "--subject", "case/accept", "--lang", "zh"); !strings.Contains(out, no) || !strings.Contains(out, "不一致") {
		t.Errorf("held list does not show it:\n%s", out)
	}
	for lang, want := range map[string]string{"zh": "不一致: 只有予以受理的记录才上报国家受理信息（接收方现有的是第 1 版）", "en": "(the receiver has version 1)"} {
		if _, out, _ := w.says("case", "show", no, "--site", w.dir, "--lang", lang); !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// Once a child went to the receiver, its case's later versions reach it with the same
// numbers, and nothing of the case goes out twice.
func TestAcceptChangedBeforeItsFirstVersionArrivedTakesItsChildrenAlong(t *testing.T) {
	w := newTroubled(t, embedded(t))
	no := w.clean()
	name := w.sourceText("SELECT sqr FROM gjj_ywsl WHERE slbh=?", no)
	w.sourceExec("UPDATE gjj_ywsl SET sqr=NULL WHERE slbh=?", no)
	w.mustRun() // the children wait
	w.sourceExec("UPDATE gjj_ywsl SET sqr=?, gxsj="+soon+" WHERE slbh=?", name, no)
	w.mustRun("--collect-only")
	w.sourceExec("UPDATE gjj_ywsl SET txdz='改过的地址', gxsj="+soon+" WHERE slbh=?", no)
	w.mustRun("--collect-only")
	w.mustRun()
	if ops := w.versions("case/accept", "up_pro_accept", no, "1"); ops != "I" {
		t.Errorf("the acceptance went out as %q, want I", ops)
	}
	if ops := w.versions("case/result", "up_pro_result", no, "1"); ops != "I" {
		t.Errorf("the result went out as %q, want I", ops)
	}
	w.wantOnceEach()
}
