package mappings

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// Caps on what one mapping file may hold; they bound the work of reading a hostile
// file and are far above anything a person writes.
const (
	maxDepth   = 16
	maxAliases = 200
	maxNodes   = 50_000
)

type nodeKind uint8

const (
	scalarNode nodeKind = iota
	mapNode
	listNode
	nullNode
)

// node is one value of the file with the place it stands at. A scalar keeps the
// text as written: 0010 stays "0010".
type node struct {
	kind   nodeKind
	text   string
	plain  bool // scalar without quotes: true, 1, name
	quoted bool // scalar in single or double quotes
	line   int
	col    int
	keys   []*node // map: keys, as written
	vals   []*node // map: values; list: elements
}

// get is the value of a map's key, nil if there is none.
func (n *node) get(key string) *node {
	for i, k := range n.keys {
		if k.text == key {
			return n.vals[i]
		}
	}
	return nil
}

// reader turns a YAML syntax tree into nodes.
type reader struct {
	file    string
	data    []byte
	anchors map[string]*node
	aliases int
	nodes   int
	found   *fault.List // mistakes after which reading went on
}

// readYAML parses one YAML document into a tree of nodes. What leaves no tree is an
// error; keys written twice go to found.
func readYAML(file string, data []byte, found *fault.List) (root *node, err error) {
	docs, err := yamlfile.Tree(file, data)
	if err != nil {
		return nil, err
	}
	r := &reader{file: file, data: data, anchors: map[string]*node{}, found: found}
	switch len(docs) {
	case 0:
		return nil, configAt(file, text.T("文件是空的", "the file is empty"), text.T("用 banjian discover 起草一份，或照映射手册写", "draft one with banjian discover, or write it as the mapping guide shows"))
	case 1:
		return r.node(docs[0], 0)
	}
	return nil, r.fail(docs[1], text.T("一个文件只能有一份 YAML 文档", "one file holds one YAML document"))
}

func (r *reader) node(n ast.Node, depth int) (*node, error) {
	if r.nodes++; r.nodes > maxNodes {
		return nil, r.fail(n, text.F("文件的节点超过 %d 个", "the file has more than %d nodes", maxNodes))
	}
	if depth > maxDepth {
		return nil, r.fail(n, text.F("嵌套超过 %d 层", "nested more than %d levels deep", maxDepth))
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(n, n.Values, depth)
	case *ast.MappingValueNode:
		return r.mapping(n, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out := r.place(&node{kind: listNode}, n)
		for _, v := range n.Values {
			c, err := r.node(v, depth+1)
			if err != nil {
				return nil, err
			}
			out.vals = append(out.vals, c)
		}
		return out, nil
	case *ast.AnchorNode:
		v, err := r.node(n.Value, depth)
		if err != nil {
			return nil, err
		}
		r.anchors[n.Name.GetToken().Value] = v
		return v, nil
	case *ast.AliasNode:
		return r.alias(n)
	}
	return r.scalar(n)
}

func (r *reader) alias(n *ast.AliasNode) (*node, error) {
	name := n.Value.GetToken().Value
	v, ok := r.anchors[name]
	if !ok {
		return nil, r.fail(n, text.F("别名 *%s 没有对应的锚点", "alias *%s has no anchor before it", name))
	}
	if r.aliases++; r.aliases > maxAliases {
		return nil, r.fail(n, text.F("别名超过 %d 处", "more than %d aliases", maxAliases))
	}
	if r.nodes += count(v); r.nodes > maxNodes {
		return nil, r.fail(n, text.F("展开别名后节点超过 %d 个", "more than %d nodes once aliases are expanded", maxNodes))
	}
	return v, nil
}

func count(n *node) int {
	total := 1 + len(n.keys)
	for _, v := range n.vals {
		total += count(v)
	}
	return total
}

func (r *reader) mapping(at ast.Node, pairs []*ast.MappingValueNode, depth int) (*node, error) {
	out := r.place(&node{kind: mapNode}, at)
	seen := map[string]bool{}
	for _, p := range pairs {
		if p.Key.IsMergeKey() {
			return nil, r.fail(p.Key, text.T("不支持合并键 <<", "the merge key << is not supported"))
		}
		k, err := r.scalar(p.Key)
		if err != nil {
			return nil, err
		}
		if seen[k.text] {
			r.found.Add(r.fail(p.Key, text.F("键 %q 写了两次", "key %q is written twice", k.text)))
			continue
		}
		seen[k.text] = true
		v, err := r.node(p.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if len(out.keys) == 0 {
			out.line, out.col = k.line, k.col
		}
		if v.line == 0 {
			v.line, v.col = k.line, k.col
		}
		out.keys, out.vals = append(out.keys, k), append(out.vals, v)
	}
	return out, nil
}

func (r *reader) scalar(n ast.Node) (*node, error) {
	out := r.place(&node{kind: scalarNode, plain: true}, n)
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = nullNode
	case *ast.StringNode:
		out.text = n.Value
		switch n.Token.Type {
		case token.SingleQuoteType, token.DoubleQuoteType:
			out.plain, out.quoted = false, true
		}
	case *ast.LiteralNode:
		out.text, out.plain = n.Value.Value, false
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.text = n.GetToken().Value
	default:
		return nil, r.fail(n, text.F("这里不能用 YAML 的 %s", "YAML %s is not supported here", n.Type()))
	}
	return out, nil
}

func (r *reader) place(out *node, n ast.Node) *node {
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.line, out.col = t.Position.Line, t.Position.Column
	}
	return out
}

func (r *reader) fail(n ast.Node, what text.Text) error {
	return configAt(where(r.file, yamlfile.First(n)), what, text.Text{}).Quoting(r.data)
}

func where(file string, t *token.Token) string {
	if t == nil || t.Position == nil {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, t.Position.Line, t.Position.Column)
}

func configAt(where string, what, hint text.Text) *fault.Error {
	return fault.New(fault.Config, "read mapping", where, what, hint)
}
