package exchangedb

import (
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/connectors/connectortest"
	"banjian/pipelines"
)

func TestConformance(t *testing.T) {
	table := acceptTable(t)
	rows := func(t *testing.T, n int, bad []int, alloc memory.Allocator) arrow.Record {
		b := array.NewRecordBuilder(alloc, table.Subject.Arrow())
		defer b.Release()
		for i, f := range table.Subject.Fields {
			for row := range n {
				v := sampleValue(&f, row)
				if f.Required && slices.Contains(bad, row) {
					v = nil
				}
				appendValue(t, b.Field(i), v)
			}
		}
		return b.NewRecord()
	}
	connectortest.Target(t, connectortest.TargetHarness{
		World: func(t *testing.T) connectortest.Receiver {
			r := sqliteReceiver(t)
			return connectortest.Receiver{Table: accept,
				Open:   func() (pipelines.Target, error) { return r.target(t, nil), nil },
				Stored: func(t *testing.T) []connectortest.Stored { return storedRows(t, r) }}
		},
		Rows:  func(t *testing.T, n int, alloc memory.Allocator) arrow.Record { return rows(t, n, nil, alloc) },
		Spoil: rows,
	})
}

func storedRows(t *testing.T, r *receiver) []connectortest.Stored {
	t.Helper()
	found, err := r.look.Query("SELECT cd_batch, row_guid, cd_operation FROM " + accept)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var list []connectortest.Stored
	for found.Next() {
		var s connectortest.Stored
		var guid, op string
		if err := found.Scan(&s.Delivery, &guid, &op); err != nil {
			t.Fatal(err)
		}
		s.GUID, s.Op = uuid.MustParse(guid), pipelines.Op(op[0])
		list = append(list, s)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
