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

func TestAnImportedJobPassesValidateOrSaysWhatIsOpen(t *testing.T) {
	dir := t.TempDir()
	job := filepath.Join("..", "internal", "datax", "testdata", "accept.json")
	var out, errOut bytes.Buffer
	if code := execute(context.Background(), []string{"--lang", "en", "import", "datax", job, "--out", dir, "--name", "gjj-accept", "--connection", "gjj-window"}, &out, &errOut); code != exitDone {
		t.Fatal(code, errOut.String())
	}
	if said := out.String() + errOut.String(); strings.Contains(said, "geheim") || !strings.Contains(said, "required fields are missing") {
		t.Error(said)
	}
	entry, err := os.ReadFile(filepath.Join(dir, "gjj-window.connection.yaml"))
	if err != nil || strings.Contains(string(entry), "geheim") {
		t.Fatal(string(entry), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "banjian.yaml"), []byte("site: 某市\nconnections:\n"+string(entry)), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if code := execute(context.Background(), []string{"--lang", "en", "validate", "--json", "--site", dir}, &out, &errOut); code != exitUsage {
		t.Error(code, out.String(), errOut.String())
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil || !strings.HasSuffix(f.File, "gjj-accept.yaml") || !strings.Contains(f.Message, "required is not mapped") {
			t.Errorf("%s %v", line, err)
		}
	}
	if code := execute(context.Background(), []string{"import", "datax", job, "--out", dir, "--name", "gjj-accept", "--connection", "gjj-window"}, &out, &errOut); code != exitUsage {
		t.Error("something was overwritten")
	}
}
