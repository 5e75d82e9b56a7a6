// Package yamlfile reads the YAML files people write: strictly, with the place of
// every mistake as file:line:column, the line it stands in and what was expected. All
// mistakes of a file are told at once, in the order of the file.
package yamlfile

import (
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// MaxSize is the largest file that is read.
const MaxSize = 1 << 20

// Doc is one document of a file that was read, to say where a value is wrong that has
// the right type.
type Doc struct {
	file string
	data []byte
	body ast.Node
}

// Decode reads the one document of a file into v. An unknown or repeated key and a
// value of the wrong type are Config faults at their line and column.
func Decode(file string, data []byte, v any) error {
	_, err := Read(file, data, v)
	return err
}

// Read is Decode for those who judge the values as well. The document is nil only with
// an error; of an empty file it is empty.
func Read(file string, data []byte, v any) (*Doc, error) {
	taken := false
	docs, err := ReadAll(file, data, func() any {
		if taken {
			return nil
		}
		taken = true
		return v
	})
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return &Doc{file: file, data: data}, nil
	}
	return docs[0], nil
}

// ReadAll reads every document of a file, calling next for a value to fill. A nil refuses
// the document.
func ReadAll(file string, data []byte, next func() any) ([]*Doc, error) {
	data, err := Text(file, data)
	if err != nil {
		return nil, err
	}
	bodies, err := Tree(file, data)
	if err != nil {
		return nil, err
	}
	var docs []*Doc
	var found fault.List
	for _, body := range bodies {
		d := &Doc{file: file, data: data, body: body}
		v := next()
		if v == nil {
			found.Add(d.fail(body.GetToken(), text.T("一个文件只能有一份 YAML 文档", "one file holds one YAML document"), text.T("删掉 --- 之后的部分，或分成两个文件", "delete what follows ---, or make two files of it")))
			break
		}
		found.Add(d.decode(v))
		docs = append(docs, d)
	}
	return docs, found.Err()
}

func (d *Doc) decode(v any) error {
	w := walker{doc: d}
	w.plain(d.body)
	if w.found.Len() == 0 {
		if err := yaml.NodeToValue(d.body, v, yaml.Strict()); err == nil {
			return nil
		} else if w.all(d.body, v); w.found.Len() == 0 {
			w.found.Add(d.located(d.body, err))
		}
	} else {
		w.all(d.body, v)
	}
	if w.found.Len() > 0 {
		if odd := oddIndents(d.file, d.data); odd != nil {
			return odd
		}
	}
	if _, ok := pairs(d.body); !ok {
		if wide := FullWidthColons(d.file, d.data); wide != nil {
			return wide
		}
	}
	w.found.Sort()
	return w.found.Err()
}

// Fault is a Config fault at the value that path leads to, keys and indices from the
// top, or at its nearest parent.
func (d *Doc) Fault(what, hint text.Text, path ...any) *fault.Error {
	if d.body == nil {
		return fault.New(fault.Config, "read file", at(d.file, 1, 1), what, hint)
	}
	n := d.body
	for _, step := range path {
		var next ast.Node
		switch step := step.(type) {
		case string:
			list, _ := pairs(n)
			for _, p := range list {
				if keyText(p) == step {
					next = p.Value
					if null, ok := next.(*ast.NullNode); ok && null.GetToken().Value == "" {
						next = p.Key
					}
				}
			}
		case int:
			if list, ok := n.(*ast.SequenceNode); ok && step < len(list.Values) {
				next = list.Values[step]
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return d.fail(First(n), what, hint)
}

func (d *Doc) fail(tk *token.Token, what, hint text.Text) *fault.Error {
	f := fault.New(fault.Config, "read file", placeOf(d.file, tk), what, hint).Quoting(d.data)
	if f.Hint.IsZero() {
		f.Hint = WideHint(f.Line)
	}
	if tk != nil && hint.IsZero() == f.Hint.IsZero() {
		f.Hint = withWide(f.Hint, tk.Value)
	}
	return f
}

func keyText(p *ast.MappingValueNode) string {
	if tk := p.Key.GetToken(); tk != nil {
		return tk.Value
	}
	return ""
}

// Misnamed refuses a file that ends in .yml: only .yaml is read, and a file that is passed over
// without a word looks as if it were in force.
func Misnamed(file string) error {
	base, yml := strings.CutSuffix(file, ".yml")
	if !yml {
		return nil
	}
	return fault.New(fault.Config, "read file", file, text.T("扩展名是 .yml，不会被读取", "it ends in .yml and is not read"),
		text.F("改名为 %s.yaml", "rename it to %s.yaml", base))
}

// TooDeep refuses the YAML files in the folder dir of fsys and below it, where a folder
// is read that has none; prefix is fsys in errors, such as "jobs/".
func TooDeep(fsys fs.FS, prefix, dir string) error {
	var found fault.List
	_ = fs.WalkDir(fsys, dir, func(p string, d fs.DirEntry, err error) error {
		if ext := path.Ext(p); err == nil && !d.IsDir() && (ext == ".yaml" || ext == ".yml") {
			found.Add(fault.New(fault.Config, "read file", prefix+p, text.F("在子文件夹里，不会被读取：只读 %s 下的文件", "it lies in a subfolder and is not read: files right below %s are", prefix),
				text.F("移到 %s%s", "move it to %s%s", prefix, strings.TrimSuffix(path.Base(p), ext)+".yaml")))
		}
		return nil // what cannot be looked into holds nothing that is read
	})
	return found.Err()
}
