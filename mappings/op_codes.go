package mappings

import (
	"unicode/utf8"

	"banjian/internal/chars"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// buildCodes is codes: set, or codes: {set, on}. Alone it refuses values outside the
// set, with on outside the set as it was on that day; with map it names the set that the
// map's results belong to. codes: {profile, set, on, but} translates, see op_profile.go.
func buildCodes(c *fieldCompiler, k, v *node) error {
	name := v
	if v.kind == mapNode {
		if err := c.file.known(v, codesKeys); err != nil {
			return err
		}
		if v.get("profile") != nil {
			return c.buildProfile(k, v)
		}
		if n := v.get("but"); n != nil {
			return c.fail(n, "but 只和 profile 一起用", "but goes with profile")
		}
		if err := c.buildOn(v.get("on")); err != nil {
			return err
		}
		if name = v.get("set"); name == nil {
			return c.fail(v, "codes: 要有 set", "codes: needs set")
		}
	}
	set, err := c.codeSet(k, name)
	if err != nil {
		return err
	}
	if t := c.plan.target; t.Type == schemas.Code && t.CodeSet != set.Name {
		return c.failHint(name, text.F("字段 %s 的代码集是 %s", "field %s holds codes of %s", t.Name, t.CodeSet),
			"代码集 %s 不是这个字段的", "%s is not the code set of this field", set.Name)
	}
	if c.f.get("map") != nil {
		if c.plan.on != nil {
			return c.fail(v.get("on"), "有 map 时不用 on", "on does not go with map")
		}
		return nil
	}
	st := memberStep(set, c.plan.target.Personal)
	if c.plan.on != nil {
		st = memberOnStep(set, c.plan.target.Personal)
	}
	return c.textStep(k, st)
}

var codesKeys = []string{"set", "profile", "on", "but"}

func (c *fieldCompiler) codeSet(k, v *node) (*schemas.CodeSet, error) {
	name, err := c.word(k, v)
	if err != nil {
		return nil, err
	}
	set, ok := c.cat.CodeSet(name)
	if !ok {
		return nil, c.failHint(v, nearest.Hint(name, c.cat.CodeSetNames()), "没有代码集 %s", "there is no code set %s", name)
	}
	c.uses.sets[name] = set
	return set, nil
}

// memberStep refuses values outside set.
func memberStep(set *schemas.CodeSet, personal bool) step {
	return step{
		key: "codes",
		run: func(s *scratch, v string) (string, outcome) {
			if set.Has(v) {
				return v, valued
			}
			return s.fail("bad_code", set.Name, shownCode(v, personal))
		},
		say: text.F("代码集 %s", "code of %s", set.Name),
	}
}

// buildMap is map: {local: code}: whole values to codes; a value that is not listed
// fails, it is never passed through.
func buildMap(c *fieldCompiler, k, v *node) error {
	table, err := c.pairs(k, v)
	if err != nil {
		return err
	}
	for i := range v.keys {
		c.plan.codes = append(c.plan.codes, Pair{v.keys[i].text, v.vals[i].text})
		if to := v.vals[i]; to.text != "" {
			if err := c.fits(to, to.text); err != nil {
				return err
			}
		}
	}
	name := c.plan.target.Name
	if n := c.f.get("codes"); n != nil {
		name = n.text
	} else if c.plan.target.CodeSet != "" {
		name = c.plan.target.CodeSet
	}
	personal := c.plan.target.Personal
	run := func(s *scratch, v string) (string, outcome) {
		if to, ok := table[v]; ok {
			return to, valued
		}
		return s.fail("unmapped_code", name, shownCode(v, personal))
	}
	return c.textStep(k, step{run: run, say: text.F("代码 %s", "codes %s", showPairs(v))})
}

// shownCode is a value as it may stand in an issue: code values only, nothing long
// enough to be a name with an address, nothing of a field that is personal.
func shownCode(v string, personal bool) string {
	switch {
	case personal:
		return "***"
	case !chars.Plain(v):
		return "�"
	}
	for i, n := 0, 0; i < len(v); n++ {
		if n == 20 {
			return v[:i] + "…"
		}
		_, size := utf8.DecodeRuneInString(v[i:])
		i += size
	}
	// v may lie in scratch memory.
	return string([]byte(v))
}
