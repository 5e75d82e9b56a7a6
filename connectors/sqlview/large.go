package sqlview

import (
	"database/sql"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/charset"
	"banjian/internal/sqldialect"
)

// How many bytes a value of a large type (CLOB, TEXT, BLOB) may have where nobody says; a
// file that somebody else keeps (Options.Keep) as many as one from elsewhere.
const (
	MostLarge = 16 << 20
	MostKept  = 64 << 20
)

// bound settles which mapped columns have to be kept from being as large as a file. Columns
// rows are numbered by are read whole, as they are when they are counted.
func (s *session) bound(c *column, length int64) {
	for _, n := range s.o.Nth {
		if n == c.name {
			return
		}
	}
	if c.kind != sqldialect.Text && c.kind != sqldialect.Binary {
		return
	}
	c.measure = s.d.Measure(c.expr, c.typeName, length)
	if c.measure == "" && !s.d.Loose && !s.d.Opaque(c.typeName) {
		return
	}
	c.most = MostLarge
	if s.o.Keep[c.name] != nil {
		c.most = MostKept
	}
	if own := s.o.Largest[c.name]; own > 0 {
		c.most = own
	}
}

// value is the expression of a mapped column, NULL where the value is too large: then size
// has how large it is.
func (s *session) value(c *column) string {
	if c.measure == "" {
		return s.selected(c)
	}
	return "CASE WHEN " + c.measure + " <= " + strconv.FormatInt(c.most, 10) + " THEN " + s.selected(c) + " END"
}

func (c *column) size() string {
	return "CASE WHEN " + c.measure + " > " + strconv.FormatInt(c.most, 10) + " THEN " + c.measure + " END"
}

// sizeCell is the size of a value that is too large, 0 of any other.
type sizeCell int64

func (c *sizeCell) Scan(src any) error {
	*c = 0
	if src == nil {
		return nil
	}
	text, err := appendText(nil, src)
	if err != nil {
		return err
	}
	n, err := strconv.ParseFloat(string(text), 64)
	*c = sizeCell(n)
	return err
}

// boundedCell reads a column of values that may be too large. One that is has a mark in its
// place, which rejects the row.
type boundedCell struct {
	inner sql.Scanner
	size  *sizeCell // nil: the server cannot be asked
	most  int64
	to    interface{ Append(v []byte) }
}

func (c *boundedCell) Scan(src any) error {
	size := int64(0)
	switch v := src.(type) {
	case []byte:
		size = int64(len(v))
	case string:
		size = int64(len(v))
	}
	if c.size != nil {
		size = max(size, int64(*c.size))
	}
	if size <= c.most {
		return c.inner.Scan(src)
	}
	c.to.Append(charset.AppendTooBig(nil, size, c.most))
	return nil
}

// cells is the cells of one row: sizes of values that are too large, the row's class, the
// mapped columns.
func (s *Source) cells(d *description, st *statement) (dest []any) {
	sizes := make([]sizeCell, st.sized)
	for i := range sizes {
		dest = append(dest, &sizes[i])
	}
	if st.classed {
		dest = append(dest, &s.class)
	}
	for i, c := range d.mapped {
		if c.most == 0 {
			dest = append(dest, cellFor(s.builder.Field(i), &c, &s.tally))
			continue
		}
		var size *sizeCell
		if c.measure != "" {
			size, sizes = &sizes[0], sizes[1:]
		}
		dest = append(dest, boundedFor(s.builder.Field(i), &c, size, &s.tally))
	}
	return dest
}

// boundedFor is the cell of a column with a bound.
func boundedFor(b array.Builder, c *column, size *sizeCell, t *tally) sql.Scanner {
	bounded := &boundedCell{inner: cellFor(b, c, t), size: size, most: c.most}
	switch b := b.(type) {
	case *array.StringBuilder:
		bounded.to = b.BinaryBuilder
	case *array.BinaryBuilder:
		bounded.to = b
	default:
		return bounded.inner // settled otherwise since
	}
	return bounded
}
