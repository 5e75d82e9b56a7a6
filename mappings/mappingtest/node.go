package mappingtest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// maxDepth is how deep a test file may be nested.
const maxDepth = 8

type nodeKind uint8

const (
	scalarNode nodeKind = iota
	mapNode
	listNode
	nullNode
)

// node is one value with the bytes it stands at. A scalar keeps its text as written:
// 0010 stays "0010".
type node struct {
	kind      nodeKind
	text      string
	flow      bool // a map or list in brackets
	unwritten bool // a NULL that is written as nothing
	line, col int
	from, to  int // bytes of the file
	keys      []*node
	vals      []*node
}

// get is the value of a key, nil if there is none.
func (n *node) get(key string) *node {
	for i, k := range n.keys {
		if k.text == key {
			return n.vals[i]
		}
	}
	return nil
}

// reader turns a syntax tree into nodes.
type reader struct {
	file  string
	data  []byte
	lines []int       // offset of each line
	found *fault.List // mistakes after which reading went on
}

// readYAML reads what yamlfile.Text gave. What leaves no tree is an error; keys written
// twice go to found.
func readYAML(file string, data []byte, found *fault.List) (root *node, err error) {
	r := &reader{file: file, data: data, lines: []int{0}, found: found}
	for i, b := range data {
		if b == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	defer func() {
		if recover() != nil {
			root, err = nil, r.fail(0, 0, text.T("YAML 无法解析", "cannot read this as YAML"))
		}
	}()
	docs, err := yamlfile.Tree(file, data)
	if err != nil {
		return nil, err
	}
	if err := r.plain(); err != nil {
		return nil, err
	}
	switch len(docs) {
	case 0:
		return nil, r.fail(0, 0, text.T("文件是空的", "the file is empty"))
	case 1:
		return r.node(docs[0], 0)
	}
	return nil, r.at(docs[1].GetToken(), text.T("一个文件只能有一份 YAML 文档", "one file holds one YAML document"))
}

// plain refuses anchors and aliases.
func (r *reader) plain() error {
	for _, tk := range lexer.Tokenize(string(r.data)) {
		switch tk.Type {
		case token.AnchorType, token.AliasType:
			return r.at(tk, text.T("不支持 YAML 的锚点（&）和引用（*），公共部分写进 base", "YAML anchors (&) and aliases (*) are not supported: put what cases share into base"))
		}
	}
	return nil
}

func (r *reader) at(tk *token.Token, what text.Text) error {
	if tk == nil || tk.Position == nil {
		return r.fail(0, 0, what)
	}
	return r.fail(tk.Position.Line, tk.Position.Column, what)
}

func (r *reader) fail(line, col int, what text.Text) error {
	return fault.New(fault.Config, "read mapping test", place(r.file, line, col), what, text.Text{}).Quoting(r.data)
}

func place(file string, line, col int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, line, col)
}

func (r *reader) node(n ast.Node, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, r.at(n.GetToken(), text.T("嵌套太深", "nested too deeply"))
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(n.Values, n, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, nil, depth)
	case *ast.SequenceNode:
		out := r.place(&node{kind: listNode, flow: n.IsFlowStyle}, n.Start)
		for _, v := range n.Values {
			c, err := r.node(v, depth+1)
			if err != nil {
				return nil, err
			}
			out.vals, out.to = append(out.vals, c), max(out.to, c.to)
		}
		if n.IsFlowStyle {
			out.to = r.offset(n.End) + 1
		}
		return out, nil
	}
	return r.scalar(n)
}

func (r *reader) mapping(pairs []*ast.MappingValueNode, whole *ast.MappingNode, depth int) (*node, error) {
	out := &node{kind: mapNode}
	if whole != nil && whole.IsFlowStyle {
		r.place(out, whole.Start)
		out.flow, out.to = true, r.offset(whole.End)+1
	}
	for _, p := range pairs {
		if p.Key.IsMergeKey() {
			return nil, r.at(p.Key.GetToken(), text.T("不支持合并键 <<", "the merge key << is not supported"))
		}
		k, err := r.scalar(p.Key)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out.keys, func(o *node) bool { return o.text == k.text }) {
			r.found.Add(r.at(p.Key.GetToken(), text.F("键 %q 写了两次", "key %q is written twice", k.text)))
			continue
		}
		v, err := r.node(p.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if v.unwritten {
			v.line, v.col = k.line, k.col
			v.from = r.offset(p.Start) + 1
			v.to = v.from
		}
		if len(out.keys) == 0 && !out.flow {
			out.line, out.col, out.from = k.line, k.col, k.from
		}
		out.keys, out.vals = append(out.keys, k), append(out.vals, v)
		if !out.flow {
			out.to = v.to
		}
	}
	return out, nil
}

func (r *reader) scalar(n ast.Node) (*node, error) {
	tk := n.GetToken()
	out := r.place(&node{}, tk)
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = nullNode
		if end := r.plainEnd(out.from, "null", "Null", "NULL", "~"); end > 0 {
			out.to = end
			return out, nil
		}
		out.unwritten, out.to = true, out.from
		return out, nil
	case *ast.StringNode:
		out.text = n.Value
	case *ast.LiteralNode:
		return nil, r.at(tk, text.T("这里写在一行里：\"…\"，换行写 \\n", "write this on one line: \"…\", a line end as \\n"))
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.text = tk.Value
	default:
		return nil, r.at(tk, text.F("这里不能用 YAML 的 %s", "YAML %s is not supported here", n.Type()))
	}
	switch tk.Type {
	case token.SingleQuoteType, token.DoubleQuoteType:
		out.to = r.quotedEnd(out.from)
	default:
		if out.to = r.plainEnd(out.from, tk.Value); out.to < 0 {
			return nil, r.at(tk, text.T("一个值写在一行里", "write a value on one line"))
		}
	}
	return out, nil
}

// plainEnd is where the first of these texts that stands at from ends, -1 if none does.
func (r *reader) plainEnd(from int, words ...string) int {
	for _, w := range words {
		if strings.HasPrefix(string(r.data[from:min(len(r.data), from+len(w))]), w) {
			return from + len(w)
		}
	}
	return -1
}

// quotedEnd is the byte after the closing quote of the text that begins at from.
func (r *reader) quotedEnd(from int) int {
	quote := r.data[from]
	for i := from + 1; i < len(r.data); i++ {
		switch {
		case quote == '"' && r.data[i] == '\\':
			i++
		case r.data[i] != quote:
		case quote == '\'' && i+1 < len(r.data) && r.data[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return len(r.data)
}

func (r *reader) place(out *node, tk *token.Token) *node {
	if tk != nil && tk.Position != nil {
		out.line, out.col, out.from = tk.Position.Line, tk.Position.Column, r.offset(tk)
	}
	return out
}

// offset is the byte a token begins at; its column counts characters.
func (r *reader) offset(tk *token.Token) int {
	i := r.lines[min(tk.Position.Line, len(r.lines))-1]
	for range tk.Position.Column - 1 {
		_, size := utf8.DecodeRune(r.data[i:])
		i += size
	}
	return i
}
