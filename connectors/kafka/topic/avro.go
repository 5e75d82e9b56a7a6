package topic

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// avroSchema is the Avro schema of a topic's values, written as the Parsing Canonical Form
// of Apache Avro 1.11 plus logical types and defaults, and what goes before each value.
type avroSchema struct {
	text   string
	prefix []byte // single-object encoding, or the number in a registry

	carried bool // every message has the schema as a header, because there is no registry
}

// avroTypes is what a column of a kind is in the schema; every field may be null.
var avroTypes = map[pipelines.CellKind]string{
	pipelines.TextCell:  `"string"`,
	pipelines.IntCell:   `"long"`,
	pipelines.FloatCell: `"double"`,
	pipelines.BoolCell:  `"boolean"`,
	pipelines.TimeCell:  `{"type":"long","logicalType":"timestamp-millis"}`,
	pipelines.DateCell:  `{"type":"int","logicalType":"date"}`,
	pipelines.ListCell:  `{"type":"array","items":"string"}`,
}

// canonicalTypes is the same in the Parsing Canonical Form, which knows no logical types.
var canonicalTypes = map[pipelines.CellKind]string{pipelines.TimeCell: `"long"`, pipelines.DateCell: `"int"`}

const avroNamespace = "banjian"

// newAvroSchema is the schema of a topic whose values have these columns. A name that Avro
// does not allow is a Config fault.
func newAvroSchema(topic *Topic, cols []pipelines.Cells) (*avroSchema, error) {
	record := avroName(topic.Subject)
	var full, canonical strings.Builder
	full.WriteString(`{"type":"record","name":"` + record + `","namespace":"` + avroNamespace + `","fields":[`)
	canonical.WriteString(`{"name":"` + avroNamespace + `.` + record + `","type":"record","fields":[`)
	field := func(name, long, short string) {
		full.WriteString(`{"name":"` + name + `","type":` + long + `},`)
		canonical.WriteString(`{"name":"` + name + `","type":` + short + `},`)
	}
	for _, c := range cols {
		if avroName(c.Name) != c.Name {
			return nil, fault.New(fault.Config, "write Avro", topic.Name, text.F("列名 %q 不能作 Avro 的字段名", "%q cannot be the name of a field in Avro", c.Name),
				text.T("字段名以字母或 _ 开头，只用字母、数字、_；或改用 debezium、json", "names begin with a letter or _ and have letters, digits and _ only; or use debezium or json"))
		}
		short := canonicalTypes[c.Kind]
		if short == "" {
			short = avroTypes[c.Kind]
		}
		if c.Kind == pipelines.ListCell {
			short = `{"type":"array","items":"string"}`
		}
		full.WriteString(`{"name":"` + c.Name + `","type":["null",` + avroTypes[c.Kind] + `],"default":null},`)
		canonical.WriteString(`{"name":"` + c.Name + `","type":["null",` + short + `]},`)
	}
	field(fieldOp, `"string"`, `"string"`)
	field(fieldDeleted, `"string"`, `"string"`)
	s := &avroSchema{text: strings.TrimSuffix(full.String(), ",") + "]}"}
	s.prefix = singleObject(strings.TrimSuffix(canonical.String(), ",") + "]}")
	return s, nil
}

// avroName is s with every character that Avro does not allow in a name as _.
func avroName(s string) string {
	name := []byte(s)
	for i, b := range name {
		letter := b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
		if !letter && (i == 0 || b < '0' || b > '9') {
			name[i] = '_'
		}
	}
	return string(name)
}

// singleObject is what begins a value in Avro's single-object encoding: a marker and the
// fingerprint of the schema.
func singleObject(canonical string) []byte {
	return binary.LittleEndian.AppendUint64([]byte{0xC3, 0x01}, fingerprint(canonical))
}

// emptyFingerprint is CRC-64-AVRO of nothing.
const emptyFingerprint = 0xc15d213aa4d7a795

// fingerprint is CRC-64-AVRO (Rabin) of a schema in Parsing Canonical Form.
func fingerprint(canonical string) uint64 {
	fp := uint64(emptyFingerprint)
	for i := range len(canonical) {
		low := (fp ^ uint64(canonical[i])) & 0xff
		for range 8 {
			low = low>>1 ^ emptyFingerprint&-(low&1)
		}
		fp = fp>>8 ^ low
	}
	return fp
}

// appendAvro writes the event: the record's fields, each with its branch of the union, the
// operation and whether the record is deleted.
func (e *event) appendAvro(dst []byte, schema *avroSchema) []byte {
	dst = append(dst, schema.prefix...)
	for i := range e.cols {
		dst = e.appendAvroValue(dst, &e.cols[i])
	}
	dst = appendAvroText(dst, opWords[e.op()])
	return appendAvroText(dst, strconv.FormatBool(e.op() == pipelines.OpDelete))
}

func (e *event) appendAvroValue(dst []byte, c *pipelines.Cells) []byte {
	i, ok := c.At(e.row)
	switch {
	case !ok && c.Name == keySource && c.Kind == pipelines.TextCell:
		return appendAvroText(append(dst, 2), e.Source)
	case !ok:
		return append(dst, 0)
	}
	dst = append(dst, 2) // the second branch, as a zig-zag number
	switch c.Kind {
	case pipelines.IntCell:
		return binary.AppendVarint(dst, c.Int(i))
	case pipelines.FloatCell:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(c.Float(i)))
	case pipelines.BoolCell:
		if c.Bool(i) {
			return append(dst, 1)
		}
		return append(dst, 0)
	case pipelines.TimeCell:
		return binary.AppendVarint(dst, c.Time(i).UnixMilli())
	case pipelines.DateCell:
		return binary.AppendVarint(dst, int64(c.Date(i)))
	case pipelines.ListCell:
		return appendAvroList(dst, c, i)
	default:
		return appendAvroText(dst, c.Text(i))
	}
}

func appendAvroList(dst []byte, c *pipelines.Cells, i int) []byte {
	count := int64(0)
	c.Texts(i, func(string) { count++ })
	if count > 0 {
		dst = binary.AppendVarint(dst, count)
		c.Texts(i, func(s string) { dst = appendAvroText(dst, s) })
	}
	return append(dst, 0) // no further block
}

func appendAvroText(dst []byte, s string) []byte {
	return append(binary.AppendVarint(dst, int64(len(s))), s...)
}
