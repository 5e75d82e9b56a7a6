package ledger

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"banjian/pipelines"
)

// A change of any of these gives every record a second identity at every receiver.
var identities = []struct {
	stream Stream
	parts  []string
	key    string // hex
	guid   string
}{
	{Stream{"gjj-core", "case/accept"}, []string{"GJJ202601010001", "1"}, "0f474a4a3230323630313031303030310131", "f94c9ab6-a1f6-528d-a436-f2702df50304"},
	{Stream{"gjj-core", "case/step"}, []string{"GJJ202601010001", "初审", "1"}, "0f474a4a32303236303130313030303106e5889de5aea10131", "da50fbba-8371-59a0-8446-167e27233670"},
	{Stream{"jtj", "case/material"}, []string{"A", "1", strings.Repeat("材料", 30)}, "01410131b401" + strings.Repeat("e69d90e69699", 30), "e58aeb14-717e-54bb-84ae-3e0056a11d2a"},
	{Stream{"gjj-cor", "case/accept"}, []string{"eGJJ202601010001", "1"}, "1065474a4a3230323630313031303030310131", "416bd3d9-3f79-51e4-bc2f-55daee723d1c"},
	{Stream{"gjj-core", "case/result"}, []string{"-5"}, "022d35", "180071bf-358f-5ba4-9bff-ee2313e3d5f1"},
}

func TestKeysAndGUIDsNeverChange(t *testing.T) {
	for _, c := range identities {
		key := EncodeKey(c.parts...)
		if got := hex.EncodeToString(key); got != c.key {
			t.Errorf("%v: key %s, want %s", c.parts, got, c.key)
		}
		if got := uuid.UUID(GUID(c.stream, key)).String(); got != c.guid {
			t.Errorf("%v %v: guid %s, want %s", c.stream, c.parts, got, c.guid)
		}
	}
}

func TestGUIDIsAVersion5UUIDOfTheWholeIdentity(t *testing.T) {
	space := uuid.MustParse("6b1d1b52-0e2a-5c61-9d37-2b4e75a0c813")
	rapid.Check(t, func(t *rapid.T) {
		s := Stream{rapid.String().Draw(t, "source"), rapid.String().Draw(t, "subject")}
		parts := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "parts")
		var name []byte
		for _, p := range append([]string{s.Subject, s.Source}, parts...) {
			for n := len(p); ; n >>= 7 {
				if n < 0x80 {
					name = append(name, byte(n))
					break
				}
				name = append(name, byte(n)|0x80)
			}
			name = append(name, p...)
		}
		if got, want := uuid.UUID(GUID(s, EncodeKey(parts...))), uuid.NewSHA1(space, name); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func TestDecodeKeyIsTheInverseOfEncodeKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := append([]string{rapid.StringN(1, 200, -1).Draw(t, "first")}, rapid.SliceOf(rapid.String()).Draw(t, "others")...)
		if got := DecodeKey(EncodeKey(parts...)); !slices.Equal(got, parts) {
			t.Fatalf("got %q, want %q", got, parts)
		}
	})
}

func TestDifferentValuesHaveDifferentKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		short := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("a\x00\x01\x02\x80")), 0, 3, -1), 0, 4)
		a, b := short.Draw(t, "a"), short.Draw(t, "b")
		if slices.Equal(a, b) != slices.Equal(EncodeKey(a...), EncodeKey(b...)) {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestAKeyOfARowWithoutOneIsItsHash(t *testing.T) {
	h := pipelines.Hash{0xab, 15: 0xcd}
	if got := DecodeKey(RowKey(h)); len(got) != 1 || got[0] != "#ab"+strings.Repeat("0", 28)+"cd" {
		t.Errorf("got %q", got)
	}
}

func FuzzDecodeKey(f *testing.F) {
	f.Add(EncodeKey("GJJ202601010001", "1"))
	f.Add(RowKey(pipelines.Hash{1}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'a'})
	f.Fuzz(func(t *testing.T, key []byte) {
		parts := DecodeKey(key)
		if len(parts) > len(key) {
			t.Errorf("%d parts of %d bytes", len(parts), len(key))
		}
	})
}

func TestKeysOfARecordAreThoseOfItsValues(t *testing.T) {
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "local_no", Type: arrow.BinaryTypes.String}, {Name: "round", Type: arrow.PrimitiveTypes.Int64},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}}, {Name: "day", Type: arrow.FixedWidthTypes.Date32},
		{Name: "last", Type: arrow.FixedWidthTypes.Boolean}}, nil)
	b := array.NewRecordBuilder(alloc, schema)
	defer b.Release()
	for i, no := range []string{"A", "", "\x00", "丙", "A"} {
		if b.Field(0).(*array.StringBuilder).Append(no); no == "\x00" {
			b.Field(1).AppendNull()
		} else {
			b.Field(1).(*array.Int64Builder).Append(int64(i) - 4)
		}
		b.Field(2).(*array.TimestampBuilder).Append(1793494800)
		b.Field(3).(*array.Date32Builder).Append(20758)
		b.Field(4).(*array.BooleanBuilder).Append(i > 2)
	}
	rec := b.NewRecord()
	defer rec.Release()
	want := map[string][]string{
		"local_no":       {"[A]", "", "[\x00]", "[丙]", "[A]"},
		"local_no round": {"[A -4]", "", "", "[丙 -1]", "[A 0]"},
		"round":          {"[-4]", "[-3]", "", "[-1]", "[0]"},
		"last at day":    {tail("false"), tail("false"), tail("false"), tail("true"), tail("true")},
	}
	for fields, want := range want {
		for from := range 2 {
			part := rec.NewSlice(int64(from), 5)
			keys, err := Keys(part, strings.Fields(fields))
			part.Release()
			if err != nil {
				t.Fatal(err)
			}
			for i, key := range keys {
				got := ""
				if key != nil {
					got = fmt.Sprint(DecodeKey(key))
				}
				if got != want[from+i] {
					t.Errorf("%s of row %d: %q, want %q", fields, from+i, got, want[from+i])
				}
			}
		}
	}
	if _, err := Keys(rec, []string{"nobody"}); err == nil {
		t.Error("a field that is not there was taken")
	}
}

// tail is a time and a day as they stand in keys.
func tail(last string) string { return "[" + last + " 2026-11-01 01:00:00Z 2026-11-01]" }

func TestTheFirstOfAKeyIsThatOfItsValues(t *testing.T) {
	for _, key := range [][]byte{EncodeKey("GJJ1"), EncodeKey("GJJ1", "2"), EncodeKey("", "2"), RowKey(pipelines.Hash{1, 2}), {9, 'x'}, {0xff}} {
		if got, want := FirstOfKey(key), DecodeKey(key)[0]; got != want {
			t.Errorf("% x: %q, want %q", key, got, want)
		}
	}
}
