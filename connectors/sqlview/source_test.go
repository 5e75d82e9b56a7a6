package sqlview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/pipelines"

	"pgregory.net/rapid"
)

func TestBatchesEndAtRowsAndAtBytes(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE t (a TEXT)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 10) INSERT INTO t SELECT '0123456789' FROM n")
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}, BatchRows: 4}
	if got := readAll(t, o, "").batches; !slices.Equal(got, []int{4, 4, 2}) {
		t.Fatal(got)
	}
	o.BatchBytes = 25
	if got := readAll(t, o, "").batches; !slices.Equal(got, []int{3, 3, 3, 1}) {
		t.Fatal(got)
	}
}

func TestFullReadIsOnlyCompleteAtItsEnd(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2), (3), (4)")
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}, BatchRows: 2}
	first := readAll(t, o, "")
	if first.positions[0] != "" || first.positions[1] != `{"v":1,"mode":"full","of":"t","done":true}` {
		t.Fatal(first.positions)
	}
	again := readAll(t, o, first.last())
	if len(again.rows) != 4 || again.positions[0] != first.last() {
		t.Fatal(again.rows, again.positions)
	}
}

func TestEmptyViewEndsAtOnce(t *testing.T) {
	both(t, cases, func(t *testing.T, s source) {
		for _, mode := range []Mode{Full, Incremental} {
			o := caseOptions(s)
			o.Mode = mode
			src, err := Open(t.Context(), o, "")
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := src.Read(t.Context()); !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
			}
			if err := errors.Join(src.Commit(t.Context(), ""), src.Close(), src.Close()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestOutsideHoursNothingIsAskedAndTheOpeningTimeIsSaid(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2)")
	now := time.Date(2026, 3, 1, 1, 30, 0, 0, time.UTC) // 09:30 at the site
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}, Hours: "12:00-13:30, 22:00-06:00", Clock: func() time.Time { return now }, BatchRows: 1}
	_, err := Open(t.Context(), o, "")
	wantFault(t, err, fault.Blocked, "opens at 2026-03-01 12:00")
	now = now.Add(6 * time.Hour)
	_, err = Open(t.Context(), o, "")
	wantFault(t, err, fault.Blocked, "opens at 2026-03-01 22:00")
	now = now.Add(7 * time.Hour) // 22:30
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	b, err := src.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.Record.Release()
	now = now.Add(8 * time.Hour) // 06:30
	_, err = src.Read(t.Context())
	wantFault(t, err, fault.Blocked, "opens at 2026-03-02 12:00")
}

func TestGuardKeepsToTheNumberOfConnections(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE t (a INT)")
	o := Options{DB: s.cfg, Table: "t", Columns: []string{"a"}, MaxConnections: 1, Guard: NewGuard()}
	first, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = Open(ctx, o, "")
	wantFault(t, err, fault.Transient, "free connection")
	opened := make(chan error)
	go func() {
		second, err := Open(context.Background(), o, "")
		if err == nil {
			err = second.Close()
		}
		opened <- err
	}()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
}

func TestAReadThatIsStoppedGivesNothingMore(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1), (2)")
	src, err := Open(t.Context(), Options{DB: s.cfg, Table: "t", Columns: []string{"a"}, BatchRows: 1}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, err := src.Read(ctx)
	if err == nil {
		b.Record.Release()
	}
	wantFault(t, err, fault.Transient, "was stopped")
}

func TestKeyValuesKeepTheirType(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.OneOf(
			rapid.Just[any](nil), rapid.Map(rapid.Int64(), asAny), rapid.Map(rapid.Uint64Min(1<<63), asAny), rapid.Map(rapid.Float64(), asAny),
			rapid.Map(rapid.String(), asAny), rapid.Just[any]([]byte{0xff, 0, 1})).Draw(t, "v")
		data, err := json.Marshal(keyValue{want})
		if err != nil {
			t.Fatal(err)
		}
		var got keyValue
		if err := json.Unmarshal(data, &got); err != nil || fmt.Sprint(got.v) != fmt.Sprint(want) || fmt.Sprintf("%T", got.v) != fmt.Sprintf("%T", want) {
			t.Fatalf("%v (%T) became %v (%T) by %s: %v", want, want, got.v, got.v, data, err)
		}
	})
}

func asAny[T any](v T) any { return v }

func FuzzPositionIsRefusedOrRead(f *testing.F) {
	f.Add(`{"v":1,"mode":"incremental","by":["a"],"cursor":"x","at":{"cursor":"x","key":[1,null,"k",{"base64":"/w=="}]},"top":"x"}`)
	o := Options{Cursor: []string{"a"}, Mode: Incremental}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := decode("x"+(`{`), o)
		if err == nil {
			t.Fatalf("read %v", p)
		}
		if p, err = decode(pipelines.Position(s), o); err != nil && !fault.Is(err, fault.Gone) {
			t.Fatal(err)
		} else if err == nil {
			if _, err := decode(p.encode(), o); err != nil {
				t.Fatalf("%s: %v", p.encode(), err)
			}
		}
	})
}

func TestLookbackNeverLiesBehindTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 8*3600)
		layout := rapid.SampledFrom(layouts).Draw(t, "layout")
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0).In(zone)
		o := Options{Lookback: time.Duration(rapid.Int64Range(1, 1e15).Draw(t, "lookback"))}
		value := at.Format(layout)
		f, ok := timeForm(value, zone)
		if !ok {
			t.Fatal(value)
		}
		lower, err := f.back(value, o)
		if err != nil || lower > value || len(lower) != len(value) {
			t.Fatalf("%s less %v is %s, %v", value, o.Lookback, lower, err)
		}
	})
}
