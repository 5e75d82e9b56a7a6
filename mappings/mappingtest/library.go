package mappingtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// Library is what mappings are compiled with: a catalog, and folders of mappings laid over
// those that ship.
type Library struct {
	Schemas *schemas.Catalog
	Folders []fs.FS
}

// Mapping compiles the mapping of that name.
func (l *Library) Mapping(name string) (*mappings.Mapping, error) {
	data, path, err := mappings.Load(name, l.Folders...)
	if err != nil {
		return nil, err
	}
	return l.Compile(path, data)
}

// Compile compiles a mapping file.
func (l *Library) Compile(path string, data []byte) (*mappings.Mapping, error) {
	return mappings.Read(path, data, l.Schemas, nil)
}

// Source is a test file and what it is run against.
type Source struct {
	Shown   string // as places name it
	Disk    string // where it can be rewritten; empty for a shipped one
	Data    []byte
	Mapping func(name string) (*mappings.Mapping, error)
}

// OnDisk is a test file and the mapping beside it; where none lies there, the library's of
// that name.
func (l *Library) OnDisk(path string) (*Source, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "read mapping test", path, text.T("读不到测试文件", "cannot read the test file"),
			text.T("映射的测试叫 <映射>_test.yaml，放在它旁边", "the test of a mapping lies beside it as <mapping>_test.yaml"))
	}
	beside := strings.TrimSuffix(path, mappings.TestSuffix) + ".yaml"
	return &Source{Shown: path, Disk: path, Data: data, Mapping: func(name string) (*mappings.Mapping, error) {
		source, err := os.ReadFile(beside)
		if errors.Is(err, fs.ErrNotExist) {
			return l.Mapping(name)
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "read mapping", beside, text.T("读不到映射文件", "cannot read the mapping file"), text.Text{})
		}
		return l.Compile(beside, source)
	}}, nil
}

// Below is the test files in a folder and the folders in it, by path.
func (l *Library) Below(dir string) ([]*Source, error) {
	var out []*Source
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, mappings.TestSuffix) {
			return err
		}
		s, err := l.OnDisk(p)
		out = append(out, s)
		return err
	})
	slices.SortFunc(out, func(x, y *Source) int { return strings.Compare(x.Shown, y.Shown) })
	return out, err
}

// Update writes the file f, which is the source's, with its expectations as m has them now,
// and runs it again. It returns the names of the cases that changed.
func (s *Source) Update(f *File, m *mappings.Mapping, alloc memory.Allocator) ([]string, *Report, error) {
	data, changed, err := f.Update(m, alloc)
	if err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(s.Disk, data, 0o644); err != nil {
		return nil, nil, fault.Wrap(err, fault.Config, "update mapping test", s.Shown, text.T("写不进测试文件", "cannot write the test file"), text.Text{})
	}
	again, err := Parse(s.Shown, data)
	if err != nil {
		return nil, nil, err
	}
	r, err := again.Run(m, alloc)
	return changed, r, err
}
