package mappings

import (
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
	"banjian/schemas"
)

// Keys of the places of a mapping file. A field's operations are in ops.go.
var (
	fileKeys  = []string{"mapping", "title", "from", "to", "where", "filter", "explode", "unpivot", "sequence", "fields", "rules"}
	blockKeys = []string{"subject", "where", "explode", "unpivot", "sequence", "fields", "rules"}
	ruleKeys  = []string{"id", "when", "then", "field", "say"}
	sayKeys   = []string{"zh", "en"}
	itemKeys  = []string{"from", "crosswalk", "take", "on", "unit", "level", "basic", "handling"}
)

// Read is Parse and Compile in one, for people: it tells the mistakes of both together,
// in the order of the file; see fault.All.
func Read(file string, data []byte, cat *schemas.Catalog, from *schemas.Subject) (*Mapping, error) {
	f, shape := parse(file, data)
	if f == nil {
		return nil, shape
	}
	m, err := Compile(f, cat, from)
	if err = inOrder(shape, err); err != nil {
		return nil, err
	}
	return m, nil
}

// Parse reads a mapping file strictly: an unknown key, a key written twice or a value
// of the wrong shape is a fault.Config at file:line:column, with the nearest known
// key as its hint. All mistakes are told; see fault.All.
func Parse(file string, data []byte) (*File, error) {
	f, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// parse is Parse that gives what could be read besides; nil if nothing could.
func parse(file string, data []byte) (*File, error) {
	data, err := yamlfile.Text(file, data)
	if err != nil {
		return nil, err
	}
	found := &fault.List{}
	root, err := readYAML(file, data, found)
	if err != nil {
		return nil, err
	}
	f := &File{Path: file, root: root, data: data, unknown: map[*node]bool{}}
	if root.kind != mapNode {
		if err := yamlfile.FullWidthColons(file, data); err != nil {
			return nil, err
		}
		return nil, f.fail(root, "这里要写 {键: 值}", "this must be {key: value}")
	}
	found.Add(f.known(root, fileKeys))
	for _, p := range []struct {
		key  string
		to   *string
		need bool
	}{{"mapping", &f.Name, true}, {"title", &f.Title, false}, {"from", &f.From, false}} {
		*p.to, err = f.words(root, p.key, p.need)
		found.Add(err)
	}
	f.where, err = f.scalar(root, "where", false)
	found.Add(err)
	found.Add(f.parseTo())
	return f, inOrder(found.Err())
}

// inOrder is all these errors in the order of the file.
func inOrder(errs ...error) error {
	var all fault.List
	for _, err := range errs {
		all.Add(err)
	}
	all.Sort()
	return all.Err()
}

// parseTo reads the one block a short file is, or the list of blocks.
func (f *File) parseTo() error {
	to := f.root.get("to")
	switch {
	case to == nil && f.misspelt(f.root, "to"):
		return nil
	case to == nil:
		return f.failHint(f.root, text.T("例如 to: case/accept", "for example to: case/accept"), "缺少 to:", "to: is missing")
	case to.kind == scalarNode:
		b, err := f.parseBlock(f.root, to)
		b.where = nil // the file's where is already f.where
		f.blocks = []block{*b}
		return err
	case to.kind != listNode || len(to.vals) == 0:
		return f.fail(to, "to: 是一个表名，或一组 {subject, fields}", "to: is a subject, or a list of {subject, fields}")
	}
	var found fault.List
	for _, name := range []string{"explode", "unpivot", "sequence", "fields", "rules"} {
		if n := f.root.get(name); n != nil {
			found.Add(f.fail(n, "to: 是列表时，%s: 写在每个块里", "with a list in to:, %s: belongs into each block", name))
		}
	}
	for _, n := range to.vals {
		if found.Add(f.known(n, blockKeys)) && n.kind != mapNode {
			continue
		}
		subject, err := f.scalar(n, "subject", true)
		if found.Add(err) || subject == nil {
			continue
		}
		b, err := f.parseBlock(n, subject)
		found.Add(err)
		f.blocks = append(f.blocks, *b)
	}
	return found.Err()
}

// parseBlock gives a block without what is wrong in it.
func (f *File) parseBlock(n, subject *node) (*block, error) {
	b := &block{to: subject, names: map[string]bool{}, spread: spreadNodes{n.get("explode"), n.get("unpivot"), n.get("sequence")}}
	var found fault.List
	var err error
	b.where, err = f.scalar(n, "where", false)
	if n != f.root { // the file's where is told by parse
		found.Add(err)
	}
	fields := n.get("fields")
	if fields == nil || fields.kind != mapNode {
		if fields != nil || !f.misspelt(n, "fields") {
			found.Add(f.fail(orNode(fields, subject), "缺少 fields: {字段: …}", "fields: {field: …} is missing"))
		}
		fields = &node{}
		b.names = nil
	}
	for i, name := range fields.keys {
		b.names[name.text] = true
		fd, err := f.parseField(name, fields.vals[i])
		found.Add(err)
		if fd != nil {
			b.fields = append(b.fields, *fd)
		}
	}
	b.rules, err = f.parseRules(n.get("rules"))
	found.Add(err)
	return b, found.Err()
}

// column refuses a column whose name swallowed the rest of the line: the punctuation
// after it is full-width.
func (f *File) column(n *node) error {
	if n == nil || !n.plain || !strings.ContainsAny(n.text, "，：“”‘’｛｝") {
		return nil
	}
	return f.failHint(n, text.T("若是 YAML 的标点，换成半角；列名真是这样就加引号", "if it is punctuation of YAML, write the ASCII one; quote the name if the column is called so"),
		"来源列 %s 里有全角标点", "column %s holds full-width punctuation", n.text)
}

// parseField reads one of: a column's name, {from}, {const}, {expr}, {item_code}. With
// mistakes it gives what is left to be looked at, nil if its head is wrong.
func (f *File) parseField(name, def *node) (*field, error) {
	fd := &field{name: name, def: def}
	if def.kind == scalarNode {
		if def.text == "" {
			return nil, f.fail(def, "字段 %s 的来源列是空的", "field %s names an empty column", name.text)
		}
		fd.from = def
		return fd, f.column(def)
	}
	if def.kind != mapNode {
		return nil, f.failHint(orNode(def, name), text.T("写来源列名，或 {from: 列, …}", "write a column, or {from: column, …}"),
			"字段 %s 写法不对", "field %s has the wrong shape", name.text)
	}
	var found fault.List
	found.Add(f.known(def, fieldKeys()))
	count, whole := 0, true
	for i, k := range def.keys {
		v := def.vals[i]
		if specialHeads[k.text] != nil {
			count++
			fd.special = &key{k, v}
			continue
		}
		head := map[string]**node{"from": &fd.from, "const": &fd.cons, "expr": &fd.expr, "item_code": &fd.item}[k.text]
		if head == nil {
			if contains(fieldKeys(), k.text) {
				fd.keys = append(fd.keys, key{k, v})
			}
			continue
		}
		count++
		*head = v
		if k.text == "item_code" {
			whole = !found.Add(f.parseItem(v))
		} else if v.kind != scalarNode || v.text == "" {
			whole = false
			found.Add(f.fail(orNode(v, k), "%s: 后面要有一个值", "%s: needs one value", k.text))
		}
	}
	alone := count == 0 && fd.get("deadline") != nil
	if count > 1 || count == 0 && !alone && found.Len() == 0 { // a misspelt head is told already
		found.Add(f.fail(def, "字段 %s 要有 %s 中的一个", "field %s needs exactly one of %s", name.text, strings.Join(heads, ", ")))
	}
	if fd.cons != nil && len(fd.keys) > 0 {
		found.Add(f.fail(fd.keys[0].name, "const 后面不能再有 %s", "nothing may follow const, %s does", fd.keys[0].name.text))
		fd.keys = nil
	}
	found.Add(f.column(fd.from))
	if count != 1 && !alone || !whole {
		return nil, found.Err()
	}
	return fd, found.Err()
}

func (f *File) parseItem(n *node) error {
	var found fault.List
	if found.Add(f.known(n, itemKeys)) && n.kind != mapNode {
		return found.Err()
	}
	compose := n.get("unit") != nil || n.get("basic") != nil
	for i, k := range itemKeys {
		switch v := n.get(k); {
		case compose && i < 4 && v != nil:
			found.Add(f.fail(v, "%s 不能和 unit、basic 一起写", "%s does not go with unit and basic", k))
		case !compose && i < 4:
			_, err := f.scalar(n, k, i < 2)
			found.Add(err)
		}
	}
	return found.Err()
}

// parseRules gives the rules that are whole.
func (f *File) parseRules(n *node) ([]rule, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind != listNode {
		return nil, f.fail(n, "rules: 是一个列表", "rules: is a list")
	}
	var out []rule
	var found fault.List
	seen := map[string]bool{}
	for _, v := range n.vals {
		r, err := f.parseRule(v)
		if found.Add(err) {
			continue
		}
		if seen[r.id.text] {
			found.Add(f.fail(r.id, "规则 %s 写了两次", "rule %s is written twice", r.id.text))
		}
		seen[r.id.text] = true
		out = append(out, r)
	}
	return out, found.Err()
}

func (f *File) parseRule(v *node) (rule, error) {
	r := rule{at: v}
	var found fault.List
	if found.Add(f.known(v, ruleKeys)) && v.kind != mapNode {
		return r, found.Err()
	}
	for _, p := range []struct {
		key  string
		to   **node
		need bool
	}{{"id", &r.id, true}, {"when", &r.when, true}, {"then", &r.then, true}, {"field", &r.field, false}} {
		var err error
		*p.to, err = f.scalar(v, p.key, p.need)
		found.Add(err)
	}
	var err error
	r.say, err = f.parseSay(v)
	found.Add(err)
	return r, found.Err()
}

// parseSay reads one Chinese sentence, or {zh, en}.
func (f *File) parseSay(n *node) (text.Text, error) {
	v := n.get("say")
	if v == nil || v.kind == scalarNode {
		s, err := f.words(n, "say", false)
		return text.T(s, ""), err
	}
	if err := f.known(v, sayKeys); err != nil {
		return text.Text{}, err
	}
	zh, err := f.words(v, "zh", true)
	if err != nil {
		return text.Text{}, err
	}
	en, err := f.words(v, "en", false)
	return text.T(zh, en), err
}

// known refuses a node that is no map or has keys outside keys.
func (f *File) known(n *node, keys []string) error {
	if n.kind != mapNode {
		return f.fail(n, "这里要写 {键: 值}", "this must be {key: value}")
	}
	var found fault.List
	for _, k := range n.keys {
		if !contains(keys, k.text) {
			f.unknown[k] = true
			found.Add(f.failHint(k, yamlfile.UnknownHint(k.text, keys), "不认识的键 %q", "unknown key %q", k.text))
		}
	}
	return found.Err()
}

// misspelt says that a key of n which was refused is probably this one: that it is
// missing needs no telling.
func (f *File) misspelt(n *node, key string) bool {
	for _, k := range n.keys {
		if f.unknown[k] && len(nearest.Words(k.text, []string{key}, 1)) > 0 {
			return true
		}
	}
	return false
}

// scalar is the value of a key as one non-empty value, nil if it is absent and not
// needed or misspelt.
func (f *File) scalar(n *node, key string, need bool) (*node, error) {
	v := n.get(key)
	if v == nil && (!need || f.misspelt(n, key)) {
		return nil, nil
	}
	if v == nil {
		return nil, f.fail(n, "缺少 %s:", "%s: is missing", key)
	}
	if v.kind != scalarNode || v.text == "" {
		return nil, f.fail(v, "%s: 要有一个值", "%s: needs one value", key)
	}
	return v, nil
}

func (f *File) words(n *node, key string, need bool) (string, error) {
	v, err := f.scalar(n, key, need)
	if v == nil {
		return "", err
	}
	return v.text, err
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func orNode(n, other *node) *node {
	if n == nil || n.line == 0 {
		return other
	}
	return n
}
