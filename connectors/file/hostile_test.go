package file

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/internal/charset"
	"banjian/pipelines"
)

// hostile are lines that no department means to write, for a file of two columns.
var hostile = map[string]func(i int) string{
	"bad UTF-8": func(i int) string { return fmt.Sprintf("%d,a\xB0\xECb\xFF", i) },
	"NUL":       func(i int) string { return fmt.Sprintf("%d,a\x00b", i) },
	"controls":  func(i int) string { return fmt.Sprintf("%d,\x01\x1b[31m\r\x7f", i) },
	"long":      func(i int) string { return fmt.Sprintf("%d,%s", i, strings.Repeat("办", 2000)) },
	"huge number": func(i int) string {
		return fmt.Sprintf("%d,%s.%s", i, strings.Repeat("9", 400), strings.Repeat("9", 400))
	},
	"JSON bomb":      func(i int) string { return fmt.Sprintf("%d,%s", i, strings.Repeat("[", 3000)) },
	"SQL":            func(i int) string { return fmt.Sprintf("%d,'; DROP TABLE x; --", i) },
	"formula":        func(i int) string { return fmt.Sprintf("%d,=1+1", i) },
	"too few":        func(i int) string { return fmt.Sprint(i) },
	"too many":       func(i int) string { return fmt.Sprintf("%d,a,b,c", i) },
	"behind a quote": func(i int) string { return fmt.Sprintf("%d,\"a\"b", i) },
	"a date":         func(i int) string { return fmt.Sprintf("%d,2026-02-30", i) },
}

// Every line is a row: those that are refused are named with their line, and every good one
// beside them is read.
func TestHostileLinesAreAccountedForOneByOne(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 7))
	var classes []string
	for name := range hostile {
		classes = append(classes, name)
	}
	const n = 10000
	lines, kinds := []string{"id,v"}, make([]string, n)
	for i := range n {
		if i%5 == 0 {
			lines = append(lines, fmt.Sprintf("%d,好%d", i, i))
			continue
		}
		kinds[i] = classes[random.IntN(len(classes))]
		lines = append(lines, hostile[kinds[i]](i))
	}
	d := newDrop(t, Options{})
	d.put("a.csv", strings.Join(lines, "\n"))
	g := d.run(true)
	if g.err != nil || len(g.rows) != n {
		t.Fatalf("%d rows, %v", len(g.rows), g.err)
	}
	for i, row := range g.rows {
		if g.places[i] != fmt.Sprintf("a.csv:%d", i+2) {
			t.Fatalf("row %d stands at %s", i, g.places[i])
		}
		want := lines[i+1]
		switch kinds[i] {
		case "too few":
			want = "!row_ragged:2,1"
		case "too many":
			want = "!row_ragged:2,4"
		case "behind a quote":
			want = "!row_quote:"
		case "bad UTF-8":
			if _, ok := charset.Spot(row); ok {
				t.Errorf("row %d: a bad byte is taken for good", i)
			}
		}
		if row != want {
			t.Fatalf("row %d (%s) is %.80q", i, kinds[i], row)
		}
	}
}

// Every value of every class comes out of every format byte by byte.
func TestHostileValuesAreReadAsTheyAre(t *testing.T) {
	for _, format := range pipelines.FileFormats() {
		t.Run(format, func(t *testing.T) {
			h := connectortest.HostileHarness{
				World: func(t *testing.T, rows []connectortest.HostileRow) connectortest.OpenSource {
					dir := t.TempDir()
					if err := os.WriteFile(filepath.Join(dir, "a."+format), connectortest.HostileFile(format, rows), 0o644); err != nil {
						t.Fatal(err)
					}
					return func(ctx context.Context, at pipelines.Position, n int, alloc memory.Allocator) (pipelines.Source, error) {
						folder, err := OpenLocal(dir)
						if err != nil {
							return nil, err
						}
						return Open(ctx, Options{Name: "drop", Folder: folder, Files: "*." + format, Format: format, Columns: connectortest.HostileColumns, BatchRows: n, Alloc: alloc}, at)
					}
				},
				Holds: func(_, v string) bool { return connectortest.HostileHeld(format, v) },
			}
			if format == "xlsx" {
				h.Reads = func(v *string) *string { // a cell without a text is none
					if v != nil && *v == "" {
						return nil
					}
					return v
				}
			}
			connectortest.HostileReads(t, h, 10_000)
		})
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"id,v\n1,a\n", "id,v\r\n\"1\",\"a\"\"b\"\r\n", "id,v\n1,\"a\n2,b", "id,v\n1\n,,\n", "\xEF\xBB\xBFid,v\n1,\xB0\xEC\n", "id,v\n\x81|,\x81\x30\x81\x30\n", "id,v\n\"\"\"\n\"", "\"id\",v\n,\r\r\n"} {
		f.Add(s, uint8(1), false)
		f.Add(s, uint8(3), true)
	}
	f.Fuzz(func(t *testing.T, content string, rows uint8, gb bool) {
		d := newDrop(t, Options{BatchRows: 1 << 20, rowLimit: 4096})
		if gb {
			d.o.Layout.Charset, d.o.Layout.Delimiter = "gb18030", "|"
		}
		put(t, filepath.Join(d.dir, "a.csv"), content)
		whole := d.run(false)
		if whole.err != nil {
			return // no header
		}
		// whatever the batches, the same rows
		d.at, d.o.BatchRows = "", int(rows)%5+1
		again := d.run(false)
		if again.err != nil || strings.Join(whole.rows, "\x1f") != strings.Join(again.rows, "\x1f") || strings.Join(whole.places, "\n") != strings.Join(again.places, "\n") {
			t.Errorf("%q\n%q %v\n%q", content, whole.rows, again.err, again.rows)
		}
		if lines := strings.Count(content, "\n") + 1; len(whole.rows) > lines {
			t.Errorf("%d rows of %d lines", len(whole.rows), lines)
		}
	})
}
