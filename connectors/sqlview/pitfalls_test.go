package sqlview

import (
	"database/sql"
	"maps"
	"strings"
	"testing"
	"time"

	"banjian/pipelines"
)

// The pitfalls of collecting by a column of the time of change, each on a real server
// with a connection that writes beside the one that reads. What was collected must be
// what the view has in the end.

// department is a view, a connection that writes to it, and what was collected of it.
type department struct {
	source
	testing.TB
	o    Options
	at   pipelines.Position
	have map[string]string
}

// onServers runs a test on MariaDB and on PostgreSQL, with a cursor of type stamp.
func onServers(t *testing.T, stamp string, run func(t *testing.T, d *department)) {
	for name, open := range map[string]func(testing.TB, ...string) source{"mariadb": mysqlSource, "postgres": postgresSource} {
		t.Run(name, func(t *testing.T) { run(t, newDepartment(t, open(t), stamp)) })
	}
}

func newDepartment(t *testing.T, s source, stamp string) *department {
	s.exec(t, s.says("CREATE TABLE c (id INT PRIMARY KEY, who VARCHAR(20), gxsj "+stamp+" NULL)"), "CREATE VIEW v AS SELECT id, who, gxsj FROM c")
	o := caseOptions(s)
	o.Lookback, o.Settle = 5*time.Minute, -1
	return &department{source: s, TB: t, o: o, have: map[string]string{}}
}

func (d *department) does(q string, args ...any) {
	d.Helper()
	if _, err := d.db.Exec(d.says(q), args...); err != nil {
		d.Fatalf("%s: %v", q, err)
	}
}

// collects runs once and says what it read.
func (d *department) collects() []string {
	d.Helper()
	got := readAll(d, d.o, d.at)
	for _, line := range got.rows {
		cells := strings.Split(line, "|") // a compare adds the part of the view
		d.have[cells[0]] = cells[1]
	}
	if len(got.positions) > 0 {
		d.at = got.last()
	}
	return got.rows
}

func (d *department) view() map[string]string {
	d.Helper()
	rows, err := d.db.Query("SELECT id, who FROM v")
	if err != nil {
		d.Fatal(err)
	}
	defer rows.Close()
	is := map[string]string{}
	for rows.Next() {
		var id, who string
		if err := rows.Scan(&id, &who); err != nil {
			d.Fatal(err)
		}
		is[id] = who
	}
	return is
}

func (d *department) lostNothing() {
	d.Helper()
	if is := d.view(); !maps.Equal(d.have, is) {
		d.Errorf("collected %v, the view has %v", d.have, is)
	}
}

// begins opens a transaction that writes and is not committed yet.
func (d *department) begins(q string) *sql.Tx {
	d.Helper()
	tx, err := d.db.Begin()
	if err == nil {
		_, err = tx.Exec(d.says(q))
	}
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { _ = tx.Rollback() }) // a test that fails meanwhile would leave the database locked
	return tx
}

func (d *department) commits(tx *sql.Tx) {
	d.Helper()
	if err := tx.Commit(); err != nil {
		d.Fatal(err)
	}
}

// The time is set when the statement runs, the row appears when it is committed.
func TestPitfallALateCommitIsCollected(t *testing.T) {
	onServers(t, "DATETIME(6)", func(t *testing.T, d *department) {
		d.does("INSERT INTO c VALUES (1, 'old', NOW(6) - INTERVAL 1 HOUR), (2, 'old', NOW(6) - INTERVAL 1 HOUR)")
		d.collects()
		inserts := d.begins("INSERT INTO c VALUES (3, 'late', NOW(6))")
		updates := d.begins("UPDATE c SET who = 'late', gxsj = NOW(6) WHERE id = 1")
		d.does("INSERT INTO c VALUES (4, 'soon', NOW(6))")
		d.collects()
		if d.have["4"] != "soon" || d.have["3"] != "" {
			t.Fatalf("the reader has not passed the open transactions: %v", d.have)
		}
		d.commits(inserts)
		d.commits(updates)
		d.collects()
		d.lostNothing()
	})
}

// An interrupted run is not taken up behind what was committed late meanwhile.
func TestPitfallALateCommitDuringAnInterruptedRunIsCollected(t *testing.T) {
	onServers(t, "DATETIME(6)", func(t *testing.T, d *department) {
		d.does("INSERT INTO c SELECT seq, 'old', NOW(6) - INTERVAL 2 HOUR + INTERVAL seq MINUTE FROM seq_1_to_50")
		d.collects()
		d.does("UPDATE c SET who = 'new', gxsj = NOW(6) - INTERVAL 60 - id SECOND")
		late := d.begins("INSERT INTO c VALUES (99, 'late', NOW(6) - INTERVAL 55 SECOND)")
		d.o.BatchRows = 10
		got, err := readSome(t, d.o, d.at, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range got.rows {
			id, who, _ := strings.Cut(line, "|")
			d.have[id] = who
		}
		d.at = got.last()
		d.commits(late)
		d.collects()
		d.lostNothing()
	})
}

// Several changes bear the same tick, some of them made after it was read.
func TestPitfallChangesWithinOneTickAreCollected(t *testing.T) {
	onServers(t, "DATETIME", func(t *testing.T, d *department) {
		d.o.Lookback = 0 // the bound alone must do
		d.does("INSERT INTO c VALUES (1, 'a', '2026-01-05 10:00:00'), (2, 'a', '2026-01-05 10:00:00')")
		d.collects()
		d.does("INSERT INTO c VALUES (3, 'b', '2026-01-05 10:00:00')")
		d.does("UPDATE c SET who = 'b' WHERE id = 1")
		d.collects()
		d.lostNothing()
		late := d.begins("UPDATE c SET who = 'c' WHERE id = 2")
		d.collects()
		d.commits(late)
		d.collects()
		d.lostNothing()
	})
}

// Rows without a time of change appear and change, and get one later.
func TestPitfallRowsWithoutATimeAreCollected(t *testing.T) {
	onServers(t, "DATETIME", func(t *testing.T, d *department) {
		d.does("INSERT INTO c VALUES (1, 'a', NULL), (2, 'a', NOW() - INTERVAL 1 DAY)")
		d.collects()
		d.does("UPDATE c SET who = 'b' WHERE id = 1")
		d.does("INSERT INTO c VALUES (3, 'a', NULL)")
		d.collects()
		d.lostNothing()
		late := d.begins("UPDATE c SET who = 'b', gxsj = NULL WHERE id = 2")
		d.collects()
		d.commits(late)
		d.does("UPDATE c SET who = 'c', gxsj = NOW() WHERE id = 3")
		d.collects()
		d.lostNothing()
	})
}

// One row dated far ahead must not move the watermark past all others.
func TestPitfallAFutureDateHidesNothing(t *testing.T) {
	onServers(t, "DATETIME", func(t *testing.T, d *department) {
		d.does("INSERT INTO c VALUES (1, 'a', NOW() - INTERVAL 1 DAY), (2, 'wrong', '2099-01-01')")
		d.collects()
		d.does("INSERT INTO c VALUES (3, 'a', NOW() - INTERVAL 1 MINUTE)")
		d.does("UPDATE c SET who = 'still wrong' WHERE id = 2")
		d.collects()
		d.lostNothing()
		late := d.begins("UPDATE c SET who = 'right', gxsj = NOW() WHERE id = 2")
		d.does("UPDATE c SET who = 'b', gxsj = NOW() WHERE id = 1")
		d.collects()
		d.commits(late)
		d.collects()
		d.lostNothing()
	})
}

// The view joins a table whose changes do not move the cursor: an incremental run cannot
// see them, a compare does.
func TestPitfallAJoinThatDoesNotMoveTheCursorIsSeenByACompare(t *testing.T) {
	onServers(t, "DATETIME", func(t *testing.T, d *department) {
		d.does("CREATE TABLE n (id INT PRIMARY KEY, name VARCHAR(20))")
		d.does("INSERT INTO n VALUES (1, '张三'), (2, '李四')")
		d.does("CREATE OR REPLACE VIEW v AS SELECT c.id, n.name AS who, c.gxsj FROM c JOIN n ON n.id = c.id")
		d.does("INSERT INTO c VALUES (1, '', '2026-01-05 10:00:00'), (2, '', '2026-01-06 10:00:00')")
		d.collects()
		late := d.begins("UPDATE n SET name = '张三丰' WHERE id = 1")
		d.collects()
		d.commits(late)
		d.collects()
		if d.have["1"] != "张三" {
			t.Fatal("the cursor moved after all")
		}
		d.o.Mode = Compare
		d.collects()
		d.lostNothing()
		d.o.Mode = Incremental
		if rows := d.collects(); len(rows) != 1 {
			t.Errorf("a compare leaves the watermark: %v", rows)
		}
	})
}
