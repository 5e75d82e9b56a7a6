package mappings

import (
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// head is where a field's value comes from when it is made of several columns: a text
// or a list for each row, computed before the field's chain.
type head struct {
	key     string
	columns []string // source columns it reads
	hidden  string   // the one a trace does not show: a whole form
	list    bool
	bind    func(cols []*column, s *scratch) headFn
	say     text.Text
}

// headFn makes the value of row i: add gets each text of it, in order. It may say no
// after scratch.fail. A text holds until the next call of add.
type headFn func(i int, add func(string)) bool

// specialHeads are the keys that build a head; from, const, expr and item_code are the
// others.
var specialHeads = map[string]func(c *fieldCompiler, k, v *node) (*head, error){
	"array":    buildArray,
	"first_of": buildFirstOf,
	"path":     buildPath,
}

// special compiles a head of several columns.
func (c *fieldCompiler) special(k, v *node) error {
	h, err := specialHeads[k.text](c, k, v)
	if err != nil {
		return err
	}
	return c.setHead(h, k)
}

func (c *fieldCompiler) setHead(h *head, k *node) error {
	c.plan.head = h
	c.plan.places[h.key] = c.file.at(k)
	if h.list {
		c.state = stateList
	}
	return nil
}

// textColumns is a list of source columns that hold single values.
func (c *fieldCompiler) textColumns(k, v *node) ([]string, error) {
	if v.kind != listNode || len(v.vals) == 0 {
		return nil, c.failHint(orNode(v, k), text.F("例如 %s: [甲列, 乙列]", "for example %s: [a, b]", k.text), "%s: 要写一组来源列", "%s: needs a list of columns", k.text)
	}
	var out []string
	for _, n := range v.vals {
		name, err := c.textColumn(k, n)
		if err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, nil
}

func (c *fieldCompiler) textColumn(k, n *node) (string, error) {
	name, err := c.word(k, n)
	if err != nil {
		return "", err
	}
	if err := c.useColumn(n); err != nil {
		return "", err
	}
	if t, ok := c.src.fields[name]; ok && t == schemas.List {
		return "", c.fail(n, "%s 是列表，这里要一个值", "%s is a list, a single value is needed here", name)
	}
	return name, nil
}

// first is a headFn as a text: what it adds first.
func (fn headFn) first(s *scratch) textFn {
	var out string
	take := func(v string) {
		if out == "" {
			out = v
		}
	}
	return func(i int) (string, bool) {
		out = ""
		if !fn(i, take) {
			s.trouble = true
			return "", false
		}
		return out, out != ""
	}
}

// joined is a headFn as a text: all it adds.
func (fn headFn) joined(s *scratch, j *joining) textFn {
	var buf joinBuffer
	add := func(v string) { buf.add(j, v) }
	return func(i int) (string, bool) {
		buf.reset()
		if !fn(i, add) {
			s.trouble = true
			return "", false
		}
		return buf.text(j, s)
	}
}

// blankValue says that v shows nothing.
func blankValue(v string) bool { return strings.TrimFunc(v, isBlankRune) == "" }
