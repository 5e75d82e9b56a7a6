package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/testdb"
	"banjian/schemas"
)

// downSite is what a site needs so that items sent down reach its departments: the shipped
// pipelines, mappings and profile do the rest.
const downSite = `site: down
connections:
  national-down: %[1]s
  national-down-situations: %[1]s
  inbox: %[2]s
receivers:
  departments: {system: inbox, environment: test, kind: table, connection: inbox, profile: national-items-down}
  department-situations: {system: inbox-situations, environment: test, kind: table, connection: inbox, profile: national-situations-down}
`

// sentDown is a row of a DN_ table: what is not given and must be there is made up.
func sentDown(t *testing.T, db *sql.DB, cat *schemas.Catalog, table string, given map[string]any) {
	t.Helper()
	layout, ok := cat.Table(table)
	if !ok {
		t.Fatal("no table " + table)
	}
	made := map[string]any{"task_type": "01", "task_code": "11440000553612461J2442111666002", "catalog_code": "442111666002", "cd_operation": "I", "cd_batch": "b", "data_source": "000",
		"app_is_single_login": "0", "is_single_login": "0", "is_fee": "0", "dept_type": "1"}
	var names, places []string
	var values []any
	for _, c := range layout.Columns {
		v, ok := given[c.Name]
		if !ok && !c.NotNull {
			continue
		}
		if !ok {
			if v, ok = made[c.Name]; !ok {
				switch {
				case c.SQLType == "int", c.CodeSet != "":
					v = "1"
				case c.SQLType == "datetime":
					v = "2026-01-01 00:00:00"
				default:
					v = "示例"
				}
			}
		}
		names, places, values = append(names, c.Name), append(places, "?"), append(values, v)
	}
	if _, err := db.Exec("INSERT INTO "+table+" ("+strings.Join(names, ",")+") VALUES ("+strings.Join(places, ",")+")", values...); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

// Items that the centre sends down are collected and put into the departments' tables; a
// newer row takes the place of an older one, parts name their item, and a D takes the record
// away once a person approves.
func TestItemsSentDownReachTheDepartments(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{schemas.SQLite, schemas.MySQL} {
		t.Run(name, func(t *testing.T) {
			w := &troubled{world: &world{t: t, dir: t.TempDir()}}
			from, to := "{kind: sqlite, path: down.db}", "{kind: sqlite, path: inbox.db}"
			if name == schemas.MySQL {
				server := testdb.MySQL(t)
				t.Setenv("NATIONAL_DOWN", server.DSN(server.CreateDatabase(t)))
				t.Setenv("INBOX", server.DSN(server.CreateDatabase(t)))
				from, to = "{kind: mysql, dsn: {env: NATIONAL_DOWN}}", "{kind: mysql, dsn: {env: INBOX}}"
				w.source, w.exchange = open(t, os.Getenv("NATIONAL_DOWN")), open(t, os.Getenv("INBOX"))
			} else {
				w.source, w.exchange = open(t, filepath.Join(w.dir, "down.db")), open(t, filepath.Join(w.dir, "inbox.db"))
			}
			w.write("banjian.yaml", fmt.Sprintf(downSite, from, to))
			for _, table := range cat.Tables() {
				if !strings.HasPrefix(table.Name, "dn_task_") && !strings.HasSuffix(table.Name, "_condition") {
					continue
				}
				ddl, err := table.DDL(name)
				if err != nil {
					t.Fatal(err)
				}
				for _, statement := range statements(ddl) {
					w.sourceExec(statement)
					w.exchangeExec(statement)
				}
				w.exchangeExec("CREATE UNIQUE INDEX one_" + table.Name + " ON " + table.Name + " (row_guid)")
				if strings.HasPrefix(table.Name, "dn_task_") {
					w.exchangeExec("ALTER TABLE " + table.Name + " DROP COLUMN data_source")
				}
			}
			item := map[string]any{"row_guid": "item-1", "task_name": "商品房预售许可", "server_type": "1,5", "handle_type": "1,2", "project_type": "2", "is_fee": "1", "fee_basis": "规定", "cd_time": "2026-01-02 08:00:00"}
			sentDown(t, w.source, cat, "dn_task_general_basic", item)
			sentDown(t, w.source, cat, "dn_task_general_material", map[string]any{"row_guid": "material-1", "task_guid": "item-1", "material_name": "申请书", "material_type": "2", "cd_time": "2026-01-02 08:00:00"})
			sentDown(t, w.source, cat, "dn_task_directory", map[string]any{"row_guid": "dir-1", "use_level": "2,3", "cd_time": "2026-01-02 08:00:00"})
			sentDown(t, w.source, cat, "dn_task_punish_basic", map[string]any{"row_guid": "punish-1", "task_type": "02", "cd_time": "2026-01-02 08:00:00"})
			sentDown(t, w.source, cat, "dn_task_punish_questions", map[string]any{"row_guid": "question-1", "task_guid": "punish-1", "question": "怎么罚？", "cd_time": "2026-01-02 08:00:00"})
			sentDown(t, w.source, cat, "dn_audit_item_condition", map[string]any{"row_guid": "situation-1", "task_guid": "item-1", "condition_name": "首次申请"})
			sentDown(t, w.source, cat, "dn_audit_item_condition", map[string]any{"row_guid": "situation-2", "task_guid": "nobody", "condition_name": "没有事项的"})
			sentDown(t, w.source, cat, "dn_audit_material_condition", map[string]any{"row_guid": "need-1", "condition_guid": "situation-1", "material_guid": "material-1", "condition_desc": "原件"})
			w.mustRun("--fail-on", "none")
			for query, want := range map[string]string{
				"SELECT COUNT(*) FROM dn_task_general_basic WHERE task_name='商品房预售许可' AND server_type='1,5' AND project_type='2' AND is_fee='1' AND cd_operation='I'":                                                                                  "1",
				"SELECT COUNT(*) FROM dn_task_general_material m JOIN dn_task_general_basic b ON b.row_guid=m.task_guid WHERE m.material_name='申请书' AND m.material_type='2'":                                                                           "1",
				"SELECT COUNT(*) FROM dn_audit_item_condition c JOIN dn_task_general_basic b ON b.row_guid=c.task_guid WHERE c.condition_name='首次申请'":                                                                                                  "1",
				"SELECT COUNT(*) FROM dn_audit_material_condition n JOIN dn_audit_item_condition c ON c.row_guid=n.condition_guid JOIN dn_task_general_material m ON m.row_guid=n.material_guid WHERE n.condition_desc='原件' AND m.material_name='申请书'": "1",
				"SELECT COUNT(*) FROM dn_audit_item_condition":                 "1",
				"SELECT COUNT(*) FROM dn_task_directory WHERE use_level='2,3'": "1",
				"SELECT COUNT(*) FROM dn_task_punish_questions q JOIN dn_task_punish_basic b ON b.row_guid=q.task_guid WHERE q.question='怎么罚？'": "1",
			} {
				if got := w.text(query); got != want {
					t.Errorf("%s: %s", query, got)
				}
			}
			if open := w.lines(); len(open) > 0 {
				t.Errorf("rejects: %+v", open)
			}
			w.sourceExec("UPDATE dn_audit_item_condition SET condition_name='再次申请' WHERE row_guid='situation-1'")
			item["task_name"], item["cd_operation"], item["cd_time"] = "商品房预售许可（新）", "U", "2026-01-03 08:00:00"
			sentDown(t, w.source, cat, "dn_task_general_basic", item)
			w.mustRun("--fail-on", "none")
			if got := w.text("SELECT COUNT(*) FROM dn_task_general_basic WHERE task_name='商品房预售许可（新）' AND cd_operation='U'"); got != "1" || w.text("SELECT COUNT(*) FROM dn_task_general_basic") != "1" {
				t.Errorf("%s rows after an update", got)
			}
			if got := w.text("SELECT condition_name FROM dn_audit_item_condition"); got != "再次申请" {
				t.Errorf("the situation is called %s", got)
			}
			item["cd_operation"], item["cd_time"] = "D", "2026-01-04 08:00:00"
			sentDown(t, w.source, cat, "dn_task_general_basic", item)
			w.run("--fail-on", "none") // says what is to go, and waits for a person
			w.must(exitDone, "run", "national-down-general-basic", "--approve-deletes=1")
			if got := w.text("SELECT COUNT(*) FROM dn_task_general_basic"); got != "0" {
				t.Errorf("%s rows after a D", got)
			}
		})
	}
}
