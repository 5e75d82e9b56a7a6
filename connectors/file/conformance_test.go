package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/pipelines"
)

// elementFiles write the elements 0 … n-1 in every format.
var elementFiles = map[string]func(t *testing.T, name string, n int){
	"csv": func(t *testing.T, name string, n int) {
		lines := []string{"id,name"}
		for i := range n {
			lines = append(lines, fmt.Sprintf("%d,\"办件\n%d\"", i, i))
		}
		put(t, name, strings.Join(lines, "\r\n")+"\r\n")
	},
	"parquet": elementsParquet,
	"xlsx": func(t *testing.T, name string, n int) {
		rows := [][]any{{"id", "name"}}
		for i := range n {
			rows = append(rows, []any{i, "办件"})
		}
		book(t, name, rows)
	},
	"jsonl": func(t *testing.T, name string, n int) {
		var lines []string
		for i := range n {
			lines = append(lines, fmt.Sprintf(`{"name": {"a": "办件"}, "id": %d}`, i))
		}
		put(t, name, strings.Join(lines, "\n"))
	},
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	for format, write := range elementFiles {
		t.Run(format, func(t *testing.T) {
			connectortest.Source(t, connectortest.SourceHarness{
				World: func(t *testing.T, n int) connectortest.OpenSource {
					dir := t.TempDir()
					if n > 0 {
						write(t, filepath.Join(dir, "elements."+format), n)
					}
					return func(ctx context.Context, at pipelines.Position, rows int, alloc memory.Allocator) (pipelines.Source, error) {
						folder, err := OpenLocal(dir)
						if err != nil {
							return nil, err
						}
						return Open(ctx, Options{Name: "drop", Folder: folder, Files: "*." + format, Format: format, Columns: []string{"name", "id"}, BatchRows: rows, Alloc: alloc}, at)
					}
				},
				Elements: func(rec arrow.Record) []int {
					var list []int
					ids := rec.Column(1).(*array.String)
					for i := range ids.Len() {
						n, err := strconv.Atoi(ids.Value(i))
						if err != nil {
							t.Fatal(err)
						}
						list = append(list, n)
					}
					return list
				},
			})
		})
	}
}
