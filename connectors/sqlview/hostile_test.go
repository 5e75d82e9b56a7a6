package sqlview

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/connectortest"
	"banjian/pipelines"
)

// hostileTable fills a table with hostile rows; its columns are of type typ.
func hostileTable(t *testing.T, s source, typ string, rows []connectortest.HostileRow) {
	t.Helper()
	s.exec(t, "CREATE TABLE bj (id INTEGER PRIMARY KEY, "+strings.Join(connectortest.HostileColumns, " "+typ+", ")+" "+typ+")")
	tx, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	d, err := s.cfg.Dialect()
	if err != nil {
		t.Fatal(err)
	}
	marks := make([]string, len(connectortest.HostileColumns)+1)
	for i := range marks {
		marks[i] = d.Placeholder(i + 1)
	}
	insert, err := tx.Prepare("INSERT INTO bj VALUES (" + strings.Join(marks, ", ") + ")")
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	for i := range rows {
		args := []any{i}
		for _, c := range rows[i].Cells {
			if c == nil {
				args = append(args, nil)
			} else {
				args = append(args, *c)
			}
		}
		if _, err := insert.Exec(args...); err != nil {
			t.Fatalf("%s: %v", rows[i].Class, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func TestHostileValuesAreReadAsTheyAre(t *testing.T) {
	open := func(s source, charsets map[string]string) connectortest.OpenSource {
		return func(ctx context.Context, at pipelines.Position, n int, alloc memory.Allocator) (pipelines.Source, error) {
			return Open(ctx, Options{DB: s.cfg, Table: "bj", Columns: connectortest.HostileColumns, Charsets: charsets, BatchRows: n, Alloc: alloc}, at)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		connectortest.HostileReads(t, connectortest.HostileHarness{World: func(t *testing.T, rows []connectortest.HostileRow) connectortest.OpenSource {
			s := sqliteSource(t)
			hostileTable(t, s, "TEXT", rows)
			return open(s, nil)
		}}, 10_000)
	})
	t.Run("mariadb", func(t *testing.T) { // into whose text columns no bytes go that are no UTF-8
		connectortest.HostileReads(t, connectortest.HostileHarness{Holds: func(_, v string) bool { return utf8.ValidString(v) }, World: func(t *testing.T, rows []connectortest.HostileRow) connectortest.OpenSource {
			s := mysqlSource(t)
			hostileTable(t, s, "LONGTEXT", rows)
			return open(s, nil)
		}}, 10_000)
	})
	t.Run("postgres", func(t *testing.T) { // into whose text neither such bytes go nor NUL
		holds := func(_, v string) bool { return utf8.ValidString(v) && !strings.Contains(v, "\x00") }
		connectortest.HostileReads(t, connectortest.HostileHarness{Holds: holds, World: func(t *testing.T, rows []connectortest.HostileRow) connectortest.OpenSource {
			s := postgresSource(t)
			hostileTable(t, s, "TEXT", rows)
			return open(s, nil)
		}}, 10_000)
	})
	t.Run("blobs of mariadb", func(t *testing.T) {
		connectortest.HostileReads(t, connectortest.HostileHarness{World: func(t *testing.T, rows []connectortest.HostileRow) connectortest.OpenSource {
			s, utf8 := mysqlSource(t), map[string]string{}
			hostileTable(t, s, "LONGBLOB", rows)
			for _, c := range connectortest.HostileColumns {
				utf8[c] = "utf8"
			}
			return open(s, utf8)
		}}, 3_000)
	})
}
