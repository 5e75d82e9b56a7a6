package file

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	pq "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// writeColumn writes one column of a row group.
func writeColumn[T any](g pq.SerialRowGroupWriter, values []T, levels []int16) error {
	c, err := g.NextColumn()
	if err != nil {
		return err
	}
	if _, err := c.(interface {
		WriteBatch([]T, []int16, []int16) (int64, error)
	}).WriteBatch(values, levels, nil); err != nil {
		return err
	}
	return c.Close()
}

func leaf(name string, logical schema.LogicalType, physical parquet.Type, length int) schema.Node {
	return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Optional, logical, physical, length, -1))
}

// parquetBytes is a file with these columns, all rows in groups of the given size.
func parquetBytes(t *testing.T, nodes schema.FieldList, groups int, write func(g pq.SerialRowGroupWriter, n int) error) []byte {
	t.Helper()
	var b bytes.Buffer
	root := schema.MustGroup(schema.NewGroupNode("root", parquet.Repetitions.Required, nodes, -1))
	w := pq.NewParquetWriter(&b, root)
	for n := range groups {
		g := w.AppendRowGroup()
		if err := write(g, n); err != nil {
			t.Fatal(err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// elementsParquet has the elements in row groups of 9.
func elementsParquet(t *testing.T, name string, n int) {
	nodes := schema.FieldList{leaf("id", nil, parquet.Types.Int64, -1), leaf("name", schema.StringLogicalType{}, parquet.Types.ByteArray, -1)}
	data := parquetBytes(t, nodes, (n+8)/9, func(g pq.SerialRowGroupWriter, group int) error {
		var ids []int64
		var names []parquet.ByteArray
		var levels, without []int16
		for i := group * 9; i < min(n, group*9+9); i++ {
			ids, levels = append(ids, int64(i)), append(levels, 1)
			if without = append(without, int16(i%2)); i%2 == 1 {
				names = append(names, parquet.ByteArray("办件"))
			}
		}
		if err := writeColumn(g, ids, levels); err != nil {
			return err
		}
		return writeColumn(g, names, without)
	})
	put(t, name, string(data))
}

func TestParquetValuesComeOutAsTheyStandForThemselves(t *testing.T) {
	utc := schema.NewTimestampLogicalType(true, schema.TimeUnitMillis)
	wall := schema.NewTimestampLogicalType(false, schema.TimeUnitMicros)
	moment := int64(1793583000123) // 2026-11-02 01:30:00.123 UTC
	for _, c := range []struct {
		node  schema.Node
		write func(g pq.SerialRowGroupWriter) error
		want  string
	}{
		{leaf("v", nil, parquet.Types.Boolean, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []bool{true}, []int16{1}) }, "true"},
		{leaf("v", schema.DateLogicalType{}, parquet.Types.Int32, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []int32{20759}, []int16{1}) }, "2026-11-02"},
		{leaf("v", schema.NewIntLogicalType(64, false), parquet.Types.Int64, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []int64{-1}, []int16{1}) }, "18446744073709551615"},
		{leaf("v", schema.NewDecimalLogicalType(18, 2), parquet.Types.Int64, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []int64{-5}, []int16{1}) }, "-0.05"},
		{leaf("v", schema.NewDecimalLogicalType(30, 3), parquet.Types.ByteArray, -1), func(g pq.SerialRowGroupWriter) error {
			return writeColumn(g, []parquet.ByteArray{{0xFF, 0xFF, 0xFB, 0x2E}}, []int16{1})
		}, "-1.234"},
		{leaf("v", utc, parquet.Types.Int64, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []int64{moment}, []int16{1}) }, "2026-11-02 09:30:00.123"},
		{leaf("v", wall, parquet.Types.Int64, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []int64{-1000000}, []int16{1}) }, "1969-12-31 23:59:59"},
		{leaf("v", nil, parquet.Types.Float, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []float32{0.1}, []int16{1}) }, "0.1"},
		{leaf("v", nil, parquet.Types.Double, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []float64{1e21}, []int16{1}) }, "1000000000000000000000"},
		{leaf("v", schema.UUIDLogicalType{}, parquet.Types.FixedLenByteArray, 16), func(g pq.SerialRowGroupWriter) error {
			return writeColumn(g, []parquet.FixedLenByteArray{[]byte("0123456789abcdef")}, []int16{1})
		}, "30313233-3435-3637-3839-616263646566"},
		{leaf("v", nil, parquet.Types.ByteArray, -1), func(g pq.SerialRowGroupWriter) error {
			return writeColumn(g, []parquet.ByteArray{[]byte("a\xB0")}, []int16{1})
		}, "a\xB0"},
		{leaf("v", nil, parquet.Types.Int64, -1), func(g pq.SerialRowGroupWriter) error { return writeColumn(g, []int64{}, []int16{0}) }, "∅"},
	} {
		d := newDrop(t, Options{Files: "*.parquet", Format: "parquet", Columns: []string{"v"}})
		d.put("a.parquet", string(parquetBytes(t, schema.FieldList{c.node}, 1, func(g pq.SerialRowGroupWriter, _ int) error { return c.write(g) })))
		d.wantRows(d.run(true), c.want)
	}
}

func TestABrokenParquetFileIsRefused(t *testing.T) {
	d := newDrop(t, Options{Files: "*.parquet", Format: "parquet", Columns: []string{"id", "name"}})
	name := filepath.Join(d.dir, "a.parquet")
	elementsParquet(t, name, 2000)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		spoilt := bytes.Clone(whole)
		for j := range 20 {
			spoilt[(i*len(whole)/60+j)%len(whole)] ^= 0x5A
		}
		put(t, name, string(spoilt))
		if g := d.run(true); g.err != nil || len(g.rows) == 0 || len(g.rows) < 2000 && g.rows[len(g.rows)-1] != "!file_broken:parquet" {
			// a name in the footer may be what was spoilt
			if g.err == nil {
				t.Errorf("%d: %d rows, the last %.80q", i, len(g.rows), fmt.Sprint(g.rows[max(0, len(g.rows)-1):]))
			}
		}
	}
	for _, cut := range []int{0, 3, 4, 100, len(whole) / 2, len(whole) - 1} {
		put(t, name, string(whole[:cut]))
		if g := d.run(true); g.err != nil || len(g.rows) != 1 {
			t.Errorf("%d: %+v", cut, g)
		}
	}
}

// What pyarrow writes: its codecs, both forms of pages, values as differences of each other.
func TestFilesOfAnotherWriterAreRead(t *testing.T) {
	var want []string
	for i := range 300 {
		v := fmt.Sprintf("办件%d", i%7)
		if i%3 == 0 {
			v = "∅"
		}
		want = append(want, fmt.Sprintf("%d,%s,%d", i, v, i))
	}
	files, _ := filepath.Glob("testdata/pyarrow-*.parquet")
	if len(files) == 0 {
		t.Fatal("there are none")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d := newDrop(t, Options{Files: "*.parquet", Format: "parquet", Columns: []string{"id", "v", "n"}, BatchRows: 70})
		d.put("a.parquet", string(data))
		if d.wantRows(d.run(true), want...); t.Failed() {
			t.Fatal(name)
		}
	}
}
