package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/testdb"
	"banjian/schemas"
)

// userSite has a department's library of users and licences, and two receivers on one real
// exchange database. A department has tables of its own there.
const userSite = `site: users
connections:
  library: {kind: sqlite, path: library.db}
  exchange: {kind: mysql, dsn: {env: USERS_EXCHANGE}}
receivers:
  users: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020-users, data_source: "144", feedback: {every: 1h}}
  licences: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020-licences, data_source: "144", suffixes: {library: _v3_lib}, feedback: {every: 1h}}
`

const userPipelines = `pipeline: person
from: {connection: library, source_id: library, view: person, key: [cert_key], mode: full}
mapping: person
deliver: [users]
---
pipeline: agency
from: {connection: library, source_id: library, view: agency, key: [org_code], mode: full}
mapping: agency
deliver: [users]
---
pipeline: licence
from: {connection: library, source_id: library, view: licence, key: [licence_id], mode: full}
mapping: licence
deliver: [licences]
`

var userMappings = map[string]string{
	"person": `mapping: person
to: user/person
fields:
  cert_key: {from: id_no, upper: true, hash: sm3}
  name: name
  id_type: {const: "111"}
  id_no: {from: id_no, upper: true, check: resident_id}
  birthday: birthday
  real_level: {const: L3}
  source_region: {const: "440103"}
  registered_at: {from: at, time: ["2006-01-02 15:04:05"]}
`,
	"agency": `mapping: agency
to: user/agency
fields:
  org_code: code
  org_name: name
  credit_code: credit
  org_type: {const: "1"}
  org_state: {const: "1"}
  position: {const: 1}
  region: {const: "440103000000"}
`,
}

const userLibrary = `CREATE TABLE person (id_no TEXT, name TEXT, birthday TEXT, at TEXT);
INSERT INTO person VALUES ('11010519491231002x', '张样例', '1949-12-31', '2025-03-06 09:30:00');
CREATE TABLE agency (code TEXT, name TEXT, credit TEXT);
INSERT INTO agency VALUES ('A1', '岭南市住房公积金管理中心', '11440000MB2C70271K');
CREATE TABLE licence (id TEXT, holder TEXT, no TEXT, issuer TEXT, code TEXT);
INSERT INTO licence VALUES ('L1', '张样例', '11010519491231002X', '岭南市住房公积金管理中心', '11440000MB2C70271K')`

// Tables without a row_guid: what comes back of them is known by its key, what the
// department mends goes as U and closes the finding.
func TestUsersAndLicencesGoWithoutARowGUIDAndComeBackByTheirKey(t *testing.T) {
	server := testdb.MySQL(t)
	t.Setenv("USERS_EXCHANGE", server.DSN(server.CreateDatabase(t)))
	w := &troubled{world: &world{t: t, dir: t.TempDir()}}
	w.source, w.exchange = open(t, filepath.Join(w.dir, "library.db")), open(t, os.Getenv("USERS_EXCHANGE"))
	w.write("banjian.yaml", userSite)
	w.write("pipelines/users.yaml", userPipelines)
	w.write("mappings/person.yaml", userMappings["person"])
	w.write("mappings/agency.yaml", userMappings["agency"])
	w.write("mappings/licence.yaml", itemSite["mappings/licence.yaml"])
	for _, statement := range strings.Split(userLibrary, ";\n") {
		w.sourceExec(statement)
	}
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"up_uc_province_user", "up_uc_gov_org", "up_lic_data", "dn_uc_adult_abnormal", "dn_lic_data_error"} {
		table, _ := cat.Table(name)
		ddl, err := table.DDL(schemas.MySQL)
		if err != nil {
			t.Fatal(err)
		}
		if name == "up_lic_data" {
			ddl = strings.ReplaceAll(ddl, "up_lic_data", "up_lic_data_v3_lib")
		}
		for _, statement := range statements(ddl) {
			w.exchangeExec(statement)
		}
	}
	code, _, errOut := w.says("run", "--all", "--site", w.dir)
	if code != exitDone {
		t.Logf("exited %d: %s", code, errOut) // tables of groups nobody sends are not there
	}
	for query, want := range map[string]string{
		"SELECT COUNT(*) FROM up_uc_province_user WHERE cert_no='11010519491231002X' AND user_birthday='19491231' AND CHAR_LENGTH(cert_key)=64 AND cd_operation='I'": "1",
		"SELECT COUNT(*) FROM up_uc_gov_org WHERE org_cc_code='11440000MB2C70271K'":                                                                                  "1",
		"SELECT COUNT(*) FROM up_lic_data_v3_lib WHERE certificate_source_id='L1'":                                                                                   "1",
	} {
		if got := w.text(query); got != want {
			t.Fatalf("%s: %s", query, got)
		}
	}
	w.exchangeExec("INSERT INTO dn_uc_adult_abnormal (row_guid, table_name, table_sql_name, table_row_guid, table_cd_batch, table_cd_time, table_cd_source, table_update_time, err_type, remark, cd_time)" +
		" SELECT 'e1', '自然人用户信息', 'up_uc_province_user', LEFT(cert_key, 50), cd_batch, cd_time, '144', cd_time, '格式错误', 'user_name 含“张样例”', cd_time FROM up_uc_province_user")
	w.exchangeExec("INSERT INTO dn_lic_data_error (certificate_source_id, certificate_type, certificate_type_code, certificate_name, certificate_number, certificate_holder, certificate_holder_code, certificate_area_code, issue_dept, issue_dept_code, issue_date, error_remark, cd_operation, cd_time, cd_batch, data_source)" +
		" SELECT certificate_source_id, certificate_type, certificate_type_code, certificate_name, certificate_number, certificate_holder, certificate_holder_code, certificate_area_code, issue_dept, issue_dept_code, issue_date, '颁发机构代码不存在', cd_operation, cd_time, cd_batch, data_source FROM up_lic_data_v3_lib")
	w.must(exitDone, "receivers", "returns", "users", "--read")
	out, _ := w.must(exitDone, "receivers", "returns", "licences", "--read", "--lang", "zh")
	wantText(t, out, "L1", "颁发机构代码不存在", "退回")
	rejects := w.lines("--rule", "receiver_returned")
	if len(rejects) != 2 || strings.Contains(rejects[0].Reason+rejects[1].Reason, "张样例") {
		t.Fatalf("rejects: %+v", rejects)
	}
	w.sourceExec("UPDATE person SET name='张示例'")
	w.sourceExec("UPDATE licence SET code='11440000553612461J'")
	w.says("run", "--all", "--site", w.dir)
	for query, want := range map[string]string{
		"SELECT COUNT(*) FROM up_uc_province_user WHERE user_name='张示例' AND cd_operation='U'":                     "1",
		"SELECT COUNT(*) FROM up_lic_data_v3_lib WHERE issue_dept_code='11440000553612461J' AND cd_operation='U'": "1",
	} {
		if got := w.text(query); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	if left := w.lines("--rule", "receiver_returned"); len(left) != 0 {
		t.Errorf("still open: %+v", left)
	}
}
