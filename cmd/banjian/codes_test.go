package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCodesAreShownAsEveryReceiverWritesThem(t *testing.T) {
	dir := t.TempDir()
	banjian(t, exitDone, "init", dir)
	for _, c := range []struct {
		args string
		want []string
	}{
		{"codes list --lang zh", []string{"applicant_type", "申请人类型", "GB/T 3304—1991", "按写法"}},
		{"codes list national/ --lang en", []string{"national/result_type", "result"}},
		{"codes list --profiles ea-jc --lang zh", []string{"ea-jc/result", "办结结果", "自定"}},
		{"codes show result --lang zh", []string{"granted", "准予", "6（", "sd-ywzt-2024", "0（ea-jc"}},
		{"codes show result --profile ea-jc --lang zh", []string{"issued 出证办结", "收进时不明：issued, granted", "（无）"}},
		{"codes show ea-jc/result --lang en", []string{"= issued or granted", "DONERESULT"}},
		{"codes show country SCG --lang zh", []string{"2003-02-04 – 2006-06-04", "→ MNE, SRB", "891"}},
		{"codes show region 440102000000 --lang zh", []string{"东山区", "至 2005-"}},
		{"codes search 护照 --lang zh", []string{"id_type", "414", "普通护照", "platform/sd-ywzt-2024/id_type"}},
		{"codes search 越秀区 --lang zh", []string{"440104"}},
		{"codes search Han --lang en", []string{"ethnic", "01"}},
	} {
		out, _ := banjian(t, exitDone, append(strings.Fields(c.args), "--site", dir)...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s does not say %s:\n%s", c.args, want, out)
			}
		}
	}
	for args, want := range map[string]string{
		"codes show resul": "result", "codes show result nosuch": "nosuch", "codes show result --profile ea": "ea-jc",
		"codes show results --profile ea-jc": "special_type", "codes show region 999999": "GB/T 2260", "codes show": "code set",
		"codes export result": "--out", "codes export region --out r.csv": "form", "codes export action result --out r.csv": "xlsx",
	} {
		if _, errOut := banjian(t, exitUsage, append(strings.Fields(args), "--site", dir, "--lang", "en")...); !strings.Contains(errOut, want) {
			t.Errorf("%s does not say %s:\n%s", args, want, errOut)
		}
	}
}

// A department checks an exported table, edits it, and the site takes it back.
func TestAnEditedTableComesBackIntoTheSite(t *testing.T) {
	dir := t.TempDir()
	banjian(t, exitDone, "init", dir)
	file := filepath.Join(t.TempDir(), "result.csv")
	banjian(t, exitDone, "codes", "export", "result", "--profile", "ea-jc", "--out", file, "--site", dir, "--lang", "zh")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The department says that 0 is granted, never issued.
	edited := strings.Replace(string(data), "issued,出证办结,双向,0", "issued,出证办结,只报出,0", 1)
	if edited == string(data) {
		t.Fatalf("the line is not there:\n%s", data)
	}
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "schemas", "profiles", "ea-jc", "result.yaml")
	out, _ := banjian(t, exitDone, "codes", "import", file, "--dry-run", "--site", dir, "--json")
	var said imported
	if err := json.Unmarshal([]byte(out), &said); err != nil || said.Written || len(said.Changed) != 1 || said.Changed[0] != "issued" {
		t.Errorf("%v %s", err, out)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a dry run wrote the file")
	}
	banjian(t, exitDone, "codes", "import", file, "--site", dir)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	out, _ = banjian(t, exitDone, "codes", "show", "ea-jc/result", "0", "--site", dir, "--lang", "zh")
	if !strings.Contains(out, "= granted（") {
		t.Errorf("0 is not granted alone:\n%s", out)
	}
	banjian(t, exitDone, "validate", "--site", dir)
	if _, errOut := banjian(t, exitUsage, "codes", "import", file, "--site", dir, "--lang", "en"); !strings.Contains(errOut, "--replace") {
		t.Error(errOut)
	}
	banjian(t, exitDone, "codes", "import", file, "--replace", "--site", dir)
}

func TestEveryMistakeOfAnImportIsToldWithItsRow(t *testing.T) {
	dir := t.TempDir()
	banjian(t, exitDone, "init", dir)
	file := filepath.Join(t.TempDir(), "m.csv")
	if err := os.WriteFile(file, []byte("代码集,action\n代码,中文\npass,通过\npass,又通过\nreturn,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errOut := banjian(t, exitUsage, "codes", "import", file, "--site", dir, "--lang", "en")
	for _, want := range []string{"m.csv:4: code pass is listed twice", "m.csv:5: every code needs"} {
		if !strings.Contains(errOut, want) {
			t.Errorf("%s is not told:\n%s", want, errOut)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "schemas", "codes", "action.yaml")); err == nil {
		t.Error("a file was written")
	}
}
