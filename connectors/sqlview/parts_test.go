package sqlview

import (
	"errors"
	"io"
	"slices"
	"testing"

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

// readSplit reads a first load: range by range, the last first, or at once.
func readSplit(t testing.TB, o Options) (all result, split *pipelines.Split) {
	t.Helper()
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if split = src.Split(); split == nil {
		return readAll(t, o, ""), nil
	}
	for _, at := range slices.Backward(split.Ranges) {
		r := readAll(t, o, at)
		if len(r.positions) == 0 || r.last() != "" {
			t.Fatalf("a range ends at %q", r.last())
		}
		for _, p := range r.positions[:len(r.positions)-1] {
			if p != at {
				t.Errorf("in the middle of a range: %s", p)
			}
		}
		all.rows = append(all.rows, r.rows...)
	}
	return all, split
}

func TestEveryRowIsInExactlyOneRange(t *testing.T) {
	for _, key := range [][]string{{"n"}, {"a", "b"}, {"b", "n"}, {"d"}, {"x", "a"}, {"gxsj", "n"}} {
		s := partsView(t)
		for _, mode := range []Mode{Full, Incremental, Compare} {
			o := Options{DB: s.cfg, View: "v", Columns: []string{"n", "a", "b", "d"}, Mode: mode, Key: key, Cursor: []string{"gxsj"}, BatchRows: 50, MaxConnections: 3}
			want := readAll(t, o, "")
			o.Splits, o.SplitAbove = 7, 1
			got, split := readSplit(t, o)
			wantRows, gotRows := slices.Sorted(slices.Values(want.rows)), slices.Sorted(slices.Values(got.rows))
			if !slices.Equal(wantRows, gotRows) {
				t.Errorf("%v %s: %d rows, not %d", key, mode, len(gotRows), len(wantRows))
			}
			if split == nil || split.Count != 7 || split.AtOnce != 3 || split.End != want.last() {
				t.Fatalf("%v %s: %+v, not to\n%s", key, mode, split, want.last())
			}
			again, err := Open(t.Context(), o, split.Begun)
			if err != nil {
				t.Fatal(err)
			}
			if s := again.Split(); s == nil || s.Ranges != nil || s.Count != 7 || s.End != split.End {
				t.Errorf("gone on with: %+v", s)
			}
			again.Close()
		}
	}
}

// A range is read by its position alone: the splits and the mode may be others by then.
func TestARangeOfAnotherKeyOrViewIsRefused(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Mode: Incremental, Key: []string{"b", "n"}, Cursor: []string{"gxsj"}, Splits: 6, SplitAbove: 1}
	_, split := readSplit(t, o)
	for _, change := range []func(*Options){func(o *Options) { o.Key = []string{"n"} }, func(o *Options) { o.View, o.Table = "", "c" }} {
		other := o
		change(&other)
		if _, err := Open(t.Context(), other, split.Ranges[1]); !fault.Is(err, fault.Gone) {
			t.Error(err)
		}
	}
	o.Splits = 0
	if r := readAll(t, o, split.Ranges[1]); len(r.rows) == 0 || r.last() != "" {
		t.Errorf("%d rows, %s", len(r.rows), r.last())
	}
}

func TestARangeWithoutRowsEnds(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Key: []string{"n"}, Splits: 3, SplitAbove: 1}
	_, split := readSplit(t, o)
	s.exec(t, "DELETE FROM c")
	for _, at := range split.Ranges {
		if r := readAll(t, o, at); len(r.positions) != 1 || r.last() != "" || len(r.rows) != 0 {
			t.Errorf("%+v", r)
		}
	}
}

func TestAChangeWhileTheRangesAreReadIsReadAfterwards(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n", "a"}, Mode: Incremental, Key: []string{"n"}, Cursor: []string{"gxsj"}, BatchRows: 100, Splits: 4, SplitAbove: 1}
	_, split := readSplit(t, o)
	s.exec(t, "UPDATE c SET a='改', gxsj=CONVERT_TZ(UTC_TIMESTAMP(6),'+00:00','+08:00') - INTERVAL 5 SECOND WHERE n=3", "UPDATE c SET n=9000, gxsj=CONVERT_TZ(UTC_TIMESTAMP(6),'+00:00','+08:00') - INTERVAL 5 SECOND WHERE n=2999")
	next := readAll(t, o, split.End)
	if got := slices.Sorted(slices.Values(next.rows)); !slices.Contains(got, "3|改") || len(got) != 3 {
		t.Errorf("%v", got)
	}
}

func TestOnlyAFirstLoadOfManyRowsIsSplit(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Key: []string{"n"}, Splits: 4}
	for name, at := range map[string]pipelines.Position{"few rows": "", "not the first": readAll(t, o, "").last()} {
		o.SplitAbove = 0
		if name == "not the first" {
			o.SplitAbove = 1
		}
		src, err := Open(t.Context(), o, at)
		if err != nil {
			t.Fatal(err)
		}
		if src.Split() != nil {
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

// While ranges are read the connection the load was planned over is not held.
func TestASplitLoadHoldsNoConnection(t *testing.T) {
	s := partsView(t)
	o := Options{DB: s.cfg, View: "v", Columns: []string{"n"}, Key: []string{"n"}, Splits: 9, SplitAbove: 1, MaxConnections: 1, Guard: NewGuard()}
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if n := o.Guard.open[s.cfg.Where()]; n != 0 || src.Split().AtOnce != 1 || src.Load().Queries == 0 {
		t.Errorf("%d connections, %+v, %+v", n, src.Split(), src.Load())
	}
	if _, err := src.Read(t.Context()); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// PostgreSQL's histogram of a table's column, or a sample where it has none, divides the rows.
func TestRangesOfATableComeFromItsStatistics(t *testing.T) {
	s := postgresSource(t, "CREATE TABLE c (n INT PRIMARY KEY, a VARCHAR(20), d NUMERIC(12,2), w TIMESTAMP, few INT) WITH (autovacuum_enabled = off)", // the server would analyse it by itself
		"INSERT INTO c SELECT i, chr(97 + i % 26) || i, i / 4.0, TIMESTAMP '2026-01-01' + i * INTERVAL '1 second', i % 3 FROM generate_series(1, 9000) i")
	for _, analysed := range []bool{false, true} {
		if analysed {
			s.exec(t, "ANALYZE c")
		}
		for _, key := range [][]string{{"n"}, {"a"}, {"d", "n"}, {"w", "n"}, {"few", "n"}} {
			o := Options{DB: s.cfg, Table: "c", Columns: []string{"n"}, Key: key, Splits: 5, SplitAbove: 100}
			got, split := readSplit(t, o)
			if split == nil || split.Count != 5 {
				t.Fatalf("%v %t: %+v", key, analysed, split)
			}
			if rows := slices.Compact(slices.Sorted(slices.Values(got.rows))); len(rows) != 9000 || len(got.rows) != 9000 {
				t.Errorf("%v %t: %d rows, %d of them", key, analysed, len(got.rows), len(rows))
			}
			for i, at := range split.Ranges {
				if n := len(readAll(t, o, at).rows); n < 1200 || n > 2400 {
					t.Errorf("%v %t: %d rows in range %d", key, analysed, n, i)
				}
			}
			at, err := decode(split.Ranges[1], o)
			if err != nil {
				t.Fatal(err)
			}
			want := len(key) // columns of a sampled bound
			if analysed && key[0] != "few" {
				want = 1 // a histogram is of one
			}
			if len(at.Range.After) != want {
				t.Errorf("%v %t: a bound of %d columns", key, analysed, len(at.Range.After))
			}
		}
	}
}
