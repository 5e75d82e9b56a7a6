package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Each answer of discover names the next command in full: typed as it stands it leads from
// the list of views to a draft that validates.
func TestDiscoverNamesTheNextCommand(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		dir := usual(t)
		args := []string{"discover", "jtj", "--site", dir, "--lang", lang}
		for _, want := range []string{"banjian discover jtj --view v_gjj_accept", "banjian discover jtj --view v_gjj_accept --subject case/accept --out " + dir, "banjian validate"} {
			out, errOut := banjian(t, exitDone, args...)
			at := strings.Index(out+errOut, want+" ")
			if at < 0 {
				t.Fatalf("%v does not name %s:\n%s%s", args, want, out, errOut)
			}
			line, _, _ := strings.Cut((out + errOut)[at:], "\n")
			line, _, _ = strings.Cut(strings.ReplaceAll(line, "，", ","), ",")
			args = append(strings.Fields(line)[1:], "--lang", lang)
			if !strings.Contains(line, "--site "+dir) {
				t.Errorf("%s is not of the site", line)
			}
		}
		banjian(t, exitDone, args...)
		if drafts, err := filepath.Glob(filepath.Join(dir, "pipelines", "*.yaml")); len(drafts) != 1 || err != nil {
			t.Errorf("drafted %v, %v", drafts, err)
		}
	}
}
