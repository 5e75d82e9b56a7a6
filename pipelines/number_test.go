package pipelines

import (
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"banjian/internal/fault"
)

var numberSchema = arrow.NewSchema([]arrow.Field{{Name: "slbh", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "hjdm", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "yj", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: LeafColumn, Type: arrow.PrimitiveTypes.Int64}}, nil)

func numberRecord(alloc memory.Allocator, rows [][3]string) arrow.Record {
	b := array.NewRecordBuilder(alloc, numberSchema)
	defer b.Release()
	for _, r := range rows {
		for i, v := range r {
			if v == "" {
				b.Field(i).AppendNull()
			} else {
				b.Field(i).(*array.StringBuilder).Append(v)
			}
		}
		b.Field(3).(*array.Int64Builder).Append(7)
	}
	return b.NewRecord()
}

// numberAll is every row with its number, sorted.
func numberAll(t interface{ Fatal(...any) }, alloc memory.Allocator, among []string, rows [][3]string, cuts int) []string {
	n := NewNumberer(among, alloc)
	defer n.Release()
	if among != nil {
		all := numberRecord(alloc, rows)
		part, err := columnsOf(all, among)
		if err != nil {
			t.Fatal(err)
		}
		n.Count(part)
		n.Counted()
		part.Release()
		all.Release()
	}
	var out []string
	for batch := range slices.Chunk(rows, cuts) {
		in := numberRecord(alloc, batch)
		rec, err := n.Number(in)
		if err != nil {
			t.Fatal(err)
		}
		if rec.ColumnName(int(rec.NumCols())-1) != LeafColumn {
			t.Fatal("the part of the view is not last")
		}
		for i := range int(rec.NumRows()) {
			var line string
			for _, c := range rec.Columns() {
				line += c.ValueStr(i) + "|"
			}
			out = append(out, line)
		}
		rec.Release()
		in.Release()
	}
	if err := n.End(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func TestTheNumberOfARowGoesByNeitherOrderNorBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
		word := rapid.SampledFrom([]string{"", "A", "B", "a"})
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [3]string { return [3]string{word.Draw(t, "1"), word.Draw(t, "2"), word.Draw(t, "3")} }), 1, 40).Draw(t, "rows")
		other := rapid.Permutation(rows).Draw(t, "other")
		among := rapid.SampledFrom([][]string{nil, {"slbh", "hjdm"}, {"hjdm"}}).Draw(t, "among")
		a := numberAll(t, alloc, among, rows, rapid.IntRange(1, 41).Draw(t, "cut"))
		b := numberAll(t, alloc, among, other, rapid.IntRange(1, 41).Draw(t, "cut again"))
		if !slices.Equal(a, b) {
			t.Fatalf("%v\n%v", a, b)
		}
		if len(a) != len(rows) || len(slices.Compact(slices.Clone(a))) != len(rows) {
			t.Fatalf("%d rows became %v", len(rows), a)
		}
		if n := alloc.CurrentAlloc(); n != 0 {
			t.Fatalf("%d bytes were not given back", n)
		}
	})
}

func TestAViewThatChangesBetweenCountingAndReadingIsNotNumbered(t *testing.T) {
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	n := NewNumberer([]string{"slbh"}, alloc)
	rec := numberRecord(alloc, [][3]string{{"A", "1", ""}, {"A", "2", ""}})
	defer rec.Release()
	part, _ := columnsOf(rec, []string{"slbh"})
	n.Count(part)
	part.Release()
	n.Counted()
	one := rec.NewSlice(0, 1)
	defer one.Release()
	out, err := n.Number(one)
	if err != nil || out.NumRows() != 0 {
		t.Fatal(out, err)
	}
	out.Release()
	if err := n.End(); !fault.Is(err, fault.Transient) {
		t.Fatal(err)
	}
	n.Release()
}

// What a row is called must not change from one version of the program to the next.
func TestWhatARowIsCalledIsPinned(t *testing.T) {
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	got := numberAll(t, alloc, nil, [][3]string{{"A", "", "同意"}, {"A", "", "同意"}}, 1)
	want := "[A|(null)|同意|9da28ecbfa6b506e2ddeaab9-2|7| A|(null)|同意|9da28ecbfa6b506e2ddeaab9|7|]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
