package yamlfile

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

// walker holds a document against the type it is to fill and finds every mistake; the
// decoder stops at the first.
type walker struct {
	doc   *Doc
	found fault.List
}

// plain refuses, at any depth, what is wrong whatever the type: keys written twice,
// anchors and aliases.
func (w *walker) plain(n ast.Node) {
	if list, ok := pairs(n); ok {
		seen := map[string]bool{}
		for _, p := range list {
			key := keyText(p)
			if seen[key] {
				w.found.Add(w.doc.fail(p.Key.GetToken(), text.F("键 %s 写了两次", "key %s is written twice", key), text.T("删掉其中一个", "delete one of them")))
			}
			seen[key] = true
			if p.Key.IsMergeKey() {
				w.found.Add(w.doc.noAnchor(p.Key))
			}
			w.plain(p.Value)
		}
		return
	}
	switch v := n.(type) {
	case *ast.SequenceNode:
		for _, e := range v.Values {
			w.plain(e)
		}
	case *ast.AnchorNode, *ast.AliasNode:
		w.found.Add(w.doc.noAnchor(n))
	case *ast.TagNode:
		w.found.Add(w.doc.fail(n.GetToken(), text.T("不支持 YAML 的标签（!）", "YAML tags (!) are not supported"), text.T("值以 ! 开头时加引号", "quote a value that begins with !")))
	}
}

// noAnchor refuses anchors and aliases: these files need none, and nested ones grow
// without bound.
func (d *Doc) noAnchor(n ast.Node) error {
	return d.fail(n.GetToken(), text.T("不支持 YAML 的锚点（&）和引用（*）", "YAML anchors (&) and aliases (*) are not supported"),
		text.T("把内容直接写出来；值以 & 或 * 开头时加引号", "write the content out; quote a value that begins with & or *"))
}

// all finds what keeps n from filling v.
func (w *walker) all(n ast.Node, v any) { w.value(n, reflect.TypeOf(v)) }

func (w *walker) value(n ast.Node, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n == nil || n.Type() == ast.NullType || isAnchored(n) {
		return
	}
	if ownReader(t) {
		w.own(n, t)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		w.fields(n, t)
	case reflect.Map:
		list, ok := pairs(n)
		if !ok {
			w.wrongType(n, t)
		}
		for _, p := range list {
			w.value(p.Value, t.Elem())
		}
	case reflect.Slice, reflect.Array:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			w.wrongType(n, t)
			return
		}
		for _, e := range list.Values {
			w.value(e, t.Elem())
		}
	case reflect.Interface:
	default:
		if _, isMap := pairs(n); isMap || n.Type() == ast.SequenceType || yaml.NodeToValue(n, reflect.New(t).Interface(), yaml.Strict()) != nil {
			w.wrongType(n, t)
		}
	}
}

func isAnchored(n ast.Node) bool {
	return n.Type() == ast.AnchorType || n.Type() == ast.AliasType || n.Type() == ast.TagType
}

// ownReader says that a type reads itself.
func ownReader(t reflect.Type) bool {
	_, ok := reflect.PointerTo(t).MethodByName("UnmarshalYAML")
	return ok
}

// own asks a type that reads itself; one that is a struct may have several mistakes.
func (w *walker) own(n ast.Node, t reflect.Type) {
	err := yaml.NodeToValue(n, reflect.New(t).Interface(), yaml.Strict())
	var fit *fault.Error
	if err == nil {
		return
	}
	before := w.found.Len()
	if _, isMap := pairs(n); isMap && t.Kind() == reflect.Struct && !errors.As(err, &fit) {
		w.fields(n, t)
	}
	if w.found.Len() == before {
		w.found.Add(w.doc.located(n, err))
	}
}

func (w *walker) fields(n ast.Node, t reflect.Type) {
	list, ok := pairs(n)
	if !ok {
		w.wrongType(n, t)
		return
	}
	known := fieldsOf(t)
	var names []string
	for _, f := range known {
		names = append(names, f.name)
	}
	for _, p := range list {
		key := keyText(p)
		i := slices.IndexFunc(known, func(f keyed) bool { return f.name == key })
		if i < 0 {
			w.found.Add(w.doc.fail(p.Key.GetToken(), text.F("不认识的键 %s", "unknown key %s", shownKey(key)), UnknownHint(key, names)))
			continue
		}
		w.value(p.Value, known[i].of)
	}
}

// shownKey is a key as it is quoted: what follows a blank or = in it was to be a value,
// and may be a secret.
func shownKey(key string) string {
	if i := strings.IndexAny(key, " =："); i > 0 {
		return key[:i] + "…"
	}
	return key
}

// keyed is a field of a struct by the key it is written with.
type keyed struct {
	name string
	of   reflect.Type
}

func fieldsOf(t reflect.Type) []keyed {
	var out []keyed
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if name != "-" && f.IsExported() {
			out = append(out, keyed{name, f.Type})
		}
	}
	return out
}

// UnknownHint says which key was meant, or which there are.
func UnknownHint(key string, known []string) text.Text {
	if strings.Contains(key, "：") {
		return text.T("冒号是全角的：换成半角冒号加一个空格", "the colon is a full-width one: write an ASCII colon and a blank")
	}
	if near := nearest.Hint(key, known); !near.IsZero() {
		return near
	}
	return text.F("这里可以写 %s", "known here: %s", strings.Join(known, ", "))
}

func (w *walker) wrongType(n ast.Node, t reflect.Type) {
	want, example := text.T("一个值", "a single value"), text.Text{}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		want, example = text.T("{键: 值}", "{key: value}"), text.T("在下一行缩进写，或写在 { } 里", "write it indented on the next line, or in { }")
	case reflect.Slice, reflect.Array:
		want, example = text.T("一个列表", "a list"), text.T("写成 [甲, 乙]，或每行以“- ”开头", "write [a, b], or begin each line with \"- \"")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		want = text.T("整数", "a whole number")
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		want = text.T("不小于 0 的整数", "a whole number from 0")
	case reflect.Float32, reflect.Float64:
		want = text.T("数", "a number")
	case reflect.Bool:
		want = text.T("true 或 false", "true or false")
	}
	f := w.doc.fail(First(n), text.F("类型不对，这里要写%s", "the value is of the wrong type: this is %s", "\x00"), example)
	f.What = text.T(strings.Replace(f.What.ZH, "\x00", want.ZH, 1), strings.Replace(f.What.EN, "\x00", want.EN, 1))
	if f.Hint.IsZero() {
		f.Hint = text.T("请对照同类文件修改", "compare it with other files of its kind")
	}
	w.found.Add(f)
}

// located places an error of the decoder, or of a value that reads itself, at n or
// where the error itself says.
func (d *Doc) located(n ast.Node, err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		f := d.fail(First(n), own.What, own.Hint)
		if own.Where != "" {
			f.Where = d.file + ":" + own.Where
			f.Line = ""
			f.Quoting(d.data)
		}
		return f
	}
	tk, said := First(n), err.Error()
	var ye yaml.Error
	if errors.As(err, &ye) {
		said = ye.GetMessage()
		if ye.GetToken() != nil {
			tk = ye.GetToken()
		}
	}
	return d.fail(tk, text.F("文件内容不合格式：%s", "the file is not well formed: %s", said), text.T("请对照同类文件修改", "compare it with other files of its kind"))
}
