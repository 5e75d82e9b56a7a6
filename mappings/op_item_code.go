package mappings

import (
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// buildItem is the head {item_code: {from, crosswalk, take, on}}: the local item code is
// looked up in a crosswalk (对照表) and one column of its row is the value. take is
// by default the column named like the field, else task_code. A local code that is
// not listed fails with no_crosswalk. With on, a time or day of the record, the row is that
// of its day, and a code listed for other days only fails with no_crosswalk_then. A task code that is taken is checked for its
// structure as well, as check: item_code does.
func (c *fieldCompiler) buildItem(n *node) error {
	name := n.get("crosswalk")
	walk, ok := c.cat.Crosswalk(name.text)
	if !ok {
		return c.noCrosswalk(name)
	}
	c.uses.walks[walk.Name] = walk
	take, column, err := c.takes(walk, n)
	if err != nil {
		return err
	}
	if err := c.useColumn(n.get("from")); err != nil {
		return err
	}
	if err := c.lookupDay(n); err != nil {
		return err
	}
	c.plan.column = n.get("from").text
	day := c.dayOf(n)
	c.plan.steps = append(c.plan.steps, step{
		key: "item_code",
		run: func(s *scratch, v string) (string, outcome) {
			row, then := find(walk, v, day(s))
			if row == nil {
				return s.fail("no_crosswalk"+then, walk.Name)
			}
			return row[column], valued
		},
	})
	c.plan.say(text.F("按对照表 %[1]s 取 %[2]s", "look up %[2]s in %[1]s", walk.Name, take))
	if take != "task_code" {
		return nil
	}
	if check, ok := schemas.ValueCheck("item_code"); ok {
		c.plan.steps = append(c.plan.steps, checkStep("item_code", check))
		c.plan.say(text.T("检查 item_code", "check item_code"))
	}
	return nil
}

// noCrosswalk tells the crosswalk that was meant, or where a new one goes.
func (c *fieldCompiler) noCrosswalk(name *node) error {
	hint := nearest.Hint(name.text, c.cat.CrosswalkNames())
	if hint.IsZero() {
		hint = text.F("在站点的 schemas/crosswalks/%s.tsv 里建这张表，制表符分隔：首行写列名（如 local_code、task_code、catalog_code、item_name、item_version），第一列是本地编码",
			"make the table schemas/crosswalks/%s.tsv in the site, with tabs between: the first line names the columns (such as local_code, task_code, catalog_code, item_name, item_version), the first column is the local code", name.text)
	}
	return c.failHint(name, hint, "没有对照表 %s", "there is no crosswalk %s", name.text)
}

func (c *fieldCompiler) takes(walk *schemas.Crosswalk, n *node) (string, int, error) {
	if take := n.get("take"); take != nil {
		i := walk.Column(take.text)
		if i < 0 {
			hint := text.F("有这些列：%s", "it has the columns %s", strings.Join(walk.Columns[1:], ", "))
			return "", 0, c.failHint(take, hint, "对照表 %s 没有列 %s", "crosswalk %s has no column %s", walk.Name, take.text)
		}
		return take.text, i, nil
	}
	for _, name := range []string{c.plan.target.Name, "task_code"} {
		if i := walk.Column(name); i >= 0 {
			return name, i, nil
		}
	}
	return "", 0, c.fail(n, "对照表 %s 没有列 task_code，请写 take:", "crosswalk %s has no column task_code: say take:", walk.Name)
}
