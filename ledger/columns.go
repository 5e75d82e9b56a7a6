package ledger

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// EncodeVersions writes the payload of a log batch: rec with the columns that say which
// version of which record each row is. entries has one for each row.
func EncodeVersions(rec arrow.Record, entries []Entry, alloc memory.Allocator) ([]byte, error) {
	full := withSystemColumns(rec, entries, alloc)
	defer full.Release()
	return Encode(full)
}

func withSystemColumns(rec arrow.Record, entries []Entry, alloc memory.Allocator) arrow.Record {
	b := array.NewRecordBuilder(alloc, arrow.NewSchema(systemFields, nil))
	defer b.Release()
	b.Reserve(len(entries))
	for i := range entries {
		e := &entries[i]
		b.Field(0).(*array.Int64Builder).Append(e.Rec)
		b.Field(1).(*array.Int64Builder).Append(int64(e.Version))
		b.Field(2).(*array.BooleanBuilder).Append(e.Deleted)
		b.Field(3).(*array.FixedSizeBinaryBuilder).Append(e.GUID[:])
		b.Field(4).(*array.BinaryBuilder).Append(e.Key)
	}
	sys := b.NewRecord()
	defer sys.Release()
	fields := append(append([]arrow.Field{}, rec.Schema().Fields()...), systemFields...)
	cols := append(append([]arrow.Array{}, rec.Columns()...), sys.Columns()...)
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

// Versions are the columns that EncodeVersions added, one value for each row; they are good
// as long as the record they are of.
type Versions struct {
	Rec, Version *array.Int64
	Deleted      *array.Boolean
	GUID         *array.FixedSizeBinary
	Key          *array.Binary
}

// VersionsOf reads which version of which record each row of a payload is.
func VersionsOf(rec arrow.Record) Versions {
	return Versions{Rec: column(rec, colRec).(*array.Int64), Version: column(rec, colVersion).(*array.Int64), Deleted: column(rec, colDelete).(*array.Boolean),
		GUID: column(rec, colGUID).(*array.FixedSizeBinary), Key: column(rec, colKey).(*array.Binary)}
}

// Canonical is the fields of a payload that are the record's own, without those that
// EncodeVersions added. The caller releases it.
func Canonical(rec arrow.Record) arrow.Record {
	var fields []arrow.Field
	var cols []arrow.Array
	for i, f := range rec.Schema().Fields() {
		if !strings.HasPrefix(f.Name, "_") {
			fields, cols = append(fields, f), append(cols, rec.Column(i))
		}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), cols, rec.NumRows())
}

// column finds a column by name, nil if there is none.
func column(rec arrow.Record, name string) arrow.Array {
	return pipelines.Column(rec, name)
}

func stringColumn(rec arrow.Record, name string) *array.String {
	c, _ := column(rec, name).(*array.String)
	return c
}

func valueAt(c *array.String, row int) string {
	if c == nil || c.IsNull(row) {
		return ""
	}
	return c.Value(row)
}
