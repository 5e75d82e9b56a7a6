package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestTheFirstLineOfAFileLeadsToItsSchema looks at every file that init, discover and the
// demo write as an editor does.
func TestTheFirstLineOfAFileLeadsToItsSchema(t *testing.T) {
	drafted := usual(t)
	banjian(t, exitDone, "discover", "jtj", "--view", "v_gjj_accept", "--out", drafted, "--site", drafted)
	made := filepath.Join(t.TempDir(), "made")
	banjian(t, exitDone, "init", made)
	shown := filepath.Join(t.TempDir(), "demo")
	banjian(t, exitDone, "demo", "--dir", shown, "--cases", "5", "--once", "--lang", "en")
	for _, c := range []struct {
		dir   string
		files int
		not   string
	}{{drafted, 3, "banjian.yaml"}, {made, 1, ""}, {shown, 3, ""}} {
		found := 0
		err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".yaml" && d.Name() != c.not {
				found++
				goodByItsFirstLine(t, path)
			}
			return err
		})
		if err != nil || found != c.files {
			t.Errorf("%s: %d files, not %d, %v", c.dir, found, c.files, err)
		}
	}
}

func goodByItsFirstLine(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	name, found := strings.CutPrefix(string(line), "# yaml-language-server: $schema=")
	if !found {
		t.Errorf("%s begins with %s", path, line)
		return
	}
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(filepath.Dir(path), name))
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	for _, doc := range documents(t, path, data) {
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestSchemaFilesAreThoseOfTheSite(t *testing.T) {
	dir := usual(t)
	banjian(t, exitDone, "schema", "files", "--site", dir)
	other := t.TempDir()
	banjian(t, exitDone, "schema", "files", other, "--site", dir)
	for _, d := range []string{dir, other} {
		names, err := filepath.Glob(filepath.Join(d, ".schema", "*.json"))
		if err != nil || len(names) < 6 {
			t.Errorf("%s: %v, %v", d, names, err)
		}
	}
}
