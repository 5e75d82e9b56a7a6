package mappings

import (
	"slices"
	"strconv"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas/itemlist"
)

// itemTakes are what a catalogue of items holds of an item.
var itemTakes = []string{"code", "name", "version"}

// lookupItem is lookup: {items: LIST, take: code|name|version, on: accepted_at}: the value,
// a national item code or the department's own, is looked up in a catalogue of items
// (事项目录) and the version in force on the day counts; without on the newest. A day before
// the catalogue begins takes its first version with an item_before_list warning. A code
// that is not listed fails with item_unknown. Whether the version was in force is said by
// check: {item_in_force: …}.
func (c *fieldCompiler) lookupItem(k, v *node) error {
	n := v.get("items")
	if other := orNode(v.get("table"), v.get("crosswalk")); other != nil {
		return c.fail(other, "lookup: 要有 table、crosswalk、items 中的一个", "lookup: needs one of table, crosswalk and items")
	}
	list, ok, err := c.cat.ItemList(n.text)
	if err != nil {
		return err
	}
	if !ok {
		return c.failHint(n, nearest.Hint(n.text, c.cat.ItemListNames()), "没有事项目录 %s", "there is no item catalogue %s", n.text)
	}
	take, err := c.file.scalar(v, "take", true)
	if err != nil {
		return err
	}
	if !slices.Contains(itemTakes, take.text) {
		return c.failHint(take, nearest.Hint(take.text, itemTakes), "take: 只能是 code、name、version", "take: is code, name or version")
	}
	c.uses.lists[list.Name()] = list.Digest()
	day := c.dayOf(v)
	run := func(s *scratch, v string) (string, outcome) {
		it, found := itemOf(list, s, v, day(s))
		if !found {
			return s.fail("item_unknown", list.Name())
		}
		switch take.text {
		case "code":
			return it.Code, valued
		case "name":
			return it.Name, valued
		}
		return s.end(strconv.AppendInt(s.begin(), int64(it.Version), 10))
	}
	return c.textStep(k, step{run: run, say: text.F("按事项目录 %s 取 %s", "by item catalogue %s: %s", list.Name(), take.text)})
}

// itemOf is the version of an item for the record's day, or the newest.
func itemOf(list *itemlist.List, s *scratch, v string, day int32) (itemlist.Item, bool) {
	if day == noDay {
		day = itemlist.Forever
	}
	it, standing := list.At(v, day)
	if standing == itemlist.Unknown {
		newest, ok := list.ByLocal(v)
		if !ok {
			return it, false
		}
		it, standing = list.At(newest.Code, day)
	}
	if standing == itemlist.Before {
		s.warn("item_before_list", []string{list.Name(), strconv.Itoa(int(it.Version))})
	}
	return it, true
}
