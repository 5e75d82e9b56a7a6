// Package yamlfile reads the YAML files people write: strictly, with the place of
// every mistake as file:line:column.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

// MaxSize is the largest file that is read.
const MaxSize = 1 << 20

// Decode reads one document into v. An unknown or repeated key and a value of the
// wrong type are Config faults at their line and column.
func Decode(file string, data []byte, v any) error {
	dec, err := decoder(file, data)
	if err != nil {
		return err
	}
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return located(file, err, v)
	}
	return nil
}

// DecodeAll reads every document of a file, calling next for a value to fill; it asks
// for one value more than there are documents.
func DecodeAll(file string, data []byte, next func() any) error {
	dec, err := decoder(file, data)
	if err != nil {
		return err
	}
	for {
		v := next()
		err := dec.Decode(v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return located(file, err, v)
		}
	}
}

func decoder(file string, data []byte) (*yaml.Decoder, error) {
	if len(data) > MaxSize {
		return nil, fault.New(fault.Config, "read file", file, text.F("文件超过 %d 字节", "the file is larger than %d bytes", MaxSize), text.Text{})
	}
	if err := noAliases(file, data); err != nil {
		return nil, err
	}
	return yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()), nil
}

// noAliases refuses anchors and aliases: these files need none, and nested ones grow
// without bound.
func noAliases(file string, data []byte) error {
	for _, tk := range lexer.Tokenize(string(data)) {
		if tk.Type == token.AnchorType || tk.Type == token.AliasType {
			return fault.New(fault.Config, "read file", fmt.Sprintf("%s:%d:%d", file, tk.Position.Line, tk.Position.Column),
				text.T("不支持 YAML 的锚点（&）和引用（*）", "YAML anchors (&) and aliases (*) are not supported"), text.T("把内容直接写出来；值以 & 或 * 开头时加引号", "write the content out; quote a value that begins with & or *"))
		}
	}
	return nil
}

func located(file string, err error, v any) error {
	var own *fault.Error // of a value that reads itself; it may know line and column
	if errors.As(err, &own) {
		return fault.New(fault.Config, "read file", strings.TrimSuffix(file+":"+own.Where, ":"), own.What, own.Hint)
	}
	where, what := file, text.F("文件内容不合格式：%s", "the file is not well formed: %s", err.Error())
	var ye yaml.Error
	if errors.As(err, &ye) {
		what = sentence(ye)
		if tk := ye.GetToken(); tk != nil && tk.Position != nil {
			where = fmt.Sprintf("%s:%d:%d", file, tk.Position.Line, tk.Position.Column)
		}
	}
	hint := text.T("请对照同类文件修改", "compare it with other files of its kind")
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) && unknown.Token != nil {
		if near := nearest.Hint(unknown.Token.Value, keysOf(reflect.TypeOf(v), map[reflect.Type]bool{})); !near.IsZero() {
			hint = near
		}
	}
	return fault.New(fault.Config, "read file", where, what, hint)
}

// keysOf is every key a value of type t can hold, at any depth.
func keysOf(t reflect.Type, seen map[reflect.Type]bool) []string {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return keysOf(t.Elem(), seen)
	case reflect.Struct:
	default:
		return nil
	}
	if seen[t] {
		return nil
	}
	seen[t] = true
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" && name != "-" {
			keys = append(keys, name)
		}
		keys = append(keys, keysOf(f.Type, seen)...)
	}
	return keys
}

// sentence says the common mistakes in our own words, the rest in the parser's.
func sentence(err yaml.Error) text.Text {
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

// Where is file:line:column of the node that path ("$.fields[3].type") leads to, or of
// its nearest existing parent.
func Where(name string, data []byte, path string) string {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return name
	}
	for p := path; p != ""; p = parentPath(p) {
		if n := findNode(file, p); n != nil {
			pos := firstToken(n)
			return fmt.Sprintf("%s:%d:%d", name, pos.line, pos.column)
		}
	}
	return name + ":1:1"
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
