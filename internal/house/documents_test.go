package house

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// named is a Go file as documents write it: alone, or with folders before it.
var named = regexp.MustCompile(`[a-z0-9_/]+\.go\b`)

func TestEveryGoFileTheDocumentsNameExists(t *testing.T) {
	all := allFiles(t)
	for _, name := range all {
		if path.Ext(name) != ".md" || strings.Contains(name, "testdata/") || name == "CHANGELOG.md" { // which tells what was
			continue
		}
		for _, file := range named.FindAllString(read(t, name), -1) {
			below := "/" + strings.TrimPrefix(file, "/")
			if !slices.ContainsFunc(all, func(f string) bool { return strings.HasSuffix("/"+f, below) }) {
				t.Errorf("%s names %s, which is not there", name, file)
			}
		}
	}
}
