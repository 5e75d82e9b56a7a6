package mappingtest

import (
	"slices"
	"strconv"
	"strings"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// compare is everything that is not as the case says, in the order of the case.
func (f *File) compare(c *testCase, o *outcome, m *mappings.Mapping) []Difference {
	want, said := c.outcome()
	if !said {
		return []Difference{f.differs(c.node, "", text.T("没有写期望；用 --update 写上映射现在的结果，再逐个核对",
			"nothing is expected: --update writes what the mapping does now, for you to check"))}
	}
	if want != o.kind {
		return []Difference{f.differs(c.node, "", text.T("期望"+outcomeNames[want].ZH+"，实际"+o.say().ZH, "expected "+outcomeNames[want].EN+", but it "+o.say().EN))}
	}
	out := f.compareFindings(c, o)
	list, counts := wantedRecords(c, m)
	if want != madeRecord {
		return out
	}
	for i, k := range keysOf(c.expect) {
		if n, named := counts[k]; named && n != len(o.records[k]) {
			out = append(out, f.differs(c.expect.keys[i], "", text.F("%s 期望 %d 条，实际 %d 条", "%s: expected %d record{|s}, got %d", k, n, len(o.records[k]))))
		}
	}
	for _, w := range list {
		if w.nth < len(o.records[w.subject]) {
			out = append(out, f.compareFields(w, o.records[w.subject][w.nth])...)
		}
	}
	return out
}

// outcome is what a case expects of its row; no when it expects nothing.
func (c *testCase) outcome() (outcomeKind, bool) {
	for _, l := range findingLists {
		if k, refuses := refusals[l.severity]; refuses && c.listed[l.severity] {
			return k, true
		}
	}
	if c.filters {
		return wasFiltered, true
	}
	return madeRecord, c.expect != nil || c.listed[schemas.Blank] || c.listed[schemas.Warn] || c.listed[unverified]
}

var outcomeNames = map[outcomeKind]text.Text{
	madeRecord:       text.T("成为记录", "it to become a record"),
	wasRejected:      text.T("退回", "it to be rejected"),
	wasHeld:          text.T("挂起", "it to be held"),
	wasNotApplicable: text.T("不适用", "it to be not applicable"),
	wasFiltered:      text.T("被过滤", "it to be filtered"),
}

// say is what became of the row, with the findings that decided it.
func (o *outcome) say() text.Text {
	var found []string
	for s, k := range refusals {
		if k == o.kind {
			for _, x := range o.found[s] {
				found = append(found, x.String())
			}
		}
	}
	why := strings.Join(found, ", ")
	switch o.kind {
	case wasRejected:
		return text.F("被退回：%s", "was rejected: %s", why)
	case wasHeld:
		return text.F("被挂起：%s", "was held: %s", why)
	case wasNotApplicable:
		return text.F("不适用：%s", "was not applicable: %s", why)
	case wasFiltered:
		return text.T("被过滤", "was filtered")
	}
	return text.T("成为了记录", "became a record")
}

func (x finding) String() string {
	if x.field == "" {
		return x.rule
	}
	return x.field + " " + x.rule
}

// compareFindings compares every list of findings whole.
func (f *File) compareFindings(c *testCase, o *outcome) []Difference {
	var out []Difference
	for _, l := range findingLists {
		missing, extra := matchFindings(c.found[l.severity], o.found[l.severity])
		for _, w := range missing {
			x := finding{w.field, w.rule}
			out = append(out, f.differs(w.node, w.field, text.F("期望 %s 有 %s，实际没有", "expected %[2]s among %[1]s, it is not there", l.key, x.String())))
		}
		for _, x := range extra {
			out = append(out, f.differs(orNode(c.node.get(l.key), c.node), x.field, text.F("%s 中有没写到的 %s", "%s has %s, which the case does not name", l.key, x.String())))
		}
	}
	return out
}

// matchFindings pairs what was wanted with what was found, one to one; those that name
// their field choose first.
func matchFindings(want []wanted, found []finding) (missing []wanted, extra []finding) {
	extra = slices.Clone(found)
	for _, named := range []bool{true, false} {
		for _, w := range want {
			if (w.field != "") != named {
				continue
			}
			i := slices.IndexFunc(extra, func(x finding) bool { return x.rule == w.rule && (!named || x.field == w.field) })
			if i < 0 {
				missing = append(missing, w)
				continue
			}
			extra = slices.Delete(extra, i, i+1)
		}
	}
	return missing, extra
}

func (f *File) compareFields(w recordWanted, got record) []Difference {
	var out []Difference
	for i, k := range w.fields.keys {
		v := w.fields.vals[i]
		if want := valuesOf(v); !slices.Equal(want, got[k.text]) {
			list := v.kind == listNode
			out = append(out, f.differs(v, k.text, text.F("期望 %s，实际 %s", "expected %s, got %s", shown(want, list), shown(got[k.text], list))))
		}
	}
	return out
}

// shown is a value as a person reads it.
func shown(v []string, list bool) string {
	switch {
	case len(v) == 0:
		return "null"
	case len(v) == 1 && !list:
		return strconv.Quote(v[0])
	}
	quoted := make([]string, len(v))
	for i := range v {
		quoted[i] = strconv.Quote(v[i])
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func (f *File) differs(n *node, field string, what text.Text) Difference {
	return Difference{At: f.at(n), Field: field, What: what}
}

func keysOf(n *node) []string {
	if n == nil {
		return nil
	}
	out := make([]string, len(n.keys))
	for i, k := range n.keys {
		out[i] = k.text
	}
	return out
}
