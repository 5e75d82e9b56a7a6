package mappings

import (
	"bytes"

	"banjian/internal/text"
)

// buildMapEach is map_each: {at: ",", map: {local: code}}: a text that holds several
// values, each mapped as map does; two that come to the same code stand once, and a
// value that is not listed fails the whole.
func buildMapEach(c *fieldCompiler, k, v *node) error {
	if v.kind != mapNode {
		return c.failHint(orNode(v, k), text.T(`例如 map_each: {at: ",", map: {是: "1", 否: "0"}}`, `for example map_each: {at: ",", map: {yes: "1", no: "0"}}`),
			"map_each: 要写 {at, map}", "map_each: needs {at, map}")
	}
	if err := c.file.known(v, []string{"at", "map"}); err != nil {
		return err
	}
	sep, err := c.word(k, orNode(v.get("at"), v))
	if err != nil {
		return err
	}
	table, err := c.pairs(k, orNode(v.get("map"), v))
	if err != nil {
		return err
	}
	name := c.plan.target.Name
	if c.plan.target.CodeSet != "" {
		name = c.plan.target.CodeSet
	}
	personal := c.plan.target.Personal
	run := func(s *scratch, v string) (string, outcome) {
		b := s.begin()
		bad, failing := "", false
		splitInto(v, sep, func(part string) {
			to, ok := table[part]
			if !ok && !failing {
				bad, failing = part, true
			}
			if to == "" || member(b, to, sep) {
				return
			}
			if len(b) > 0 {
				b = append(b, sep...)
			}
			b = append(b, to...)
		})
		switch {
		case failing:
			return s.fail("unmapped_code", name, shownCode(bad, personal))
		case len(b) == 0:
			return "", empty
		}
		return s.end(b)
	}
	return c.textStep(k, step{run: run, say: text.F("按 %q 逐个对照 %s", "split at %q, codes %s", sep, showPairs(v.get("map")))})
}

// member says that b, values with sep between them, holds v already.
func member(b []byte, v, sep string) bool {
	for rest, more := b, len(b) > 0; more; {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte(sep))
		if string(part) == v {
			return true
		}
	}
	return false
}
