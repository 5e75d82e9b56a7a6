package sqlview

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"
)

// borders has every hard kind of row: equal cursors across several borders, NULL
// cursors, NULL and equal keys, the future.
func borders(t *testing.T, s source) {
	t.Helper()
	id := 0
	add := func(key any, at string) {
		id++
		s.insert(t, "k", id, key, "x", sql.NullString{String: at, Valid: at != ""})
	}
	for i := range 3 {
		add(fmt.Sprint("n", i), "")
	}
	for i := range 7 {
		add(fmt.Sprint("k", i%5), "2026-01-01 10:00:00.000000")
	}
	add(nil, "2026-01-01 10:00:00.000000")
	add(nil, "2026-01-01 10:00:00.000000")
	for i := range 6 {
		add(nil, fmt.Sprintf("2026-01-01 10:00:0%d.500000", i/2))
	}
	add("A", "2026-01-01 11:00:00.000000")
	add("a", "2026-01-01 11:00:00.000000")
	add("Á", "2026-01-01 11:00:00.000000")
	add("f", sourceTime(24*time.Hour))
	add("g", sourceTime(25*time.Hour))
}

func TestRunInterruptedAtEveryBatchBorderLosesNothing(t *testing.T) {
	tables := []string{
		"CREATE TABLE k (id INTEGER PRIMARY KEY, k1 VARCHAR(20), k2 VARCHAR(20), gxsj {dt})",
		"CREATE VIEW v AS SELECT * FROM k",
	}
	for _, key := range [][]string{{"k1"}, {"k2", "k1"}, {"k1", "id"}, {"id"}, nil} {
		for _, size := range []int{1, 2, 3, 5} {
			t.Run(fmt.Sprint(key, size), func(t *testing.T) {
				both(t, tables, func(t *testing.T, s source) {
					borders(t, s)
					o := Options{DB: s.cfg, View: "v", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"gxsj"}, Key: key,
						BatchRows: size, Lookback: time.Millisecond}
					whole := readAll(t, o, "")
					want := slices.Sorted(slices.Values(whole.rows))
					if len(want) != 23 {
						t.Fatalf("whole run read %d rows", len(want))
					}
					for stop := 1; stop < len(whole.batches); stop++ {
						before, err := readSome(t, o, "", stop)
						if err != nil {
							t.Fatal(err)
						}
						after := readAll(t, o, before.last())
						got := slices.Sorted(slices.Values(append(before.rows, after.rows...)))
						compare(t, slices.Compact(got), want)
						if after.last() != whole.last() {
							t.Fatalf("stop %d ends at %s, whole run at %s", stop, after.last(), whole.last())
						}
						if len(key) > 0 && key[len(key)-1] == "id" && size > 2 && stop > 2 && len(after.rows) >= len(want) {
							t.Fatalf("stop %d: nothing was gained, %d rows again", stop, len(after.rows))
						}
					}
				})
			})
		}
	}
}

func TestLateCommitWhileInterruptedIsNotLost(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		for i := range 10 {
			put(t, s, i, "x", fmt.Sprintf("2026-01-01 10:%02d:00.000000", i))
		}
		o := caseOptions(s)
		o.BatchRows, o.Lookback = 8, 5*time.Minute
		before, err := readSome(t, o, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, 100, "late", "2026-01-01 10:04:30.000000") // before the last row read, within lookback of the newest
		after := readAll(t, o, before.last())
		if !slices.Contains(after.rows, "100|late") {
			t.Fatalf("lost: %v", after.rows)
		}
		if slices.Contains(after.rows, "0|x") {
			t.Fatalf("everything was read again: %v", after.rows)
		}
	})
}

func TestInterruptedRunWithAnotherKeyLosesNothing(t *testing.T) {
	both(t, []string{"CREATE TABLE c (id INTEGER, who VARCHAR(20), gxsj {dt})", "CREATE VIEW v AS SELECT * FROM c"}, func(t *testing.T, s source) {
		for i := range 10 {
			put(t, s, i, fmt.Sprint("w", 9-i), "2026-01-01 10:00:00.000000")
		}
		o := caseOptions(s)
		o.BatchRows = 4
		before, err := readSome(t, o, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		o.Key = []string{"who"}
		after := readAll(t, o, before.last())
		got := slices.Sorted(slices.Values(append(before.rows, after.rows...)))
		if got = slices.Compact(got); len(got) != 10 {
			t.Fatalf("%d of 10 rows: %v", len(got), got)
		}
	})
}

func TestKeysOfAnyKindTakeARunUpAgain(t *testing.T) {
	both(t, []string{"CREATE TABLE c (id INTEGER, k1 DECIMAL(12,2), k2 {dt}, k3 VARBINARY(8), k4 DOUBLE, gxsj {dt})",
		"CREATE VIEW v AS SELECT id, k1, k2, k3, k4, COALESCE(k1, 0) + 0 AS k5, gxsj FROM c"}, func(t *testing.T, s source) {
		for i := range 9 {
			s.insert(t, "c", i, fmt.Sprint(i*5, ".50"), fmt.Sprintf("2026-01-01 10:00:0%d.250000", i), []byte{0xff, byte(i)}, float64(i)/3, "2026-01-01 10:00:00.000000")
		}
		for _, key := range []string{"k1", "k2", "k3", "k4", "k5"} {
			o := Options{DB: s.cfg, View: "v", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"gxsj"}, Key: []string{key}, BatchRows: 4}
			before, err := readSome(t, o, "", 1)
			if err != nil {
				t.Fatal(err)
			}
			p, err := decode(before.last(), o)
			if err != nil {
				t.Fatal(err)
			}
			newest := "2026-01-02 00:00:00.000000" // so that the lookback's part adds nothing to the key's
			p.Top = &newest
			after := readAll(t, o, p.encode())
			got := slices.Compact(slices.Sorted(slices.Values(append(before.rows, after.rows...))))
			if len(got) != 9 {
				t.Fatalf("key %s: %d of 9 rows", key, len(got))
			}
		}
	})
}
