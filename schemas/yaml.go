package schemas

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// source is one data file: its name as people see it, and its bytes.
type source struct {
	name string
	data []byte
}

func readSource(fsys fs.FS, path string) (source, error) {
	data, err := fs.ReadFile(fsys, path)
	if err != nil {
		return source{}, fault.Wrap(err, fault.Config, "read schema data", "schemas/"+path,
			text.T("读不到文件", "cannot read the file"), text.Text{})
	}
	return source{name: "schemas/" + path, data: data}, nil
}

// decode reads YAML into v; an unknown key, a duplicate key or a wrong type is a
// Config fault at its line and column.
func (s source) decode(v any) error {
	err := yaml.UnmarshalWithOptions(s.data, v, yaml.Strict())
	if err == nil {
		return nil
	}
	where, what := s.name, text.F("文件内容不合格式：%s", "the file is not well formed: %s", err.Error())
	var ye yaml.Error
	if errors.As(err, &ye) {
		what = badYAML(ye)
		if tk := ye.GetToken(); tk != nil {
			where = fmt.Sprintf("%s:%d:%d", s.name, tk.Position.Line, tk.Position.Column)
		}
	}
	return fault.New(fault.Config, "read schema data", where, what,
		text.T("请对照同目录下的其他文件修改", "compare it with the other files of this folder"))
}

// badYAML says the common mistakes in our own words, the rest in the parser's.
func badYAML(err yaml.Error) text.Text {
	key := ""
	if tk := err.GetToken(); tk != nil {
		key = tk.Value
	}
	switch err.(type) {
	case *yaml.UnknownFieldError:
		return text.F("不认识的键 %s", "unknown key %s", key)
	case *yaml.TypeError, *yaml.UnexpectedNodeTypeError:
		return text.F("值 %s 的类型不对", "the value %s is of the wrong type", key)
	}
	return text.F("文件内容不合格式：%s", "the file is not well formed: %s", err.GetMessage())
}

// fail is a Config fault at the node that path ("$.fields[3].type") leads to.
func (s source) fail(path string, what, hint text.Text) error {
	return fault.New(fault.Config, "read schema data", s.where(path), what, hint)
}

// where is file:line:column of the node at path, or of its nearest existing parent.
func (s source) where(path string) string {
	file, err := parser.ParseBytes(s.data, 0)
	if err != nil {
		return s.name
	}
	for p := path; p != ""; p = parentPath(p) {
		if n := findNode(file, p); n != nil {
			pos := firstToken(n)
			return fmt.Sprintf("%s:%d:%d", s.name, pos.line, pos.column)
		}
	}
	return s.name + ":1:1"
}

func findNode(file *ast.File, path string) ast.Node {
	p, err := yaml.PathString(path)
	if err != nil {
		return nil
	}
	n, err := p.FilterFile(file)
	if err != nil {
		return nil
	}
	return n
}

type position struct{ line, column int }

// firstToken is where a node begins: for a mapping its first key, not its first colon.
func firstToken(n ast.Node) position {
	switch v := n.(type) {
	case *ast.MappingNode:
		if len(v.Values) > 0 {
			return firstToken(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return firstToken(v.Key)
	case *ast.SequenceNode:
		if len(v.Values) > 0 {
			return firstToken(v.Values[0])
		}
	}
	tk := n.GetToken()
	if tk == nil || tk.Position == nil {
		return position{1, 1}
	}
	return position{tk.Position.Line, tk.Position.Column}
}

func parentPath(path string) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return ""
}

// loose reads only the keys v knows.
func (s source) loose(v any) error { return yaml.Unmarshal(s.data, v) }
