package mappings

import (
	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// itemCheckKeys are the keys of check: {item_in_force: …}.
var itemCheckKeys = []string{"item_in_force", "at", "name", "version", "unknown"}

// itemCheckPlan is check: {item_in_force: …}: judged when the record is whole.
type itemCheckPlan struct {
	check  *schemas.ItemCheck
	fields []*node // the fields it compares with, which must be mapped too
}

// buildItemCheck is check: {item_in_force: list, at: field, name: field, version:
// field, unknown: warn}: the item code in this field is looked up in a catalogue of
// items (事项目录) by the day in at, and the record's name and version of the item are
// compared with those of that day.
func (c *fieldCompiler) buildItemCheck(k, v *node) error {
	if err := c.file.known(v, itemCheckKeys); err != nil {
		return err
	}
	name, err := c.file.scalar(v, "item_in_force", true)
	if err != nil {
		return err
	}
	list, ok, err := c.cat.ItemList(name.text)
	if err != nil {
		return err
	}
	if !ok {
		return c.failHint(name, nearest.Hint(name.text, c.cat.ItemListNames()), "没有事项目录 %s", "there is no item catalogue %s", name.text)
	}
	rule, p := schemas.ItemRule{List: list, Code: c.plan.target.Name}, &itemCheckPlan{}
	for _, f := range []struct {
		key  string
		need bool
		into *string
	}{{"at", true, &rule.At}, {"name", false, &rule.Name}, {"version", false, &rule.Version}} {
		n, err := c.file.scalar(v, f.key, f.need)
		if err != nil {
			return err
		}
		if n != nil {
			*f.into, p.fields = n.text, append(p.fields, n)
		}
	}
	if rule.Unknown, err = c.unknownItem(v); err != nil {
		return err
	}
	if p.check, err = schemas.NewItemCheck(c.subject, rule); err != nil {
		if f, ok := err.(*fault.Error); ok {
			return c.failHint(orNode(v, k), f.Hint, "%[1]s", "%[2]s", f.What.ZH, f.What.EN)
		}
		return err
	}
	c.uses.lists[list.Name()] = list.Digest()
	c.plan.items = p
	c.plan.say(text.F("按事项目录 %s 核对", "check by item catalogue %s", list.Name()))
	return nil
}

func (c *fieldCompiler) unknownItem(v *node) (schemas.Severity, error) {
	n, err := c.file.scalar(v, "unknown", false)
	switch {
	case err != nil || n == nil || n.text == "reject":
		return schemas.Reject, err
	case n.text == "warn":
		return schemas.Warn, nil
	}
	return 0, c.fail(n, "unknown: 只能是 reject 或 warn", "unknown: is reject or warn")
}

// itemFields refuses a catalogue check that compares with a field nothing is mapped to:
// it would be silent for ever.
func (c *compiler) itemFields(b *block, out *blockPlan) {
	for _, p := range out.written {
		if p.items == nil {
			continue
		}
		for _, n := range p.items.fields {
			if b.names != nil && !b.names[n.text] {
				c.found.Add(c.file.fail(n, "字段 %s 没有映射，无从核对", "field %s is not mapped: there is nothing to compare with", n.text))
			}
		}
	}
}

// items judges the items of a block's record by the catalogues its fields name.
func (r *run) items(b *blockProg, rec arrow.Record) (found []schemas.Issue) {
	for _, f := range b.fields {
		if f.items == nil {
			continue
		}
		for _, is := range f.items.check.Check(rec) {
			if f.when == nil || f.when(int(is.Row)) == yes {
				found = append(found, is)
			}
			r.p.broken = false
		}
	}
	return found
}
