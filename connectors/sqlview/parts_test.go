package sqlview

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/pipelines"
)

// partsView has keys that sort differently in their collation than in bytes, NULLs among
// them, and more rows than a batch in every range.
func partsView(t testing.TB) source {
	return mysqlSource(t, "CREATE TABLE c (n INT PRIMARY KEY, a VARCHAR(20) CHARACTER SET gbk, b VARCHAR(20) COLLATE utf8mb4_general_ci, d DECIMAL(12,2), x VARBINARY(4), gxsj DATETIME(6))",
		"INSERT INTO c SELECT seq, IF(seq % 97 = 0, NULL, CONCAT(ELT(seq % 5 + 1, '王', '李', 'a', 'Z', '办'), seq % 61)), IF(seq % 89 = 0, NULL, CONCAT(ELT(seq % 3 + 1, 'b', 'B', 'É'), seq % 13)), seq / 4, CHAR(seq % 7, seq % 251), '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_3000",
		"CREATE VIEW v AS SELECT * FROM c")
}

func TestEveryRowIsInExactlyOneRange(t *testing.T) {
	for _, key := range [][]string{{"n"}, {"a", "b"}, {"b", "n"}, {"d"}, {"x", "a"}, {"gxsj", "n"}} {
		s := partsView(t)
		for _, mode := range []Mode{Full, Incremental, Compare} {
			o := Options{DB: s.cfg, View: "v", Columns: []string{"n", "a", "b", "d"}, Mode: mode, Key: key, Cursor: []string{"gxsj"}, BatchRows: 50, MaxConnections: 3}
			want := readAll(t, o, "")
			o.Splits, o.SplitAbove = 7, 1
			got := readAll(t, o, "")
			wantRows, gotRows := slices.Sorted(slices.Values(want.rows)), slices.Sorted(slices.Values(got.rows))
			if !slices.Equal(wantRows, gotRows) {
				t.Errorf("%v %s: %d rows, not %d", key, mode, len(gotRows), len(wantRows))
			}
			if got.last() != want.last() {
				t.Errorf("%v %s: left at\n%s, not\n%s", key, mode, got.last(), want.last())
			}
		}
	}
}

// A first load that is interrupted goes on with the ranges that were not committed: at each
// border the rows of the batches before, and what the next run reads, are all there are.
func TestAnInterruptedFirstLoadGoesOnWithTheRangesThatAreLeft(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Mode: Incremental, Key: []string{"b", "n"}, Cursor: []string{"gxsj"}, BatchRows: 100, MaxConnections: 2, Splits: 6, SplitAbove: 1, Lookback: time.Second}
	spared := 0
	for stop := 1; stop < 30; stop += 4 {
		before, err := readSome(t, o, "", stop)
		if err != nil {
			t.Fatal(err)
		}
		after := readAll(t, o, before.last())
		all := slices.Concat(before.rows, after.rows)
		slices.Sort(all)
		if n := len(slices.Compact(all)); n != 3000 {
			t.Fatalf("stopped after %d batches: %d rows", stop, n)
		}
		spared += 3000 - len(after.rows)
		if next := readAll(t, o, after.last()); len(next.rows) != 2 {
			t.Errorf("the run after it read %d rows", len(next.rows))
		}
	}
	if spared < 6000 {
		t.Errorf("all was read again: only %d rows were not", spared)
	}
}

func TestAChangeWhileTheRangesAreReadIsReadAfterwards(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n", "a"}, Mode: Incremental, Key: []string{"n"}, Cursor: []string{"gxsj"}, BatchRows: 100, MaxConnections: 1, Splits: 4, SplitAbove: 1}
	before, err := readSome(t, o, "", 5)
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, "UPDATE c SET a='改', gxsj=CONVERT_TZ(UTC_TIMESTAMP(6),'+00:00','+08:00') - INTERVAL 5 SECOND WHERE n=3", "UPDATE c SET n=9000, gxsj=CONVERT_TZ(UTC_TIMESTAMP(6),'+00:00','+08:00') - INTERVAL 5 SECOND WHERE n=2999")
	after := readAll(t, o, before.last())
	next := readAll(t, o, after.last())
	if got := slices.Sorted(slices.Values(next.rows)); !slices.Contains(got, "3|改") || len(got) != 3 {
		t.Errorf("%v", got)
	}
}

func TestOnlyAFirstLoadOfManyRowsIsSplit(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Key: []string{"n"}, Splits: 4}
	for name, at := range map[string]pipelines.Position{"few rows": "", "not the first": readAll(t, o, "").last()} {
		if name == "not the first" {
			o.SplitAbove = 1
		}
		src, err := Open(t.Context(), o, at)
		if err != nil {
			t.Fatal(err)
		}
		if src.Patched() {
			t.Error(name)
		}
		src.Close()
	}
	o.SplitAbove = 1
	o.DB = newSQLite(t, "CREATE TABLE v (n INTEGER)")
	if _, err := Open(t.Context(), o, ""); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
}

// However many ranges there are, the department sees no more connections than agreed.
func TestRangesKeepToTheConnectionsThatAreAllowed(t *testing.T) {
	s := partsView(t)
	for most := 1; most <= 3; most++ {
		o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Key: []string{"n"}, Splits: 9, SplitAbove: 1, MaxConnections: most, BatchRows: 40, Guard: NewGuard()}
		src, err := Open(t.Context(), o, "")
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for {
			b, err := src.Read(context.Background())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			b.Record.Release()
			o.Guard.mu.Lock()
			seen = max(seen, o.Guard.open[s.cfg.Where()])
			o.Guard.mu.Unlock()
		}
		if seen > most || src.Load().Rows != 3000 {
			t.Errorf("%d connections, %d allowed; %+v", seen, most, src.Load())
		}
		src.Close()
	}
}

func TestARunThatIsStoppedEndsItsReaders(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Key: []string{"n"}, Splits: 5, SplitAbove: 1, MaxConnections: 3, BatchRows: 10, Guard: NewGuard()}
	ctx, stop := context.WithCancel(t.Context())
	src, err := Open(ctx, o, "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := src.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b.Record.Release()
	stop()
	for err == nil {
		if b, err = src.Read(ctx); err == nil {
			b.Record.Release()
		}
	}
	if errors.Is(err, io.EOF) || o.Guard.open[s.cfg.Where()] != 0 {
		t.Error(err, o.Guard.open)
	}
	src.Close()
}
