package handover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"

	"banjian/connectors/connectortest"
	"banjian/connectors/file"
	"banjian/internal/testleak"
	"banjian/pipelines"
)

func TestMain(m *testing.M) { testleak.Main(m) }

var formats = []Format{CSV, Parquet}

func target(t testing.TB, dir string, format Format, fail func(string) error) *Target {
	t.Helper()
	target := New(Options{Name: "handover", Dir: dir, Folders: []Folder{{"accept", "case/accept"}}, Format: format, fail: fail})
	t.Cleanup(func() { _ = target.Close() })
	return target
}

var schema17 = arrow.NewSchema([]arrow.Field{
	{Name: "source_id", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "local_no", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "kind", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, Nullable: true},
	{Name: "round", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "share", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "open", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "accepted_at", Type: &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}, Nullable: true},
	{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "names", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true},
}, nil)

var numbers atomic.Int64

// rows are n records; every third has NULL wherever it can.
func rows(n int, alloc memory.Allocator) arrow.Record {
	b := array.NewRecordBuilder(alloc, schema17)
	defer b.Release()
	for i := range n {
		b.Field(0).AppendNull()
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("GJJ-%06d", numbers.Add(1)))
		if i%3 == 2 {
			for _, f := range b.Fields()[2:] {
				f.AppendNull()
			}
			continue
		}
		_ = b.Field(2).(*array.BinaryDictionaryBuilder).AppendString([]string{"即办", "承诺"}[i%2])
		b.Field(3).(*array.Int64Builder).Append(int64(i))
		b.Field(4).(*array.Float64Builder).Append(0.1)
		b.Field(5).(*array.BooleanBuilder).Append(i%2 == 0)
		b.Field(6).(*array.TimestampBuilder).Append(1793494800)
		b.Field(7).(*array.Date32Builder).Append(arrow.Date32FromTime(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)))
		list := b.Field(8).(*array.ListBuilder)
		list.Append(true)
		for k := range i % 3 {
			list.ValueBuilder().(*array.StringBuilder).Append(fmt.Sprint("名", k))
		}
	}
	return b.NewRecord()
}

// delivery is a frozen batch, released when the test ends.
func delivery(t testing.TB, n int) *pipelines.Delivery {
	t.Helper()
	id := uuid.New()
	d := &pipelines.Delivery{ID: fmt.Sprintf("%x", id[:]), Table: "accept", Source: "gjj", Time: time.Date(2026, 11, 2, 9, 2, 3, 456789, time.UTC), Record: rows(n, memory.DefaultAllocator)}
	for i := range n {
		d.GUIDs, d.Versions = append(d.GUIDs, uuid.New()), append(d.Versions, uint32(i+1))
		d.Ops = append(d.Ops, []pipelines.Op{pipelines.OpInsert, pipelines.OpUpdate, pipelines.OpDelete}[i%3])
	}
	t.Cleanup(d.Record.Release)
	return d
}

// read is what our own source makes of the files that lie there, as a reader that takes those
// with a manifest: values of the columns, ∅ for NULL, the file before them.
func read(t testing.TB, dir string, format Format, columns ...string) (list [][]string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "accept")); err != nil {
		return nil
	}
	at := pipelines.Position("")
	for more := true; more; {
		folder, err := file.OpenLocal(dir)
		if err != nil {
			t.Fatal(err)
		}
		s, err := file.Open(context.Background(), file.Options{Name: "handover", Folder: folder, Files: "accept/*." + string(format), Format: string(format), Columns: columns, Done: ".json"}, at)
		if err != nil {
			t.Fatal(err)
		}
		for {
			b, err := s.Read(context.Background())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for row := range int(b.Record.NumRows()) {
				n := len(columns)
				if note := b.Record.Column(n + 1); note.IsValid(row) {
					t.Fatalf("cannot be read: %s", note.ValueStr(row))
				}
				at, _, _ := cutLine(b.Record.Column(n).(*array.String).Value(row))
				values := []string{at}
				for _, c := range b.Record.Columns()[:n] {
					if c.IsNull(row) {
						values = append(values, "∅")
					} else {
						values = append(values, c.(*array.String).Value(row))
					}
				}
				list = append(list, values)
			}
			b.Record.Release()
			at = b.Position
		}
		more = s.More()
		s.Close()
	}
	return list
}

func cutLine(place string) (name, line string, ok bool) {
	i := slices.Index([]byte(place), ':')
	if i < 0 {
		return place, "", false
	}
	return filepath.Base(place[:i]), place[i+1:], true
}

// stored is every row a reader finds.
func stored(t testing.TB, dir string, format Format) (list []connectortest.Stored) {
	t.Helper()
	for _, row := range read(t, dir, format, columnGUID, columnOperation) {
		id, name := uuid.MustParse(row[1]), row[0]
		list = append(list, connectortest.Stored{Delivery: name[len("20261102-170203.000-"):][:32], GUID: id, Op: pipelines.Op(row[2][0])})
	}
	return list
}
