package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/deploy/demo"
	"banjian/ledger"
)

// soon is a department's clock that the next run reads: settled, inside the lookback.
const soon = "datetime('now','+8 hours','-3 seconds')"

// rejects are the rejects of a pipeline and a local number.
func (w *troubled) rejects(pipeline, localNo, state string) []ledger.Reject {
	w.t.Helper()
	store := w.openLedger()
	defer store.Close()
	list, err := store.Rejects(w.t.Context(), ledger.RejectQuery{Pipeline: pipeline, State: state, KeyPrefix: ledger.EncodeKey(localNo)})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// clean is the local number of an accepted, delivered case without any finding; it
// has steps, materials and a result.
func (w *troubled) clean() string {
	w.t.Helper()
	dirty := map[string]bool{}
	for _, l := range w.e.lines {
		dirty[l.Key[0]] = true
	}
	for _, row := range slices.SortedFunc(maps.Values(w.e.national["up_pro_result"]), func(a, b demo.NationalRow) int { return strings.Compare(a.Key[0], b.Key[0]) }) {
		if !dirty[row.Key[0]] {
			return row.Key[0]
		}
	}
	w.t.Fatal("every case is dirty")
	return ""
}

// ofDirt is the foretold line of the first row with this dirt.
func (w *troubled) ofDirt(dirt string) (localNo string) {
	w.t.Helper()
	for _, l := range w.e.lines {
		if l.Dirt == dirt {
			return l.Key[0]
		}
	}
	w.t.Fatalf("no row with %s", dirt)
	return ""
}

func TestRejectLimitStopsTheRunKeepsWhatIsThereAndTheNextGoesOn(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.overlayPipelines("rejects: {max: 100000, ratio: 20%, after: 500}", "rejects: {max: 1, ratio: 20%, after: 500}")
	w.edit("pipelines/provident-fund.yaml", "mode: incremental", "mode: incremental, batch_rows: 40")
	code, _, errOut := w.run("--dry-run")
	if code != exitFailed || !strings.Contains(errOut, "provident-fund-accept: ") || !strings.Contains(errOut, "the dry run lists") || strings.Contains(errOut, "rejects redrive") {
		t.Errorf("a dry run, which keeps none of them, exited %d:\n%s", code, errOut)
	}
	code, sums, errOut := w.run()
	if code != exitFailed {
		t.Errorf("exited %d, want %d", code, exitFailed)
	}
	for _, want := range []string{"the limit is 1 (rejects.max)", "provident-fund-accept: ", "banjian rejects list --kinds --pipeline provident-fund-accept", "banjian rejects redrive --pipeline provident-fund-accept"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("no %q in\n%s", want, errOut)
		}
	}
	s := sums["provident-fund-accept"]
	if s.State != "partial" || s.Collected == 0 || s.Collected == int64(w.e.summary.Pipelines["provident-fund-accept"].Collected) {
		t.Errorf("state %s, collected %d", s.State, s.Collected)
	}
	before := s.Collected
	w.remove("pipelines")
	s = w.mustRun()["provident-fund-accept"]
	if want := int64(w.e.summary.Pipelines["provident-fund-accept"].Collected); s.Collected != want-before {
		t.Errorf("collected %d, then %d, want %d together", before, s.Collected, want)
	}
	w.wantForetold()
	w.wantOnceEach()
}

func TestDryRunWritesNothing(t *testing.T) {
	w := newTroubled(t, embedded(t))
	sums := w.mustRun("--dry-run")
	for pipeline, want := range w.e.summary.Pipelines {
		s := sums[pipeline]
		if got, wanted := [...]int64{s.Read, s.Filtered, s.Rejected, s.Collected}, [...]int64{int64(want.Read), int64(want.Filtered), int64(want.Rejected), int64(want.Collected)}; got != wanted || len(s.Receivers) != 0 {
			t.Errorf("%s: read, filtered, rejected, collected = %v, want %v; receivers %v", pipeline, got, wanted, s.Receivers)
		}
	}
	if n := w.totalRows(); n != 0 {
		t.Errorf("%d rows went out", n)
	}
	store := w.openLedger()
	runs, err := store.LastRuns(t.Context())
	rejects, err2 := store.Rejects(t.Context(), ledger.RejectQuery{})
	streams, err3 := store.AllStreams(t.Context())
	position, err4 := store.Position(t.Context(), "provident-fund-accept")
	store.Close()
	if len(runs)+len(rejects)+len(streams)+len(position) != 0 || err != nil || err2 != nil || err3 != nil || err4 != nil {
		t.Errorf("%d runs, %d rejects, %d streams, position %q; %v %v %v %v", len(runs), len(rejects), len(streams), position, err, err2, err3, err4)
	}
	w.mustRun()
	w.wantForetold()
}

func TestCollectOnlyThenDeliverOnlyEndsWhereOneRunDoes(t *testing.T) {
	w := newTroubled(t, embedded(t))
	w.mustRun("--collect-only")
	if n := w.totalRows(); n != 0 {
		t.Fatalf("--collect-only delivered %d rows", n)
	}
	code, sums, errOut := w.run("--deliver-only")
	if code != exitNews {
		t.Errorf("exited %d, want %d: records are newly held\n%s", code, exitNews, errOut)
	}
	for pipeline, want := range w.e.summary.Receivers[demo.National] {
		if s := sums[pipeline]; s.Read != 0 || s.Receivers["national"].Released != int64(want.Delivered) {
			t.Errorf("%s: read %d, released %d, want %d", pipeline, s.Read, s.Receivers["national"].Released, want.Delivered)
		}
	}
	w.wantForetold()
	if code, _, _ := w.run("--deliver-only"); code != exitDone {
		t.Errorf("with nothing new it exited %d", code)
	}
	if code, _, _ := w.run("--deliver-only", "--fail-on", "any"); code != exitNews {
		t.Errorf("with open rejects --fail-on any exited %d", code)
	}
	if code, _, _ := w.run("--mode", "full", "--fail-on", "none"); code != exitDone {
		t.Errorf("--fail-on none exited %d", code)
	}
}

func TestJSONSummaryHasExactlyTheDocumentedFields(t *testing.T) {
	w := newTroubled(t, embedded(t))
	_, out, _ := w.says("run", "--all", "--json", "--site", w.dir)
	wanted := strings.Fields(`pipeline run mode started_at elapsed_ms read filtered unchanged rejected collected records receivers blanked settling rows_per_s bytes_read state error`)
	ofReceiver := strings.Fields(`delivered held rejected not_applicable pending released`)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines, want one for each pipeline", len(lines))
	}
	for _, line := range lines {
		var s map[string]any
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		same(t, "field", slices.Collect(maps.Keys(s)), wanted)
		for _, r := range s["receivers"].(map[string]any) {
			same(t, "field of a receiver", slices.Collect(maps.Keys(r.(map[string]any))), ofReceiver)
		}
		if _, err := time.Parse(time.RFC3339, fmt.Sprint(s["started_at"])); err != nil {
			t.Error(err)
		}
	}
}

func TestGoodRecordTurningBadStaysAtTheReceiverAsItWas(t *testing.T) {
	w := newRan(t)
	no := w.clean()
	before := w.totalRows()
	name := w.sourceText("SELECT sqr FROM gjj_ywsl WHERE slbh=?", no)
	w.sourceExec("UPDATE gjj_ywsl SET sqr=NULL, gxsj="+soon+" WHERE slbh=?", no)
	s := w.mustRun()["provident-fund-accept"]
	if s.Rejected != 1 || w.totalRows() != before {
		t.Errorf("rejected %d, %d rows went out", s.Rejected, w.totalRows()-before)
	}
	if list := w.rejects("provident-fund-accept", no, "open"); len(list) != 1 || list[0].Rule != "required" {
		t.Errorf("rejects %v", list)
	}
	_, out, _ := w.says("case", "show", no, "--site", w.dir, "--lang", "en")
	for _, want := range []string{"delivered version 1", "(required)"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	// Bad in another way: the department sees what is wrong now, not what was.
	w.sourceExec("UPDATE gjj_ywsl SET sqr=NULL, bz='仍缺姓名', gxsj="+soon+" WHERE slbh=?", no)
	w.mustRun()
	if list := w.rejects("provident-fund-accept", no, "open"); len(list) != 1 {
		t.Errorf("%d rejects are open for one bad row", len(list))
	}
	w.sourceExec("UPDATE gjj_ywsl SET sqr=?, bz=NULL, gxsj="+soon+" WHERE slbh=?", name, no)
	w.mustRun()
	if list := w.rejects("provident-fund-accept", no, "open"); len(list) != 0 {
		t.Errorf("mended, but %d rejects are open", len(list))
	}
}

// A row put back to exactly what it was is the row that was delivered: nothing goes
// out, and its reject closes.
func TestRowPutBackAsItWasClosesItsReject(t *testing.T) {
	w := newRan(t)
	no := w.clean()
	name, stamp := w.sourceText("SELECT sqr FROM gjj_ywsl WHERE slbh=?", no), w.sourceText("SELECT gxsj FROM gjj_ywsl WHERE slbh=?", no)
	w.sourceExec("UPDATE gjj_ywsl SET sqr=NULL, gxsj="+soon+" WHERE slbh=?", no)
	w.mustRun()
	if list := w.rejects("provident-fund-accept", no, "open"); len(list) != 1 {
		t.Fatalf("%d rejects are open", len(list))
	}
	before := w.totalRows()
	w.sourceExec("UPDATE gjj_ywsl SET sqr=?, gxsj=? WHERE slbh=?", name, stamp, no)
	w.mustRun("--mode", "full")
	if list := w.rejects("provident-fund-accept", no, "open"); len(list) != 0 || w.totalRows() != before {
		t.Errorf("%d rejects are open, %d rows went out", len(list), w.totalRows()-before)
	}
}

func TestMendedRowsAreDeliveredAndTheirRejectsClose(t *testing.T) {
	w := newRan(t)
	no := w.ofDirt("no_name")
	children := w.sourceText("SELECT (SELECT COUNT(*) FROM gjj_bljl WHERE slbh=?1 AND hjzt='1')+(SELECT COUNT(*) FROM gjj_sqcl WHERE slbh=?1 AND sfsq='1')+(SELECT COUNT(*) FROM gjj_bjjg WHERE slbh=?1)", no)
	w.sourceExec("UPDATE gjj_ywsl SET sqr='王小明', gxsj="+soon+" WHERE slbh=?", no)
	sums := w.mustRun()
	if list := w.rejects("provident-fund-accept", no, "open"); len(list) != 0 {
		t.Errorf("%d rejects are open", len(list))
	}
	if c := sums["provident-fund-accept"].Receivers["national"]; c.Delivered != 1 {
		t.Errorf("accept: %+v", c)
	}
	released := int64(0)
	for _, s := range sums {
		released += s.Receivers["national"].Released
	}
	if fmt.Sprint(released) != children {
		t.Errorf("%d held children were released, want %s", released, children)
	}
	w.wantOnceEach()
}

func TestChildrenHeldForAMissingParentGoWhenItArrives(t *testing.T) {
	w := newTroubled(t, embedded(t))
	for _, name := range []string{"step", "material", "result"} { // children first, over several runs
		if code, out, errOut := w.says("run", "provident-fund-"+name, "--json", "--site", w.dir); code != exitNews {
			t.Fatalf("exited %d: %s%s", code, out, errOut)
		}
	}
	if n := w.totalRows(); n != 0 {
		t.Fatalf("%d children went out before their parents", n)
	}
	sums := w.mustRun()
	for pipeline, want := range w.e.summary.Receivers[demo.National] {
		c := sums[pipeline].Receivers["national"]
		if pipeline != "provident-fund-accept" && c.Released != int64(want.Delivered) {
			t.Errorf("%s: released %d, want %d", pipeline, c.Released, want.Delivered)
		}
	}
	w.wantForetold()
	w.wantOnceEach()
}

func TestCaseIsShownByAnyOfItsNumbers(t *testing.T) {
	w := newRan(t)
	no := w.sourceText("SELECT slbh FROM gjj_ywsl WHERE sblsh IS NOT NULL AND bjbh IS NOT NULL AND slzt='1' AND sqr IS NOT NULL ORDER BY id LIMIT 1")
	numbers := []string{no, w.sourceText("SELECT sblsh FROM gjj_ywsl WHERE slbh=?", no), w.sourceText("SELECT bjbh FROM gjj_ywsl WHERE slbh=?", no)}
	for _, n := range numbers {
		code, out, errOut := w.says("case", "show", n, "--json", "--site", w.dir)
		var life caseLife
		if err := json.Unmarshal([]byte(out), &life); code != exitDone || err != nil {
			t.Fatalf("%s: exited %d, %v: %s%s", n, code, err, out, errOut)
		}
		if life.LocalNo != no || life.FlowNo != numbers[1] || life.CaseNo != numbers[2] || len(life.Records) < 3 {
			t.Errorf("%s: %+v", n, life)
		}
	}
	if code, _, errOut := w.says("case", "show", "nothing-like-it", "--site", w.dir, "--lang", "zh"); code == exitDone || !strings.Contains(errOut, "没有这个编号") {
		t.Errorf("exited %d: %s", code, errOut)
	}
	if code, out, _ := w.says("case", "show", w.ofDirt("no_name"), "--site", w.dir, "--lang", "zh"); code != exitDone || !strings.Contains(out, "问题数据") {
		t.Errorf("a case whose acceptance was rejected: exited %d: %s", code, out)
	}
}

func TestCodesAndNumbersAreJudgedLineByLine(t *testing.T) {
	for _, c := range []struct {
		args string
		in   string
		code int
		out  []string // code⇥kind⇥verdict of each line
	}{
		{"item check", "11450721MB155808114000104002000\n", exitDone, []string{"11450721MB155808114000104002000\timplementation\tok"}},
		{"item check -", "511A0138000000-511602000000-000-115113010833722043-1-00\n", exitNews, []string{"511A0138000000-511602000000-000-115113010833722043-1-00\tlocal\treject"}},
		{"item check", "abc\n\n", exitNews, []string{"abc\tunknown\treject", "\tunknown\treject"}},
		{"id check --kind resident_id", "440308199901101512\n", exitDone, []string{"440308199901101512\tresident_id\tok"}},
		{"id check --kind resident_id", "440308199901101513", exitNews, []string{"440308199901101513\tresident_id\treject"}},
		{"id check --kind uscc", " 91440300708461136T\r\n", exitNews, []string{" 91440300708461136T\tuscc\treject"}},
		{"id check --kind nothing", "x\n", exitUsage, nil},
		{"id check", "x\n", exitUsage, nil},
		{"item check one two", "", exitUsage, nil},
		{"item check /nonexistent/file", "", exitUsage, nil},
	} {
		file := t.TempDir() + "/in"
		if err := os.WriteFile(file, []byte(c.in), 0o600); err != nil {
			t.Fatal(err)
		}
		args := strings.Fields(c.args)
		if c.code != exitUsage {
			args = append(slices.DeleteFunc(args, func(s string) bool { return s == "-" }), file)
		}
		w := &troubled{world: &world{t: t}}
		code, out, errOut := w.says(args...)
		if code != c.code || (code == exitUsage) == (errOut == "") {
			t.Errorf("%s: exited %d, want %d: %s", c.args, code, c.code, errOut)
		}
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		for i, want := range c.out {
			if i >= len(lines) || !strings.HasPrefix(lines[i], want+"\t") {
				t.Errorf("%s: got %q, want %q", c.args, out, want)
			}
		}
	}
}
