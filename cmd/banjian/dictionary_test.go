package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestADictionaryIsAWorkbookWithoutPersonalValues(t *testing.T) {
	dir := usual(t)
	banjian(t, exitDone, "discover", "jtj", "--view", "v_gjj_accept", "--out", dir, "--site", dir)
	file := filepath.Join(dir, "字典.xlsx")
	banjian(t, exitDone, "dictionary", "jtj-accept", "--out", file, "--site", dir, "--lang", "zh")
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if got := strings.Join(book.GetSheetList(), " "); got != "封面 字段 受理 代码 整条规则" {
		t.Errorf("sheets: %s", got)
	}
	var all strings.Builder
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			all.WriteString(strings.Join(row, "¦") + "\n")
		}
	}
	for _, want := range []string{"数据字典", "部门（盖章）", "v_gjj_accept", "读取 20 行", "applicant_id_no¦申请人证件号码", "440***********1512", "0.0%", "applicant_type¦1¦自然人¦个人"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%s is not in the book", want)
		}
	}
	for _, secret := range []string{"440308199901101512", "13800000001", "某甲某乙"} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%s is in the book", secret)
		}
	}
	banjian(t, exitUsage, "dictionary", "jtj-accept", "--out", file, "--site", dir) // nothing is overwritten
}

func TestADictionaryWithoutRowsAsksNobody(t *testing.T) {
	dir := usual(t)
	banjian(t, exitDone, "discover", "jtj", "--view", "v_gjj_accept", "--out", dir, "--site", dir)
	if err := os.Remove(filepath.Join(dir, "dept.db")); err != nil {
		t.Fatal(err)
	}
	banjian(t, exitDone, "dictionary", "jtj-accept", "--rows", "0", "--out", filepath.Join(dir, "d.xlsx"), "--site", dir)
	for _, bad := range [][]string{{"jtj-accept"}, {"jtj-accept", "--out", "d.csv"}, {"jtj-accept", "--out", filepath.Join(dir, "e.xlsx"), "--rows", "-1"}, {}} {
		banjian(t, exitUsage, append([]string{"dictionary", "--site", dir}, bad...)...)
	}
}
