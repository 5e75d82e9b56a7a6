package mappings

import (
	"strings"

	"banjian/internal/text"
)

// buildFirstOf is the head first_of: [a, b, c]: the first of these columns that holds
// something other than blanks. NULL when none does.
func buildFirstOf(c *fieldCompiler, k, v *node) (*head, error) {
	columns, err := c.textColumns(k, v)
	if err != nil {
		return nil, err
	}
	shown := strings.Join(columns, ", ")
	return &head{key: k.text, columns: columns, bind: bindFirstOf, say: text.F("依次取 %s 中第一个不空的", "the first of %s that is not empty", shown)}, nil
}

func bindFirstOf(cols []*column, _ *scratch) headFn {
	return func(i int, add func(string)) bool {
		for _, c := range cols {
			if v, ok := c.text(i); ok && !blankValue(v) {
				add(v)
				break
			}
		}
		return true
	}
}
