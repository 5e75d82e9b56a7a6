package collect

import (
	"context"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/ledger"
	"banjian/pipelines"
)

// logOfOne has one log batch.
type logOfOne struct {
	Store
	payload []byte
	read    int
}

func (l *logOfOne) At(context.Context, int64) (*ledger.LogEntry, error) {
	l.read++
	return &ledger.LogEntry{Seq: 1, Payload: l.payload}, nil
}

// A log of changes may tell of thousands of deletes by nothing but their keys, and their
// records lie together: each log batch is read once for all of them.
func TestDeletesByKeyReadALogBatchOnce(t *testing.T) {
	const n = 100
	alloc := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer alloc.AssertSize(t, 0)
	b := array.NewRecordBuilder(alloc, arrow.NewSchema([]arrow.Field{{Name: "local_no", Type: arrow.BinaryTypes.String}}, nil))
	defer b.Release()
	known, bare := &recognised{}, map[int32]bool{}
	for i := range n {
		name := strconv.Itoa(i)
		b.Field(0).(*array.StringBuilder).Append(name)
		known.keys = append(known.keys, ledger.EncodeKey(name))
		known.entries = append(known.entries, ledger.Entry{Key: ledger.EncodeKey(name), Rec: int64(i + 1), Version: 1, At: ledger.Place{Seq: 1, Row: int32(i)}})
		bare[int32(i)] = true
	}
	rec := b.NewRecord()
	defer rec.Release()
	payload, err := ledger.EncodeVersions(rec, known.entries, alloc)
	if err != nil {
		t.Fatal(err)
	}
	store := &logOfOne{payload: payload}
	c := &Collector{Config: Config{Primary: "case/accept", Alloc: alloc}, store: store}
	var res pipelines.Result
	if err := c.standIn(t.Context(), known, &res, bare); err != nil {
		t.Fatal(err)
	}
	defer res.Release()
	if store.read != 1 || len(res.Outputs) != 1 || len(res.Outputs[0].Rows) != n {
		t.Fatalf("%d reads, %+v", store.read, res.Outputs)
	}
	for i, row := range res.Outputs[0].Rows {
		if got := res.Outputs[0].Record.Column(0).(*array.String).Value(i); got != strconv.Itoa(int(row)) {
			t.Errorf("row %d is %s", row, got)
		}
	}
}
