package mappings

import (
	"strings"

	"banjian/internal/text"
)

// buildArray is the head array: [a, b, c]: the columns that hold something, in this
// order, as a list; into a text field join follows.
func buildArray(c *fieldCompiler, k, v *node) (*head, error) {
	columns, err := c.textColumns(k, v)
	if err != nil {
		return nil, err
	}
	shown := strings.Join(columns, ", ")
	return &head{key: k.text, columns: columns, list: true, bind: bindArray, say: text.F("%s 中不空的合成列表", "list of those of %s that are not empty", shown)}, nil
}

func bindArray(cols []*column, _ *scratch) headFn {
	return func(i int, add func(string)) bool {
		for _, c := range cols {
			if v, ok := c.text(i); ok && !blankValue(v) {
				add(strings.TrimFunc(v, isBlankRune))
			}
		}
		return true
	}
}
