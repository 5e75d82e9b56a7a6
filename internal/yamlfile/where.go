package yamlfile

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Where is file:line:column of the node that path ("$.fields[3].type") leads to, or of
// its nearest existing parent.
func Where(name string, data []byte, path string) string {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return name
	}
	for p := path; p != ""; p = parentPath(p) {
		if n := findNode(file, p); n != nil {
			return placeOf(name, First(n))
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

func parentPath(path string) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return ""
}
