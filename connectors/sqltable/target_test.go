package sqltable

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/connectors/connectortest"
	"banjian/internal/fault"
	"banjian/pipelines"
)

func TestConformance(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *world{"sqlite": sqliteWorld, "mariadb": mysqlWorld, "postgres": postgresWorld} {
		t.Run(name, func(t *testing.T) {
			connectortest.Target(t, connectortest.TargetHarness{
				World: func(t *testing.T) connectortest.Receiver {
					w := open(t)
					return connectortest.Receiver{Table: "inbox",
						Open:   func() (pipelines.Target, error) { return w.target(t, usual), nil },
						Stored: func(t *testing.T) []connectortest.Stored { return stored(t, w) }}
				},
				Rows: func(_ *testing.T, n int, alloc memory.Allocator) arrow.Record { return record(alloc, many(n, 1)) },
				Spoil: func(_ *testing.T, n int, bad []int, alloc memory.Allocator) arrow.Record {
					rows := many(n, 1)
					for i, at := range bad {
						if rows[at].xm = nil; i%2 == 1 {
							rows[at].xm = strings.Repeat("长", 11)
						}
					}
					return record(alloc, rows)
				},
			})
		})
	}
}

func stored(t *testing.T, w *world) []connectortest.Stored {
	t.Helper()
	var list []connectortest.Stored
	for _, line := range w.rows(t, "pc, guid, op") {
		cells := strings.Split(line, "|")
		list = append(list, connectortest.Stored{Delivery: cells[0], GUID: uuid.MustParse(cells[1]), Op: pipelines.Op(cells[2][0])})
	}
	return list
}

func TestValuesArriveAsTheMappingWroteThem(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		deliver(t, w.target(t, usual), delivery(t, row{slbh: "A'; DROP TABLE inbox; --", xm: "张𠮷", je: "12.50", v: 7}))
		got := w.rows(t, "slbh, lsh, xm, je, sj, rq, bb, sc, sfz, bz")
		want := "A'; DROP TABLE inbox; --|1|张𠮷|12.50|2026-11-01 09:00:00|2026-11-02|7|0|1|∅"
		if w.config.Kind == "sqlite" {
			want = strings.Replace(want, ".50", ".5", 1) // a column of numbers there
		}
		if w.config.Kind != "mysql" {
			got[0] = strings.NewReplacer("2026-11-01T09:00:00Z", "2026-11-01 09:00:00", "2026-11-02T00:00:00Z", "2026-11-02").Replace(got[0])
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("got %q\nwant %q", got, want)
		}
	})
}

func TestAnOlderVersionChangesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		target := w.target(t, usual)
		deliver(t, target, delivery(t, row{slbh: "A", xm: "second", v: 2}, row{slbh: "B", xm: "first", v: 1}))
		late := delivery(t, row{slbh: "A", xm: "first", v: 1}, row{slbh: "B", xm: "second", v: 2})
		deliver(t, target, late)
		deliver(t, target, late)
		if got := w.rows(t, "slbh, xm, bb"); !slices.Equal(got, []string{"A|second|2", "B|second|2"}) {
			t.Errorf("%q", got)
		}
		if n, err := target.Has(t.Context(), late); n != 2 || err != nil {
			t.Errorf("has %d, %v", n, err)
		}
		w.exec(t, "UPDATE inbox SET bb = NULL WHERE slbh = 'A'") // a row of before our time
		deliver(t, target, late)
		if got := w.rows(t, "slbh, xm, bb"); got[0] != "A|first|1" {
			t.Errorf("%q", got)
		}
	})
}

func TestAColumnOfTheMappingMayBeTheVersion(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		by := usual
		by.Version = "je"
		target := w.target(t, by)
		deliver(t, target, delivery(t, row{slbh: "A", xm: "new", je: "10.00", v: 1}))
		deliver(t, target, delivery(t, row{slbh: "A", xm: "old", je: "9.50", v: 2}))
		if got := w.rows(t, "xm"); got[0] != "new" {
			t.Errorf("%q", got)
		}
	})
}

func TestWithoutAVersionTheLastWins(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		target := w.target(t, Table{Key: usual.Key})
		deliver(t, target, delivery(t, row{slbh: "A", xm: "x", v: 2}))
		again := delivery(t, row{slbh: "A", xm: "y", v: 1})
		deliver(t, target, again)
		if got := w.rows(t, "xm, bb, pc, sc"); !slices.Equal(got, []string{"y|∅|∅|∅"}) {
			t.Errorf("%q", got)
		}
		if n, err := target.Has(t.Context(), again); n != 0 || err != nil {
			t.Errorf("has %d, %v: it cannot know", n, err)
		}
	})
}

func TestADeleteSetsTheFlagOrRemovesTheRow(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		remove := usual
		remove.Flag = nil
		flags, removes := w.target(t, usual), w.target(t, remove)
		deliver(t, flags, delivery(t, row{slbh: "A", xm: "a", v: 1}, row{slbh: "B", xm: "b", v: 1}, row{slbh: "C", xm: "c", v: 3}))
		deliver(t, flags, delivery(t, row{slbh: "A", xm: "a", v: 2, op: pipelines.OpDelete}))
		gone := delivery(t, row{slbh: "B", xm: "b", v: 2, op: pipelines.OpDelete}, row{slbh: "C", xm: "c", v: 2, op: pipelines.OpDelete}, row{slbh: "never", xm: "x", v: 2, op: pipelines.OpDelete})
		deliver(t, removes, gone)
		deliver(t, removes, gone)
		if got := w.rows(t, "slbh, sc, bb"); !slices.Equal(got, []string{"A|1|2", "C|0|3"}) { // C is newer
			t.Errorf("%q", got)
		}
		if n, err := removes.Has(t.Context(), gone); n != 2 || err != nil {
			t.Errorf("has %d, %v", n, err)
		}
		deliver(t, flags, delivery(t, row{slbh: "A", xm: "a", v: 3})) // it came back
		if got := w.rows(t, "sc"); got[0] != "0" {
			t.Errorf("%q", got)
		}
	})
}

// Two processes that each believe to be the only one send every version in any order.
func TestTwoWritersEndWithTheNewestVersion(t *testing.T) {
	onServers(t, func(t *testing.T, w *world) {
		const keys, versions = 20, 12
		var wg sync.WaitGroup
		for writer := range 2 {
			target := w.target(t, usual)
			order := rand.New(rand.NewPCG(3, uint64(writer))).Perm(versions)
			wg.Go(func() {
				for _, v := range order {
					var rows []row
					for k := range keys {
						rows = append(rows, row{slbh: fmt.Sprintf("K%02d", k), xm: fmt.Sprint("v", v), v: uint32(v) + 1})
					}
					d := delivery(t, rows...)
					_, err := target.Deliver(t.Context(), d)
					for fault.Is(err, fault.Transient) {
						_, err = target.Deliver(t.Context(), d)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		got := w.rows(t, "xm, bb")
		if len(got) != keys || slices.ContainsFunc(got, func(line string) bool { return line != "v11|12" }) {
			t.Errorf("%q", got)
		}
	})
}

func TestTablesThatDoNotFitAreToldBeforeAnythingIsSent(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world) {
		mapped := map[string][]string{"inbox": {"slbh", "lsh", "xm", "je"}}
		if err := w.target(t, usual).Check(t.Context(), mapped); err != nil {
			t.Error(err)
		}
		for says, change := range map[string]func(*Table){
			"no unique key of exactly slbh": func(o *Table) { o.Key = []string{"slbh"} },
			"lacks columns: bbb":            func(o *Table) { o.Version = "bbb" },
			"lacks columns: sczt":           func(o *Table) { o.Flag = &Flag{Column: "sczt"} },
			"lacks columns: cd_batch":       func(o *Table) { o.Fill.Batch = "cd_batch" },
		} {
			table := usual
			change(&table)
			wantKind(t, w.target(t, table).Check(t.Context(), mapped), fault.Config, says)
		}
		wantKind(t, w.target(t, usual).Check(t.Context(), map[string][]string{"inbox": {"xmm"}}), fault.Config, "lacks columns: xmm", "xm")
		w.exec(t, "CREATE UNIQUE INDEX other ON inbox (je, xm)")
		err := w.target(t, usual).Check(t.Context(), mapped)
		if w.config.Kind != "mysql" {
			if err != nil { // there a row that repeats it is refused
				t.Error(err)
			}
		} else {
			wantKind(t, err, fault.Config, "another unique key other (je, xm)")
		}
		w.exec(t, "DROP TABLE inbox")
		wantKind(t, w.target(t, usual).Check(t.Context(), mapped), fault.Config, "there is no such table", "GRANT")
		_, err = w.target(t, usual).Deliver(t.Context(), delivery(t, row{slbh: "A", xm: "x", v: 1}))
		wantKind(t, err, fault.Config)
	})
}

func TestOptionsThatCannotBeRight(t *testing.T) {
	w := sqliteWorld(t)
	for says, table := range map[string]Table{"key is missing": {}, "cannot be the name": {Key: []string{"a;b"}}} {
		db, _ := w.config.Open()
		d, _ := w.config.Dialect()
		_, err := New(Options{DB: db, Dialect: d, Tables: map[string]Table{"inbox": table}})
		wantKind(t, err, fault.Config, says)
	}
	_, err := w.target(t, Table{Key: []string{"nothere"}}).Deliver(t.Context(), delivery(t, row{slbh: "A", xm: "x", v: 1}))
	wantKind(t, err, fault.Config, "does not write key column nothere")
}
