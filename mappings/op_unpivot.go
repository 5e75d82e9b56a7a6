package mappings

import (
	"slices"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
)

// unpivotPlan is the records one wide row may make.
type unpivotPlan struct{ entries []unpivotEntry }

type unpivotEntry struct {
	cells []unpivotCell // of spreadPlan.columns
	where *expr         // over source columns, nil: where one of its columns holds something
}

type unpivotCell struct{ column, fixed string }

// unpivot compiles unpivot, a list of {name: column or {const: v}, …}: each entry makes a
// record of the row, in which the names stand for these columns. All entries have the same
// names. An entry makes no record where all its columns are NULL or, where it says so, its
// where (a condition over source columns) does not hold. A row without a record is
// filtered. If one record of a row is refused, the row is, whole.
func (c *compiler) unpivot(n *node, s *spreadPlan) error {
	if n.kind != listNode || len(n.vals) == 0 {
		return c.file.failHint(n, text.T("例如 unpivot: [{hj: {const: 受理}, ry: slr}, {hj: {const: 审查}, ry: scr}]", "for example unpivot: [{step: {const: 受理}, who: slr}, {step: {const: 审查}, who: scr}]"),
			"unpivot: 要写一组 {名称: 列}", "unpivot: needs a list of {name: column}")
	}
	s.op, s.unpivot = "unpivot", &unpivotPlan{}
	for i, v := range n.vals {
		if v.kind != mapNode || len(v.keys) == 0 {
			return c.file.fail(orNode(v, n), "这里要写 {名称: 列}", "this must be {name: column}")
		}
		if i == 0 {
			for _, k := range v.keys {
				if k.text != "where" {
					s.columns = append(s.columns, k.text)
				}
			}
		}
		e, err := c.unpivotEntry(v, s)
		if err != nil {
			return err
		}
		s.unpivot.entries = append(s.unpivot.entries, *e)
	}
	s.says = append(s.says, text.F("一行成为至多 %d 条：%s", "up to %d records of a row: %s", len(n.vals), sayColumns(s.columns)))
	for _, e := range s.unpivot.entries {
		s.says = append(s.says, e.say(s.columns))
	}
	return nil
}

// say is what stands for each name in one record.
func (e *unpivotEntry) say(names []string) text.Text {
	var parts []string
	for k, c := range e.cells {
		switch {
		case c.column != "":
			parts = append(parts, names[k]+" ← "+c.column)
		case c.fixed != "":
			parts = append(parts, names[k]+" = "+c.fixed)
		}
	}
	t := text.T("  "+strings.Join(parts, "，"), "  "+strings.Join(parts, ", "))
	if e.where != nil {
		t.ZH, t.EN = t.ZH+"（当 "+e.where.src+"）", t.EN+" (where "+e.where.src+")"
	}
	return t
}

func (c *compiler) unpivotEntry(v *node, s *spreadPlan) (*unpivotEntry, error) {
	e := &unpivotEntry{cells: make([]unpivotCell, len(s.columns))}
	for i, k := range v.keys {
		to := v.vals[i]
		if k.text == "where" {
			var err error
			if e.where, err = compileCondition(c.file, to, c.src); err != nil {
				return nil, err
			}
			c.read(e.where.vars...)
			continue
		}
		at := slices.Index(s.columns, k.text)
		if at < 0 {
			return nil, c.file.failHint(k, nearest.Hint(k.text, s.columns), "第一项里没有 %s，各项的名称要一样", "the first entry has no %s: all have the same names", k.text)
		}
		switch {
		case to.kind == scalarNode && to.text != "":
			e.cells[at].column = to.text
			c.read(to.text)
		case to.kind == nullNode:
		case to.kind == mapNode && len(to.keys) == 1 && to.keys[0].text == "const" && to.vals[0].kind == scalarNode:
			e.cells[at].fixed = to.vals[0].text
		default:
			return nil, c.file.fail(to, "%s: 要写列名、{const: 值} 或 null", "%s: is a column, {const: value} or null", k.text)
		}
	}
	for _, name := range s.columns {
		if v.get(name) == nil {
			return nil, c.file.fail(v, "这一项缺少 %s，各项的名称要一样（没有的写 null）", "this entry has no %s: all have the same names (null where there is none)", name)
		}
	}
	return e, nil
}

// unpivotRow makes the records of one row.
func (p *spreadProg) unpivotRow(prog *Program, row int, whole bool) (rule string, args []string) {
	start := len(p.rows)
	for i := range p.unpivot.entries {
		e, cols := &p.unpivot.entries[i], p.cells[i]
		made := e.where == nil && slices.ContainsFunc(cols, func(c *column) bool { return c != nil && !c.null(row) })
		if e.where != nil {
			made = p.where[i](row) == yes
			if prog.broken {
				prog.broken = false
				return badExpr, []string{"where"}
			}
		}
		if !made || whole && len(p.rows) > start {
			continue
		}
		p.record(int32(row), func(k int) (string, bool) {
			if cols[k] == nil {
				return e.cells[k].fixed, true
			}
			return cols[k].text(row)
		})
	}
	return "", nil
}
