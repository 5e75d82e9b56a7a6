package sqlview

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/charset"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// checkCharsets says whether the charsets are known and their columns read.
func (o Options) checkCharsets() error {
	for _, column := range append([]string{""}, slices.Sorted(maps.Keys(o.Charsets))...) {
		name := o.Charset
		if column != "" {
			name = o.Charsets[column]
			if !slices.Contains(o.Columns, column) {
				return fault.New(fault.Config, "check charset", o.where(), text.F("写了列 %s 的字符集，但映射不读这一列", "a charset is given for column %s, which the mapping does not read", column), nearest.Hint(column, o.Columns))
			}
		}
		if _, ok := charset.ByName(name); !ok {
			return fault.New(fault.Config, "check charset", o.where(), text.F("不认识字符集 %q", "unknown charset %q", name),
				text.F("可用：utf8, %[1]s", "known: utf8, %[1]s", strings.Join(charset.Names(), ", ")))
		}
	}
	return nil
}

// declare settles which mapped columns are read as bytes of a charset: those that name one,
// and, where the connection has one, every other text column but those of which the server
// knows that they are Unicode.
func (s *session) declare(ctx context.Context, d *description) error {
	if s.o.Charset == "" && len(s.o.Charsets) == 0 {
		return nil
	}
	unicode := map[string]bool{}
	if s.o.Query == "" {
		schema, name, err := sqldialect.SplitView(s.o.relation())
		if err == nil {
			unicode, err = s.unicodeColumns(ctx, schema, name)
		}
		if err != nil {
			return err
		}
	}
	for i := range d.mapped {
		c := &d.mapped[i]
		name, own := s.o.Charsets[c.name]
		switch {
		case own && c.kind != sqldialect.Text && c.kind != sqldialect.Binary:
			return fault.New(fault.Config, "check charset", s.o.where(), text.F("列 %s 是 %s，不是文字，不能写 charset", "column %s is %s, no text: it has no charset", c.name, c.typeName), text.Text{})
		case !own && (c.kind != sqldialect.Text || unicode[strings.ToLower(c.name)]):
			continue
		case !own:
			name = s.o.Charset
		}
		if named, _ := charset.ByName(name); named != nil && c.kind == sqldialect.Text && s.d.Bytes == nil {
			return fault.New(fault.Config, "check charset", s.o.where(), text.F("%s 只给出已转成 UTF-8 的文字，列 %s 不能写 charset", "%s gives text in UTF-8 alone: column %s can have no charset", s.d.Name, c.name),
				text.T("去掉 charset；字节确实不对的，让视图以二进制给出这一列", "drop charset; where the bytes are really others, have the view give the column as binary"))
		}
		if c.charset, _ = charset.ByName(name); own {
			c.kind = sqldialect.Text
		}
	}
	return nil
}

// unicodeColumns are the columns of a view or table that the server holds as Unicode, asked
// for only where the connection has a charset.
func (s *session) unicodeColumns(ctx context.Context, schema, name string) (map[string]bool, error) {
	found := map[string]bool{}
	if s.o.Charset == "" || s.d.ColumnCharsets == "" {
		return found, nil
	}
	return found, s.each(ctx, s.d.ColumnCharsets, []any{schema, name}, func(r *sql.Rows) error {
		var column string
		var held sql.NullString
		err := r.Scan(&column, &held)
		if strings.HasPrefix(held.String, "utf") || strings.HasPrefix(held.String, "ucs") {
			found[strings.ToLower(column)] = true
		}
		return err
	})
}

// selected is the expression a mapped column is read by.
func (s *session) selected(c *column) string {
	if c.charset != nil && s.d.Bytes != nil {
		return s.d.Bytes(c.expr)
	}
	return s.d.Plain(c.expr, c.typeName)
}

// decodeCell reads bytes of a charset. What is no character is marked in the text, which
// rejects the row.
type decodeCell struct {
	to    *array.StringBuilder
	from  *charset.Charset
	tally *tally
	raw   []byte
	buf   []byte
}

func (c *decodeCell) Scan(src any) error {
	raw, ok := src.([]byte)
	switch {
	case src == nil:
		c.to.AppendNull()
		return nil
	case !ok:
		var err error
		if c.raw, err = appendText(c.raw[:0], src); err != nil {
			return err
		}
		raw = c.raw
	}
	c.buf = c.from.Append(c.buf[:0], raw)
	c.to.BinaryBuilder.Append(c.buf)
	c.tally.bytes += int64(len(raw))
	return nil
}
