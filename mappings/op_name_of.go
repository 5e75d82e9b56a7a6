package mappings

import (
	"banjian/internal/text"
	"banjian/schemas"
	"banjian/schemas/region"
)

// buildNameOf is name_of: SET: the Chinese name of a code of the set, of a region with the
// divisions above it. A code that is not in the set fails.
func buildNameOf(c *fieldCompiler, k, v *node) error {
	set, err := c.codeSet(k, v)
	if err != nil {
		return err
	}
	if t := c.plan.target; t.Type == schemas.Code {
		return c.fail(k, "name_of 得到名称，%s 是代码字段", "name_of gives a name, %s holds a code", t.Name)
	}
	name := regionName
	if set.Name != regionSet {
		names := make(map[string]string, len(set.Codes))
		for _, code := range set.Codes {
			names[code.Code] = code.Title.ZH
		}
		name = func(code string) string { return names[code] }
	}
	personal := c.plan.target.Personal
	return c.textStep(k, step{say: text.F("%s 的名称", "name of a %s", set.Name), run: func(s *scratch, v string) (string, outcome) {
		if n := name(v); n != "" {
			return n, valued
		}
		return s.fail("bad_code", set.Name, shownCode(v, personal))
	}})
}

const regionSet = "region"

// regionName is empty for what never was a division. Townships and villages bear the name of
// their county.
func regionName(code string) string {
	if !region.Known(code) {
		return ""
	}
	d, _ := region.Latest(code[:6])
	return region.FullName(d.Code, d.To)
}
