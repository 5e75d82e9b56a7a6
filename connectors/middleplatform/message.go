package middleplatform

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Message is one row of a record of the interface's subject (see Subjects) as a
// message: elements in the order of the profile, NULLs and empty texts left out, and
// blocks that would be empty too; times in UTC+8. Its texts lie in the record. A record
// of another layout is a Bug.
func (p *Profile) Message(in *Interface, rec arrow.Record, row int) (*Element, error) {
	if int(rec.NumCols()) != len(in.columns) || row < 0 || int64(row) >= rec.NumRows() {
		return nil, notLaidOut(p, in)
	}
	elements := make([]Element, 0, 1+len(in.Blocks)+len(in.columns)) // never moved
	put := func(name, text string) *Element {
		elements = append(elements, Element{Name: name, Text: text})
		return &elements[len(elements)-1]
	}
	root := put(p.Body.Root, "")
	at := 0
	for i := range in.Blocks {
		b := &in.Blocks[i]
		block := root
		if b.Block != "" {
			block = put(b.Block, "")
			block.Children = make([]*Element, 0, len(b.Fields))
		}
		for j := range b.Fields {
			if rec.ColumnName(at) != in.columns[at] {
				return nil, notLaidOut(p, in)
			}
			value, ok := p.value(rec.Column(at), row)
			if !ok {
				return nil, notLaidOut(p, in)
			}
			if value != "" {
				block.Children = append(block.Children, put(b.Fields[j].Name, value))
			}
			at++
		}
		if block != root && len(block.Children) > 0 {
			root.Children = append(root.Children, block)
		}
	}
	return root, nil
}

// value is a cell as messages have it, empty for NULL; ok is false for a column no
// message has.
func (p *Profile) value(col arrow.Array, row int) (value string, ok bool) {
	switch a := col.(type) {
	case *array.String:
		if a.IsValid(row) {
			value = a.Value(row)
		}
		return value, true
	case *array.Timestamp:
		if a.IsValid(row) {
			value = p.FormatTime(time.Unix(int64(a.Value(row)), 0))
		}
		return value, a.DataType().(*arrow.TimestampType).Unit == arrow.Second
	}
	return "", false
}

func notLaidOut(p *Profile, in *Interface) error {
	name := p.SubjectName(in)
	return fault.New(fault.Bug, "make message", name, text.F("记录不是 %s 的样子", "the record is not laid out as %s", name), text.Text{})
}

// columnOf is the column that holds the value at a path.
func columnOf(path string) string { return strings.Replace(path, "/", "_", 1) }
