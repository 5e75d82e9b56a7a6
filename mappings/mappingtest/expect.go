package mappingtest

import (
	"slices"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/mappings"
	"banjian/schemas"
)

// recordWanted is what a case expects of one record.
type recordWanted struct {
	subject string
	nth     int   // among the records of the subject
	fields  *node // a map
}

// several says that expect names subjects before fields: the mapping has a to: list, or
// makes several records of a row.
func several(m *mappings.Mapping) bool { return len(m.Subjects()) > 1 || m.Spreads() }

// wantedRecords is expect, record by record, and how many a subject it names must have.
func wantedRecords(c *testCase, m *mappings.Mapping) (list []recordWanted, counts map[string]int) {
	counts = map[string]int{}
	if c.expect == nil {
		return nil, counts
	}
	if !several(m) {
		return []recordWanted{{subject: m.Subjects()[0], fields: c.expect}}, counts
	}
	for i, k := range c.expect.keys {
		v := c.expect.vals[i]
		switch v.kind {
		case nullNode:
			counts[k.text] = 0
		case listNode:
			counts[k.text] = len(v.vals)
			for n, one := range v.vals {
				list = append(list, recordWanted{k.text, n, one})
			}
		default:
			counts[k.text] = 1
			list = append(list, recordWanted{k.text, 0, v})
		}
	}
	return list, counts
}

// fits refuses what can never be: a field or subject the mapping does not fill.
func (f *File) fits(m *mappings.Mapping) error {
	var found fault.List
	for _, c := range f.cases {
		found.Add(f.caseFits(c, m))
	}
	return found.Err()
}

func (f *File) caseFits(c *testCase, m *mappings.Mapping) error {
	if c.expect == nil {
		return nil
	}
	if c.expect.kind != mapNode {
		return f.fail(c.expect, "expect: 要写 {字段: 值}", "expect: is {field: value}")
	}
	if several(m) {
		for i, k := range c.expect.keys {
			if !slices.Contains(m.Subjects(), k.text) {
				return f.failHint(k, nearest.Hint(k.text, m.Subjects()), "映射不产生 %s；有几个块时 expect 先写表名", "the mapping does not fill %s: with several blocks expect names the subject first", k.text)
			}
			if c.expect.vals[i].kind == scalarNode {
				return f.fail(c.expect.vals[i], "要写 {字段: 值}、这样的列表，或 null", "this is {field: value}, a list of these, or null")
			}
		}
	}
	var found fault.List
	list, _ := wantedRecords(c, m)
	for _, w := range list {
		found.Add(f.fieldsOf(w, m.Fields(w.subject)))
	}
	return found.Err()
}

func (f *File) fieldsOf(w recordWanted, fields []schemas.Field) error {
	if w.fields.kind != mapNode {
		return f.fail(w.fields, "要写 {字段: 值}", "this is {field: value}")
	}
	var found fault.List
	for i, k := range w.fields.keys {
		at := slices.IndexFunc(fields, func(x schemas.Field) bool { return x.Name == k.text })
		if at < 0 {
			var names []string
			for _, x := range fields {
				names = append(names, x.Name)
			}
			found.Add(f.failHint(k, nearest.Hint(k.text, names), "%s 没有字段 %s", "%s has no field %s", w.subject, k.text))
			continue
		}
		switch v := w.fields.vals[i]; {
		case v.kind == mapNode, v.kind == listNode && fields[at].Type != schemas.List:
			found.Add(f.fail(v, "字段 %s 是一个值", "field %s is one value", k.text))
		case v.kind == scalarNode && fields[at].Type == schemas.List:
			found.Add(f.fail(v, "字段 %s 是列表，写成 [甲, 乙]", "field %s is a list: write [a, b]", k.text))
		case v.kind == listNode && slices.ContainsFunc(v.vals, func(e *node) bool { return e.kind != scalarNode }):
			found.Add(f.fail(v, "列表里只能是值", "a list holds single values"))
		}
	}
	return found.Err()
}

// valuesOf is a node of expect as a value of a record; an empty text is NULL.
func valuesOf(n *node) []string {
	switch {
	case n.kind == listNode:
		var out []string
		for _, v := range n.vals {
			out = append(out, v.text)
		}
		return out
	case n.kind == scalarNode && n.text != "":
		return []string{n.text}
	}
	return nil
}
