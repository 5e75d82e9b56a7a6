package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/cmd/internal/attachments"
	"banjian/internal/objects"
)

// check is what attachments check says.
func (l *licences) check(more ...string) (f attachments.Found) {
	l.t.Helper()
	if err := json.Unmarshal([]byte(l.said(append([]string{"attachments", "check", "--json"}, more...)...)), &f); err != nil {
		l.t.Fatal(err)
	}
	return f
}

func TestWhatIsOwedAndWhatIsKeptIsTold(t *testing.T) {
	l := newLicences(t, "full")
	for i, name := range []string{"a", "b", "c"} {
		l.file("upload/"+name+".pdf", goodPDF+name)
		l.add(i, licence{id: "F-" + name, name: "证明.pdf", path: `D:\upload\` + name + ".pdf"})
	}
	l.add(3, licence{id: "F-later", name: "证明.pdf", path: `D:\upload\later.pdf`})
	l.run()
	list := l.said("attachments", "list")
	if !strings.Contains(list, "F-later") || !strings.Contains(list, "没放好") || strings.Contains(list, "F-a") || strings.Contains(list, "upload") {
		t.Errorf("what is owed:\n%s", list)
	}
	var owed struct {
		Why   string
		Tries int
		Key   []string
	}
	if err := json.Unmarshal([]byte(l.said("attachments", "list", "--json", "--why", "missing", "--pipeline", "result-file")), &owed); err != nil || owed.Why != "missing" || owed.Tries != 1 || len(owed.Key) != 2 {
		t.Errorf("%+v, %v", owed, err)
	}
	if f := l.check("--read"); f.Files != 3 || f.Referred != 3 || f.Unused+f.Young != 0 || len(f.Missing)+len(f.Damaged) != 0 {
		t.Fatalf("%+v", f)
	}

	store, err := objects.Open(filepath.Join(l.dir, "data/objects"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	yesterday := time.Now().Add(-25 * time.Hour)
	path := func(o objects.Object) string { return filepath.Join(l.dir, "data/objects", o.Path()) }
	var kept []objects.Object
	for i, content := range []string{"nobody's", "nobody's yet", goodPDF + "a", goodPDF + "b", goodPDF + "c"} {
		o, err := store.Put(t.Context(), strings.NewReader(content), 1<<20, nil)
		if err != nil {
			t.Fatal(err)
		}
		if kept = append(kept, o); i != 1 {
			if err := os.Chtimes(path(o), yesterday, yesterday); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(path(kept[3]), []byte(goodPDF+"x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path(kept[4])); err != nil {
		t.Fatal(err)
	}
	f := l.check("--read")
	if f.Files != 4 || f.Referred != 2 || f.Unused != 1 || f.Young != 1 || f.Removed != 0 || len(f.Missing) != 1 || f.Missing[0].Object != kept[4].Name || len(f.Damaged) != 1 || f.Damaged[0].Key[1] != "F-b" {
		t.Errorf("%+v", f)
	}
	if f = l.check("--remove"); f.Removed != 1 || len(f.Missing) != 1 {
		t.Errorf("%+v", f)
	}
	if _, err := os.Stat(path(kept[0])); !os.IsNotExist(err) {
		t.Error("a file that nobody refers to is still there")
	}
	if _, err := os.Stat(path(kept[1])); err != nil {
		t.Errorf("a young file was removed: %v", err)
	}
	if said := l.said("attachments", "check"); !strings.Contains(said, "文件不在") || !strings.Contains(said, "F-c") {
		t.Errorf("it says\n%s", said)
	}
	// A damaged file is taken away by a person: what fetches it anew is a new mapping or row.
	if said := l.said("doctor", "gjj"); !strings.Contains(said, "附件") || strings.Count(said, fmt.Sprint("附件：", filepath.Join(l.dir, "upload"))) != 1 {
		t.Errorf("doctor says\n%s", said)
	}
	if err := os.RemoveAll(filepath.Join(l.dir, "upload")); err != nil {
		t.Fatal(err)
	}
	if said := l.said("doctor", "gjj"); !strings.Contains(said, "到不了 "+filepath.Join(l.dir, "upload")) {
		t.Errorf("doctor says\n%s", said)
	}
}
