package schemas

import (
	"io/fs"

	"github.com/goccy/go-yaml"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
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

// decode reads YAML into v; see yamlfile.Decode.
func (s source) decode(v any) error { return yamlfile.Decode(s.name, s.data, v) }

// fail is a Config fault at the node that path ("$.fields[3].type") leads to.
func (s source) fail(path string, what, hint text.Text) error {
	return fault.New(fault.Config, "read schema data", s.where(path), what, hint).Quoting(s.data)
}

// where is file:line:column of the node at path, or of its nearest existing parent.
func (s source) where(path string) string { return yamlfile.Where(s.name, s.data, path) }

// loose reads only the keys v knows.
func (s source) loose(v any) error { return yaml.Unmarshal(s.data, v) }
