package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const spreadMapping = `mapping: my/parts
to: case/material
filter:
  - {id: window, when: "sqqd == '窗口'", say: 窗口办理的没有上传材料}
unpivot:
  - {cl: {const: 申请表}, hm: slbh, where: "slbh != null"}
  - {cl: {const: 委托书}, hm: sqr}
fields:
  local_no: slbh
  material_id: cl
  material_name: cl
  get_type: {const: upload}
  remark: {from: hm, clean: true}
`

const spreadPipeline = `pipeline: parts
from: {connection: gjj, source_id: gjj-parts, view: VIEW, key: [local_no, material_id], mode: full, absent: ABSENT}
mapping: my/parts
`

// spreadSite is a site with a pipeline whose mapping makes two records of a row.
func spreadSite(t *testing.T, absent string) *world {
	t.Helper()
	w := previewSite(t)
	pipeline := strings.NewReplacer("VIEW", "gjj_ywsl", "ABSENT", absent).Replace(spreadPipeline)
	for name, data := range map[string]string{"mappings/my/parts.yaml": spreadMapping, "pipelines/parts.yaml": pipeline} {
		path := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func TestARowThatMakesSeveralRecordsIsCountedOnceAndSkippedWhileUnchanged(t *testing.T) {
	w := spreadSite(t, "keep")
	run := func() summary {
		t.Helper()
		code, out, errOut := command("run", "parts", "--collect-only", "--json", "--site", w.dir)
		var s summary
		if err := json.Unmarshal([]byte(out), &s); err != nil || code > exitNews {
			t.Fatalf("exited %d: %v %s%s", code, err, out, errOut)
		}
		return s
	}
	first := run()
	if first.Collected == 0 || first.Filtered == 0 || first.FilteredBy["window"] != first.Filtered || first.Read != first.Filtered+first.Collected+first.Rejected {
		t.Errorf("%+v", first)
	}
	if first.Records < first.Collected || first.Records > 2*first.Collected || first.Records == first.Collected {
		t.Errorf("%d records of %d rows", first.Records, first.Collected)
	}
	again := run()
	if again.Unchanged != first.Collected || again.Records != 0 || again.FilteredBy["window"] != first.Filtered {
		t.Errorf("%+v", again)
	}
	_, out, _ := command("preview", "parts", "--rows", "40", "--site", w.dir, "--lang", "en")
	for _, want := range []string{"unpivot 2/2  (cl=“委托书”", "rows left out:  window  → yes", "material_id = “申请表”"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%.2000s", want, out)
		}
	}
}

func TestAbsenceDeletesNothingWhereARowMakesSeveralRecords(t *testing.T) {
	w := spreadSite(t, "delete")
	code, _, errOut := command("run", "parts", "--collect-only", "--site", w.dir, "--lang", "en")
	if code != exitUsage || !strings.Contains(errOut, "parts.yaml:2:") || !strings.Contains(errOut, "absence does not tell which of them is gone") {
		t.Errorf("exited %d: %s", code, errOut)
	}
}
