package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const ownMapping = `mapping: my/material
to: case/material
fields:
  local_no: slbh
  material_id: {from: clid, trim: true}
  material_name: clmc
  get_type: {from: sqfs, map: {纸质: paper, 上传: upload}}
  get_num: {from: fs, else: blank}
`

const ownTest = `mapping: my/material
base: {slbh: A1, clid: C1, clmc: 身份证, sqfs: 纸质, fs: "1"}
cases:
  - name: 纸质 # 最常见
    expect: {local_no: A1, get_type: paper, get_num: 1}
  - name: 份数不是数
    source: {fs: 两份}
    blanks: [{field: get_num, rule: bad_int}]
`

// mappingSite is a site with one mapping of its own and its test.
func mappingSite(t *testing.T, test string) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	if code, _, errOut := command("init", dir); code != exitDone {
		t.Fatal(errOut)
	}
	file = filepath.Join(dir, "mappings", "my", "material_test.yaml")
	for name, content := range map[string]string{file: test, strings.Replace(file, "_test", "", 1): ownMapping} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, file
}

func command(args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = execute(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

// testLines is what test --json says, by mapping.
func testLines(t *testing.T, out string) map[string]testLine {
	t.Helper()
	lines := map[string]testLine{}
	for l := range strings.Lines(out) {
		var line testLine
		if err := json.Unmarshal([]byte(l), &line); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		lines[line.Mapping] = line
	}
	return lines
}

func TestTheTestsOfASiteAndOfTheCatalogAreRunTogether(t *testing.T) {
	dir, _ := mappingSite(t, ownTest)
	code, out, errOut := command("test", "--json", "--site", dir)
	lines := testLines(t, out)
	if code != exitDone || lines["my/material"].Cases != 2 || lines["provident-fund/accept"].Cases == 0 || lines["my/material"].Cover != nil {
		t.Errorf("exited %d: %s%s", code, out, errOut)
	}
	for lang, want := range map[string][2]string{"zh": {"ok    my/material  2 个例子", "0 个不符，0 份有错"}, "en": {"ok    my/material  2 cases", "0 failed, 0 files broken"}} {
		if _, out, _ := command("test", "--site", dir, "--lang", lang); !strings.Contains(out, want[0]) || !strings.Contains(out, want[1]) {
			t.Errorf("%s: %s", lang, out)
		}
	}
}

func TestATestThatFailsSaysWhereAndExitsOne(t *testing.T) {
	dir, file := mappingSite(t, strings.Replace(ownTest, "get_num: 1", "get_num: 2", 1))
	for lang, want := range map[string]string{"zh": `get_num 期望 "2"，实际 "1"`, "en": `get_num expected "2", got "1"`} {
		code, out, _ := command("test", "my/material", "--site", dir, "--lang", lang)
		if code != exitFailed || !strings.Contains(out, "mappings/my/material_test.yaml:5:") || !strings.Contains(out, want) {
			t.Errorf("exited %d: %s", code, out)
		}
	}
	for _, arg := range []string{file, strings.Replace(file, "_test", "", 1), filepath.Dir(file)} {
		code, out, errOut := command("test", arg, "--json", "--site", dir)
		if l := testLines(t, out)["my/material"]; code != exitFailed || l.Failed != 1 || l.Failures[0].Field != "get_num" || l.Failures[0].Case != "纸质" {
			t.Errorf("%s: exited %d: %s%s", arg, code, out, errOut)
		}
	}
}

func TestABrokenTestExitsTwoAndTheOthersAreRun(t *testing.T) {
	dir, _ := mappingSite(t, strings.Replace(ownTest, "blanks:", "blank:", 1))
	code, out, _ := command("test", "--site", dir, "--lang", "en")
	if code != exitUsage || !strings.Contains(out, `mappings/my/material_test.yaml:8:5: unknown key "blank"`) || !strings.Contains(out, "did you mean blanks?") ||
		!strings.Contains(out, "ok    provident-fund/accept") || !strings.Contains(out, "1 file broken") {
		t.Errorf("exited %d: %s", code, out)
	}
	for _, arg := range []string{"my/materia", "nothing/like/it", filepath.Join(dir, "banjian.yaml")} {
		if code, _, errOut := command("test", arg, "--site", dir, "--lang", "en"); code != exitUsage || !strings.Contains(errOut, "what to do") {
			t.Errorf("%s: exited %d: %s", arg, code, errOut)
		}
	}
}

func TestUpdateRewritesTheFileAndSaysWhichCases(t *testing.T) {
	dir, file := mappingSite(t, strings.Replace(strings.Replace(ownTest, "get_num: 1", "get_num: 2", 1), "    blanks: [{field: get_num, rule: bad_int}]\n", "", 1))
	code, out, errOut := command("test", "my/material", "--update", "--site", dir, "--lang", "zh")
	if code != exitDone || !strings.Contains(out, "已改写： 纸质") || !strings.Contains(out, "已改写： 份数不是数") {
		t.Errorf("exited %d: %s%s", code, out, errOut)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const want = `mapping: my/material
base: {slbh: A1, clid: C1, clmc: 身份证, sqfs: 纸质, fs: "1"}
cases:
  - name: 纸质 # 最常见
    expect: {local_no: A1, get_type: paper, get_num: "1"}
  - name: 份数不是数
    source: {fs: 两份}
    expect:
      local_no: A1
      material_id: C1
      material_name: 身份证
      get_type: paper
    blanks: [{field: get_num, rule: bad_int}]
`
	if string(data) != want {
		t.Errorf("got:\n%s", data)
	}
	if code, out, _ := command("test", "my/material", "--update", "--site", dir, "--lang", "en"); code != exitDone || strings.Contains(out, "rewritten") {
		t.Errorf("a second update: exited %d: %s", code, out)
	}
}

func TestCoverTellsNumbersAndWhatIsMissing(t *testing.T) {
	dir, _ := mappingSite(t, ownTest)
	code, out, _ := command("test", "my/material", "--cover", "--site", dir, "--lang", "en")
	for _, want := range []string{"fields 3/5  map entries 1/2  else 1/1  checks 0/0  rules 0/0", "mappings/my/material.yaml:7:43: map of get_type: 上传", "mappings/my/material.yaml:5:3: field material_id"} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("exited %d, no %q in\n%s", code, want, out)
		}
	}
	code, out, _ = command("test", "my/material", "--cover", "--json", "--site", dir, "--lang", "zh")
	cover := testLines(t, out)["my/material"].Cover
	if code != exitDone || cover == nil || cover.Kinds[0] != (coverKind{"field", 3, 5}) || len(cover.Missing) != 3 || cover.Missing[2].Says != "get_type 的 map：上传" {
		t.Errorf("exited %d: %s", code, out)
	}
}
