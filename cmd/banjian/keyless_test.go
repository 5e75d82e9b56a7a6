package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const keylessMapping = `mapping: my/papers
to: case/material
fields:
  local_no: bh
  material_id: row_id
  material_name: mc
  get_type: {from: fs, map: {纸质: paper}, else: reject}
  remark: bz
`

const keylessPipeline = `pipeline: papers
from: {connection: gjj, source_id: gjj-papers, view: v_papers, key: none, mode: MODE, absent: delete}
mapping: my/papers
deletes: {max: 5, ratio: 40%}
`

const nthMapping = `mapping: my/steps
to: case/step
fields:
  local_no: bh
  step_id: {array: [hjdm, kssj, nth], join: "|"}
  step_code: hjdm
  step_name: hjdm
  step_state: {const: done}
  action: {const: pass}
  user: czr
  opinion: yj
  dept_code: {const: "12370000MB2838006A"}
  dept_name: {const: 公积金中心}
  region: {const: "370102000000"}
  started_at: {from: kssj, time: ["2006-01-02 15:04:05"]}
  ended_at: {from: jssj, time: ["2006-01-02 15:04:05"]}
`

const nthPipeline = `pipeline: steps
from: {connection: gjj, source_id: gjj-steps, view: v_steps, key: [local_no, step_id], nth: [bh, hjdm, kssj], mode: MODE, absent: delete}
mapping: my/steps
deletes: {max: 5, ratio: 40%}
`

const caseMapping = `mapping: my/steps
to: case/result
fields:
  local_no: bh
  round: nth
  result_code: {const: granted}
  result_text: yj
  user: czr
  dept_code: {const: "12370000MB2838006A"}
  dept_name: {const: 公积金中心}
  region: {const: "370102000000"}
  finished_at: {from: jssj, time: ["2006-01-02 15:04:05"]}
`

// keylessSite is a department on MariaDB with views that show no key.
func keylessSite(t *testing.T, mode string) *troubled {
	t.Helper()
	w := newTroubled(t, onMariaDB(t))
	w.do("CREATE TABLE papers (n INT AUTO_INCREMENT PRIMARY KEY, bh VARCHAR(20), mc VARCHAR(40), fs VARCHAR(10), bz VARCHAR(40))")
	w.do("CREATE VIEW v_papers AS SELECT bh, mc, fs, bz FROM papers")
	w.do("INSERT INTO papers (bh, mc, fs, bz) VALUES ('A1','申请表','纸质',NULL),('A1','申请表','纸质',NULL),('A1','身份证','纸质','复印'),('A2','申请表','纸质',NULL),('A2','合同','电子',NULL),('A3','合同','纸质','')")
	w.do("CREATE TABLE steps (n INT AUTO_INCREMENT PRIMARY KEY, bh VARCHAR(20), hjdm VARCHAR(10), kssj DATETIME, jssj DATETIME, czr VARCHAR(20), yj VARCHAR(40))")
	w.do("CREATE VIEW v_steps AS SELECT bh, hjdm, kssj, jssj, czr, yj FROM steps")
	w.do("INSERT INTO steps (bh, hjdm, kssj, jssj, czr, yj) SELECT CONCAT('S', seq DIV 4), 'SH', '2026-03-01 09:00:00' + INTERVAL (seq MOD 2) DAY, '2026-03-05 09:00:00', CONCAT('经办', seq MOD 3), CONCAT('意见', seq) FROM seq_0_to_79")
	for name, data := range map[string]string{"mappings/my/papers.yaml": keylessMapping, "pipelines/papers.yaml": keylessPipeline, "mappings/my/steps.yaml": nthMapping, "pipelines/steps.yaml": nthPipeline} {
		w.put(name, strings.ReplaceAll(data, "MODE", mode))
	}
	return w
}

func (w *troubled) put(name, data string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// collects runs one pipeline and returns its summary.
func (w *troubled) collects(name string, args ...string) summary {
	w.t.Helper()
	code, out, errOut := w.says(append([]string{"run", name, "--collect-only", "--json", "--lang", "en", "--site", w.dir}, args...)...)
	var s summary
	if err := json.Unmarshal([]byte(out), &s); err != nil || code > exitNews {
		w.t.Fatalf("exited %d: %v %s%s", code, err, out, errOut)
	}
	return s
}

// A view without a key: equal rows are two records, a changed row is a delete and an
// insert, and of a case with a row that was refused nothing is deleted.
func TestRowsWithoutAKeyAreCollectedByWhatTheyHold(t *testing.T) {
	for _, mode := range []string{"full", "compare"} {
		t.Run(mode, func(t *testing.T) {
			w := keylessSite(t, mode)
			if s := w.collects("papers"); s.Read != 6 || s.Collected != 5 || s.Rejected != 1 || s.Records != 5 {
				t.Fatalf("%+v", s)
			}
			if s := w.collects("papers"); s.Unchanged != s.Read-1 && s.Read != 0 || s.Records != 0 {
				t.Fatalf("nothing changed: %+v", s)
			}
			w.do("UPDATE papers SET bz='原件' WHERE mc='身份证'")
			if s := w.collects("papers"); s.Collected != 1 || s.Deleted != 1 || s.Absent.Replaced != 1 {
				t.Errorf("a changed row: %+v %+v", s, s.Absent)
			}
			w.do("DELETE FROM papers WHERE n=1") // one of two equal rows, whichever
			if s := w.collects("papers"); s.Collected != 0 || s.Deleted != 1 {
				t.Errorf("one of two equal rows left: %+v %+v", s, s.Absent)
			}
			w.do("UPDATE papers SET fs='不明' WHERE bh='A3'")
			if s := w.collects("papers"); s.Rejected != 2 || s.Deleted != 0 || s.Absent.Beside != 1 {
				t.Errorf("a good row turned bad: %+v %+v", s, s.Absent)
			}
			w.do("UPDATE papers SET fs='纸质', bz='补' WHERE bh='A3'")
			if s := w.collects("papers"); s.Collected != 1 || s.Deleted != 1 || s.Rejected != 1 {
				t.Errorf("mended: %+v %+v", s, s.Absent)
			}
		})
	}
}

// What came is set against what went, so many changed rows pass the share; a view that is
// half empty does not.
func TestTheFuseOfAViewWithoutAKeyCountsWhatItLost(t *testing.T) {
	w := keylessSite(t, "full")
	w.collects("papers")
	w.do("UPDATE papers SET bz=CONCAT('改', n)")
	if s := w.collects("papers"); s.Collected != 5 || s.Deleted != 4 || s.Absent.Beside != 1 {
		t.Fatalf("every row changed, A2 has one that is refused: %+v %+v", s, s.Absent)
	}
	w.do("DELETE FROM papers WHERE bh='A1'")
	code, _, errOut := w.says("run", "papers", "--collect-only", "--lang", "en", "--site", w.dir)
	if code != exitUsage || !strings.Contains(errOut, "without a key a changed row counts as both") || !strings.Contains(errOut, "--approve-deletes") {
		t.Fatalf("exited %d: %s", code, errOut)
	}
	if s := w.collects("papers", "--approve-deletes"); s.Deleted != 3 {
		t.Errorf("%+v %+v", s, s.Absent)
	}
}

// Steps without a number of their own are told by code, beginning, and which of the equal
// ones they are; a change of one of them changes records and makes none.
func TestStepsWithoutANumberAreToldByCodeBeginningAndNumber(t *testing.T) {
	for _, mode := range []string{"full", "compare"} {
		t.Run(mode, func(t *testing.T) {
			w := keylessSite(t, mode)
			if s := w.collects("steps"); s.Read != 80 || s.Collected != 80 || s.Records != 80 {
				t.Fatalf("%+v", s)
			}
			if s := w.collects("steps"); s.Collected != 0 || s.Records != 0 {
				t.Fatalf("nothing changed: %+v", s)
			}
			w.do("UPDATE steps SET yj='改', jssj='2026-03-06 10:00:00', czr='换人' WHERE n=10")
			if s := w.collects("steps"); s.Collected < 1 || s.Collected > 2 || s.Deleted != 0 || s.Records != s.Collected {
				t.Errorf("a step went on: %+v", s)
			}
			w.do("DELETE FROM steps WHERE n=10")
			if s := w.collects("steps"); s.Deleted != 1 || s.Collected > 1 {
				t.Errorf("a step left: %+v", s)
			}
		})
	}
}

func TestWhatCannotBeRightWithoutAKeyIsRefused(t *testing.T) {
	w := newTroubled(t, embedded(t))
	for _, c := range []struct{ name, pipeline, mapping, from, to, want string }{
		{"incremental", keylessPipeline, keylessMapping, "mode: MODE", "mode: incremental, cursor: gxsj", "cannot be read incrementally"},
		{"no absent", keylessPipeline, keylessMapping, ", absent: delete", "", "absent must be said"},
		{"a mark", keylessPipeline, keylessMapping, "absent: delete", "absent: delete, deleted: {column: sc, values: [是]}", "key: none and deleted exclude each other"},
		{"both", keylessPipeline, keylessMapping, "key: none", "key: none, nth: [bh]", "exclude each other"},
		{"another word", keylessPipeline, keylessMapping, "key: none", "key: no", `key "no" is not known`},
		{"whole steps", nthPipeline, nthMapping, "key: [local_no, step_id], nth: [bh, hjdm, kssj]", "key: none", "steps change while they are under way"},
		{"a key without the number", keylessPipeline, keylessMapping, "material_id: row_id", "material_id: mc", "does not use the column row_id"},
		{"other columns", nthPipeline, nthMapping, "nth: [bh, hjdm, kssj]", "nth: [bh, hjdm]", "they must be the same"},
		{"a case", strings.Replace(nthPipeline, "step_id", "round", 1), caseMapping, "", "", "must come from the department's data"},
	} {
		mapping, pipeline := c.mapping, c.pipeline
		mapping, pipeline = strings.Replace(mapping, c.from, c.to, 1), strings.Replace(pipeline, c.from, c.to, 1)
		name := "papers"
		if strings.HasPrefix(pipeline, "pipeline: steps") {
			name = "steps"
		}
		w.put("mappings/my/"+name+".yaml", mapping)
		w.put("pipelines/"+name+".yaml", strings.ReplaceAll(pipeline, "MODE", "full"))
		code, _, errOut := w.says("run", name, "--collect-only", "--lang", "en", "--site", w.dir)
		if code != exitUsage || !strings.Contains(errOut, c.want) || !strings.Contains(errOut, name+".yaml:") {
			t.Errorf("%s: exited %d: %s", c.name, code, errOut)
		}
		for _, f := range []string{"mappings/my/" + name + ".yaml", "pipelines/" + name + ".yaml"} {
			_ = os.Remove(filepath.Join(w.dir, f))
		}
	}
}
