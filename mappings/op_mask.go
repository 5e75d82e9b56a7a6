package mappings

import (
	"slices"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// masks are what mask: may be, as schemas.Mask hides values on screens.
var masks = []string{string(schemas.MaskName), string(schemas.MaskID), string(schemas.MaskPhone),
	string(schemas.MaskAddress), string(schemas.MaskEmail), string(schemas.MaskText)}

// Masks is what mask: may be.
func Masks() []string { return slices.Clone(masks) }

// buildMask is mask: name|id|phone|address|email|text: the value itself goes on hidden
// (脱敏), 张三丰 as 张**. It cannot be undone.
func buildMask(c *fieldCompiler, k, v *node) error {
	name, err := c.word(k, v)
	if err != nil {
		return err
	}
	if !slices.Contains(masks, name) {
		return c.failHint(v, nearest.Hint(name, masks), "没有脱敏方式 %s", "there is no mask %s", name)
	}
	m := schemas.Mask(name)
	return c.textStep(k, step{
		run: func(_ *scratch, v string) (string, outcome) { return m.Apply(v), valued },
		say: text.F("脱敏 %s", "masked as %s", name),
	})
}
