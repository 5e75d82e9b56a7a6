package mappings

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/chars"
	"banjian/internal/charset"
	"banjian/schemas"
)

// Rules a row is refused by before it is mapped; their sentences are in schemas. They
// have the source column as argument, badBytes the bytes in hexadecimal as well.
const (
	badBytes = "bad_bytes"
	lostChar = "lost_char"
	tooBig   = "value_too_big" // its size and the most that is read
)

// illegible finds the rows of the record in hand with a text, of any column that is read,
// that is not UTF-8 or has lost a character (U+FFFD); lost is nil when there is none. A
// column is looked at as a whole first.
func (p *Program) illegible(n int) (lost []bool, issues []schemas.Issue) {
	if p.m.from != nil {
		return nil, nil // our own records
	}
	for k, c := range p.cols {
		texts := c.str
		if c.kind != physText && c.kind != physDict || legible(texts) {
			continue
		}
		for i := range n {
			v, ok := c.text(i)
			if !ok {
				continue
			}
			spot, ok := charset.Spot(v)
			if ok {
				continue
			}
			if lost == nil {
				lost = make([]bool, n)
			}
			lost[i] = true
			is := schemas.Issue{Row: int32(i), Field: p.m.reader(p.names[k]), Rule: lostChar, Args: []string{p.names[k]}, Severity: schemas.Reject}
			if size, most, ok := charset.TooBig(v); ok {
				is.Rule, is.Args = tooBig, append(is.Args, size, most)
			} else if spot != "" {
				is.Rule, is.Args = badBytes, append(is.Args, spot)
			}
			issues = append(issues, is)
		}
	}
	return lost, issues
}

// onlyIllegible drops what else was found in lost rows: they are mapped beside the others,
// which costs less than to take them out first, and nothing made of them counts.
func onlyIllegible(issues []schemas.Issue, lost []bool) []schemas.Issue {
	return slices.DeleteFunc(issues, func(is schemas.Issue) bool {
		return lost[is.Row] && is.Rule != badBytes && is.Rule != lostChar && is.Rule != tooBig
	})
}

// legible says that every text of a can be read: the whole can, and none begins inside a
// character.
func legible(a *array.String) bool {
	if a.Len() == 0 {
		return true
	}
	data, offsets := a.ValueBytes(), a.ValueOffsets()
	if !chars.Legible(data) {
		return false
	}
	for _, at := range offsets[:len(offsets)-1] {
		if i := int(at - offsets[0]); i < len(data) && data[i]&0xC0 == 0x80 {
			return false
		}
	}
	return true
}

// reader is the first field that reads a source column, empty if none does.
func (m *Mapping) reader(column string) string {
	for _, b := range m.blocks {
		for _, f := range b.plans {
			if slices.Contains(b.sources(f), column) {
				return f.target.Name
			}
		}
	}
	return ""
}

// legibleOnly is arr with NULL for texts that cannot be read; the caller owns it.
func (p *Program) legibleOnly(alloc memory.Allocator, arr arrow.Array) arrow.Array {
	a, ok := arr.(*array.String)
	if !ok || legible(a) {
		arr.Retain()
		return arr
	}
	return p.taker.text(alloc, a.Len(), func(i int) (string, bool) {
		if a.IsNull(i) {
			return "", false
		}
		_, ok := charset.Spot(a.Value(i))
		return a.Value(i), ok
	})
}
