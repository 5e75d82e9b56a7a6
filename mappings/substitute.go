package mappings

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/schemas"
)

// substituted is the warning of a character that the receiver's charset lacks and for which
// the site has a substitute.
const substituted = "substituted"

// substitute is a column of the receiver's table with the site's substitutes; it takes arr
// and the caller owns what it gives.
func (r *run) substitute(by *schemas.Substitutes, f *fieldProg, arr arrow.Array) arrow.Array {
	texts, ok := arr.(*array.String)
	if !ok || f.target.Type != schemas.Text {
		return arr
	}
	var changed map[int]string
	for i := range texts.Len() {
		if texts.IsNull(i) {
			continue
		}
		v, replaced := by.Text(texts.Value(i))
		if len(replaced) == 0 {
			continue
		}
		if changed == nil {
			changed = map[int]string{}
		}
		changed[i] = v
		for _, c := range replaced {
			r.issue(i, f.target.Name, substituted, []string{fmt.Sprintf("U+%04X", c), by.Instead(c)}, schemas.Warn)
		}
	}
	if changed == nil {
		return arr
	}
	defer arr.Release()
	return r.p.taker.text(r.alloc, texts.Len(), func(i int) (string, bool) {
		if v, ok := changed[i]; ok {
			return v, true
		}
		return texts.Value(i), texts.IsValid(i)
	})
}
