package mappings

import (
	"strings"

	"banjian/internal/text"
)

// explodePlan splits columns into the parts that make a record each.
type explodePlan struct{ split string }

var explodeKeys = []string{"columns", "split"}

// explode compiles explode: {columns: [clmc, clbm], split: ";"}: the row becomes as many
// records as these columns have parts; each record sees its part of them and the whole of
// every other column. Parts are trimmed and empty ones at the end are no parts. Columns of
// different length refuse the row with explode_uneven; a column that is NULL as a whole
// goes with any length. A row without a part makes no record: it is filtered. If one
// record of a row is refused, the row is, whole.
func (c *compiler) explode(n *node, s *spreadPlan) error {
	if n.kind != mapNode {
		return c.file.failHint(n, text.T(`例如 explode: {columns: [clmc], split: ";"}`, `for example explode: {columns: [clmc], split: ";"}`),
			"explode: 要写 {columns, split}", "explode: needs {columns, split}")
	}
	if err := c.file.known(n, explodeKeys); err != nil {
		return err
	}
	list := n.get("columns")
	if list == nil || list.kind != listNode || len(list.vals) == 0 {
		return c.file.fail(orNode(list, n), "columns: 要写一组来源列", "columns: needs a list of columns")
	}
	split, err := c.file.scalar(n, "split", true)
	if err != nil {
		return err
	}
	for _, v := range list.vals {
		if v.kind != scalarNode || v.text == "" {
			return c.file.fail(orNode(v, list), "columns: 要写一组来源列", "columns: needs a list of columns")
		}
		s.columns = append(s.columns, v.text)
	}
	c.read(s.columns...)
	s.op, s.explode = "explode", &explodePlan{split: split.text}
	s.says = append(s.says, text.F("一行按 %[2]q 拆成多条：%[1]s", "one record for each part of %s, split at %q", sayColumns(s.columns), split.text))
	return nil
}

// maxParts of one row; more is a mistake in the split or an attack.
const maxParts = 10_000

// explodeRow makes the records of one row.
func (p *spreadProg) explodeRow(row int, whole bool) (rule string, args []string) {
	parts := p.parts
	n, even := 0, true
	for k, c := range p.cells[0] {
		parts[k] = parts[k][:0]
		if v, ok := c.text(row); ok {
			parts[k] = keepParts(parts[k], v, p.explode.split)
		}
		n = max(n, len(parts[k]))
	}
	for k := range parts {
		even = even && (len(parts[k]) == n || len(parts[k]) == 0)
	}
	if !even || n > maxParts {
		lengths := make([]string, len(parts))
		for k := range parts {
			lengths[k] = itoa(len(parts[k]))
		}
		return "explode_uneven", []string{sayColumns(lengths)}
	}
	if whole {
		n = min(n, 1)
	}
	for i := range n {
		p.record(int32(row), func(k int) (string, bool) {
			if len(parts[k]) == 0 {
				return "", false
			}
			return parts[k][i], true
		})
	}
	return "", nil
}

// keepParts appends the parts of v, trimmed; an empty one between others keeps its place.
func keepParts(out []string, v, sep string) []string {
	n := 0
	for more := true; more && len(out) <= maxParts; {
		var part string
		part, v, more = strings.Cut(v, sep)
		out = append(out, strings.TrimFunc(part, isBlankRune))
		if out[len(out)-1] != "" {
			n = len(out)
		}
	}
	return out[:n]
}
