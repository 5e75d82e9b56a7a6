package main

import (
	"strings"
	"testing"

	"banjian/jobs"
)

// adopted runs adopt and returns its counts by table, and the conflicts.
func (w *troubled) adopted(want int, flags ...string) (map[string]jobs.AdoptCounts, []jobs.AdoptConflict) {
	w.t.Helper()
	out, _ := w.must(want, append([]string{"adopt", "--receiver", "national", "--json"}, flags...)...)
	counts, conflicts := map[string]jobs.AdoptCounts{}, []jobs.AdoptConflict(nil)
	for line := range strings.Lines(out) {
		if strings.Contains(line, `"theirs"`) && !strings.Contains(line, `"reason"`) {
			var c jobs.AdoptCounts
			decode(w.t, line, &c)
			counts[c.Table] = c
			continue
		}
		var c jobs.AdoptConflict
		decode(w.t, line, &c)
		conflicts = append(conflicts, c)
	}
	return counts, conflicts
}

// earlier is a site whose exchange database an earlier program has filled: our own rows
// under identities of its own, some rows twice as it re-sent them, and a ledger that knows
// nothing of it.
func earlier(t *testing.T, w *world) *troubled {
	t.Helper()
	tr := newTroubled(t, w)
	tr.mustRun("--fail-on", "none")
	for _, table := range []string{"up_pro_process", "up_pro_material", "up_pro_result", "up_pro_accept"} {
		tr.exchangeExec("UPDATE " + table + " SET row_guid=UPPER(REPLACE(row_guid,'-','')), cd_batch='alt'")
		tr.exchangeExec("UPDATE " + table + " SET project_no='ALT-'||project_no WHERE project_no IN (SELECT project_no FROM up_pro_accept)")
	}
	tr.remove("data/ledger.db")
	tr.remove("data/ledger.db-wal")
	tr.remove("data/ledger.db-shm")
	return tr
}

// A site that replaces an earlier exchange program takes its identities over: nothing is
// reported a second time, the first delivery of an adopted record is U under the row_guid
// and the case number the receiver knows.
func TestATakeoverRepeatsNothing(t *testing.T) {
	w := earlier(t, embedded(t))
	before := w.totalRows()
	w.mustRun("--collect-only", "--fail-on", "none")

	byNumber, _ := w.adopted(exitDone, "--dry-run", "--match", "up_pro_accept=project_no")
	if c := byNumber["up_pro_accept"]; c.Adopted != 0 || c.Theirs == 0 || c.Left != c.Theirs {
		t.Errorf("numbers are others: %+v", c)
	}
	dry, _ := w.adopted(exitDone, "--dry-run")
	real, conflicts := w.adopted(exitDone)
	for table, c := range real {
		if c.Adopted != c.Theirs || c.Left != 0 || c.Ours-c.New != c.Adopted || len(conflicts) != 0 {
			t.Errorf("%s: %+v, conflicts %v", table, c, conflicts)
		}
		if d := dry[table]; d.Adopted != c.Adopted || d.Numbers != c.Numbers {
			t.Errorf("%s: a dry run counts %+v, adopt %+v", table, d, c)
		}
	}
	if len(real) != 4 || real["up_pro_accept"].Numbers != real["up_pro_accept"].Adopted {
		t.Errorf("counted %+v", real)
	}
	again, _ := w.adopted(exitDone)
	if c := again["up_pro_process"]; c.Adopted != 0 || c.Known != real["up_pro_process"].Adopted {
		t.Errorf("adopted again: %+v", c)
	}
	local := w.text("SELECT project_no FROM up_pro_accept ORDER BY ID LIMIT 1")
	out, _ := w.must(exitDone, "case", "show", local, "--lang", "zh")
	wantText(t, out, "接管", "待报")

	w.mustRun("--deliver-only", "--fail-on", "none")
	if after := w.totalRows(); after != 2*before {
		t.Errorf("%d rows, want each of %d once more", after, before)
	}
	for _, table := range []string{"up_pro_accept", "up_pro_process", "up_pro_material", "up_pro_result"} {
		if n := w.text("SELECT COUNT(*) FROM " + table + " WHERE cd_batch<>'alt' AND cd_operation<>'U'"); n != "0" {
			t.Errorf("%s: %s rows are no U", table, n)
		}
		if n := w.text("SELECT COUNT(*) FROM " + table + " n WHERE cd_batch<>'alt' AND NOT EXISTS (SELECT 1 FROM " + table + " o WHERE o.cd_batch='alt' AND o.row_guid=n.row_guid AND o.project_no=n.project_no)"); n != "0" {
			t.Errorf("%s: %s rows under another identity", table, n)
		}
	}
	w.sourceExec("UPDATE gjj_ywsl SET gxsj=" + w.settled + " WHERE slbh=(SELECT MIN(slbh) FROM gjj_ywsl)")
	w.mustRun("--fail-on", "none")
	if n := w.text("SELECT COUNT(*) FROM up_pro_accept WHERE project_no NOT LIKE 'ALT-%'"); n != "0" {
		t.Errorf("%s acceptances lost their number", n)
	}
}

// What cannot be told apart, or was sent already, is a conflict and stays as it is.
func TestWhatCannotBeToldApartIsNotAdopted(t *testing.T) {
	w := earlier(t, embedded(t))
	w.mustRun("--collect-only", "--fail-on", "none")
	w.exchangeExec("INSERT INTO up_pro_accept SELECT NULL, 'other-'||row_guid" + w.restOf("up_pro_accept") + " FROM up_pro_accept ORDER BY ID LIMIT 1")
	counts, conflicts := w.adopted(exitNews)
	if c := counts["up_pro_accept"]; c.Conflicts[jobs.AdoptSameTheirs] != 1 || c.Adopted != c.Theirs-2 || len(conflicts) != 1 || len(conflicts[0].GUIDs) != 2 {
		t.Fatalf("%+v, %+v", c, conflicts)
	}
	w.mustRun("--deliver-only", "--fail-on", "none")
	counts, conflicts = w.adopted(exitNews, "--match", "up_pro_accept=task_code,applyer_page_code,accept_date,project_name")
	if c := counts["up_pro_accept"]; c.Known == 0 || c.Adopted != 0 || len(conflicts) == 0 {
		t.Errorf("after delivery: %+v, %+v", c, conflicts)
	}
	for args, want := range map[string]string{
		"--match up_pro_accept":           "up_pro_accept=project_no",
		"--match up_pro_accept=projectno": "projectno",
	} {
		code, _, errOut := w.says(append([]string{"adopt", "--receiver", "national", "--lang", "en", "--site", w.dir}, strings.Fields(args)...)...)
		if code != exitUsage || !strings.Contains(errOut, want) {
			t.Errorf("%s: exited %d: %s", args, code, errOut)
		}
	}
}

// restOf is the columns of a table behind ID and row_guid, each after a comma.
func (w *troubled) restOf(table string) string {
	w.t.Helper()
	return "," + strings.ReplaceAll(w.text("SELECT group_concat(name, ' ') FROM pragma_table_info('"+table+"') WHERE lower(name) NOT IN ('id', 'row_guid')"), " ", ",")
}
