package sqlview

import (
	"slices"
	"strings"
	"testing"

	"banjian/internal/fault"
)

// flagged is a view whose rows say whether they wait, by a table that may be written.
func flagged(t *testing.T, run func(t *testing.T, s source, o Options)) {
	both(t, []string{
		"CREATE TABLE c (id INT PRIMARY KEY, who VARCHAR(20), gxsj {dt})",
		"CREATE TABLE tq (id INT PRIMARY KEY, tqbz VARCHAR(2), gxsj {dt}, tqsj {dt})",
		"INSERT INTO c VALUES (1, 'a', '2026-01-05 10:00:00'), (2, 'b', '2026-01-05 10:00:00'), (3, 'c', '2026-01-05 10:00:00'), (4, 'd', '2026-01-05 10:00:00')",
		"INSERT INTO tq VALUES (1, '0', '2026-01-05 10:00:00', NULL), (2, NULL, NULL, NULL), (3, '1', NULL, NULL), (4, 'U', '2026-01-05 10:00:00', NULL)",
		"CREATE VIEW v AS SELECT c.id, c.who, tq.tqbz, tq.gxsj FROM c JOIN tq ON tq.id = c.id",
	}, func(t *testing.T, s source) {
		run(t, s, Options{DB: s.cfg, View: "v", Columns: []string{"id", "who", "gxsj"}, Mode: Flagged, Key: []string{"id"}, BatchRows: 2, MaxConnections: 1,
			Flag: &Flag{Column: "tqbz", Waiting: []string{"0", "U"}, Table: "tq", Taken: "1", Key: []string{"id"}, Version: "gxsj", Time: "tqsj"}})
	})
}

// takes reads what waits; mark says that it is durable.
func takes(t *testing.T, o Options, mark func(*Source)) string {
	t.Helper()
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var got []string
	for {
		b, err := src.Read(t.Context())
		if err != nil {
			break
		}
		for _, line := range lines(b.Record) {
			got = append(got, line[:strings.LastIndex(line, "|")])
		}
		b.Record.Release()
	}
	slices.Sort(got)
	mark(src)
	return strings.Join(got, " ")
}

func TestRowsThatWaitAreReadAndMarkedOnceTheyAreTaken(t *testing.T) {
	flagged(t, func(t *testing.T, s source, o Options) {
		lost := func(*Source) {}
		marks := func(src *Source) {
			t.Helper()
			if err := src.Acknowledge(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := src.Acknowledge(t.Context()); err != nil {
				t.Errorf("again: %v", err)
			}
		}
		if got := takes(t, o, lost); got != "1|a 2|b 4|d" {
			t.Fatalf("read %s", got)
		}
		if got := takes(t, o, marks); got != "1|a 2|b 4|d" {
			t.Errorf("what was not marked is read again: %s", got)
		}
		if got := takes(t, o, marks); got != "" {
			t.Errorf("what was marked is not: %s", got)
		}
		var stamped int
		if err := s.db.QueryRow("SELECT count(*) FROM tq WHERE tqbz = '1' AND tqsj IS NOT NULL").Scan(&stamped); err != nil || stamped != 3 {
			t.Errorf("%d marked, %v", stamped, err)
		}
		// Between reading and marking row 1 changes again, and waits again.
		s.exec(t, "UPDATE c SET who = 'a2' WHERE id IN (1, 2)", "UPDATE tq SET tqbz = '0' WHERE id IN (1, 2)")
		if got := takes(t, o, func(src *Source) {
			s.exec(t, "UPDATE c SET who = 'a3' WHERE id = 1", "UPDATE tq SET gxsj = '2026-01-06 10:00:00' WHERE id = 1")
			marks(src)
		}); got != "1|a2 2|a2" {
			t.Errorf("read %s", got)
		}
		if got := takes(t, o, marks); got != "1|a3" {
			t.Errorf("what changed meanwhile still waits: %s", got)
		}
		whole := o
		whole.Mode = Compare
		if got := readAll(t, whole, ""); len(got.rows) != 4 {
			t.Errorf("a compare reads all: %v", got.rows)
		}
	})
}

func TestManyRowsAreMarkedInSeveralStatements(t *testing.T) {
	flagged(t, func(t *testing.T, s source, o Options) {
		for i := 10; i < 460; i++ {
			s.insert(t, "c", i, "x", nil)
			s.insert(t, "tq", i, nil, nil, nil)
		}
		o.BatchRows = 100
		if n := len(strings.Fields(takes(t, o, func(src *Source) {
			if err := src.Acknowledge(t.Context()); err != nil {
				t.Error(err)
			}
		}))); n != 453 {
			t.Errorf("%d rows", n)
		}
		if got := takes(t, o, func(*Source) {}); got != "" {
			t.Errorf("left: %s", got)
		}
	})
}

// An account that may not write reads all the same; only the hint fails.
func TestAFlagThatMayNotBeSetIsToldAndLosesNothing(t *testing.T) {
	s := mysqlSource(t, "CREATE TABLE tq (id INT PRIMARY KEY, tqbz INT)", "INSERT INTO tq VALUES (1, 0)", "CREATE VIEW v AS SELECT * FROM tq")
	name := s.cfg.Database
	s.exec(t, "CREATE USER f_"+name+"@'127.0.0.1'", "GRANT SELECT ON "+name+".* TO f_"+name+"@'127.0.0.1'")
	o := Options{DB: s.cfg, View: "v", Columns: []string{"id"}, Mode: Flagged, Key: []string{"id"}, Flag: &Flag{Column: "tqbz", Waiting: []string{"0"}, Table: "tq", Taken: "1", Key: []string{"id"}}}
	o.DB.User, o.DB.Password = "f_"+name, nil
	src, err := Open(t.Context(), o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	b, err := src.Read(t.Context())
	if err != nil || b.Record.NumRows() != 1 {
		t.Fatal(err)
	}
	b.Record.Release()
	_, _ = src.Read(t.Context())
	wantFault(t, src.Acknowledge(t.Context()), fault.Config, "UPDATE on "+name+".tq")
}

func TestFlagsThatCannotBeReadAreRefused(t *testing.T) {
	base := Options{DB: newSQLite(t, "CREATE TABLE v (id INTEGER)"), View: "v", Columns: []string{"id"}, Mode: Flagged, Key: []string{"id"}, Flag: &Flag{Column: "z", Table: "t", Taken: "1", Key: []string{"id"}}}
	for name, change := range map[string]func(*Options){
		"no flag": func(o *Options) { o.Flag = nil }, "a cursor": func(o *Options) { o.Cursor = []string{"id"} }, "no table": func(o *Options) { o.Flag = &Flag{Column: "z", Key: []string{"id"}} },
		"a table that is none": func(o *Options) {
			o.Flag = &Flag{Column: "z", Table: "t; DROP TABLE v", Taken: "1", Key: []string{"id"}}
		}, "a column that is none": func(o *Options) { o.Flag = &Flag{Column: "z z", Table: "t", Taken: "1", Key: []string{"id"}} },
		"no rows of their own": func(o *Options) { o.RowID = true }, "no such column": func(o *Options) {},
	} {
		o := base
		change(&o)
		if _, err := Open(t.Context(), o, ""); !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
