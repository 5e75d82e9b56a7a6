package yamlfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Caps on nesting; they bound the work of the parser on a hostile file.
const (
	maxIndent   = 200
	maxBrackets = 64
)

// Text is data as text: without the byte-order mark that editors of Windows write. What
// is not UTF-8 is a Config fault.
func Text(file string, data []byte) ([]byte, error) {
	if len(data) > MaxSize {
		return nil, fault.New(fault.Config, "read file", file, text.F("文件超过 %d 字节", "the file is larger than %d bytes", MaxSize), text.Text{})
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return data, nil
	}
	for i, line := range bytes.Split(data, []byte("\n")) {
		column := 1
		for rest := line; len(rest) > 0; column++ {
			r, size := utf8.DecodeRune(rest)
			if r == utf8.RuneError && size == 1 || r == 0 {
				return nil, fault.New(fault.Config, "read file", at(file, i+1, column), text.T("文件不是 UTF-8 编码", "the file is not UTF-8"),
					text.T("在编辑器里另存为 UTF-8（原来多半是 GBK 或 UTF-16）", "save it as UTF-8 in your editor; it is GBK or UTF-16, most likely")).Quoting(data)
			}
			rest = rest[size:]
		}
	}
	return data, nil
}

// Tree is the syntax tree of a file that Text gave: its documents, without those that
// are empty. Keys may still be written twice. Mistakes are Config faults.
func Tree(file string, data []byte) (docs []ast.Node, err error) {
	if err := shallow(file, data); err != nil {
		return nil, err
	}
	defer func() {
		if recover() != nil {
			docs, err = nil, fault.New(fault.Config, "read file", file, text.T("YAML 无法解析", "cannot read this as YAML"), text.Text{})
		}
	}()
	tree, perr := parser.Parse(lexer.Tokenize(string(data)), 0, parser.AllowDuplicateMapKey())
	if perr != nil {
		return nil, syntax(file, data, perr)
	}
	for _, doc := range tree.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			docs = append(docs, doc.Body)
		}
	}
	return docs, nil
}

// shallow refuses what would make the parser work too hard.
func shallow(file string, data []byte) error {
	line, indent, open, leading := 1, 0, 0, true
	for _, b := range data {
		switch {
		case b == '\n':
			line, indent, leading = line+1, 0, true
			continue
		case b == '{' || b == '[':
			open++
		case (b == '}' || b == ']') && open > 0:
			open--
		}
		if leading && (b == ' ' || b == '-' || b == '?' || b == '\t') {
			indent++
		} else {
			leading = false
		}
		if indent > maxIndent || open > maxBrackets {
			return fault.New(fault.Config, "read file", at(file, line, 1), text.T("嵌套太深", "nested too deeply"), text.Text{})
		}
	}
	return nil
}

func at(file string, line, column int) string { return fmt.Sprintf("%s:%d:%d", file, line, column) }

// placeOf is file:line:column of a token.
func placeOf(file string, tk *token.Token) string {
	if tk == nil || tk.Position == nil {
		return file
	}
	return at(file, tk.Position.Line, tk.Position.Column)
}

// First is the token a node begins with: of a mapping that of its first key, not of
// its first colon.
func First(n ast.Node) *token.Token {
	switch v := n.(type) {
	case *ast.MappingNode:
		if len(v.Values) > 0 {
			return First(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return First(v.Key)
	case *ast.SequenceNode:
		if len(v.Values) > 0 {
			return First(v.Values[0])
		}
	}
	return n.GetToken()
}

// pairs is the entries of a mapping; no for any other node.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}, true
	}
	return nil, false
}
