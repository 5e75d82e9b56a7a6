package topic

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// sampleBatch is three events of one record kind: created, updated, deleted.
func sampleBatch(t *testing.T) *batch {
	t.Helper()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	rec := acceptRows(3, nil, alloc)
	t.Cleanup(func() { rec.Release(); alloc.AssertSize(t, 0) })
	d := deliveryOf(rec, "gov.case.accept")
	d.ID = "0123456789abcdef0123456789abcdef"
	for i := range d.GUIDs {
		d.GUIDs[i] = [16]byte{0x6f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, byte(i)}
	}
	d.Ops = []pipelines.Op{pipelines.OpInsert, pipelines.OpUpdate, pipelines.OpDelete}
	d.Versions = []uint32{1, 7, 3}
	cols, err := pipelines.CellsOf(rec, "encode message")
	if err != nil {
		t.Fatal(err)
	}
	return &batch{Delivery: d, topic: &Topic{Name: d.Table, Subject: "case/accept", Key: []string{"source_id", "local_no", "round"}}, cols: cols, zone: time.FixedZone("+08:00", 8*3600), name: "province"}
}

func TestMessagesAreWrittenAsTheirReadersExpectThem(t *testing.T) {
	b := sampleBatch(t)
	var got strings.Builder
	for row := range 3 {
		e := event{b, row}
		fmt.Fprintf(&got, "key %s\nevent %s\ndebezium %s\njson %s\n\n", e.appendKey(nil), e.id(), e.appendDebezium(nil), e.appendFlat(nil))
		for _, doc := range [][]byte{e.appendKey(nil), e.appendDebezium(nil), e.appendFlat(nil)} {
			if !json.Valid(doc) {
				t.Errorf("row %d: not JSON: %s", row, doc)
			}
		}
	}
	golden(t, "messages.txt", got.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "sink", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%s differs (%v):\n%s", file, err, got)
	}
}

func TestTextIsJSONWhateverItHolds(t *testing.T) {
	for _, s := range []string{"", "公积金", "a\"b\\c", "line\nline\r\ttab", "\x00\x1f\x7f", "𠀀😀", "</script>", "\u2028"} {
		var back string
		if err := json.Unmarshal(appendText(nil, s), &back); err != nil || back != s {
			t.Errorf("%q came back as %q, %v", s, back, err)
		}
	}
}

// Vectors of the Java client: DefaultPartitioner of 3 partitions, Utils.murmur2.
func TestKeysGoWhereTheJavaClientPutsThem(t *testing.T) {
	for _, c := range []struct {
		key  string
		hash int32 // Utils.murmur2 of the key, from Kafka's own UtilsTest
	}{{"21", -973932308}, {"foobar", -790332482}, {"a-little-bit-long-string", -985981536}, {"a-little-bit-longer-string", -1486304829}, {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971}} {
		want := int(c.hash&0x7fffffff) % 3
		if got := partitionOf([]byte(c.key), []int{0, 1, 2}); got != want {
			t.Errorf("%q lies in %d, want %d", c.key, got, want)
		}
	}
}

// Fingerprints of the Avro specification's own test data (share/test/data/schema-tests.txt).
func TestSchemasHaveTheFingerprintsOfAvro(t *testing.T) {
	for canonical, want := range map[string]int64{
		`"null"`:    7195948357588979594,
		`"boolean"`: -6970731678124411036,
		`"int"`:     8247732601305521295,
		`"string"`:  -8142146995180207161,
	} {
		if got := int64(fingerprint(canonical)); got != want {
			t.Errorf("%s: %d, want %d", canonical, got, want)
		}
	}
}

// avroReader reads what appendAvro writes, by the specification and not by our code.
type avroReader struct{ rest []byte }

func (r *avroReader) long() int64 {
	v, n := binary.Varint(r.rest)
	r.rest = r.rest[n:]
	return v
}

func (r *avroReader) text() string {
	n := r.long()
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func TestAvroValuesReadBackByTheirSchema(t *testing.T) {
	b := sampleBatch(t)
	schema, err := newAvroSchema(b.topic, b.cols)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "accept.avsc", schema.text+"\n")
	e := event{b, 2}
	value := e.appendAvro(nil, schema)
	if value[0] != 0xC3 || value[1] != 1 {
		t.Fatalf("it begins with % x", value[:2])
	}
	r := &avroReader{value[10:]}
	var got []any
	for _, f := range acceptSchema.Fields() {
		switch branch := r.long(); {
		case branch == 0:
			got = append(got, nil)
		case f.Type.ID() == arrow.STRING:
			got = append(got, r.text())
		case f.Type.ID() == arrow.BOOL:
			got = append(got, r.rest[0] == 1)
			r.rest = r.rest[1:]
		case f.Type.ID() == arrow.LIST:
			var list []string
			for n := r.long(); n > 0; n = r.long() {
				for range n {
					list = append(list, r.text())
				}
			}
			got = append(got, list)
		default:
			got = append(got, r.long())
		}
	}
	got = append(got, r.text(), r.text(), len(r.rest))
	want := []any{"gjj-core", "GJJ-2", int64(1), acceptedAt.UnixMilli() + 2000, int64(arrow.Date32FromTime(acceptedAt)), true, []string{"公积金", `a"b`}, "公积金提取（张某）", "d", "true", 0}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read back\n%v, want\n%v", got, want)
	}
}

func TestAnArrowMessageHasEveryRowWithItsEvent(t *testing.T) {
	b := sampleBatch(t)
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	keys := [][]byte{[]byte("k0"), nil, []byte("k2")}
	value, err := b.arrowStream([]int{0, 2}, keys, alloc)
	if err != nil {
		t.Fatal(err)
	}
	rows := arrowRows(t, value)
	if len(rows) != 2 || rows[1]["local_no"] != "GJJ-2" || rows[1]["_operation"] != "D" || rows[1]["_version"] != "3" || rows[1]["_key"] != "k2" || rows[0]["source_id"] != "gjj-core" {
		t.Errorf("rows %v", rows)
	}
}

func TestDictionariesAreLookedThrough(t *testing.T) {
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer alloc.AssertSize(t, 0)
	b := array.NewDictionaryBuilder(alloc, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
	defer b.Release()
	for _, s := range []string{"甲", "乙", "甲"} {
		if err := b.AppendString(s); err != nil {
			t.Fatal(err)
		}
	}
	b.AppendNull()
	arr := b.NewArray()
	defer arr.Release()
	rec := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "d", Type: arr.DataType(), Nullable: true}}, nil), []arrow.Array{arr}, 4)
	defer rec.Release()
	cols, err := pipelines.CellsOf(rec, "encode message")
	if err != nil {
		t.Fatal(err)
	}
	e := event{&batch{Delivery: deliveryOf(rec, "t"), cols: cols}, 0}
	for row, want := range []string{`"甲"`, `"乙"`, `"甲"`, "null"} {
		e.row = row
		if got := string(e.appendValue(nil, &cols[0])); got != want {
			t.Errorf("row %d: %s, want %s", row, got, want)
		}
	}
}
