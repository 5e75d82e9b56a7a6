package exchangedb

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/internal/sqldialect"
)

var update = flag.Bool("update", false, "rewrite golden files")

// What is sent to databases that no server could be run of, word by word: a delivery of one
// row, the question whether it arrived, what was taken over, and what a check asks. It was
// not run against a real server.
func TestStatementsForOracleAndDM(t *testing.T) {
	for _, dialect := range []string{oracleName, dmName} {
		for layout, style := range map[string]Style{"2020": Snake, "2018": Camel} {
			t.Run(dialect+" "+layout, func(t *testing.T) {
				d, err := sqldialect.ByName(dialect)
				if err != nil {
					t.Fatal(err)
				}
				table := acceptTable(t)
				target := &Target{opts: Options{Name: "national", Dialect: d, DataSource: "A01", Style: style, Suffix: "_v3", Suffixes: map[string]string{"gjj-core": "_v3_gjj"},
					Zone: time.FixedZone("UTC+8", 8*3600), Tables: map[string]Table{accept: {Layout: table}}}}
				one := sample(t, table, 1, nil)
				one.ID, one.Source = strings.Repeat("0123456789abcdef", 2), "gjj-core"
				l, err := target.layout(one)
				if err != nil {
					t.Fatal(err)
				}
				w := wayOf(dialect)
				shards, err := target.opts.shards(accept)
				if err != nil || len(shards) != 2 {
					t.Fatalf("%d shards, %v", len(shards), err)
				}
				list := []string{"SAVEPOINT banjian", l.bound(1)}
				for _, n := range shards {
					list = append(list, w.await(one.ID, n.table, 20), w.question(n, "COUNT(*)"), w.question(n, n.quoted(colGUID)), w.uptakes(n, 2))
				}
				list = append(list, w.columns, w.indexed)
				got := strings.Join(list, ";\n") + ";\n"
				file := filepath.Join("testdata", dialect+"-"+layout+".sql")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil || got != string(want) {
					t.Errorf("%s differs (run with -update to accept): %v\n%s", file, err, got)
				}
			})
		}
	}
}
