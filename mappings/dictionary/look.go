package dictionary

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/mappings"
	"banjian/schemas"
)

// Column is a source column as the department has it and as a sample of its rows showed it.
type Column struct {
	Name    string
	Type    string // as declared
	Comment string

	seen, empty int
	examples    []string // distinct values, in order of appearance, not masked
}

// Of each column so many different values are kept as examples.
const examplesKept = 3

// View is the view a mapping reads.
type View struct {
	Columns []Column // every column, read by the mapping or not
	Rows    int      // of the sample
}

// Take counts the rows of a batch of the view; columns it does not have stay as they are.
// The caller keeps rec.
func (v *View) Take(rec arrow.Record) {
	v.Rows += int(rec.NumRows())
	for i := range v.Columns {
		c := &v.Columns[i]
		at := slices.IndexFunc(rec.Schema().Fields(), func(f arrow.Field) bool { return strings.EqualFold(f.Name, c.Name) })
		if at < 0 {
			continue
		}
		values := rec.Column(at)
		for row := range int(rec.NumRows()) {
			c.take(strings.TrimSpace(strings.Join(mappings.Texts(values, row), "、")))
		}
	}
}

func (c *Column) take(value string) {
	c.seen++
	if value == "" {
		c.empty++
		return
	}
	if len(c.examples) < examplesKept && !slices.Contains(c.examples, value) {
		c.examples = append(c.examples, strings.Clone(value))
	}
}

// column finds a column whatever its case.
func (v *View) column(name string) *Column {
	for i := range v.Columns {
		if strings.EqualFold(v.Columns[i].Name, name) {
			return &v.Columns[i]
		}
	}
	return nil
}

// masksOf is the mask of every column that a personal field is copied from.
func masksOf(parts []mappings.Description) map[string]schemas.Mask {
	out := map[string]schemas.Mask{}
	for _, d := range parts {
		for _, f := range d.Fields {
			for _, c := range f.Columns {
				switch {
				case f.Expr != "":
				case f.Field.Secret:
					out[c] = schemas.MaskSecret
				case f.Field.Mask != schemas.MaskNone && out[c] == schemas.MaskNone:
					out[c] = f.Field.Mask
				}
			}
		}
	}
	return out
}
