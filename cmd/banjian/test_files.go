package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
)

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
func (a *app) testFiles(args []string) ([]*mappingtest.Source, error) {
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
	ours := &mappingtest.Library{Schemas: own, Folders: folders}
	list, err := mappings.Tests(folders...)
	if err != nil {
		return nil, err
	}
	var all []*mappingtest.Source
	for _, t := range list {
		f := &mappingtest.Source{Shown: t.Path, Data: t.Data, Mapping: ours.Mapping}
		if t.Shipped {
			f.Mapping = (&mappingtest.Library{Schemas: shipped}).Mapping
		} else {
			f.Disk = filepath.Join(s.Dir, filepath.FromSlash(t.Path))
		}
		all = append(all, f)
	}
	if len(args) == 0 {
		return all, nil
	}
	var out []*mappingtest.Source
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
func (a *app) testsNamed(arg string, all []*mappingtest.Source, lib *mappingtest.Library) ([]*mappingtest.Source, error) {
	st, err := os.Stat(arg)
	switch {
	case err == nil && st.IsDir():
		return lib.Below(arg)
	case err == nil:
		if !strings.HasSuffix(arg, mappings.TestSuffix) {
			arg = strings.TrimSuffix(arg, ".yaml") + mappings.TestSuffix
		}
		f, err := lib.OnDisk(arg)
		return []*mappingtest.Source{f}, err
	}
	var names []string
	for _, f := range all {
		if strings.HasSuffix(f.Shown, "/"+arg+mappings.TestSuffix) {
			return []*mappingtest.Source{f}, nil
		}
		name := strings.TrimPrefix(strings.TrimPrefix(f.Shown, "mappings/"), "catalog/")
		names = append(names, strings.TrimSuffix(name, mappings.TestSuffix))
	}
	hint := nearest.Hint(arg, names)
	if hint.IsZero() {
		hint = text.T("写一份测试文件、一个文件夹，或一个有测试的映射，如 provident-fund/accept", "name a test file, a folder, or a mapping that has a test, such as provident-fund/accept")
	}
	return nil, fault.New(fault.Config, "find mapping test", arg, text.T("没有这份映射测试", "there is no such mapping test"), hint)
}
