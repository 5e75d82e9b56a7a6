package middleplatform

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
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
	for i := range len(in.Blocks) + len(in.borrows) {
		if i == len(in.Blocks) && root.Value(in.Instead.Missing) != "" {
			break // it goes as its own message
		}
		b := in.blockAt(i)
		block := root
		parent, name, nested := strings.Cut(b.Block, "/")
		if b.Block != "" {
			block = put(cmp.Or(name, parent), "")
			block.Children = make([]*Element, 0, len(b.Fields))
		}
		for j := range b.Fields {
			if in.made(b, &b.Fields[j]) {
				continue
			}
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
		switch {
		case block == root || len(block.Children) == 0:
		case nested:
			root.Add(parent, "").Children = []*Element{block}
		default:
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
	case *array.Int64:
		if a.IsValid(row) {
			value = strconv.FormatInt(a.Value(row), 10)
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
func columnOf(path string) string {
	if cut := strings.LastIndexByte(path, '/'); cut >= 0 {
		return column(path[:cut], path[cut+1:])
	}
	return path
}

// Messages is one row as the messages it goes as, in that order, and the interface they go
// by: one message, or of an interface with halves one for each half that holds anything.
func (p *Profile) Messages(in *Interface, rec arrow.Record, row int) (by *Interface, list []*Element, err error) {
	m, err := p.Message(in, rec, row)
	switch {
	case err != nil:
		return in, nil, err
	case in.Instead != nil && m.Value(in.Instead.Missing) == "":
		by = p.Interfaces[in.Instead.Interface]
		return by, []*Element{in.borrowed(by, m)}, nil
	case in.Halves == nil:
		return in, []*Element{m}, nil
	}
	for _, code := range slices.Sorted(maps.Keys(in.Halves.Blocks)) {
		half := m.Child(in.Halves.Blocks[code])
		if half == nil {
			continue
		}
		part := &Element{Name: m.Name}
		for _, f := range in.block("").Fields {
			if f.Name == in.Halves.Field {
				part.Add(f.Name, code)
			} else if e := m.Child(f.Name); e != nil {
				part.Children = append(part.Children, e)
			}
		}
		part.Children = append(part.Children, half)
		list = append(list, part)
	}
	if len(list) == 0 {
		list = append(list, m) // the check says what is missing
	}
	return in, list, nil
}
