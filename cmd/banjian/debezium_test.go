package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"banjian/internal/testdb"
	"banjian/internal/testkafka"
)

// MariaDB → Debezium → Kafka → banjian: what the ledger has is what the table has.
func TestTheLedgerFollowsADepartmentsTableThroughDebezium(t *testing.T) {
	broker, server := testkafka.Kafka(t), testdb.MySQL(t)
	name := server.CreateDatabase(t)
	server.Exec(t, name, "CREATE TABLE cl (slbh VARCHAR(20) NOT NULL, clbh VARCHAR(20) NOT NULL, clmc VARCHAR(50), bz VARCHAR(50), PRIMARY KEY (slbh, clbh))")
	db := open(t, server.DSN(name))
	d := &busyTable{t: t, db: db, alive: map[string]string{}, rng: rand.New(rand.NewPCG(1, 2))}
	d.change(300) // read by the connector's snapshot
	testkafka.StartConnect(t, broker, testkafka.DebeziumMariaDB(server, name, "dept"))
	s := newStreamed(t, []string{broker.Address}, "dept."+name+".cl")
	stop := s.serving()
	defer stop()
	d.change(1500)
	server.Exec(t, name, "ALTER TABLE cl ADD COLUMN fjs INT NOT NULL DEFAULT 0")
	d.change(1500)
	s.same(d)
	said := stop()
	if strings.Count(said, "collected") == 0 || strings.Count(said, "collected") != strings.Count(said, "rejected 0") {
		t.Errorf("serve says\n%s", said)
	}
}

// busyTable is a table that changes.
type busyTable struct {
	t     *testing.T
	db    *sql.DB
	alive map[string]string // remark by number
	rng   *rand.Rand
	next  int
}

func (d *busyTable) exec(query string, args ...any) {
	d.t.Helper()
	if _, err := d.db.ExecContext(d.t.Context(), query, args...); err != nil {
		d.t.Fatal(err)
	}
}

// change makes n changes: inserts, updates, changes of the key, deletes.
func (d *busyTable) change(n int) {
	d.t.Helper()
	for range n {
		d.next++
		fresh, remark := fmt.Sprint("N", d.next), fmt.Sprint("备注", d.next)
		some := ""
		for some = range d.alive {
			break
		}
		switch what := d.rng.IntN(10); {
		case what < 4 || some == "":
			d.exec("INSERT INTO cl(slbh, clbh, clmc, bz) VALUES (?, '1', '申请表', ?)", fresh, remark)
			d.alive[fresh] = remark
		case what < 7:
			d.exec("UPDATE cl SET bz=? WHERE slbh=?", remark, some)
			d.alive[some] = remark
		case what < 8:
			d.exec("UPDATE cl SET slbh=? WHERE slbh=?", fresh, some)
			d.alive[fresh] = d.alive[some]
			delete(d.alive, some)
		default:
			d.exec("DELETE FROM cl WHERE slbh=?", some)
			delete(d.alive, some)
		}
	}
}

// same waits until the ledger has what the table has.
func (s *streamed) same(d *busyTable) {
	s.t.Helper()
	var want []string
	for no, remark := range d.alive {
		want = append(want, no+"="+remark)
	}
	slices.Sort(want)
	var got []string
	for range 600 {
		got = got[:0]
		for _, one := range strings.Fields(s.alive()) {
			one, _, _ = strings.Cut(one, "@")
			got = append(got, one)
		}
		if slices.Sort(got); slices.Equal(got, want) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatalf("the ledger has %d records, the table %d", len(got), len(want))
}
