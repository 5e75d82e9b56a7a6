package sqlview

import (
	"fmt"
	"slices"
	"testing"

	"banjian/internal/fault"
	"banjian/pipelines"
)

// Rows are read by their keys, however many statements it takes, NULLs and types included;
// what is not there is passed over, and the position stays where it was.
func TestRowsAreReadByTheirKeysAlone(t *testing.T) {
	const rows = 1000
	for name, s := range map[string]source{
		"sqlite": sqliteSource(t, "CREATE TABLE c (n INTEGER, a TEXT, at TEXT)",
			"WITH RECURSIVE s(seq) AS (SELECT 1 UNION ALL SELECT seq+1 FROM s WHERE seq<1000) INSERT INTO c SELECT seq, CASE WHEN seq % 10 = 0 THEN NULL ELSE 'a' || (seq % 7) END, '2026-01-01 00:00:00' FROM s"),
		"mysql":    mysqlSource(t, "CREATE TABLE c (n BIGINT, a VARCHAR(10), at DATETIME)", "INSERT INTO c SELECT seq, IF(seq % 10 = 0, NULL, CONCAT('a', seq % 7)), '2026-01-01' FROM seq_1_to_1000"),
		"postgres": postgresSource(t, "CREATE TABLE c (n BIGINT, a VARCHAR(10), at TIMESTAMP)", "INSERT INTO c SELECT n, CASE WHEN n % 10 = 0 THEN NULL ELSE 'a' || (n % 7) END, TIMESTAMP '2026-01-01' FROM generate_series(1, 1000) n"),
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{DB: s.cfg, Table: "c", Columns: []string{"n", "a"}, Key: []string{"n", "a"}, Cursor: []string{"at"}, BatchRows: 64}
			all := readAll(t, o, "")
			o.Mode = Incremental
			at := readAll(t, o, "").last()
			o.Mode = Full
			var want []string
			for n := 1; n <= rows; n += 2 {
				o.Keys = append(o.Keys, []any{int64(n), fmt.Sprint("a", n%7)})
				want = append(want, all.rows[n-1])
			}
			o.Keys = append(o.Keys, []any{int64(10), nil}, []any{int64(20), "a6"}, []any{int64(5000), "a2"})
			want = append(want, all.rows[9])
			got := readAll(t, o, at)
			if !slices.Equal(slices.Sorted(slices.Values(got.rows)), slices.Sorted(slices.Values(want))) {
				t.Errorf("%d rows, want %d", len(got.rows), len(want))
			}
			if slices.ContainsFunc(got.positions, func(p pipelines.Position) bool { return p != at }) {
				t.Errorf("the position moved: %v", got.positions)
			}
			o.Keys = [][]any{}
			if none := readAll(t, o, at); len(none.rows) != 0 {
				t.Errorf("%d rows for no key", len(none.rows))
			}
			o.Keys, o.Key = [][]any{{int64(1)}}, nil
			if err := o.Check(); !fault.Is(err, fault.Config) {
				t.Errorf("without a key: %v", err)
			}
		})
	}
}
