package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestValidateTellsWhatIsWrongWithTheFilesThatAreNamed(t *testing.T) {
	w := newTroubled(t, embedded(t))
	const form = "mapping: my/%s\nto: case/withdrawal\nfields:\n  flow_no: %s\n  submission: n\n  withdrawn_by: jg\n"
	file := func(name, flow string) string {
		return strings.NewReplacer("my/%s", "my/"+name, "%s", flow).Replace(form)
	}
	w.write("mappings/my/whole.yaml", file("whole", "slbh"))
	w.write("mappings/my/broken.yaml", file("broken", "{form: slbh}"))
	w.write("mappings/my/whole_test.yaml", "mapping: my/whole\ncases:\n  - {name: a, source: {slbh: x}, expect: {case/withdrawal: {flow_number: x}}}\n")
	w.write("mappings/my/gone_test.yaml", "mapping: my/gone\ncases:\n  - {name: a, source: {}, filtered: true}\n")
	w.write("pipelines/my.yaml", "pipeline: my\nfrom: {connection: gjj, source_id: my, table: t, key: [flow_no, submission]}\nmapping: my/broken\n")
	w.write("pipelines/other.yaml", "pipeline: other\nfrom: {connection: gij, source_id: my, table: t, key: [flow_no, submission]}\nmapping: my/whole\n")
	w.write("mappings/notes.txt", "x")
	for name, c := range map[string]struct {
		paths []string
		code  int
		says  []string
		not   string
	}{
		"one that is whole":                        {[]string{"mappings/my/whole.yaml"}, exitDone, []string{"mappings/my/whole.yaml ✓"}, "error"},
		"one that is broken":                       {[]string{"mappings/my/broken.yaml"}, exitUsage, []string{"mappings/my/broken.yaml:4:13: ", "did you mean from"}, "gij"},
		"a test that does not fit":                 {[]string{"mappings/my/whole_test.yaml"}, exitUsage, []string{"mappings/my/whole_test.yaml:3:"}, "broken"},
		"a test without a mapping":                 {[]string{"mappings/my/gone_test.yaml"}, exitUsage, []string{"mappings/my/gone_test.yaml:1:10: there is no mapping my/gone"}, "broken"},
		"a pipeline":                               {[]string{"pipelines/other.yaml"}, exitUsage, []string{"pipelines/other.yaml:2:20: ", "gij"}, "broken"},
		"a pipeline whose mapping is broken":       {[]string{"pipelines/my.yaml"}, exitDone, []string{"warning: pipelines/my.yaml: not everything was judged: there are mistakes in mappings/my/broken.yaml"}, "✓"},
		"a folder":                                 {[]string{"mappings/my"}, exitUsage, []string{"broken.yaml:4:13", "gone_test.yaml:1:10", "whole_test.yaml:3:"}, "gij"},
		"the site":                                 {[]string{w.dir + "/banjian.yaml"}, exitDone, []string{"banjian.yaml ✓"}, "error"},
		"a file no site reads":                     {[]string{"mappings/notes.txt"}, exitUsage, []string{"does not read this file"}, "✓"},
		"a file that is not there":                 {[]string{"mappings/my/hole.yaml"}, exitUsage, []string{"there is no such file"}, "✓"},
		"a file of another folder than the site's": {[]string{filepath.Dir(w.dir)}, exitUsage, []string{"does not lie in site"}, "✓"},
	} {
		code, out, errOut := command(append([]string{"validate", "--lang", "en", "--site", w.dir}, c.paths...)...)
		for _, want := range c.says {
			if !strings.Contains(out+errOut, want) {
				t.Errorf("%s: does not say %q", name, want)
			}
		}
		if code != c.code || strings.Contains(out+errOut, c.not) {
			t.Errorf("%s exits %d:\n%s%s", name, code, out, errOut)
		}
	}
	code, out, _ := command("validate", "--json", filepath.Join(w.dir, "mappings", "my", "broken.yaml")) // the site is found above it
	var f finding
	if err := json.Unmarshal([]byte(out), &f); err != nil || code != exitUsage || f.File != "mappings/my/broken.yaml" || f.Line != 4 || f.Column != 13 || f.Hint == "" {
		t.Errorf("exits %d: %s", code, out)
	}
}

func TestValidateJudgesFilesThatLieInNoSite(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, content := range map[string]string{
		"a.yaml":         "mapping: my/a\nto: case/withdrawal\nfields:\n  flow_no: {form: slbh}\n",
		"my/b.yaml":      "mapping: my/b\nto: case/withdrawal\nfields:\n  flow_no: slbh\n  submission: n\n  withdrawn_by: jg\n",
		"p.yaml":         "pipeline: p\nfrom: {connection: gjj, source_id: my, table: t, key: [flow_no], cursr: gxsj}\nmapping: my/b\n",
		"q.yaml":         "pipeline: q\nfrom: {connection: gjj, source_id: my, table: t, key: [flow_no]}\nmapping: my/b\n",
		"c.yaml":         "cases: []\n",
		"my/b_test.yaml": "mapping: my/b\ncases:\n  - {name: a, source: {slbh: x}, expect: {case/withdrawal: {nothing: x}}}\n",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for file, c := range map[string]struct {
		code int
		says string
	}{
		"a.yaml": {exitUsage, "a.yaml:4:13: "}, "my/b.yaml": {exitDone, "my/b.yaml ✓"}, "p.yaml": {exitUsage, "p.yaml:2:"}, "q.yaml": {exitDone, "warning: q.yaml:1:11: pipeline q lies in no site"},
		"c.yaml": {exitUsage, "lies in no site"}, ".": {exitUsage, "my/b_test.yaml:3:"},
	} {
		if code, out, errOut := command("validate", "--lang", "en", file); code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s exits %d:\n%s%s", file, code, out, errOut)
		}
	}
}
