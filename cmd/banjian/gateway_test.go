package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/internal/failpoint"
)

func TestWhatAPlatformSendsReachesTheInbox(t *testing.T) {
	w := newInboxWorld(t)
	w.put("A1", nil)
	w.serve("")
	if got := w.announce("A1", "0", ""); got != "200" {
		t.Fatal(got)
	}
	w.wantRows("gjj", "application", "flow_no, submission, express_type, item_code, item_region, applicant_name, applicant_id_type, person_sex, person_birthday, channel, applied_at, form_data, material_list, deleted",
		`A1|0|0|GJJ-0302|370102000000|张样例|111|1|1949-12-31|web|2026-11-20 08:00:00|{"SPItemListDef":{"TableCols":{"tqyy":"购房"}}}|身份证；合同|0`)
	w.wantRows("gjj", "material", "flow_no, seq, file_kind, copy_kind, material_count, file_state, length(file_ref)", "A1|a1|electronic|electronic|1|stored|84", "A1|a2|paper|original|1")
	if got := w.announce("A1", "1", "2026-11-23 10:00:00"); got != "200" {
		t.Fatal(got)
	}
	w.wantRows("gjj", "application", "flow_no, submission, express_type, reply_receiver, reply_at, reply_materials", "A1|0|0|张补正|身份证", "A1|1|1|张补正|2026-11-23 10:00:00|身份证")
	w.wantRows("gjj", "material", "flow_no, submission, seq, file_state", "A1|0|a1|stored", "A1|0|a2", "A1|1|b1|stored")
	if got := w.withdraw("A1"); got != "200" {
		t.Errorf("%q", got)
	}
	if got := w.withdraw("none"); got != "0" {
		t.Errorf("%q", got)
	}
	w.wantRows("gjj", "withdrawal", "flow_no, submission, withdrawn_by, answer", "A1|1|张样例|accepted")
	w.wantRows("sb", "withdrawal", "flow_no, submission, withdrawn_by, answer", "A1|1|张样例|accepted")
	if _, out := w.says("case", "show", "A1"); !strings.Contains(out, "flow number A1\n") {
		t.Error(out)
	}
	w.stop()
}

const inboxRoutes = `departments:
  gjj: {receivers: [gjj-inbox]}
  sb: {receivers: [sb-inbox]}
routes:
  - {item: GJJ-*, region: 3701*, department: gjj}
  - {item: YJS-01, department: sb, members: [gjj]}
unowned: gjj
`

func TestEachDepartmentGetsWhatIsItsOwn(t *testing.T) {
	w := newInboxWorld(t)
	w.write("routes.yaml", inboxRoutes)
	w.put("G", nil)
	w.put("J", func(a *application) { a.item = "YJS-01" })
	w.put("S", func(a *application) { a.item = "SB-1" })
	w.serve("")
	for _, no := range []string{"G", "S", "J"} {
		if got := w.announce(no, "0", ""); got != "200" {
			t.Fatal(got)
		}
	}
	if got := w.withdraw("G") + w.withdraw("S"); got != "200200" {
		t.Error(got)
	}
	w.wantRows("gjj", "application", "flow_no, group_no, group_role", "G", "J|J|member")
	w.wantRows("sb", "application", "flow_no, group_no, group_role", "J|J|lead")
	w.wantRows("gjj", "material", "flow_no, seq, file_state", "G|a1|stored", "G|a2", "J|a1|stored", "J|a2")
	w.wantRows("sb", "material", "flow_no, seq, file_state", "J|a1|stored", "J|a2")
	w.wantRows("gjj", "withdrawal", "flow_no, answer", "G|accepted")
	w.eventually("what is nobody's is held", func() bool {
		code, out := w.says("held", "list")
		return code == exitDone && strings.Count(out, "gjj-inbox") == 4 && strings.Contains(out, "whose item SB-1 in region 370102000000 is")
	})
	if code, out := w.says("status"); code != exitNews || !strings.Contains(out, "nobody's by the table of routes 4") || !strings.Contains(out, "inbox spj: flow numbers 3 · fetched 3 · waiting 0 · withdrawn 2") {
		t.Errorf("%d\n%s", code, out)
	}
	w.write("routes.yaml", strings.Replace(inboxRoutes, "unowned", "  - {item: SB-*, department: nobody}\nunowned", 1))
	w.eventually("a wrong table is told", func() bool {
		said := w.said.String()
		return strings.Contains(said, "routes.yaml:7:30: there is no department \"nobody\"") && strings.Contains(said, "routes.yaml is not taken, the routes stay as they were")
	})
	w.write("routes.yaml", strings.Replace(inboxRoutes, "unowned", "  - {item: SB-*, department: sb}\nunowned", 1))
	w.wantRows("sb", "application", "flow_no, group_role", "J|lead", "S")
	w.wantRows("sb", "material", "flow_no, seq", "J|a1", "J|a2", "S|a1", "S|a2")
	w.wantRows("sb", "withdrawal", "flow_no, answer", "S|accepted")
	w.wantRows("gjj", "application", "flow_no", "G", "J")
	w.eventually("nothing is held", func() bool {
		_, out := w.says("held", "list")
		return strings.Contains(out, "no held records")
	})
	w.stop()
}

func TestAWithdrawalAfterAcceptanceIsRefused(t *testing.T) {
	w := newInboxWorld(t)
	w.put("A1", nil)
	w.write("banjian.yaml", strings.Replace(fmt.Sprintf(inboxSite, w.platform.URL+"/ywzt"), "receivers:", "  ywxt: {kind: sqlite, path: ywxt.db}\nreceivers:", 1))
	w.write("pipelines/accept.yaml", `pipeline: accept
from: {connection: ywxt, source_id: ywxt, table: v_accept, key: [local_no, round]}
mapping: my/accept
deliver: []
`)
	w.write("mappings/my/accept.yaml", `mapping: my/accept
to: case/accept
fields:
  local_no: slbh
  round: {const: 1}
  flow_no: sblsh
  decision: {const: accept}
  accepted_at: slsj
  accept_user: {const: 李受理}
  accept_region: {const: "370102000000"}
  dept_code: {const: "12370100MB2849130L"}
  dept_name: {const: 市公积金中心}
  item_code: {const: GJJ-0302}
  item_name: {const: 提取}
  item_region: {const: "370102000000"}
  applicant_type: {const: "1"}
  applicant_name: {const: 张样例}
  applicant_id_type: {const: "990"}
  applicant_id_no: {const: "1"}
  handling_type: {const: other}
`)
	db := w.department("ywxt")
	if _, err := db.Exec("CREATE TABLE v_accept(slbh TEXT PRIMARY KEY, sblsh TEXT, slsj TEXT); INSERT INTO v_accept VALUES('1', 'A1', '2026-11-20 09:00:00')"); err != nil {
		t.Fatal(err)
	}
	if code, out := w.says("run", "accept"); code != exitDone {
		t.Fatal(code, out)
	}
	w.serve("")
	w.announce("A1", "0", "")
	for range 2 {
		if got := w.withdraw("A1"); got != "0" {
			t.Errorf("%q", got)
		}
	}
	w.wantRows("gjj", "withdrawal", "flow_no, answer", "A1|refused")
	w.stop()
}

// A case may be decided without an acceptance: refused before, or never corrected. From then on
// its result is what counts, be it collected with a flow number of its own.
func TestAWithdrawalAfterAResultWithoutAcceptanceIsRefused(t *testing.T) {
	w := newInboxWorld(t)
	w.write("banjian.yaml", strings.Replace(fmt.Sprintf(inboxSite, w.platform.URL+"/ywzt"), "receivers:", "  ywxt: {kind: sqlite, path: ywxt.db}\nreceivers:", 1))
	w.write("pipelines/result.yaml", `pipeline: result
from: {connection: ywxt, source_id: ywxt, table: v_result, key: [local_no, round]}
mapping: my/result
deliver: []
`)
	w.write("mappings/my/result.yaml", `mapping: my/result
to: case/result
fields:
  local_no: slbh
  round: {const: 1}
  flow_no: sblsh
  result_code: jg
  result_text: {const: 不予受理}
  failure_reason: {const: 不属于本部门}
  finished_at: bjsj
  user: {const: 李审批}
  dept_code: {const: "12370100MB2849130L"}
  dept_name: {const: 市公积金中心}
  region: {const: "370102000000"}
`)
	db := w.department("ywxt")
	if _, err := db.Exec("CREATE TABLE v_result(slbh TEXT PRIMARY KEY, sblsh TEXT, jg TEXT, bjsj TEXT); INSERT INTO v_result VALUES('1', 'A1', 'not_accepted', '2026-11-20 09:00:00'), ('2', 'A2', 'lapsed', '2026-11-21 09:00:00'), ('3', NULL, 'not_accepted', '2026-11-20 09:00:00'), ('4', 'A4', 'not_accepted', '2026-11-20 09:00:00')"); err != nil {
		t.Fatal(err)
	}
	if code, out := w.says("run", "result"); code != exitDone {
		t.Fatal(code, out)
	}
	w.serve("")
	var want []string
	for _, no := range []string{"A1", "A2", "A3", "A4"} {
		w.put(no, nil)
		w.announce(no, "0", "")
		status, answer := "0", "refused"
		switch no {
		case "A3":
			status, answer = "200", "accepted"
		case "A4": // handed in again after it was refused
			w.announce(no, "9", "")
			status, answer = "200", "accepted"
		}
		for range 2 {
			if got := w.withdraw(no); got != status {
				t.Errorf("%s: %q", no, got)
			}
		}
		want = append(want, no+"|"+answer)
	}
	w.wantRows("gjj", "withdrawal", "flow_no, answer", want...)
	w.stop()
}

func TestStatusTellsWhatWaitsForThePlatform(t *testing.T) {
	w := newInboxWorld(t)
	w.serve("")
	w.setDown(true)
	for _, no := range []string{"A1", "A2"} {
		w.put(no, nil)
		w.announce(no, "0", "")
	}
	w.forget("A2")
	w.eventually("the outage is known", func() bool {
		_, out := w.says("status", "--json")
		return strings.Contains(out, `"outage_since"`)
	})
	_, out := w.says("status")
	if !strings.Contains(out, "inbox spj: flow numbers 2 · fetched 0 · waiting 2 (oldest ") {
		t.Error(out)
	}
	w.setDown(false)
	w.wantRows("gjj", "application", "flow_no", "A1")
	w.stop()
	_, out = w.says("status", "--json")
	if !strings.Contains(out, `"announced":2,"fetched":1,"waiting":1`) || !strings.Contains(out, `"nothing_given":1`) || strings.Contains(out, "outage_since") {
		t.Error(out)
	}
}

// Killed at every step, with the platform calling again for what was not acknowledged: each
// number, material and withdrawal is there once.
func TestKilledAtEveryStepNothingThatCameInIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: the product is killed many times")
	}
	steps := append(slices.Clone(failpoint.InboundNames), failpoint.AfterRead, failpoint.AfterMap, failpoint.BeforeLedgerCommit, failpoint.InLedgerCommit, failpoint.AfterLedgerCommit,
		failpoint.BeforeFreeze, failpoint.InFreeze, failpoint.AfterFreeze, failpoint.AfterDeliver, failpoint.InSettle, failpoint.AfterSettle)
	w := newInboxWorld(t)
	w.write("routes.yaml", inboxRoutes)
	var applications, materials, withdrawals []string
	for i, step := range steps {
		no := fmt.Sprintf("K%02d", i)
		w.put(no, nil)
		w.serve(step)
		first := w.announce(no, "0", "")
		killed := make(chan struct{})
		go func() { _ = w.served.Wait(); close(killed) }()
		w.withdraw(no) // answered or not
		select {
		case <-killed:
		case <-time.After(patience):
			t.Fatalf("%s was never passed\n%s", step, w.said)
		}
		w.serve("")
		if first == "" {
			w.eventually("the platform calls again", func() bool { return w.announce(no, "0", "") == "200" })
		}
		if got := w.withdraw(no); got != "200" {
			t.Errorf("%s: %q", step, got)
		}
		applications = append(applications, no)
		materials = append(materials, no+"|a1|stored", no+"|a2")
		withdrawals = append(withdrawals, no+"|accepted")
		w.wantRows("gjj", "application", "flow_no", applications...)
		w.wantRows("gjj", "material", "flow_no, seq, file_state", materials...)
		w.wantRows("gjj", "withdrawal", "flow_no, answer", withdrawals...)
		w.stop()
	}
	if code, out := w.says("rejects", "list"); code != exitDone || strings.Contains(out, "K0") {
		t.Error(code, out)
	}
}

// A file that the platform's store has not is told of as that, with the case and the material;
// the application is there, and so are the files of others.
func TestAFileThePlatformDoesNotHaveIsShownWithItsCase(t *testing.T) {
	w := newInboxWorld(t)
	w.serve("")
	w.put("A1", func(a *application) { a.gone = true })
	w.put("A2", nil)
	w.announce("A1", "0", "")
	w.announce("A2", "0", "")
	w.wantRows("gjj", "material", "flow_no, material_name, coalesce(file_state, '')", "A1|合同|", "A1|身份证|failed", "A2|合同|", "A2|身份证|stored")
	w.stop()
	var inbox struct {
		Inbox []struct {
			System string
			Failed int64  `json:"files_failed"`
			Outage string `json:"outage_since"`
			Since  string `json:"file_failed_since"`
			Flow   string `json:"file_failed_flow_no"`
			Name   string `json:"file_failed_material"`
			Why    string `json:"file_failed"`
		}
	}
	_, out := w.says("status", "--json")
	if err := json.Unmarshal([]byte(out), &inbox); err != nil {
		t.Fatal(err, out)
	}
	for _, x := range inbox.Inbox {
		if x.System == "spj" && (x.Failed != 1 || x.Outage != "" || x.Since == "" || x.Flow != "A1" || x.Name != "身份证" || !strings.Contains(x.Why, "the platform does not have the file (404)")) {
			t.Errorf("%+v", x)
		}
	}
	if _, out = w.says("status"); !strings.Contains(out, "1 files are not given or not what they should be, and are asked for again; the oldest is of flow number A1, material 身份证: ") || !strings.Contains(out, "banjian case show A1") {
		t.Error(out)
	}
	if _, out = w.says("case", "show", "A1"); !regexp.MustCompile(`file lacking  spj, submission 0, material 身份证, since [-0-9]+ [:0-9]+: .*the platform does not have the file \(404\); tried \d+ times, asked for again at `).MatchString(out) {
		t.Error(out)
	}
	if _, out = w.says("case", "show", "A1", "--json"); !strings.Contains(out, `"files_lacking":[{"system":"spj","submission":0,"seq":"a1","material":"身份证","file_state":"failed","since":"`) {
		t.Error(out)
	}
	if _, out = w.says("case", "show", "A2"); strings.Contains(out, "lacking") {
		t.Error(out)
	}
}
