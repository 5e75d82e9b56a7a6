package sqlview

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/pipelines"
)

var cases = []string{
	"CREATE TABLE c (id INTEGER PRIMARY KEY, who VARCHAR(20), gxsj {dt})",
	"CREATE VIEW v AS SELECT id, who, gxsj FROM c",
}

func caseOptions(s source) Options {
	return Options{DB: s.cfg, View: "v", Columns: []string{"id", "who"}, Mode: Incremental, Cursor: []string{"gxsj"}, Key: []string{"id"}}
}

// sourceTime is a time relative to now as the source in +08:00 writes it.
func sourceTime(ahead time.Duration) string {
	return time.Now().Add(ahead).In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05.000000")
}

func put(t testing.TB, s source, id int, who, at string) {
	t.Helper()
	s.exec(t, fmt.Sprintf("DELETE FROM c WHERE id = %d", id))
	s.insert(t, "c", id, who, sql.NullString{String: at, Valid: at != ""})
}

func TestSecondRunReadsOnlyWhatChanged(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "a", "2026-01-01 10:00:00.000001")
		put(t, s, 2, "b", "2026-01-01 10:00:00.000002")
		o := caseOptions(s)
		first := readAll(t, o, "")
		compare(t, first.rows, []string{"1|a", "2|b"})
		put(t, s, 3, "c", "2026-01-01 10:00:00.000003")
		second := readAll(t, o, first.last())
		compare(t, second.rows, []string{"2|b", "3|c"}) // the bound is inclusive
		want := pipelines.Position(`{"v":1,"mode":"incremental","of":"v","by":["gxsj"],"cursor":"2026-01-01 10:00:00.000003"}`)
		if second.last() != want {
			t.Fatalf("position %s, want %s", second.last(), want)
		}
	})
}

func TestRowsWithoutCursorAreReadEveryRun(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "null", "")
		put(t, s, 2, "b", "2026-01-01 10:00:00")
		o := caseOptions(s)
		first := readAll(t, o, "")
		compare(t, first.rows, []string{"1|null", "2|b"})
		put(t, s, 3, "later null", "")
		compare(t, readAll(t, o, first.last()).rows, []string{"1|null", "3|later null", "2|b"})
	})
}

func TestOnlyRowsWithoutCursorDoNotMoveThePosition(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "null", "")
		o := caseOptions(s)
		got := readAll(t, o, since(o.Cursor, "2026-01-01 10:00:00"))
		compare(t, got.rows, []string{"1|null"})
		if want := since(o.Cursor, "2026-01-01 10:00:00"); got.last() != want {
			t.Fatalf("position %s, want %s", got.last(), want)
		}
	})
}

func TestFutureRowsAreReadButNeverMoveTheWatermark(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "a", "2026-01-01 10:00:00.000000")
		put(t, s, 2, "future", sourceTime(48*time.Hour))
		put(t, s, 3, "settling", sourceTime(4*time.Minute))
		o := caseOptions(s)
		o.BatchRows = 1
		first := readAll(t, o, "")
		compare(t, first.rows, []string{"1|a", "2|future"})
		if first.settling != 1 {
			t.Fatalf("settling %d, want 1", first.settling)
		}
		put(t, s, 4, "b", "2026-01-01 11:00:00.000000")
		compare(t, readAll(t, o, first.last()).rows, []string{"1|a", "4|b", "2|future"})
	})
}

func TestRowsNewerThanSettleWaitForTheNextRun(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "now", sourceTime(-20*time.Second))
		o := caseOptions(s)
		o.Settle = time.Hour
		got := readAll(t, o, "")
		if len(got.rows) != 0 || got.settling != 1 {
			t.Fatalf("read %v, settling %d", got.rows, got.settling)
		}
		o.Settle = 10 * time.Second
		compare(t, readAll(t, o, got.last()).rows, []string{"1|now"})
	})
}

func TestLateCommitWithinLookbackIsNotLost(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE c (id INT PRIMARY KEY, who VARCHAR(20), gxsj DATETIME(6))", "CREATE VIEW v AS SELECT * FROM c")
	late, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.Exec("INSERT INTO c VALUES (1, 'late', '2026-01-01 10:00:00')"); err != nil {
		t.Fatal(err)
	}
	put(t, s, 2, "soon", "2026-01-01 10:04:00.000000")
	o := caseOptions(s)
	o.Lookback = 5 * time.Minute
	first := readAll(t, o, "")
	compare(t, first.rows, []string{"2|soon"})
	if err := late.Commit(); err != nil {
		t.Fatal(err)
	}
	second := readAll(t, o, first.last())
	compare(t, second.rows, []string{"1|late", "2|soon"})
	if second.last() != first.last() {
		t.Fatalf("lookback moved the watermark: %s then %s", first.last(), second.last())
	}
}

func TestWatermarkNeverGoesBackWhenTheSourceIsRestored(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "a", "2026-01-01 10:00:00.000000")
		put(t, s, 2, "b", "2026-01-01 12:00:00.000000")
		o := caseOptions(s)
		o.Lookback = 24 * time.Hour
		first := readAll(t, o, "")
		s.exec(t, "DELETE FROM c WHERE id = 2")
		for _, mode := range []Mode{Incremental, Full} {
			o.Mode = mode
			again := readAll(t, o, first.last())
			compare(t, again.rows, []string{"1|a"})
			if p, _ := decode(again.last(), o); p.Mark == nil || *p.Mark != s.moment("2026-01-01 12:00:00.000000") {
				t.Fatalf("%s: position %s", mode, again.last())
			}
		}
	})
}

func TestFullReadLeavesTheWatermarkForIncremental(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		put(t, s, 1, "a", "2026-01-01 10:00:00.000000")
		put(t, s, 2, "b", "2026-01-01 12:00:00.000000")
		put(t, s, 3, "future", sourceTime(48*time.Hour))
		o := caseOptions(s)
		o.Mode, o.BatchRows = Full, 2
		full := readAll(t, o, "")
		if len(full.rows) != 3 || full.positions[0] != "" {
			t.Fatalf("rows %v positions %q", full.rows, full.positions)
		}
		o.Mode = Incremental
		compare(t, readAll(t, o, full.last()).rows, []string{"2|b", "3|future"})
	})
}

func TestSnapshotDoesNotSeeRowsOfItsOwnTime(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		for i := range 20 {
			put(t, s, i, "old", fmt.Sprintf("2026-01-01 10:%02d:00.000000", i))
		}
		o := caseOptions(s)
		o.BatchRows = 5
		src, err := Open(context.Background(), o, "")
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		b, err := src.Read(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		b.Record.Release()
		put(t, s, 19, "new", "2026-01-01 10:30:00.000000")
		rows := 5
		for b, err = src.Read(context.Background()); err == nil; b, err = src.Read(context.Background()) {
			rows += int(b.Record.NumRows())
			for _, l := range lines(b.Record) {
				if l == "19|new" {
					t.Fatal("a row of later was read")
				}
			}
			b.Record.Release()
		}
		if rows != 20 {
			t.Fatalf("read %d rows", rows)
		}
	})
}

func TestCursorKinds(t *testing.T) {
	for name, c := range map[string]struct {
		typ        string
		values     []string
		lookback   time.Duration
		steps      int64
		wantSecond []string
		wantMark   string
	}{
		"integer":   {"BIGINT", []string{"9", "10", "11"}, 0, 1, []string{"2", "3"}, "11"},
		"date":      {"DATE", []string{"2026-01-01", "2026-01-02", "2026-01-03"}, 24 * time.Hour, 0, []string{"2", "3"}, "2026-01-03"},
		"text":      {"VARCHAR(30)", []string{"2026-01-01 00:00:00", "2026-01-01 00:00:05", "2026-01-01 00:00:09"}, 5 * time.Second, 0, []string{"2", "3"}, "2026-01-01 00:00:09"},
		"digits":    {"VARCHAR(30)", []string{"20260101000000", "20260101000005", "20260101000009"}, 5 * time.Second, 0, []string{"2", "3"}, "20260101000009"},
		"iso":       {"VARCHAR(30)", []string{"2026-01-01T00:00:00.000+08:00", "2026-01-01T00:00:05.000+08:00", "2026-01-01T00:00:09.125+08:00"}, 5 * time.Second, 0, []string{"2", "3"}, "2026-01-01T00:00:09.125+08:00"},
		"no time":   {"VARCHAR(30)", []string{"r-1", "r-2", "r-3"}, 0, 0, []string{"3"}, "r-3"},
		"date only": {"VARCHAR(30)", []string{"2026/01/01", "2026/01/02", "2026/01/02"}, 0, 0, []string{"2", "3"}, "2026/01/02"},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, []string{"CREATE TABLE c (id INTEGER, cur " + c.typ + ")"}, func(t *testing.T, s source) {
				for i, v := range c.values {
					s.insert(t, "c", i+1, v)
				}
				o := Options{DB: s.cfg, Table: "c", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"cur"}, Key: []string{"id"},
					Lookback: c.lookback, LookbackSteps: c.steps}
				first := readAll(t, o, "")
				compare(t, first.rows, []string{"1", "2", "3"})
				if p, _ := decode(first.last(), o); p.Mark == nil || *p.Mark != c.wantMark {
					t.Fatalf("position %s", first.last())
				}
				compare(t, readAll(t, o, first.last()).rows, c.wantSecond)
			})
		})
	}
}

func TestZeroDatesAndEmptyTextCountAsNoCursor(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE c (id INT, cur DATETIME, tcur VARCHAR(20))",
		"SET sql_mode=''", "INSERT INTO c VALUES (1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')")
	pool := s.db
	pool.SetMaxOpenConns(1)
	s.exec(t, "SET sql_mode=''", "INSERT INTO c VALUES (2, '0000-00-00 00:00:00', '')")
	for _, cursor := range []string{"cur", "tcur"} {
		o := Options{DB: s.cfg, Table: "c", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{cursor}}
		first := readAll(t, o, "")
		compare(t, first.rows, []string{"2", "1"})
		compare(t, readAll(t, o, first.last()).rows, []string{"2", "1"})
	}
}

func TestCursorMayBeTheFirstOfSeveralColumns(t *testing.T) {
	both(t, []string{"CREATE TABLE c (id INTEGER, upd {dt}, crt {dt})",
		"INSERT INTO c VALUES (1, NULL, '2026-01-01 10:00:00.000000'), (2, '2026-01-01 12:00:00.123456', '2026-01-01 09:00:00.000000'), (3, NULL, NULL)"},
		func(t *testing.T, s source) {
			o := Options{DB: s.cfg, Table: "c", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"upd", "crt"}, Key: []string{"id"}}
			first := readAll(t, o, "")
			compare(t, first.rows, []string{"3", "1", "2"})
			if p, _ := decode(first.last(), o); *p.Mark != "2026-01-01 12:00:00.123456" {
				t.Fatalf("microseconds were lost: %s", first.last())
			}
			compare(t, readAll(t, o, first.last()).rows, []string{"3", "2"})
		})
}

// A view that joins shows when each of its tables changed: the greatest of the times
// moves with any of them.
func TestCursorMayBeTheGreatestOfSeveralColumns(t *testing.T) {
	both(t, []string{"CREATE TABLE c (id INTEGER, own {dt}, other {dt})",
		"INSERT INTO c VALUES (1, '2026-01-01 10:00:00.000000', NULL), (2, NULL, '2026-01-01 11:00:00.000000'), (3, '2026-01-01 09:00:00.000000', '2026-01-01 12:00:00.000000'), (4, NULL, NULL)"},
		func(t *testing.T, s source) {
			o := Options{DB: s.cfg, Table: "c", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"own", "other"}, Greatest: true, Key: []string{"id"}}
			first := readAll(t, o, "")
			compare(t, first.rows, []string{"4", "1", "2", "3"})
			s.exec(t, "UPDATE c SET other = '2026-01-01 13:00:00.000000' WHERE id = 1")
			second := readAll(t, o, first.last())
			compare(t, second.rows, []string{"4", "3", "1"})
			if p, _ := decode(second.last(), o); *p.Mark != s.moment("2026-01-01 13:00:00.000000") {
				t.Errorf("position %s", second.last())
			}
			o.Greatest = false
			_, err := Open(t.Context(), o, second.last())
			wantFault(t, err, fault.Gone, "another cursor")
		})
}

func TestUnusableCursorsAndPositionsAreRefused(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE c (id INT, r REAL, t TEXT)", "INSERT INTO c VALUES (1, 1.5, 'x')")
	o := Options{DB: s.cfg, Table: "c", Columns: []string{"id"}, Mode: Incremental, Cursor: []string{"id"}, Lookback: time.Minute}
	_, err := Open(t.Context(), o, since(o.Cursor, "1"))
	wantFault(t, err, fault.Config, "lookback is an integer")
	o.Cursor = []string{"r"}
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "cannot be a cursor")
	o.Cursor, o.LookbackSteps, o.Lookback = []string{"t"}, 3, 0
	_, err = Open(t.Context(), o, since(o.Cursor, "x"))
	wantFault(t, err, fault.Config, "lookback is a duration")
	s.exec(t, "INSERT INTO c VALUES ('text', 1, 'y')")
	o.Cursor, o.LookbackSteps = []string{"id"}, 0
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Config, "integers and other values")
	o.Cursor = []string{"t"}
	_, err = Open(t.Context(), o, since([]string{"other"}, "x"))
	wantFault(t, err, fault.Gone, "another cursor")
	_, err = Open(t.Context(), o, `{"v":9}`)
	wantFault(t, err, fault.Gone, "--mode full")
}
