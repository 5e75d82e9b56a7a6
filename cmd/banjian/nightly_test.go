package main

import (
	"encoding/json"
	"strings"
	"testing"

	"banjian/cmd/internal/status"
)

const flaggedPipeline = `pipeline: papers
from:
  {connection: gjj, source_id: gjj-papers, view: v_tq, key: [local_no, material_id], mode: flagged, absent: delete, compare: {every: 1d},
   flag: {column: tqbz, waiting: ["0"], table: tq, taken: "1", key: [bh, xh], version: gxsj, time: tqsj}}
mapping: my/papers
deletes: {max: 5, ratio: 90%}
`

// A department that flags rows: what waits is collected and marked, a run compares the whole
// view by itself when that is due, and status tells.
func TestAFlaggedPipelineCollectsMarksAndComparesByItself(t *testing.T) {
	w := newTroubled(t, onMariaDB(t))
	w.do("CREATE TABLE papers (bh VARCHAR(20), xh VARCHAR(10), mc VARCHAR(40), fs VARCHAR(10), bz VARCHAR(40), gxsj DATETIME(6), PRIMARY KEY (bh, xh))")
	w.do("CREATE TABLE tq (bh VARCHAR(20), xh VARCHAR(10), tqbz CHAR(1), gxsj DATETIME(6), tqsj DATETIME, PRIMARY KEY (bh, xh))")
	w.do("INSERT INTO papers SELECT CONCAT('A', seq DIV 2), seq % 2, '申请表', '纸质', seq, NOW(6) FROM seq_1_to_20")
	w.do("INSERT INTO tq SELECT bh, xh, '0', gxsj, NULL FROM papers")
	w.do("CREATE VIEW v_tq AS SELECT p.*, tq.tqbz FROM papers p JOIN tq ON tq.bh = p.bh AND tq.xh = p.xh")
	w.put("mappings/my/papers.yaml", strings.Replace(keylessMapping, "row_id", "xh", 1))
	w.put("pipelines/papers.yaml", flaggedPipeline)

	if s := w.collects("papers"); s.Mode != "flagged" || s.Collected != 20 {
		t.Fatalf("%+v", s)
	}
	if n := w.sourceText("SELECT count(*) FROM tq WHERE tqbz = '1' AND tqsj IS NOT NULL"); n != "20" {
		t.Errorf("%s rows are marked", n)
	}
	if _, out, _ := w.says("status", "--lang", "zh", "--site", w.dir); !strings.Contains(out, "1 个还没有比对过") {
		t.Errorf("status:\n%s", out)
	}
	// A change that nobody flags, and a row that is gone: the comparison that is due finds both.
	w.do("UPDATE papers SET mc = '申请表（改）' WHERE bh = 'A1' AND xh = '0'")
	w.do("DELETE FROM papers WHERE bh = 'A2' AND xh = '0'")
	if s := w.collects("papers"); s.Mode != "compare" || s.Read != 19 || s.Collected != 1 || s.Unchanged != 18 || s.Deleted != 1 {
		t.Errorf("the comparison: %+v %+v", s, s.Absent)
	}
	if s := w.collects("papers"); s.Mode != "flagged" || s.Read != 0 {
		t.Errorf("after it: %+v", s)
	}
	w.do("UPDATE papers SET bz = '补' WHERE bh = 'A3'")
	w.do("UPDATE tq SET tqbz = '0' WHERE bh = 'A3'")
	if s := w.collects("papers"); s.Mode != "flagged" || s.Read != 2 || s.Collected != 2 {
		t.Errorf("what is flagged again: %+v", s)
	}
	if s := w.collects("papers", "--mode", "full"); s.Mode != "full" || s.Unchanged != 19 {
		t.Errorf("a mode that is asked for: %+v", s)
	}
	_, out, _ := w.says("status", "--json", "--site", w.dir)
	var report status.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Pipelines {
		if p.Pipeline == "papers" && (p.LastCompared.IsZero() || !p.CompareOverdue.IsZero()) {
			t.Errorf("%+v", p)
		}
	}
	if _, out, _ := w.says("doctor", "gjj", "--lang", "en", "--site", w.dir); !strings.Contains(out, "papers") {
		t.Errorf("doctor:\n%s", out)
	}
}
