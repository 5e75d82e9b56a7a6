package mappingtest

import (
	"path/filepath"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
	"banjian/mappings"
	"banjian/schemas"
)

// File is a test file as written, not yet held against its mapping.
type File struct {
	Path    string // as given to Parse; first part of every place
	Mapping string // mapping:, "provident-fund/accept"
	name    *node
	base    *node
	answers *node
	cases   []*testCase
	data    []byte
}

// testCase is one entry of cases:.
type testCase struct {
	name    string
	node    *node
	source  *node
	expect  *node
	found   map[schemas.Severity][]wanted
	listed  map[schemas.Severity]bool // its list is written, if empty
	answers *node
	filters bool
}

// wanted is one finding a case expects.
type wanted struct {
	field, rule string // field empty: of any
	node        *node
}

var (
	fileKeys    = []string{"mapping", "base", "answers", "cases"}
	caseKeys    = []string{"name", "source", "answers", "expect", "blanks", "warns", "unverified", "rejects", "holds", "not_applicable", "filtered"}
	findingKeys = []string{"field", "rule"}
)

// findingLists are the keys of a case that hold findings, by what becomes of the row.
var findingLists = []struct {
	key      string
	severity schemas.Severity
}{
	{"blanks", schemas.Blank}, {"warns", schemas.Warn}, {"unverified", unverified}, {"rejects", schemas.Reject},
	{"holds", schemas.Hold}, {"not_applicable", schemas.NotApplicable},
}

// Parse reads a test file strictly. Faults are Config, at file:line:column, all of them.
func Parse(file string, data []byte) (*File, error) {
	data, err := yamlfile.Text(file, data)
	if err != nil {
		return nil, err
	}
	var found fault.List
	root, err := readYAML(file, data, &found)
	if err != nil {
		return nil, err
	}
	f := &File{Path: file, data: data}
	if root.kind != mapNode {
		if err := yamlfile.FullWidthColons(file, data); err != nil {
			return nil, err
		}
		return nil, f.fail(root, "这里要写 {键: 值}", "this must be {key: value}")
	}
	misspelt := found.Add(f.known(root, fileKeys))
	if name, err := f.scalar(root, "mapping"); !found.Add(err) {
		f.Mapping, f.name = name.text, name
		found.Add(f.named(name))
	}
	if f.base = root.get("base"); f.base != nil && f.base.kind != mapNode {
		found.Add(f.fail(f.base, "base: 要写 {列: 值}", "base: is {column: value}"))
	}
	f.answers = root.get("answers")
	found.Add(f.checkAnswers(f.answers))
	list := root.get("cases")
	if list == nil || list.kind != listNode || len(list.vals) == 0 {
		if list != nil || !misspelt {
			found.Add(f.fail(orNode(list, root), "缺少 cases: [{name, source, …}]", "cases: [{name, source, …}] is missing"))
		}
		list = &node{}
	}
	for _, n := range list.vals {
		c, err := f.parseCase(n)
		if found.Add(err) {
			continue
		}
		if i := slices.IndexFunc(f.cases, func(o *testCase) bool { return o.name == c.name }); i >= 0 {
			found.Add(f.fail(n, "例子 %q 写了两次", "case %q is written twice", c.name))
		}
		f.cases = append(f.cases, c)
	}
	if found.Sort(); found.Len() > 0 {
		return nil, found.Err()
	}
	return f, nil
}

// Alone is the fault of a test whose mapping is not there; hint says what is.
func (f *File) Alone(hint text.Text) error {
	return f.failHint(f.name, hint, "没有映射 %s", "there is no mapping %s", f.Mapping)
}

// named refuses a file that does not lie beside the mapping it names.
func (f *File) named(n *node) error {
	want, ok := strings.CutSuffix(filepath.ToSlash(f.Path), mappings.TestSuffix)
	if ok && want != f.Mapping && !strings.HasSuffix(want, "/"+f.Mapping) {
		return f.failHint(n, text.F("%s 的测试在它旁边，叫 %s_test.yaml", "the test of %s lies beside it as %s_test.yaml", f.Mapping, f.Mapping[strings.LastIndex(f.Mapping, "/")+1:]),
			"文件名与 mapping: %s 不符", "the file's name does not fit mapping: %s", f.Mapping)
	}
	return nil
}

func (f *File) parseCase(n *node) (*testCase, error) {
	var found fault.List
	if found.Add(f.known(n, caseKeys)) && n.kind != mapNode {
		return nil, found.Err()
	}
	name, err := f.scalar(n, "name")
	if found.Add(err) {
		return nil, found.Err()
	}
	if n.keys[0].text != "name" {
		found.Add(f.fail(n.keys[0], "name: 写在例子的最前面", "a case begins with its name:"))
	}
	c := &testCase{name: name.text, node: n, source: n.get("source"), expect: n.get("expect"), answers: n.get("answers"), found: map[schemas.Severity][]wanted{}, listed: map[schemas.Severity]bool{}}
	if c.source != nil && c.source.kind != mapNode {
		found.Add(f.fail(c.source, "source: 要写 {列: 值}", "source: is {column: value}"))
	}
	found.Add(f.checkAnswers(c.answers))
	for _, l := range findingLists {
		v := n.get(l.key)
		if v == nil {
			continue
		}
		c.listed[l.severity] = true
		c.found[l.severity], err = f.parseFindings(l.key, v)
		found.Add(err)
	}
	if v := n.get("filtered"); v != nil {
		if v.text != "true" {
			found.Add(f.fail(v, "filtered: 只能写 true", "filtered: is only ever true"))
		}
		c.filters = true
	}
	found.Add(f.oneOutcome(c))
	return c, found.Err()
}

// oneOutcome refuses a case that expects a record and none at once.
func (f *File) oneOutcome(c *testCase) error {
	var seen []string
	for _, k := range c.node.keys {
		switch k.text {
		case "expect", "blanks", "warns", "unverified":
			if !slices.Contains(seen, "expect") {
				seen = append(seen, "expect")
			}
		case "rejects", "holds", "not_applicable", "filtered":
			seen = append(seen, k.text)
		}
		if len(seen) > 1 {
			return f.fail(k, "例子 %q 期望了两种结局：%s", "case %q expects two outcomes: %s", c.name, strings.Join(seen, ", "))
		}
	}
	return nil
}

// parseFindings reads a list of rule ids or {field, rule}.
func (f *File) parseFindings(key string, n *node) ([]wanted, error) {
	if n.kind != listNode {
		return nil, f.fail(n, "%s: 是一个列表，例如 [{field: 字段, rule: 规则}]", "%s: is a list such as [{field: f, rule: r}]", key)
	}
	var out []wanted
	var found fault.List
	for _, v := range n.vals {
		w := wanted{node: v, rule: v.text}
		if v.kind == mapNode {
			found.Add(f.known(v, findingKeys))
			rule, err := f.scalar(v, "rule")
			if found.Add(err) {
				continue
			}
			w.rule = rule.text
			if field := v.get("field"); field != nil {
				w.field = field.text
			}
		}
		if w.rule == "" {
			found.Add(f.fail(v, "写规则，或 {field, rule}", "write a rule, or {field, rule}"))
		}
		out = append(out, w)
	}
	return out, found.Err()
}

// known refuses a node that is no map or has keys outside keys.
func (f *File) known(n *node, keys []string) error {
	if n.kind != mapNode {
		return f.fail(n, "这里要写 {键: 值}", "this must be {key: value}")
	}
	var found fault.List
	for _, k := range n.keys {
		if !slices.Contains(keys, k.text) {
			found.Add(f.failHint(k, yamlfile.UnknownHint(k.text, keys), "不认识的键 %q", "unknown key %q", k.text))
		}
	}
	return found.Err()
}

func (f *File) scalar(n *node, key string) (*node, error) {
	v := n.get(key)
	if v == nil {
		return nil, f.fail(n, "缺少 %s:", "%s: is missing", key)
	}
	if v.kind != scalarNode || v.text == "" {
		return nil, f.fail(v, "%s: 要有一个值", "%s: needs one value", key)
	}
	return v, nil
}

func (f *File) fail(n *node, zh, en string, args ...any) error {
	return f.failHint(n, text.Text{}, zh, en, args...)
}

func (f *File) failHint(n *node, hint text.Text, zh, en string, args ...any) error {
	e := fault.New(fault.Config, "check mapping test", f.at(n), text.F(zh, en, args...), hint).Quoting(f.data)
	if e.Hint.IsZero() {
		e.Hint = yamlfile.WideHint(e.Line)
	}
	return e
}

func (f *File) at(n *node) string { return place(f.Path, n.line, n.col) }

func orNode(n, other *node) *node {
	if n == nil || n.line == 0 {
		return other
	}
	return n
}
