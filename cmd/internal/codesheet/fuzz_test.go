package codesheet

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"banjian/cmd/internal/workbook"
	"banjian/internal/text"
	"banjian/schemas"
)

// FuzzImport reads any bytes as a sheet: they become mistakes, a fault, or a draft that
// the catalog takes, with every line of it.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		f.Fatal("no fixtures", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(false, data)
	}
	cat := catalog(f)
	action, _ := cat.CodeSet("action")
	table, _ := cat.CodeTable("ea-jc", "result")
	var book bytes.Buffer
	if err := workbook.Write(&book, Pages([]*Sheet{Of(action, text.ZH), OfTable(table, text.EN)})); err != nil {
		f.Fatal(err)
	}
	f.Add(true, book.Bytes())
	f.Fuzz(func(t *testing.T, workbook bool, data []byte) {
		name := "x.csv"
		if workbook {
			name = "x.xlsx"
		}
		sheets, err := Read(name, data, text.Text{})
		if err != nil {
			return
		}
		for _, s := range sheets {
			d, wrong := s.Draft(cat)
			if (d == nil) == (len(wrong) == 0) {
				t.Fatalf("a draft %v and %d mistakes", d != nil, len(wrong))
			}
			if d == nil {
				continue
			}
			own, err := schemas.Load(fstest.MapFS{d.Path: {Data: d.YAML}})
			if err != nil {
				t.Fatalf("%v\n%s", err, d.YAML)
			}
			if set, ok := own.CodeSet(d.Name); !d.Table && (!ok || len(set.Codes) == 0) {
				t.Fatalf("the set is not there\n%s", d.YAML)
			}
		}
	})
}
