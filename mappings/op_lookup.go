package mappings

import (
	"slices"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// buildLookup is lookup: {table: NAME, take: COLUMN}: the value is looked up in the first
// column of a table and another column of its row goes on; an empty cell is NULL. table
// names a file below the site's schemas/lookups/, crosswalk one below
// schemas/crosswalks/, items a catalogue of items. take is by default the column named
// like the field, or the only one. With on, a time or day of the record, a table of days
// (valid_from, valid_to) gives the row of that day. A value that is not listed fails with
// no_lookup, or no_crosswalk, one that is listed for other days only with …_then.
func buildLookup(c *fieldCompiler, k, v *node) error {
	if v.kind != mapNode {
		return c.failHint(orNode(v, k), text.T("例如 lookup: {table: windows, take: name}", "for example lookup: {table: windows, take: name}"),
			"lookup: 要写 {table, take} 或 {crosswalk, take}", "lookup: needs {table, take} or {crosswalk, take}")
	}
	if err := c.file.known(v, lookupKeys); err != nil {
		return err
	}
	if err := c.lookupDay(v); err != nil {
		return err
	}
	if v.get("items") != nil {
		return c.lookupItem(k, v)
	}
	table, rule, err := c.lookupTable(k, v)
	if err != nil {
		return err
	}
	take, column, err := c.lookupColumn(v, table)
	if err != nil {
		return err
	}
	personal, day := c.plan.target.Personal, c.dayOf(v)
	run := func(s *scratch, v string) (string, outcome) {
		row, then := find(table, v, day(s))
		if row == nil {
			return s.fail(rule+then, table.Name, shownCode(v, personal))
		}
		return row[column], valued
	}
	return c.textStep(k, step{run: run, say: text.F("查表 %[1]s 取 %[2]s", "look up %[2]s in %[1]s", table.Name, take)})
}

// lookupDay reads on:, the field whose day counts.
func (c *fieldCompiler) lookupDay(v *node) error {
	n := v.get("on")
	if n == nil {
		return nil
	}
	if c.plan.on != nil && c.plan.on.name != n.text {
		return c.fail(n, "一个字段只按一个日期判断，前面写了 %s", "a field goes by one day, and %s is named already", c.plan.on.name)
	}
	c.plan.say(text.F("按 %s 那一天", "as of %s", n.text))
	return c.buildOn(n)
}

// dayOf is the day that counts for the row under way, noDay where none does.
func (c *fieldCompiler) dayOf(v *node) func(s *scratch) int32 {
	if v.get("on") == nil {
		return func(*scratch) int32 { return noDay }
	}
	return func(s *scratch) int32 {
		s.holds(s.day, s.day)
		return s.day
	}
}

// find is the row of v on a day, the newest without one. Without a row, then is what the
// rule ends with: "_then" when v is listed for other days, else "".
func find(table *schemas.Crosswalk, v string, day int32) (row []string, then string) {
	if day == noDay {
		row, _ = table.Lookup(v)
		return row, ""
	}
	row, _, known := table.LookupAt(v, day)
	if row == nil && known {
		then = "_then"
	}
	return row, then
}

var lookupKeys = []string{"table", "crosswalk", "items", "take", "on"}

// lookupTable is the table and the rule a value breaks that is not in it.
func (c *fieldCompiler) lookupTable(k, v *node) (*schemas.Crosswalk, string, error) {
	table, walk := v.get("table"), v.get("crosswalk")
	if (table == nil) == (walk == nil) {
		return nil, "", c.fail(orNode(v, k), "lookup: 要有 table、crosswalk、items 中的一个", "lookup: needs one of table, crosswalk and items")
	}
	if walk != nil {
		x, ok := c.cat.Crosswalk(walk.text)
		if !ok {
			return nil, "", c.noCrosswalk(walk)
		}
		c.uses.walks[x.Name] = x
		return x, "no_crosswalk", nil
	}
	x, ok := c.cat.Lookup(table.text)
	if !ok {
		hint := nearest.Hint(table.text, c.cat.LookupNames())
		if hint.IsZero() {
			hint = text.F("在站点的 schemas/lookups/%s.tsv 里建这张表，首行写列名，第一列是要查的值", "make the table schemas/lookups/%s.tsv in the site: the first line names the columns, the first column is what is looked up", table.text)
		}
		return nil, "", c.failHint(table, hint, "没有查找表 %s", "there is no lookup table %s", table.text)
	}
	c.uses.lookups[x.Name] = x
	return x, "no_lookup", nil
}

func (c *fieldCompiler) lookupColumn(v *node, table *schemas.Crosswalk) (string, int, error) {
	if take := v.get("take"); take != nil {
		i := table.Column(take.text)
		if i < 0 {
			hint := text.F("有这些列：%s", "it has the columns %s", strings.Join(table.Columns[1:], ", "))
			return "", 0, c.failHint(take, hint, "表 %s 没有列 %s", "table %s has no column %s", table.Name, take.text)
		}
		return take.text, i, nil
	}
	if name := c.plan.target.Name; slices.Contains(table.Columns[1:], name) {
		return name, table.Column(name), nil
	}
	if len(table.Columns) == 2 {
		return table.Columns[1], 0, nil
	}
	return "", 0, c.fail(v, "表 %s 没有列 %s，请写 take:", "table %s has no column %s: say take:", table.Name, c.plan.target.Name)
}
