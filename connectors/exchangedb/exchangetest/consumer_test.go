package exchangetest

import (
	"context"
	"path/filepath"
	"testing"

	"banjian/internal/sqldialect"
)

func TestConsumerReportsEveryRepeatedEffect(t *testing.T) {
	db, err := sqldialect.Config{Kind: "sqlite", Path: filepath.Join(t.TempDir(), "x.db")}.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE up (ID integer PRIMARY KEY, row_guid text, name text, cd_operation text, cd_batch text, cd_time text, is_sync text DEFAULT '0')"); err != nil {
		t.Fatal(err)
	}
	c := &Consumer{DB: db, Table: "up"}
	for _, step := range []struct {
		what, guid, name, op string
		duplicates, records  int
	}{
		{"a first insert", "a", "x", "I", 0, 1},
		{"an update", "a", "y", "U", 0, 1},
		{"the same update again", "a", "y", "U", 1, 1},
		{"an update back", "a", "x", "U", 1, 1},
		{"an insert of a known row", "a", "z", "I", 2, 1},
		{"an update of an unknown row inserts", "b", "x", "U", 2, 2},
		{"a delete", "b", "x", "D", 2, 1},
		{"the same delete again", "b", "x", "D", 3, 1},
	} {
		if _, err := db.Exec("INSERT INTO up (row_guid, name, cd_operation, cd_batch) VALUES (?, ?, ?, 'k')", step.guid, step.name, step.op); err != nil {
			t.Fatal(err)
		}
		if err := c.Poll(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(c.Duplicates) != step.duplicates || len(c.Records) != step.records {
			t.Fatalf("after %s: %d duplicates, %d records", step.what, len(c.Duplicates), len(c.Records))
		}
	}
	if c.Records["a"].Copies != 2 || c.Rows != 8 {
		t.Errorf("copies %d, rows %d", c.Records["a"].Copies, c.Rows)
	}
}
