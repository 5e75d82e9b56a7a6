package sqlview

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
)

const acceptances = `CREATE TABLE gjj_ywsl (id INTEGER NOT NULL, slbh VARCHAR(30) NOT NULL, sqr VARCHAR(100), slsj {dt}, fj BLOB, PRIMARY KEY (slbh, id))`

func show(list []Relation) string {
	var b strings.Builder
	for _, r := range list {
		var cols []string
		for _, c := range r.Columns {
			null := ""
			if c.Nullable {
				null = "?"
			}
			cols = append(cols, c.Name+":"+string(c.Kind)+null)
		}
		fmt.Fprintf(&b, "%s %s key=%s %s\n", r.Kind, r.Name, strings.Join(r.Key, ","), strings.Join(cols, " "))
	}
	return b.String()
}

func TestListingSaysWhatThereIsWithoutReadingARow(t *testing.T) {
	both(t, []string{acceptances, "CREATE VIEW v_sl AS SELECT slbh, slsj FROM gjj_ywsl", "INSERT INTO gjj_ywsl (id, slbh) VALUES (1, 'A'), (2, 'B')"},
		func(t *testing.T, s source) {
			list, err := List(context.Background(), Options{DB: s.cfg}, "")
			if err != nil {
				t.Fatal(err)
			}
			want := "table gjj_ywsl key=slbh,id id:int slbh:text sqr:text? slsj:datetime? fj:binary?\nview v_sl key= slbh:text slsj:datetime?\n"
			if s.cfg.Kind != "mysql" { // a view's columns may all be NULL there
				want = strings.Replace(want, "key= slbh:text ", "key= slbh:text? ", 1)
			}
			if got := show(list); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if list[1].Rows != -1 {
				t.Errorf("a view's rows are said to be %d", list[1].Rows)
			}
		})
}

func TestRowsAreToldFromStatisticsOnly(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE a (x INTEGER)", "CREATE INDEX a_x ON a (x)", "INSERT INTO a VALUES (1), (2), (3)")
	for i, want := range []int64{-1, 3} {
		list, err := List(context.Background(), Options{DB: s.cfg}, "")
		if err != nil || len(list) != 1 || list[0].Rows != want {
			t.Errorf("round %d: %+v, %v", i, list, err)
		}
		s.exec(t, "ANALYZE")
	}
}

func TestLookingTakesASampleAndNoMore(t *testing.T) {
	both(t, []string{acceptances}, func(t *testing.T, s source) {
		for i := range 300 {
			s.exec(t, fmt.Sprintf("INSERT INTO gjj_ywsl (id, slbh, sqr, slsj, fj) VALUES (%d, 'S%d', '%s', '2025-07-11 09:30:00', 'x')", i, i, strings.Repeat("长", 90)))
		}
		rel, sample, err := Look(context.Background(), Options{DB: s.cfg}, "GJJ_YWSL", 1000)
		if s.cfg.Kind == "mysql" { // names of tables have a case on Linux
			rel, sample, err = Look(context.Background(), Options{DB: s.cfg}, "gjj_ywsl", 1000)
		}
		if err != nil {
			t.Fatal(err)
		}
		if rel.Name != "gjj_ywsl" || len(sample[1]) != MaxSample || len(sample[4]) != 0 || sample[3][0][:16] != "2025-07-11 09:30" {
			t.Errorf("%s: %d values, %d of a binary column, first time %q", rel.Name, len(sample[1]), len(sample[4]), sample[3][:1])
		}
		if _, sample, err = Look(context.Background(), Options{DB: s.cfg}, "gjj_ywsl", 0); err != nil || slices.ContainsFunc(sample, func(v []string) bool { return len(v) > 0 }) {
			t.Errorf("no sample was asked for: %v", err)
		}
	})
}

func TestAnUnknownViewIsNamedWithTheNearest(t *testing.T) {
	s := sqliteSource(t, strings.ReplaceAll(acceptances, "{dt}", "DATETIME"))
	_, _, err := Look(context.Background(), Options{DB: s.cfg}, "gjj_ywsI", 5)
	if !fault.Is(err, fault.Config) || !strings.Contains(fault.HintOf(err).EN, "gjj_ywsl") {
		t.Errorf("%v; %v", err, fault.HintOf(err))
	}
	if _, _, err := Look(context.Background(), Options{DB: s.cfg}, "a; DROP TABLE gjj_ywsl", 5); !fault.Is(err, fault.Config) {
		t.Errorf("got %v", err)
	}
}

func TestLookingKeepsToTheHours(t *testing.T) {
	s := sqliteSource(t, "CREATE TABLE a (x INTEGER)")
	noon := func() time.Time { return time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) }
	if _, err := List(context.Background(), Options{DB: s.cfg, Hours: "20:00-06:00", Clock: noon}, ""); !fault.Is(err, fault.Blocked) {
		t.Errorf("got %v", err)
	}
}

func TestARefusedLoginIsNotTriedAgainByLooking(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE t (a INT)")
	o := account(t, s, "nosy", "right", "GRANT SELECT ON t TO 'nosy'@'%'")
	o.DB.User, o.DB.Password = "nosy", func(context.Context) (string, error) { return "wrong", nil }
	for range 2 {
		if _, err := List(context.Background(), o, ""); !fault.Is(err, fault.Blocked) {
			t.Fatalf("got %v", err)
		}
	}
	if o.Guard.Blocked(o.DB.Where()) == nil {
		t.Error("the guard does not remember it")
	}
}
