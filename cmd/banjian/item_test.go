package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	taskA = "11440000006939756B2440101007000"
	taskB = "11440000006940116U2440102002002"
)

func TestItemsOfATableAndAFileComeTogetherAndEveryVersionStays(t *testing.T) {
	dir := department(t, `CREATE TABLE up_task_general_basic (row_guid TEXT, task_name TEXT, catalog_code TEXT, task_code TEXT, local_task_code TEXT, task_handle_item TEXT,
			task_version INTEGER, task_state TEXT, by_law TEXT, plan_effective_date DATETIME, plan_cancel_date DATETIME, cd_operation TEXT)`,
		`INSERT INTO up_task_general_basic VALUES ('g1', '某事项', '440101007000', '`+taskA+`', 'L-1', NULL, 1, '1', '依据', '2020-01-01 00:00:00', '2023-12-31 00:00:00', 'I')`,
		`INSERT INTO up_task_general_basic VALUES ('g2', '某事项', '440101007000', '`+taskA+`', 'L-1', NULL, 2, '1', '依据', '2024-01-01 00:00:00', NULL, 'U')`)
	var first, second struct{ Read, New, Changed, Total int }
	out, _ := banjian(t, exitDone, "item", "import", "province", "--connection", "jtj", "--view", "up_task_general_basic", "--site", dir, "--json")
	if err := json.Unmarshal([]byte(out), &first); err != nil || first.Read != 2 || first.New != 2 || first.Total != 2 {
		t.Fatalf("%s %v", out, err)
	}
	file := filepath.Join(dir, "more.csv")
	content := "task_code,task_version,task_name,task_state\n" + taskA + ",2,某事项（改）,2\n" + taskB + ",7,另一事项,1\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ = banjian(t, exitDone, "item", "import", "province", file, "--site", dir, "--json")
	if err := json.Unmarshal([]byte(out), &second); err != nil || second.Read != 2 || second.New != 1 || second.Changed != 1 || second.Total != 3 {
		t.Fatalf("%s %v", out, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "schemas", "items", "province.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	want := "code\tversion\tname\tstate\tvalid_from\tvalid_to\tlocal_code\n" +
		taskA + "\t1\t某事项\t1\t2020-01-01\t2023-12-31\tL-1\n" + taskA + "\t2\t某事项（改）\t2\t\t\t\n" + taskB + "\t7\t另一事项\t1\t\t\t\n"
	if string(data) != want {
		t.Errorf("the list is\n%s", data)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "schemas", "items", ".*")); len(left) > 0 {
		t.Errorf("%v is left over", left)
	}
}

func TestABrokenListOfItemsChangesNothing(t *testing.T) {
	dir := department(t, `CREATE TABLE items (code TEXT, version TEXT)`, `INSERT INTO items VALUES ('`+taskA+`', '一')`, `CREATE TABLE other (a TEXT)`)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--connection", "jtj", "--view", "items"}, exitUsage, "row 1: the version is a whole number"},
		{[]string{"--connection", "jtj", "--view", "other"}, exitUsage, "the column task_code is missing"},
		{[]string{"--connection", "jtj"}, exitUsage, "--connection together with --view"},
		{[]string{"nowhere.tsv"}, exitUsage, "cannot open the file"},
	} {
		_, errOut := banjian(t, c.code, append([]string{"item", "import", "province", "--site", dir, "--lang", "en"}, c.args...)...)
		if !strings.Contains(errOut, c.says) {
			t.Errorf("%v: %s", c.args, errOut)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "schemas")); err == nil {
		t.Error("a list was written all the same")
	}
}

func TestAnItemCodeIsExplained(t *testing.T) {
	out, _ := banjian(t, exitDone, "item", "explain", taskA, "--lang", "zh")
	for _, want := range []string{taskA + "\timplementation\tok\t\n", "1–18\t实施主体\t11440000006939756B\t机关，登记区划 440000 广东省", "22–23\t事项类型\t01\t行政许可\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	out, _ = banjian(t, exitNews, "item", "explain", "11450721MB155808119000104002000", "--json")
	var got struct {
		Verdict string
		Parts   []struct {
			From  int
			Wrong struct{ EN string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Verdict != "reject" || len(got.Parts) != 6 || !strings.Contains(got.Parts[1].Wrong.EN, "character 19") {
		t.Errorf("%s %v", out, err)
	}
}
