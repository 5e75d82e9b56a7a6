package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"banjian/internal/fault"
	"banjian/pipelines"
)

// everyType is a record of n rows with a column of every type a subject or a source
// can have; about a third of the values are NULL.
func everyType(n int, alloc memory.Allocator) arrow.Record {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "int", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "float", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "bool", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "ts", Type: &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}, Nullable: true},
		{Name: "date", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "blob", Type: arrow.BinaryTypes.Binary, Nullable: true},
		{Name: "guid", Type: &arrow.FixedSizeBinaryType{ByteWidth: 16}, Nullable: true},
		{Name: "list", Type: arrow.ListOf(arrow.BinaryTypes.String), Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	for row := range n {
		for i, f := range b.Fields() {
			if (row+i)%3 == 0 {
				f.AppendNull()
				continue
			}
			switch f := f.(type) {
			case *array.StringBuilder:
				f.Append(strings.Repeat("件", row%4))
			case *array.Int64Builder:
				f.Append(int64(row) - 5)
			case *array.Float64Builder:
				f.Append(float64(row) / 3)
			case *array.BooleanBuilder:
				f.Append(row%2 == 0)
			case *array.TimestampBuilder:
				f.Append(arrow.Timestamp(row))
			case *array.Date32Builder:
				f.Append(arrow.Date32(row))
			case *array.BinaryBuilder:
				f.Append(make([]byte, row%4))
			case *array.FixedSizeBinaryBuilder:
				f.Append([]byte(fmt.Sprintf("%016d", row)))
			case *array.ListBuilder:
				f.Append(true)
				for j := range row % 4 {
					if j == 2 {
						f.ValueBuilder().AppendNull()
					} else {
						f.ValueBuilder().(*array.StringBuilder).Append(fmt.Sprint(row, j))
					}
				}
			}
		}
	}
	return b.NewRecord()
}

func checked(t interface {
	Helper()
	Errorf(string, ...any)
}) (*memory.CheckedAllocator, func()) {
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	return alloc, func() { alloc.AssertSize(t, 0) }
}

func TestAPayloadComesBackHoweverItWasSliced(t *testing.T) {
	for _, n := range []int{1, smallPayload, smallPayload + 1, 500} {
		for _, cut := range []int{0, 1, 7, 63} {
			if cut >= n {
				continue
			}
			t.Run(fmt.Sprintf("%d rows from %d", n, cut), func(t *testing.T) {
				alloc, done := checked(t)
				defer done()
				whole := everyType(n, alloc)
				defer whole.Release()
				part := whole.NewSlice(int64(cut), int64(n-(n-cut)/4))
				defer part.Release()
				payload, err := Encode(part)
				if err != nil {
					t.Fatal(err)
				}
				got, err := Decode(payload, alloc)
				if err != nil {
					t.Fatal(err)
				}
				defer got.Release()
				if !array.RecordEqual(got, part) {
					t.Errorf("got\n%v\nwant\n%v", got, part)
				}
				if !slices.Equal(pipelines.HashRows(got, "s"), pipelines.HashRows(part, "s")) {
					t.Error("the hashes of the copy differ")
				}
			})
		}
	}
}

func TestADamagedPayloadIsAFaultNotAPanic(t *testing.T) {
	alloc, done := checked(t)
	defer done()
	rec := everyType(100, alloc)
	defer rec.Release()
	payload, err := Encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"empty": nil, "short": payload[:3], "schema alone": payload[:200], "half": payload[:len(payload)/2], "other bytes": []byte(strings.Repeat("x", 300))} {
		if _, err := Decode(data, alloc); !fault.Is(err, fault.Gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range payload {
		bad := slices.Clone(payload)
		bad[i] ^= 1 << (i % 8)
		if _, err := Decode(bad, alloc); !fault.Is(err, fault.Gone) {
			t.Fatalf("one bit of byte %d of %d turned over: %v", i, len(bad), err)
		}
	}
}

func TestTakeCopiesTheRowsAskedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alloc, done := checked(t)
		defer done()
		whole := everyType(rapid.IntRange(1, 40).Draw(t, "rows"), alloc)
		defer whole.Release()
		from := rapid.Int64Range(0, whole.NumRows()-1).Draw(t, "from")
		rec := whole.NewSlice(from, whole.NumRows())
		defer rec.Release()
		rows := rapid.SliceOf(rapid.Int32Range(0, int32(rec.NumRows()-1))).Draw(t, "taken")
		got, err := TakeRows(rec, rows, alloc)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Release()
		if got.NumRows() != int64(len(rows)) {
			t.Fatalf("%d rows, want %d", got.NumRows(), len(rows))
		}
		all, some := pipelines.HashRows(rec, ""), pipelines.HashRows(got, "")
		for i, row := range rows {
			a, b := got.NewSlice(int64(i), int64(i)+1), rec.NewSlice(int64(row), int64(row)+1)
			if !array.RecordEqual(a, b) || some[i] != all[row] {
				t.Errorf("row %d is not row %d", i, row)
			}
			a.Release()
			b.Release()
		}
	})
}

// texts is a record of one row of text columns; "∅" is NULL.
func texts(values ...string) arrow.Record {
	fields := make([]arrow.Field, len(values))
	cols := make([]arrow.Array, len(values))
	for i, v := range values {
		b := array.NewStringBuilder(memory.NewGoAllocator())
		if v == "∅" {
			b.AppendNull()
		} else {
			b.Append(v)
		}
		fields[i], cols[i] = arrow.Field{Name: fmt.Sprint("c", i), Type: arrow.BinaryTypes.String, Nullable: true}, b.NewArray()
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, 1)
}

func TestNullEmptyAndAbsentAreThreeThings(t *testing.T) {
	seen := map[pipelines.Hash]string{}
	for _, values := range [][]string{{}, {"∅"}, {""}, {"∅", "∅"}, {"", ""}, {"∅", ""}, {"", "∅"}, {"a"}, {"a", "∅"}, {"∅", "a"}, {"a", ""},
		{"ab", "c"}, {"a", "bc"}, {"abc"}, {"\x01a"}, {"a", "\x01b"}, {"a\x01\x01b"}, {"\x00"}, {"\x00", "∅"}} {
		h := pipelines.HashRows(texts(values...), "m1")[0]
		if other, taken := seen[h]; taken {
			t.Errorf("%q has the hash of %s", values, other)
		}
		seen[h] = fmt.Sprintf("%q", values)
	}
}

func TestHashesDependOnSeedAndTypeAndNotOnNames(t *testing.T) {
	rec := texts("1", "a")
	if pipelines.HashRows(rec, "m1")[0] == pipelines.HashRows(rec, "m2")[0] {
		t.Error("another mapping version gives the same hash")
	}
	renamed := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.BinaryTypes.String}, {Name: "y", Type: arrow.BinaryTypes.String}}, nil), rec.Columns(), 1)
	if pipelines.HashRows(rec, "m1")[0] != pipelines.HashRows(renamed, "m1")[0] {
		t.Error("another name gives another hash")
	}
	b := array.NewInt64Builder(memory.NewGoAllocator())
	b.Append(1)
	typed := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.PrimitiveTypes.Int64}, {Name: "y", Type: arrow.BinaryTypes.String}}, nil),
		[]arrow.Array{b.NewArray(), rec.Column(1)}, 1)
	if pipelines.HashRows(rec, "m1")[0] == pipelines.HashRows(typed, "m1")[0] {
		t.Error("text and integer have the same hash")
	}
}

// A new way to hash would make every record look changed, once.
func TestHashesNeverChange(t *testing.T) {
	rec := everyType(4, memory.NewGoAllocator())
	want := []string{"44f288cf33d0df25722c9477a180cbf2", "89318024450648c945a97fdd0f176d21", "7a234d362acc27cd6971147a72311196", "38ac00b99e3fb71f4d51bea1c5250f05"}
	for i, h := range pipelines.HashRows(rec, "mapping-1") {
		if got := fmt.Sprintf("%x", h[:]); got != want[i] {
			t.Errorf("row %d: %s, want %s", i, got, want[i])
		}
	}
}

func FuzzDecode(f *testing.F) {
	alloc := memory.NewGoAllocator()
	payload, err := Encode(everyType(3, alloc))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(payload)
	f.Add(payload[:len(payload)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		if rec, err := Decode(data, alloc); err == nil {
			rec.Release()
		}
	})
}
