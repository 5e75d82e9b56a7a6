package house

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "banjian"

// root is the top of the repository, seen from this package.
const root = "../.."

// source is one Go file.
type source struct {
	path string // below root, with slashes
	pkg  string // folder
	test bool
	ast  *ast.File
	fset *token.FileSet
}

// imports are the file's import paths.
func (s *source) imports() []string {
	var list []string
	for _, i := range s.ast.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// files is every file of the repository that git would keep.
var files = sync.OnceValues(func() ([]string, error) {
	skip := ignored()
	var list []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(p, root+string(filepath.Separator)))
		if d.IsDir() {
			if name == ".git" || slices.Contains(skip, name) || slices.Contains(skip, path.Base(name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.ContainsFunc(skip, func(s string) bool { ok, _ := path.Match(s, path.Base(name)); return ok }) {
			list = append(list, name)
		}
		return nil
	})
	return list, err
})

// ignored are the entries of .gitignore, without slashes at either end.
func ignored() []string {
	f, err := os.Open(filepath.Join(root, ".gitignore"))
	if err != nil {
		return nil
	}
	defer f.Close()
	var list []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := strings.Trim(strings.TrimSpace(s.Text()), "/"); line != "" && line[0] != '#' {
			list = append(list, line)
		}
	}
	return list
}

var sources = sync.OnceValues(func() ([]*source, error) {
	names, err := files()
	if err != nil {
		return nil, err
	}
	var list []*source
	for _, name := range names {
		if path.Ext(name) != ".go" {
			continue
		}
		s := &source{path: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), fset: token.NewFileSet()}
		if s.ast, err = parser.ParseFile(s.fset, filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
})

func allFiles(t *testing.T) []string {
	t.Helper()
	list, err := files()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func allSources(t *testing.T) []*source {
	t.Helper()
	list, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("no Go file found: this test runs inside the repository")
	}
	return list
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
