package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"banjian/internal/testdb"
)

// What a person is shown of a department is in the charset its connection declares: bytes
// of GBK in columns and comments of latin1.
func TestWhatPeopleAreShownIsInTheDeclaredCharset(t *testing.T) {
	server := testdb.MySQL(t)
	db := server.CreateDatabase(t)
	server.Exec(t, db, "SET NAMES latin1", "CREATE TABLE bj (slbh VARCHAR(40), n INT, bz VARCHAR(40) CHARACTER SET latin1 COMMENT '\xC9\xEA\xC7\xEB\xC8\xCB') COMMENT '\xCA\xDC\xC0\xED'",
		"INSERT INTO bj VALUES ('A1', 1, _binary x'D5C5C8FD')")
	t.Setenv("GBK_DSN", "root:@tcp("+strings.TrimPrefix(server.DSN(db), server.User+":"+server.Password+"@tcp("))
	site := t.TempDir()
	for name, content := range map[string]string{
		"banjian.yaml":             "site: 试\nconnections:\n  bj: {kind: mysql, dsn: {env: GBK_DSN}, charset: gbk}\n",
		"mappings/bj/accept.yaml":  "mapping: bj/accept\nto: case/withdrawal\nfields:\n  flow_no: slbh\n  submission: n\n  withdrawn_by: bz\n",
		"pipelines/bj-accept.yaml": "pipeline: bj-accept\nfrom: {connection: bj, source_id: bj, table: bj, key: [flow_no, submission], mode: full}\nmapping: bj/accept\n",
	} {
		path := filepath.Join(site, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	says := func(want string, args ...string) {
		t.Helper()
		code, out, errOut := doctorSays(append(args, "--site", site, "--lang", "zh")...)
		if code != exitDone || !strings.Contains(out, want) || strings.Contains(out, "ÉêÇë") {
			t.Errorf("%v exited %d without %q:\n%s%s", args, code, want, out, errOut)
		}
	}
	says("受理", "discover", "bj")
	says("申请人", "discover", "bj", "--view", "bj")
	says("张*", "preview", "bj-accept")
	book := filepath.Join(site, "book.xlsx")
	says("数据字典", "dictionary", "bj-accept", "--out", book)
	f, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all.WriteString(strings.Join(r, "|") + "\n")
		}
	}
	wantText(t, all.String(), "申请人", "张*")
}
