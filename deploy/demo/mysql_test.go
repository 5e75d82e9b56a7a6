package demo

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"testing"

	"banjian/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestMySQLHoldsTheSameRowsAsSQLite(t *testing.T) {
	o := Options{Cases: 600, Seed: 5}
	mysql := testdb.MySQL(t)
	lite, server := open(t), mysql.Open(t, mysql.CreateDatabase(t))
	var a, b bytes.Buffer
	if _, err := Generate(context.Background(), lite, SQLite, o, Writers{Expected: &a}); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(context.Background(), server, MySQL, o, Writers{Expected: &b}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) || !Filled(context.Background(), server, o) {
		t.Error("expectations differ by dialect")
	}
	for _, v := range tables {
		x, y := texts(t, lite, v.view), texts(t, server, v.view)
		if len(x) != len(y) {
			t.Fatalf("%s: %d and %d rows", v.view, len(x), len(y))
		}
		for i := range x {
			if x[i] != y[i] {
				t.Fatalf("%s row %d:\n%s\n%s", v.view, i, x[i], y[i])
			}
		}
	}
}

// texts is every row of a view as text, in a fixed order, without je, which the two
// print with different zeros.
func texts(t *testing.T, db *sql.DB, view string) []string {
	t.Helper()
	rows, err := db.Query("SELECT * FROM " + view + " ORDER BY gxsj, slbh, 1, 2")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	var out []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for i, c := range cells {
			if columns[i] != "je" {
				line += columns[i] + "=" + c.String + "|"
			}
		}
		out = append(out, line)
	}
	return out
}
