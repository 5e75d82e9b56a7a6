package codesheet

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/xuri/excelize/v2"

	"banjian/cmd/internal/workbook"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files")

var shipped = sync.OnceValues(func() (*schemas.Catalog, error) { return schemas.Load() })

func catalog(t testing.TB) *schemas.Catalog {
	t.Helper()
	cat, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// back writes sheets, reads them and makes drafts of them.
func back(t *testing.T, ext string, sheets ...*Sheet) []*Draft {
	t.Helper()
	var b bytes.Buffer
	var err error
	if ext == ".csv" {
		err = workbook.WriteCSV(&b, &Pages(sheets)[0])
	} else {
		err = workbook.Write(&b, Pages(sheets))
	}
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read("x"+ext, b.Bytes(), text.Text{})
	if err != nil {
		t.Fatal(err)
	}
	var drafts []*Draft
	for _, s := range read {
		d, wrong := s.Draft(catalog(t))
		if len(wrong) > 0 {
			t.Fatalf("%s: %+v", s.Name, wrong)
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// site loads the shipped data with drafts laid over it.
func site(t *testing.T, drafts ...*Draft) *schemas.Catalog {
	t.Helper()
	files := fstest.MapFS{}
	for _, d := range drafts {
		files[d.Path] = &fstest.MapFile{Data: d.YAML}
	}
	cat, err := schemas.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func TestEveryCodeSetComesBackAsItWas(t *testing.T) {
	var sheets []*Sheet
	var sets []*schemas.CodeSet
	for _, set := range catalog(t).CodeSets() {
		if set.Listed() {
			sets, sheets = append(sets, set), append(sheets, Of(set, text.ZH))
		}
	}
	for _, ext := range []string{".xlsx", ".csv"} {
		var drafts []*Draft
		if ext == ".xlsx" {
			drafts = back(t, ext, sheets...)
		} else {
			for _, set := range sets {
				drafts = append(drafts, back(t, ext, Of(set, text.EN))...)
			}
		}
		cat := site(t, drafts...)
		for i, set := range sets {
			got, ok := cat.CodeSet(set.Name)
			if !ok || got.Digest() != set.Digest() || got.Title != set.Title || got.Version != set.Version || got.Basis != set.Basis ||
				got.Confidence != set.Confidence || got.Note != set.Note || fmt.Sprint(got.Codes) != fmt.Sprint(set.Codes) {
				t.Errorf("%s: %s is not as it was\n%s", ext, set.Name, drafts[i].YAML)
			}
			if len(drafts[i].Added)+len(drafts[i].Removed)+len(drafts[i].Changed) > 0 {
				t.Errorf("%s: %s differs: %+v", ext, set.Name, drafts[i])
			}
		}
	}
}

func TestEveryCodeTableComesBackAsItWas(t *testing.T) {
	var sheets []*Sheet
	var tables []*schemas.CodeTable
	for _, table := range catalog(t).CodeTables() {
		if table.Column == "" {
			tables, sheets = append(tables, table), append(sheets, OfTable(table, text.EN))
		}
	}
	drafts := back(t, ".xlsx", sheets...)
	cat := site(t, drafts...)
	for i, table := range tables {
		got, ok := cat.CodeTable(table.Profile, table.Name)
		if !ok || got.Digest() != table.Digest() || got.Title != table.Title || got.Basis != table.Basis || got.Confidence != table.Confidence || got.Note != table.Note {
			t.Errorf("%s is not as it was\n%s", table.Path(), drafts[i].YAML)
		}
		if len(drafts[i].Added)+len(drafts[i].Removed)+len(drafts[i].Changed) > 0 {
			t.Errorf("%s differs: %+v", table.Path(), drafts[i])
		}
	}
}

// testdata/*.csv are edited by hand; beside each lies what is said of it.
func TestEveryMistakeIsToldWithItsRow(t *testing.T) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".csv") + ".txt"
			got := told(t, filepath.Base(file), data)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || got != string(want) {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
}

func told(t *testing.T, name string, data []byte) string {
	t.Helper()
	sheets, err := Read(name, data, text.Text{})
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	for _, s := range sheets {
		d, wrong := s.Draft(catalog(t))
		for _, m := range wrong {
			for _, lang := range []text.Lang{text.ZH, text.EN} {
				fmt.Fprintf(&b, "%d [%s] %s (%s)\n", m.Row, m.Column.In(lang), m.What.In(lang), m.Hint.In(lang))
			}
		}
		if d != nil {
			fmt.Fprintf(&b, "%s\nadded %v removed %v changed %v\n%s", d.Path, d.Added, d.Removed, d.Changed, d.YAML)
			site(t, d)
		}
	}
	return b.String()
}

func TestCapsBoundWhatIsRead(t *testing.T) {
	for name, data := range map[string]string{
		"rows.csv":  strings.Repeat("a,b\n", MaxRows+1),
		"cols.csv":  strings.Repeat("a,", maxCols) + "a\n",
		"cell.csv":  strings.Repeat("a", maxCell+1),
		"bytes.csv": strings.Repeat("\n", MaxBytes+1),
		"gbk.csv":   "\xb4\xfa\xc2\xeb",
		"x.xlsx":    "no workbook",
		"x.txt":     "a",
	} {
		if _, err := Read(name, []byte(data), text.Text{}); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// Of a table that is too large it is said what is too much, and what to do, whichever cap it is.
func TestATableThatIsTooLargeIsToBeDivided(t *testing.T) {
	book := func(rows, width int) string {
		t.Helper()
		x := excelize.NewFile()
		defer x.Close()
		w, err := x.NewStreamWriter("Sheet1")
		for i := range rows {
			if err == nil {
				err = w.SetRow(fmt.Sprintf("A%d", i+1), []any{strings.Repeat("a", width)})
			}
		}
		if err == nil {
			err = w.Flush()
		}
		b, wrong := x.WriteToBuffer()
		if err != nil || wrong != nil {
			t.Fatal(err, wrong)
		}
		return b.String()
	}
	divide := text.T("分几个文件", "divide it")
	for name, c := range map[string]struct{ data, what string }{
		"rows.csv":      {strings.Repeat("a,b\n", MaxRows+1), "工作表 rows 超过 20000 行"},
		"rows.xlsx":     {book(MaxRows+1, 1), "工作表 Sheet1 超过 20000 行"},
		"bytes.csv":     {strings.Repeat("\n", MaxBytes+1), "文件超过 8 MiB"},
		"unpacked.xlsx": {book(1200, 30_000), "工作簿解开后超过 32 MiB"},
	} {
		_, err := Read(name, []byte(c.data), divide)
		var f *fault.Error
		if !errors.As(err, &f) || f.What.In(text.ZH) != c.what || f.Hint != divide || f.Where != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read("most.xlsx", []byte(book(MaxRows, 1)), divide); err != nil {
		t.Error(err)
	}
}
