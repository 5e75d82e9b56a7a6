package middleplatform

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// blockAt is one of the blocks that a record of the interface has columns for: its own, then
// those it borrows.
func (in *Interface) blockAt(i int) *Block {
	if i < len(in.Blocks) {
		return &in.Blocks[i]
	}
	return &in.borrows[i-len(in.Blocks)]
}

// Borrowed says that a column of the interface's records holds a value of the messages that
// go instead of its own.
func (in *Interface) Borrowed(name string) bool {
	for i := range in.borrows {
		for _, f := range in.borrows[i].Fields {
			if column(in.borrows[i].Block, f.Name) == name {
				return true
			}
		}
	}
	return false
}

// Elsewhere says that a row of the interface's records goes by another interface.
func (in *Interface) Elsewhere(rec arrow.Record, row int) bool {
	if in.Instead == nil {
		return false
	}
	for _, at := range rec.Schema().FieldIndices(columnOf(in.Instead.Missing)) {
		col, ok := rec.Column(at).(*array.String)
		return ok && (col.IsNull(row) || col.Value(row) == "")
	}
	return false
}

// borrowed is what of a record goes by another interface.
func (in *Interface) borrowed(by *Interface, m *Element) *Element {
	part, root := &Element{Name: m.Name}, by.block("")
	for _, e := range m.Children {
		if root.field(e.Name) != nil || blockOf(in.borrows, e.Name) != nil {
			part.Children = append(part.Children, e)
		}
	}
	return part
}

// wrongInstead is what is wrong with how another interface tells what this one cannot.
func (p *Profile) wrongInstead(at string, in *Interface) *mistake {
	in.borrows = nil
	to := in.Instead
	if to == nil {
		return nil
	}
	by := p.Interfaces[to.Interface]
	if by == nil || by == in || by.Instead != nil || by.Halves != nil || by.Files != nil || in.Halves != nil || in.Files != nil {
		return wrongAt(at, "interface 要写另一个逐条推送的接口，两个都不带文件、不分两半", "interface is another one; neither has files or halves")
	}
	if f := in.at(to.Missing); f == nil || !f.Required {
		return wrongAt(at, "missing 要写本接口的必填字段", "missing is a required field of this interface")
	}
	for _, name := range to.Blocks {
		b := by.block(name)
		if b == nil || name == "" || b.Many || in.block(name) != nil {
			return wrongAt(at, "blocks 里的 %s 不是对方接口的块，或本接口也有", "%s in blocks is no block of that interface, or one of this one too", name)
		}
		in.borrows = append(in.borrows, *b)
	}
	if !slices.ContainsFunc(in.borrows, func(b Block) bool { return b.Required }) {
		return wrongAt(at, "blocks 要有对方接口的必填块", "blocks has a required block of that interface")
	}
	for i := range in.borrows {
		for _, f := range in.borrows[i].Fields {
			name := column(in.borrows[i].Block, f.Name)
			if slices.Contains(in.columns, name) {
				return wrongAt(fmt.Sprintf("%s.blocks[%d]", at, i), "列名 %s 重复", "the column %s is repeated", name)
			}
			in.columns = append(in.columns, name)
		}
	}
	return nil
}
