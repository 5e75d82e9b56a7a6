package sqlview

import (
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
)

func TestAViewIsExaminedForItsKeyAndCursor(t *testing.T) {
	both(t, []string{"CREATE TABLE t (a VARCHAR(20), n INTEGER, gxsj {dt}, b VARCHAR(20))", "CREATE INDEX i ON t (gxsj)",
		"INSERT INTO t VALUES ('x', 1, '2026-01-02 03:04:05', '12345'), ('X', 1, '2026-01-02 03:04:05', ''), ('x', 1, NULL, ''), ('x', 2, '2999-01-02 03:04:05', ''), (NULL, 3, '2026-01-02 03:04:05', ''), ('', 4, '2026-01-02 03:04:05', ''), ('', 4, '2026-01-02 03:04:05', '')",
		"CREATE VIEW v AS SELECT a, n, gxsj, b FROM t"}, func(t *testing.T, s source) {
		o := Options{DB: s.cfg, Table: "t", Columns: []string{"a", "b"}, Key: []string{"a", "n"}, Cursor: []string{"gxsj"}}
		h, err := Examine(t.Context(), o, 100)
		if err != nil {
			t.Fatal(err)
		}
		if h.Rows != 7 || h.NoCursor != 1 || h.Future != 1 || h.NoKey != 3 || h.EmptyKey != 2 || !h.Indexed || !h.KeysTold || h.RowBytes != 2 {
			t.Errorf("%+v", h)
		}
		if len(h.Collisions) != 1 || h.Collisions[0].Rows != 2 || strings.Join(h.Collisions[0].Key, "+") != "x+1" {
			t.Errorf("x and X are two keys, nothing is none: %+v", h.Collisions)
		}
		o.Table, o.View = "", "v"
		if h, err = Examine(t.Context(), o, 4); err != nil || h.Indexed || h.KeysTold || h.Collisions != nil {
			t.Errorf("%+v, %v", h, err)
		}
		o.Columns = []string{"aa"}
		_, err = Examine(t.Context(), o, 4)
		wantFault(t, err, fault.Config, "no column aa")
	})
}

func TestAServerSaysWhoWeAreAndWhatWeMayDo(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)")
	o := account(t, s, "banjian_visit", "right", "GRANT SELECT ON t TO 'banjian_visit'@'%'")
	v, err := Visit(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if v.Account != "banjian_visit@%" || v.Schema != s.cfg.Database || len(v.Rights) != 2 || !strings.HasPrefix(v.Rights[1], "GRANT SELECT ON ") || v.Clock == nil || v.Clock.Abs() > time.Minute || v.Version == "" {
		t.Errorf("%+v", v)
	}
}

func TestNothingIsExaminedOutsideTheHours(t *testing.T) {
	o := Options{DB: newSQLite(t, "CREATE TABLE t (a INTEGER)"), Table: "t", Columns: []string{"a"}, Hours: "20:00-06:00", Clock: func() time.Time { return time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC) }}
	_, err := Visit(t.Context(), o)
	wantFault(t, err, fault.Blocked, "opens at 2026-01-02 20:00")
	_, err = Examine(t.Context(), o, 1)
	wantFault(t, err, fault.Blocked, "opens at")
}
