package mappings

import (
	"banjian/internal/nearest"

	"banjian/internal/text"
)

// Keys of the places of a mapping file. A field's operations are in ops.go.
var (
	fileKeys  = []string{"mapping", "title", "from", "to", "where", "fields", "rules"}
	blockKeys = []string{"subject", "where", "fields", "rules"}
	ruleKeys  = []string{"id", "when", "then", "field", "say"}
	sayKeys   = []string{"zh", "en"}
	itemKeys  = []string{"from", "crosswalk", "take"}
)

// Parse reads a mapping file strictly: an unknown key, a key written twice or a value
// of the wrong shape is a fault.Config at file:line:column, with the nearest known
// key as its hint.
func Parse(file string, data []byte) (*File, error) {
	root, err := readYAML(file, data)
	if err != nil {
		return nil, err
	}
	f := &File{Path: file, root: root}
	if err := f.known(root, fileKeys); err != nil {
		return nil, err
	}
	if f.Name, err = f.words(root, "mapping", true); err != nil {
		return nil, err
	}
	if f.Title, err = f.words(root, "title", false); err != nil {
		return nil, err
	}
	if f.From, err = f.words(root, "from", false); err != nil {
		return nil, err
	}
	if f.where, err = f.scalar(root, "where", false); err != nil {
		return nil, err
	}
	return f, f.parseTo()
}

// parseTo reads the one block a short file is, or the list of blocks.
func (f *File) parseTo() error {
	to := f.root.get("to")
	switch {
	case to == nil:
		return f.failHint(f.root, text.T("例如 to: case/accept", "for example to: case/accept"), "缺少 to:", "to: is missing")
	case to.kind == scalarNode:
		b, err := f.parseBlock(f.root, to)
		if err != nil {
			return err
		}
		b.where = nil // the file's where is already f.where
		f.blocks = []block{*b}
		return nil
	case to.kind != listNode || len(to.vals) == 0:
		return f.fail(to, "to: 是一个表名，或一组 {subject, fields}", "to: is a subject, or a list of {subject, fields}")
	}
	for _, name := range []string{"fields", "rules"} {
		if n := f.root.get(name); n != nil {
			return f.fail(n, "to: 是列表时，%s: 写在每个块里", "with a list in to:, %s: belongs into each block", name)
		}
	}
	for _, n := range to.vals {
		if err := f.known(n, blockKeys); err != nil {
			return err
		}
		subject, err := f.scalar(n, "subject", true)
		if err != nil {
			return err
		}
		b, err := f.parseBlock(n, subject)
		if err != nil {
			return err
		}
		f.blocks = append(f.blocks, *b)
	}
	return nil
}

func (f *File) parseBlock(n, subject *node) (*block, error) {
	b := &block{to: subject}
	var err error
	if b.where, err = f.scalar(n, "where", false); err != nil {
		return nil, err
	}
	fields := n.get("fields")
	if fields == nil || fields.kind != mapNode {
		return nil, f.fail(orNode(fields, subject), "缺少 fields: {字段: …}", "fields: {field: …} is missing")
	}
	for i, name := range fields.keys {
		fd, err := f.parseField(name, fields.vals[i])
		if err != nil {
			return nil, err
		}
		b.fields = append(b.fields, *fd)
	}
	b.rules, err = f.parseRules(n.get("rules"))
	return b, err
}

// parseField reads one of: a column's name, {from}, {const}, {expr}, {item_code}.
func (f *File) parseField(name, def *node) (*field, error) {
	fd := &field{name: name, def: def}
	if def.kind == scalarNode {
		if def.text == "" {
			return nil, f.fail(def, "字段 %s 的来源列是空的", "field %s names an empty column", name.text)
		}
		fd.from = def
		return fd, nil
	}
	if def.kind != mapNode {
		return nil, f.failHint(orNode(def, name), text.T("写来源列名，或 {from: 列, …}", "write a column, or {from: column, …}"),
			"字段 %s 写法不对", "field %s has the wrong shape", name.text)
	}
	if err := f.known(def, fieldKeys()); err != nil {
		return nil, err
	}
	heads := 0
	for i, k := range def.keys {
		v := def.vals[i]
		head := map[string]**node{"from": &fd.from, "const": &fd.cons, "expr": &fd.expr, "item_code": &fd.item}[k.text]
		if head == nil {
			fd.keys = append(fd.keys, key{k, v})
			continue
		}
		heads++
		*head = v
		if k.text == "item_code" {
			if err := f.parseItem(v); err != nil {
				return nil, err
			}
		} else if v.kind != scalarNode || v.text == "" {
			return nil, f.fail(orNode(v, k), "%s: 后面要有一个值", "%s: needs one value", k.text)
		}
	}
	if heads != 1 {
		return nil, f.fail(def, "字段 %s 要有 from、const、expr、item_code 中的一个", "field %s needs exactly one of from, const, expr, item_code", name.text)
	}
	if fd.cons != nil && len(fd.keys) > 0 {
		return nil, f.fail(fd.keys[0].name, "const 后面不能再有 %s", "nothing may follow const, %s does", fd.keys[0].name.text)
	}
	return fd, nil
}

func (f *File) parseItem(n *node) error {
	if err := f.known(n, itemKeys); err != nil {
		return err
	}
	for _, k := range itemKeys {
		if _, err := f.scalar(n, k, k != "take"); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) parseRules(n *node) ([]rule, error) {
	if n == nil {
		return nil, nil
	}
	if n.kind != listNode {
		return nil, f.fail(n, "rules: 是一个列表", "rules: is a list")
	}
	var out []rule
	seen := map[string]bool{}
	for _, v := range n.vals {
		if err := f.known(v, ruleKeys); err != nil {
			return nil, err
		}
		r := rule{at: v}
		for _, p := range []struct {
			key string
			to  **node
		}{{"id", &r.id}, {"when", &r.when}, {"then", &r.then}} {
			var err error
			if *p.to, err = f.scalar(v, p.key, true); err != nil {
				return nil, err
			}
		}
		var err error
		if r.field, err = f.scalar(v, "field", false); err != nil {
			return nil, err
		}
		if seen[r.id.text] {
			return nil, f.fail(r.id, "规则 %s 写了两次", "rule %s is written twice", r.id.text)
		}
		seen[r.id.text] = true
		if r.say, err = f.parseSay(v); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
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

// known refuses a node that is no map or has a key outside keys.
func (f *File) known(n *node, keys []string) error {
	if n.kind != mapNode {
		return f.fail(n, "这里要写 {键: 值}", "this must be {key: value}")
	}
	for _, k := range n.keys {
		if !contains(keys, k.text) {
			return f.failHint(k, nearest.Hint(k.text, keys), "不认识的键 %q", "unknown key %q", k.text)
		}
	}
	return nil
}

// scalar is the value of a key as one non-empty value, nil if absent and not needed.
func (f *File) scalar(n *node, key string, need bool) (*node, error) {
	v := n.get(key)
	if v == nil && !need {
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
