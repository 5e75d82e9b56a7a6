package sqlview

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"banjian/internal/charset"
	"banjian/internal/sqldialect"
)

// sampleLimit is the most characters of a text that are looked at.
const sampleLimit = 256

// sample reads the first rows the server comes upon.
func (s *session) sample(ctx context.Context, schema string, rel *Relation, rows int) ([][]string, error) {
	out := make([][]string, len(rel.Columns))
	view, err := s.d.QuoteView(strings.TrimPrefix(schema+"."+rel.Name, "."))
	if err != nil || rows <= 0 {
		return out, err
	}
	unicode, err := s.unicodeColumns(ctx, schema, rel.Name)
	if err != nil {
		return nil, err
	}
	var exprs []string
	var dest []any
	for i, c := range rel.Columns {
		if c.Kind == sqldialect.Binary || sqldialect.CheckName(c.Name) != nil || s.d.Opaque(c.Type) {
			continue
		}
		cell := &sampleCell{to: &out[i]}
		expr := s.d.Plain(s.d.Quote(c.Name), s.d.TypeName(c.Type))
		if c.Kind == sqldialect.Text {
			expr = s.d.Substring + "(" + expr + ", 1, " + strconv.Itoa(sampleLimit) + ")"
			if cell.from = s.declared(); cell.from != nil && !unicode[strings.ToLower(c.Name)] {
				expr = s.d.Bytes(expr)
			} else {
				cell.from = nil
			}
		}
		exprs, dest = append(exprs, expr), append(dest, cell)
	}
	if len(exprs) == 0 {
		return out, nil
	}
	q := s.d.First("SELECT "+strings.Join(exprs, ", ")+" FROM "+view, rows)
	return out, s.each(ctx, q, nil, func(r *sql.Rows) error { return r.Scan(dest...) })
}

// declared is the charset of the connection; nil: the server gives UTF-8.
func (s *session) declared() *charset.Charset {
	if s.d.Bytes == nil {
		return nil
	}
	c, _ := charset.ByName(s.o.Charset)
	return c
}

// told is a comment as it was meant: bytes of the connection's charset that were declared
// as latin1 have come as a letter each.
func (s *session) told(comment string) string {
	if c := s.declared(); c != nil {
		return c.Restore(comment)
	}
	return comment
}

// sampleCell keeps what is not NULL.
type sampleCell struct {
	to   *[]string
	from *charset.Charset // nil: UTF-8
}

func (c *sampleCell) Scan(src any) error {
	if src == nil {
		return nil
	}
	v, err := appendText(nil, src)
	if err == nil {
		*c.to = append(*c.to, c.text(v))
	}
	return err
}

// text is a value as UTF-8. One that was cut may end inside a character.
func (c *sampleCell) text(v []byte) string {
	if c.from == nil {
		return charset.Readable(string(v))
	}
	whole := string(c.from.Append(nil, v))
	for cut := 1; cut < 4 && len(v) >= sampleLimit; cut++ {
		if _, ok := charset.Spot(whole); ok {
			break
		}
		shorter := string(c.from.Append(nil, v[:len(v)-cut]))
		if _, ok := charset.Spot(shorter); ok {
			whole = shorter
		}
	}
	return charset.Readable(whole)
}
