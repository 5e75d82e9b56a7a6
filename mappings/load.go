package mappings

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

//go:embed catalog
var shipped embed.FS

// Load finds a mapping file by name, "provident-fund/accept": first in the site's
// folders, each rooted at its mappings/, then in the shipped catalog. path is how the
// file is named in errors. A name that is nowhere is a fault.Config.
func Load(name string, siteFS ...fs.FS) (data []byte, file string, err error) {
	if !fs.ValidPath(name) {
		return nil, "", fault.New(fault.Config, "load mapping", name,
			text.F("映射名称 %q 不对", "%q is no name of a mapping", name), text.T("例如 provident-fund/accept", "for example provident-fund/accept"))
	}
	for _, l := range layers(siteFS) {
		data, err := fs.ReadFile(l.fs, name+".yaml")
		switch {
		case err == nil:
			return data, path.Join(l.prefix, name+".yaml"), nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, "", fault.Wrap(err, fault.Config, "load mapping", path.Join(l.prefix, name+".yaml"),
				text.T("读不到映射文件", "cannot read the mapping file"), text.Text{})
		}
	}
	for _, l := range layers(siteFS) {
		if _, err := fs.Stat(l.fs, name+".yml"); err == nil {
			return nil, "", yamlfile.Misnamed(path.Join(l.prefix, name+".yml"))
		}
	}
	hint := nearest.Hint(name, Names(siteFS...))
	if hint.IsZero() {
		hint = text.T("名称是 mappings/ 下的路径，不带 .yaml，如 provident-fund/accept", "the name is the path below mappings/ without .yaml, such as provident-fund/accept")
	}
	return nil, "", fault.New(fault.Config, "load mapping", name, text.F("没有映射 %s", "there is no mapping %s", name), hint)
}

// Names is every mapping of the site's folders and of the shipped catalog, sorted.
func Names(siteFS ...fs.FS) []string {
	var out []string
	for _, l := range layers(siteFS) {
		_ = fs.WalkDir(l.fs, ".", func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && path.Ext(p) == ".yaml" && !strings.HasSuffix(p, TestSuffix) {
				out = append(out, strings.TrimSuffix(p, ".yaml"))
			}
			return nil
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Misnamed tells the files of the site's folders that are passed over because of their
// names.
func Misnamed(siteFS ...fs.FS) error {
	var found fault.List
	for _, f := range siteFS {
		_ = fs.WalkDir(f, ".", func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				found.Add(yamlfile.Misnamed("mappings/" + p))
			}
			return nil // what cannot be looked into is told when it is read
		})
	}
	return found.Err()
}

// Tests is every test of a mapping, <mapping>_test.yaml: those of the site's folders and
// those of the shipped catalog. A test belongs to the mapping beside it: shipped says
// that this is the shipped one, whatever the site lays over it.
func Tests(siteFS ...fs.FS) ([]TestFile, error) {
	var out []TestFile
	all := layers(siteFS)
	for i, l := range all {
		err := fs.WalkDir(l.fs, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, TestSuffix) {
				return err
			}
			data, err := fs.ReadFile(l.fs, p)
			out = append(out, TestFile{Path: path.Join(l.prefix, p), Data: data, Shipped: i == len(all)-1})
			return err
		})
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "find mapping tests", l.prefix,
				text.T("读不到映射测试", "cannot read the mapping tests"), text.Text{})
		}
	}
	return out, nil
}

// TestSuffix ends the name of a file that tests the mapping beside it.
const TestSuffix = "_test.yaml"

// TestFile is one test file as it lies beside its mapping.
type TestFile struct {
	Path    string // below the site or, of a shipped one, the repository
	Data    []byte
	Shipped bool
}

type layer struct {
	prefix string
	fs     fs.FS
}

func layers(siteFS []fs.FS) []layer {
	var out []layer
	for _, f := range siteFS {
		out = append(out, layer{"mappings", f})
	}
	catalog, err := fs.Sub(shipped, "catalog")
	if err != nil {
		panic(err) // the embedded folder is part of the program
	}
	return append(out, layer{"mappings/catalog", catalog})
}
