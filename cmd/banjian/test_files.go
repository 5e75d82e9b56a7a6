package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// testFile is one test file and what it is run against.
type testFile struct {
	shown   string // as places name it
	disk    string // where it can be rewritten; empty for a shipped one
	data    []byte
	mapping func(name string) (*mappings.Mapping, error)
}

// library is what mappings are compiled with: the catalog, and a site's over it.
type library struct {
	schemas *schemas.Catalog
	folders []fs.FS
}

func (l *library) mapping(name string) (*mappings.Mapping, error) {
	data, path, err := mappings.Load(name, l.folders...)
	if err != nil {
		return nil, err
	}
	return l.compile(path, data)
}

func (l *library) compile(path string, data []byte) (*mappings.Mapping, error) {
	return mappings.Read(path, data, l.schemas, nil)
}

// siteIfAny is the site, nil where there is none and none was named.
func (a *app) siteIfAny() (*site.Site, error) {
	if a.siteDir == "" {
		if _, err := site.Find("."); err != nil {
			return nil, nil
		}
	}
	return a.site()
}

// testFiles is the test files the arguments name: files, folders, mappings. Without
// arguments those of the site and of the shipped catalog.
func (a *app) testFiles(args []string) ([]*testFile, error) {
	s, err := a.siteIfAny()
	if err != nil {
		return nil, err
	}
	var overlay, folders []fs.FS
	if s != nil {
		for name, to := range map[string]*[]fs.FS{"schemas": &overlay, "mappings": &folders} {
			if f := s.Folder(name); f != nil {
				*to = []fs.FS{f}
			}
		}
	}
	shipped, err := wiring.Catalog()
	if err != nil {
		return nil, err
	}
	own, err := wiring.Catalog(overlay...)
	if err != nil {
		return nil, err
	}
	ours := &library{own, folders}
	list, err := mappings.Tests(folders...)
	if err != nil {
		return nil, err
	}
	var all []*testFile
	for _, t := range list {
		f := &testFile{shown: t.Path, data: t.Data, mapping: ours.mapping}
		if t.Shipped {
			f.mapping = (&library{schemas: shipped}).mapping
		} else {
			f.disk = filepath.Join(s.Dir, filepath.FromSlash(t.Path))
		}
		all = append(all, f)
	}
	if len(args) == 0 {
		return all, nil
	}
	var out []*testFile
	for _, arg := range args {
		found, err := a.testsNamed(arg, all, ours)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// testsNamed is what one argument names.
func (a *app) testsNamed(arg string, all []*testFile, lib *library) ([]*testFile, error) {
	st, err := os.Stat(arg)
	switch {
	case err == nil && st.IsDir():
		return testsBelow(arg, lib)
	case err == nil:
		if !strings.HasSuffix(arg, mappings.TestSuffix) {
			arg = strings.TrimSuffix(arg, ".yaml") + mappings.TestSuffix
		}
		f, err := testOnDisk(arg, lib)
		return []*testFile{f}, err
	}
	var names []string
	for _, f := range all {
		if strings.HasSuffix(f.shown, "/"+arg+mappings.TestSuffix) {
			return []*testFile{f}, nil
		}
		name := strings.TrimPrefix(strings.TrimPrefix(f.shown, "mappings/"), "catalog/")
		names = append(names, strings.TrimSuffix(name, mappings.TestSuffix))
	}
	hint := nearest.Hint(arg, names)
	if hint.IsZero() {
		hint = text.T("写一份测试文件、一个文件夹，或一个有测试的映射，如 provident-fund/accept", "name a test file, a folder, or a mapping that has a test, such as provident-fund/accept")
	}
	return nil, fault.New(fault.Config, "find mapping test", arg, text.T("没有这份映射测试", "there is no such mapping test"), hint)
}

func testsBelow(dir string, lib *library) ([]*testFile, error) {
	var out []*testFile
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, mappings.TestSuffix) {
			return err
		}
		f, err := testOnDisk(p, lib)
		out = append(out, f)
		return err
	})
	slices.SortFunc(out, func(x, y *testFile) int { return strings.Compare(x.shown, y.shown) })
	return out, err
}

// testOnDisk is a test file and the mapping beside it; where none lies there, the one of
// that name in the site or the catalog.
func testOnDisk(path string, lib *library) (*testFile, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "read mapping test", path, text.T("读不到测试文件", "cannot read the test file"),
			text.T("映射的测试叫 <映射>_test.yaml，放在它旁边", "the test of a mapping lies beside it as <mapping>_test.yaml"))
	}
	beside := strings.TrimSuffix(path, mappings.TestSuffix) + ".yaml"
	return &testFile{shown: path, disk: path, data: data, mapping: func(name string) (*mappings.Mapping, error) {
		source, err := os.ReadFile(beside)
		if errors.Is(err, fs.ErrNotExist) {
			return lib.mapping(name)
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "read mapping", beside, text.T("读不到映射文件", "cannot read the mapping file"), text.Text{})
		}
		return lib.compile(beside, source)
	}}, nil
}
