package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/schemas"
)

// itemSite is a department's item library and the centre's item tables, one file each.
var itemSite = map[string]string{
	"banjian.yaml": `site: items
connections:
  library: {kind: sqlite, path: library.db}
  exchange: {kind: sqlite, path: exchange.db}
receivers:
  items: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020-items, data_source: "144"}
  licences: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020-licences, data_source: "144"}
`,
	"pipelines/items.yaml": `pipeline: penalty
from: {connection: library, source_id: library, view: penalty, key: [item_id, item_version], mode: full}
mapping: penalty
deliver: [items]
---
pipeline: question
from: {connection: library, source_id: library, view: question, key: [item_id, item_version, question_id], mode: full}
mapping: question
deliver: [items]
---
pipeline: licence
from: {connection: library, source_id: library, view: licence, key: [licence_id], mode: full}
mapping: licence
deliver: [licences]
`,
	"mappings/penalty.yaml": `mapping: penalty
to: item/penalty
fields:
  item_id: id
  item_version: version
  item_name: name
  catalog_code: {const: "442111666002"}
  task_type: {const: "02"}
  legal_basis: {const: 条例}
  item_state: {const: "1"}
  use_level: {const: "2"}
  task_code: {const: 11440000553612461J2442111666002}
  local_task_code: id
  dept_name: {const: 岭南市城市管理局}
  dept_code: {const: 11440000MB2C70271K}
  dept_type: {const: "1"}
  procedure: {const: 立案、调查、决定}
  enquiry: {const: 020-87654321}
  supervision: {const: 020-12345}
  power_source: {const: "1"}
  penalty: {const: 责令改正}
`,
	"mappings/question.yaml": `mapping: question
to: item/penalty_question
fields:
  item_id: item
  item_version: version
  task_code: {const: 11440000553612461J2442111666002}
  question_id: id
  question: question
  answer: {const: 是}
  position: {const: 1}
`,
	"mappings/licence.yaml": `mapping: licence
to: licence/licence
fields:
  licence_id: id
  licence_type: {const: 缴存证明}
  licence_type_code: {const: 11100000000013338W001}
  licence_name: {const: 缴存证明}
  licence_no: id
  holder_name: {from: holder, split: "、"}
  holder_id_no: {from: no, split: "、"}
  region: {const: "440103000000"}
  issuer: {from: issuer, split: "、"}
  issuer_code: {from: code, split: "、"}
  issued_on: {const: 2025-03-06}
`,
}

const itemLibrary = `CREATE TABLE penalty (id TEXT, version INTEGER, name TEXT);
INSERT INTO penalty VALUES ('C1', 1, '乱倒垃圾'), ('C1', 2, '随意倾倒垃圾');
CREATE TABLE question (id TEXT, item TEXT, version INTEGER, question TEXT);
INSERT INTO question VALUES ('Q1', 'C1', 1, '旧问题'), ('Q1', 'C1', 2, '新问题'), ('Q1', 'C9', 1, '事项还没有归集');
CREATE TABLE licence (id TEXT, holder TEXT, no TEXT, issuer TEXT, code TEXT);
INSERT INTO licence VALUES ('L1', '张样例、李样例', '11010519491231002X、11010519491231002X', '岭南市住房公积金管理中心', '11440000MB2C70271K')`

func (w *world) layItems() {
	w.t.Helper()
	for name, content := range itemSite {
		path := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	cat, err := schemas.Load()
	if err != nil {
		w.t.Fatal(err)
	}
	var ddl []string
	for _, table := range cat.Tables() {
		if table.Use == schemas.UseWrite && (table.Group == "item" || table.Group == "licence") {
			statement, err := table.DDL(schemas.SQLite)
			if err != nil {
				w.t.Fatal(err)
			}
			ddl = append(ddl, statements(statement)...)
		}
	}
	w.source, w.exchange = open(w.t, filepath.Join(w.dir, "library.db")), open(w.t, filepath.Join(w.dir, "exchange.db"))
	for _, statement := range strings.Split(itemLibrary, ";\n") {
		if _, err := w.source.ExecContext(w.t.Context(), statement); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, statement := range ddl {
		if _, err := w.exchange.ExecContext(w.t.Context(), statement); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestPartsOfAnItemNameItsRowAndLicencesGoWithoutARowGUID(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.layItems()
	w.exec("run", "--all", "--json", "--site", w.dir)
	const joined = `SELECT COUNT(*) FROM up_task_punish_questions q JOIN up_task_punish_basic b ON b.row_guid = q.task_guid
		WHERE (b.task_version, q.question) IN ((1, '旧问题'), (2, '新问题'))`
	for query, want := range map[string]int{
		joined: 2,
		"SELECT COUNT(DISTINCT task_guid) FROM up_task_punish_questions":                                      3, // one for the item that is still to come
		"SELECT COUNT(*) FROM up_lic_data WHERE certificate_holder = '张样例,李样例' AND issue_date = '2025-03-06'": 1,
	} {
		var n int
		if err := w.exchange.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != want {
			t.Errorf("%d rows, %v: %s", n, err, query)
		}
	}
	if _, err := w.source.ExecContext(t.Context(), "INSERT INTO penalty VALUES ('C9', 1, '新事项')"); err != nil {
		t.Fatal(err)
	}
	w.exec("run", "--all", "--json", "--site", w.dir)
	var n int
	if err := w.exchange.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM up_task_punish_questions WHERE task_guid NOT IN (SELECT row_guid FROM up_task_punish_basic)").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d questions of no item, %v", n, err)
	}
}
