package exchangedb

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
	"banjian/pipelines"
	"banjian/schemas"
)

// Every UP_ table of the centre, as `schema ddl` lays it out in each generation that is
// known, takes rows, counts them and says what of them was taken over.
func TestEveryTableOfTheCentreIsDeliveredToOnRealServers(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, server := range map[string]func(testing.TB) *testdb.Server{schemas.MySQL: testdb.MySQL, schemas.Postgres: testdb.Postgres} {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			groups := map[string]int{}
			for layout, style := range map[string]Style{"2020": Snake, "2018": Camel} {
				config := s.Config(s.CreateDatabase(t))
				look := openConfig(t, config)
				for _, table := range cat.Tables() {
					if table.Use == schemas.UseWrite && table.In(layout) {
						groups[table.Group]++
						deliverSample(t, config, look, table, name, layout, style)
					}
				}
			}
			if groups["case"] != 10 || groups["item"] < 19 || groups["licence"] < 1 || groups["user"] != 9 {
				t.Errorf("tables delivered to: %v", groups)
			}
		})
	}
}

func deliverSample(t *testing.T, config sqldialect.Config, look *sql.DB, table *schemas.Table, dialect, layout string, style Style) {
	t.Helper()
	ddl, err := table.DDLOf(dialect, layout)
	if err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(ddl, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := look.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	r := &receiver{config: config, look: look, table: table}
	target := r.target(t, func(o *Options) {
		o.Style, o.Tables = style, map[string]Table{table.Name: {Layout: table}}
	})
	defer target.Close()
	if _, err := target.Check(t.Context()); err != nil {
		t.Fatalf("%s %s: %v", table.Name, layout, err)
	}
	d := rowsOf(t, table, 3)
	if receipt := deliver(t, target, d); len(receipt.Refused) > 0 {
		t.Fatalf("%s %s: refused %v", table.Name, layout, receipt.Refused)
	}
	n, err := target.Arrived(t.Context(), d.ID, table.Name)
	if err != nil || n != 3 {
		t.Errorf("%s %s: %d arrived, %v", table.Name, layout, n, err)
	}
	taken, err := target.Uptakes(t.Context(), table.Name, []string{d.ID, newID()})
	if err != nil || len(taken) != 1 || taken[d.ID] != (pipelines.Uptake{There: 3, Waiting: 3}) {
		t.Errorf("%s %s: %v, %v", table.Name, layout, taken, err)
	}
}

// rowsOf is a delivery of valid rows for any table.
func rowsOf(t *testing.T, table *schemas.Table, n int) *pipelines.Delivery {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, table.Subject.Arrow())
	defer b.Release()
	for i, f := range table.Subject.Fields {
		for range n {
			switch b := b.Field(i).(type) {
			case *array.StringBuilder:
				width := 8
				if f.Width > 0 {
					width = min(width, f.Width)
				}
				b.Append("12345678"[:width])
			case *array.Int64Builder:
				b.Append(7)
			case *array.TimestampBuilder:
				b.Append(1793494800)
			case *array.Date32Builder:
				b.Append(arrow.Date32(20000))
			default:
				t.Fatalf("%s.%s: no builder for %T", table.Name, f.Name, b)
			}
		}
	}
	d := &pipelines.Delivery{ID: newID(), Table: table.Name, Time: writtenAt, Record: b.NewRecord(), GUIDs: make([][16]byte, n), Ops: make([]pipelines.Op, n)}
	for i := range n {
		d.GUIDs[i], d.Ops[i] = uuid.New(), pipelines.OpInsert
	}
	t.Cleanup(d.Record.Release)
	return d
}
