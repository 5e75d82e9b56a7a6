package sqlview

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/pipelines"
)

// once reads up to the limit and says whether rows are left.
func once(t *testing.T, o Options, at pipelines.Position) (result, bool) {
	t.Helper()
	src, err := Open(context.Background(), o, at)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var r result
	for {
		b, err := src.Read(context.Background())
		if err != nil {
			return r, src.Cut()
		}
		r.rows, r.positions = append(r.rows, lines(b.Record)...), append(r.positions, b.Position)
		b.Record.Release()
	}
}

func TestRunsWithALimitTogetherReadEverything(t *testing.T) {
	tables := []string{"CREATE TABLE k (id INTEGER PRIMARY KEY, k1 VARCHAR(20), k2 VARCHAR(20), gxsj {dt})", "CREATE VIEW v AS SELECT * FROM k"}
	both(t, tables, func(t *testing.T, s source) {
		borders(t, s)
		for _, key := range [][]string{{"id"}, {"k1", "id"}} {
			o := Options{DB: s.cfg, View: "v", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"gxsj"}, Key: key, BatchRows: 2, Lookback: time.Millisecond}
			want := slices.Sorted(slices.Values(readAll(t, o, "").rows))
			o.Limit = 9
			var got []string
			at, runs := pipelines.Position(""), 0
			for cut := true; cut; runs++ {
				var r result
				if r, cut = once(t, o, at); len(r.rows) > int(o.Limit) || runs > len(want) {
					t.Fatalf("run %d read %d rows", runs, len(r.rows))
				}
				got, at = append(got, r.rows...), r.last()
			}
			slices.Sort(got)
			compare(t, slices.Compact(got), want)
			o.Limit = int64(len(want))
			if _, cut := once(t, o, ""); cut {
				t.Error("as many rows as there are: none is left")
			}
		}
	})
}

func TestAPartOfAWholeReadLeavesThePosition(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		for i := range 5 {
			put(t, s, i, "x", "2026-01-01 10:00:00.000000")
		}
		for _, mode := range []Mode{Full, Compare} {
			o := caseOptions(s)
			o.Mode, o.Limit, o.BatchRows = mode, 3, 2
			at := since(o.Cursor, "2025-01-01 00:00:00")
			if r, cut := once(t, o, at); len(r.rows) != 3 || !cut || r.last() != at {
				t.Errorf("%s: %d rows, cut %t, at %s", mode, len(r.rows), cut, r.last())
			}
		}
	})
}

func TestWhatChangedSinceAMomentIsReadAgainAndNothingIsLost(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		for i := range 6 {
			put(t, s, i, "x", fmt.Sprintf("2026-01-01 10:0%d:00.000000", i))
		}
		o := caseOptions(s)
		o.BatchRows = 1
		done := readAll(t, o, "").last()
		put(t, s, 6, "new", "2026-01-01 11:00:00.000000")
		put(t, s, 7, "new", "2026-01-01 11:01:00.000000")
		regular := readAll(t, o, done)

		again := o
		again.Since = time.Date(2026, 1, 1, 2, 3, 0, 0, time.UTC) // 10:03 there
		whole := readAll(t, again, done)
		compare(t, whole.rows, []string{"3|x", "4|x", "5|x", "6|new", "7|new"})
		if whole.last() != regular.last() {
			t.Errorf("ends at %s, a regular run at %s", whole.last(), regular.last())
		}
		for stop := 1; stop < len(whole.rows); stop++ { // wherever it ends, nothing new is passed over, and nothing old is read for ever
			part, err := readSome(t, again, done, stop)
			if err != nil {
				t.Fatal(err)
			}
			rest := readAll(t, o, part.last())
			want := regular.rows
			if stop > 3 {
				want = whole.rows[stop-1:]
			}
			compare(t, rest.rows, want)
		}
		again.Since = time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC) // behind all there is
		compare(t, readAll(t, again, done).rows, regular.rows)
		compare(t, readAll(t, again, "").rows, readAll(t, o, "").rows) // of what was never read everything is
	})
}

func TestBoundsThatMakeNoSenseAreRefused(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE c (id INTEGER PRIMARY KEY, who VARCHAR(20), gxsj DATETIME)", "CREATE VIEW v AS SELECT * FROM c", "INSERT INTO c VALUES (1, 'a', '2026-01-01 10:00:00')")
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"a cursor that is no time": {func(o *Options) { o.Since, o.Cursor = time.Now(), []string{"id"} }, "holds no times"},
		"since of a whole read":    {func(o *Options) { o.Since, o.Mode = time.Now(), Full }, "incremental"},
		"a part of rows without a key": {func(o *Options) {
			o.Limit, o.Mode, o.Cursor, o.Key, o.RowID = 1, Full, nil, nil, true
		}, "cannot be read in part"},
		"less than nothing": {func(o *Options) { o.Limit = -1 }, "negative"},
	} {
		o := caseOptions(s)
		c.change(&o)
		_, err := Open(context.Background(), o, "")
		if err == nil {
			t.Fatal(name)
		}
		wantFault(t, err, fault.Config, c.says)
	}
}

func TestAFirstLoadInRangesIsNotBounded(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE c (id INTEGER PRIMARY KEY, who VARCHAR(20), gxsj DATETIME)", "CREATE VIEW v AS SELECT * FROM c", "INSERT INTO c VALUES (1, 'a', '2026-01-01 10:00:00')")
	o := caseOptions(s)
	o = o.withDefaults()
	begun := position{V: positionVersion, Mode: Incremental, Of: o.origin(), By: o.cursorName(), Keys: o.Key, Parts: &parts{Count: 4}}
	for _, change := range []func(*Options){func(o *Options) { o.Limit = 1 }, func(o *Options) { o.Since = time.Now() }} {
		o := caseOptions(s)
		change(&o)
		_, err := Open(context.Background(), o, begun.encode())
		wantFault(t, err, fault.Config, "under way")
	}
}
