package attachment

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// about is what a record says of its file.
type about struct {
	rec                arrow.Record
	name, kind, digest arrow.Array // nil where the subject has no such field
}

func aboutOf(rec arrow.Record) about {
	return about{rec, firstOf(rec, nameFields), firstOf(rec, typeFields), firstOf(rec, digestFields)}
}

func firstOf(rec arrow.Record, names []string) arrow.Array {
	for _, name := range names {
		if at := rec.Schema().FieldIndices(name); len(at) > 0 {
			return rec.Column(at[0])
		}
	}
	return nil
}

func (a about) tell(r *Ref, row int) {
	r.Name, r.Type, r.MD5 = word(a.name, row), word(a.kind, row), word(a.digest, row)
}

// beside is what the row of the source says of its file.
type beside struct {
	name, size, md5, sm3, version arrow.Array
	sizeColumn                    string
}

func (s *Stage) beside(in arrow.Record) beside {
	column := func(name string) arrow.Array {
		if at := in.Schema().FieldIndices(name); name != "" && len(at) > 0 {
			return in.Column(at[0])
		}
		return nil
	}
	return beside{column(s.Of.Name), column(s.Of.Size), column(s.Of.MD5), column(s.Of.SM3), column(s.Of.Version), s.Of.Size}
}

// tell adds to a reference what its row says; the column is given whose value is no number.
func (b beside) tell(r *Ref, row int) (wrong string) {
	if v := word(b.name, row); v != "" {
		r.Name = v
	}
	if v := word(b.md5, row); v != "" {
		r.MD5 = v
	}
	r.SM3, r.Version = word(b.sm3, row), word(b.version, row)
	if v := word(b.size, row); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 {
			return b.sizeColumn
		}
		r.Size = n
	}
	return ""
}

// word is a cell as text, the first of a list; empty where there is none.
func word(col arrow.Array, row int) string {
	if col == nil || col.IsNull(row) {
		return ""
	}
	switch c := col.(type) {
	case *array.List:
		from, to := c.ValueOffsets(row)
		if values, ok := c.ListValues().(*array.String); ok && to > from && values.IsValid(int(from)) {
			return strings.TrimSpace(values.Value(int(from)))
		}
		return ""
	case *array.String:
		return strings.TrimSpace(c.Value(row))
	}
	return strings.TrimSpace(col.ValueStr(row))
}

// textAt is a value of a text column, false where there is none.
func textAt(rec arrow.Record, field string, row int) (string, bool) {
	at := rec.Schema().FieldIndices(field)
	if len(at) == 0 {
		return "", false
	}
	v := word(rec.Column(at[0]), row)
	return v, v != ""
}
