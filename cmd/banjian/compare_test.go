package main

import "testing"

// On a server that can hash, a compare of what did not change reads no row, and afterwards
// reads little more than what did, also what incremental runs collected in between.
func TestACompareReadsWhatChangedAlone(t *testing.T) {
	w := newTroubled(t, onMariaDB(t))
	w.overlayPipelines("absent: keep", "absent: delete, deleted: {column: bz, values: [作废]}")
	w.edit("pipelines/provident-fund.yaml", "deliver: [national]", "deletes: {max: 5000, ratio: 90%}\ndeliver: [national]")
	const name = "provident-fund-material"
	compare := func() summary { return w.mustRun("--mode", "compare", "--fail-on", "none")[name] }

	first := w.mustRun("--fail-on", "none")[name]
	placed := compare()
	if placed.Read != first.Read || placed.Compared != first.Read || placed.Records != 0 {
		t.Fatalf("first run %+v, first compare %+v", first, placed)
	}
	if s := compare(); s.Read != 0 || s.Compared != first.Read || s.Records != 0 || s.Absent.Absent != 0 {
		t.Fatalf("nothing changed: %+v", s)
	}

	// A change that does not move the cursor, and one that an incremental run collects.
	var quiet, loud, gone string
	for i, to := range []*string{&quiet, &loud, &gone} {
		if err := w.source.QueryRow("SELECT MIN(clid) FROM gjj_sqcl c WHERE slbh NOT IN (SELECT slbh FROM gjj_bjjg WHERE slbh IS NOT NULL)"+
			" AND (SELECT count(*) FROM gjj_sqcl o WHERE o.clid = c.clid) = 1 AND clid > ?", []string{"", quiet, loud}[i]).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	w.do("UPDATE gjj_sqcl SET clmc = CONCAT(clmc, '（补）') WHERE clid = '" + quiet + "'")
	w.do("UPDATE gjj_sqcl SET clmc = CONCAT(clmc, '（改）'), gxsj = " + w.now + " WHERE clid = '" + loud + "'")
	w.do("UPDATE gjj_sqcl SET gxsj = " + w.now + " - INTERVAL 2 SECOND WHERE clid = '" + loud + "'")
	if s := w.mustRun("--mode", "incremental", "--fail-on", "none")[name]; s.Collected != 1 {
		t.Errorf("incremental: %+v", s)
	}
	w.do("DELETE FROM gjj_sqcl WHERE clid = '" + gone + "'")
	s := compare()
	if s.Collected != 1 || s.Deleted != 1 || s.Read == 0 || s.Read > 30 {
		t.Errorf("one changed unnoticed, one is gone: %+v, %+v", s, s.Absent)
	}
	if s := compare(); s.Read != 0 || s.Records != 0 {
		t.Errorf("nothing changed again: %+v", s)
	}
}

func (w *troubled) do(q string) {
	w.t.Helper()
	if _, err := w.source.Exec(q); err != nil {
		w.t.Fatalf("%s: %v", q, err)
	}
}
