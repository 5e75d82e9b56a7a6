package house

import (
	"bytes"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestArrowsRunTheWayTheyAreDrawn(t *testing.T) {
	for _, s := range allSources(t) {
		r := ruleOf(s.pkg)
		if r == nil {
			t.Errorf("%s: package %s is not in the drawing; add it to rules", s.path, s.pkg)
			continue
		}
		for _, imp := range s.imports() {
			pkg, ours := strings.CutPrefix(imp, module+"/")
			if !ours || pkg == s.pkg || strings.HasPrefix(pkg, s.pkg+"/") && s.pkg != "ledger" && s.pkg != "connectors" {
				continue
			}
			if anyCovers(r.may, pkg) || s.test && (anyCovers(r.tests, pkg) || anyCovers(helpers, pkg)) {
				continue
			}
			t.Errorf("%s imports %s; %s may import %v", s.path, pkg, r.path, r.may)
		}
	}
}

func TestNobodyImportsTheCommandLine(t *testing.T) {
	for _, s := range allSources(t) {
		for _, imp := range s.imports() {
			ownPart := strings.HasPrefix(s.pkg, "cmd/") && strings.HasPrefix(imp, module+"/cmd/internal/")
			if strings.HasPrefix(imp, module+"/cmd/") && !ownPart || imp == module+"/deploy/bench" {
				t.Errorf("%s imports %s", s.path, imp)
			}
		}
	}
}

func TestHelpersOfTestsStayInTests(t *testing.T) {
	for _, s := range allSources(t) {
		if s.test || s.pkg == "deploy/bench" || slices.Contains(testOnly, s.pkg) {
			continue
		}
		for _, imp := range s.imports() {
			if pkg, ours := strings.CutPrefix(imp, module+"/"); ours && slices.Contains(testOnly, pkg) {
				t.Errorf("%s, which is no test, imports %s", s.path, pkg)
			}
		}
	}
}

func TestOutsideModulesStayWhereTheyBelong(t *testing.T) {
	for _, s := range allSources(t) {
		if s.test {
			continue
		}
		for _, imp := range s.imports() {
			for mod, where := range homes {
				if (imp == mod || strings.HasPrefix(imp, mod+"/")) && !anyCovers(where, s.pkg) {
					t.Errorf("%s imports %s, which belongs to %v", s.path, imp, where)
				}
			}
		}
	}
}

func TestEveryDirectDependencyHasItsReason(t *testing.T) {
	reasons := read(t, "docs/decisions/dependencies.md")
	for line := range strings.Lines(read(t, "go.mod")) {
		fields := strings.Fields(line)
		if len(fields) != 2 || !strings.HasPrefix(fields[1], "v") || strings.HasPrefix(line, "module") {
			continue // indirect ones have a comment
		}
		if !strings.Contains(reasons, "`"+fields[0]+"`") {
			t.Errorf("docs/decisions/dependencies.md says nothing of %s", fields[0])
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	for _, s := range allSources(t) {
		if s.test {
			continue
		}
		said[s.pkg] = said[s.pkg] || s.ast.Doc != nil && len(s.ast.Doc.Text()) > 40
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	for _, s := range allSources(t) {
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: func init", s.fset.Position(f.Pos()))
			}
		}
	}
}

func TestFilesHoldOneIdea(t *testing.T) {
	for _, name := range allFiles(t) {
		if slices.ContainsFunc(longFiles, func(end string) bool { return strings.HasSuffix(name, end) }) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(data, []byte("\n")); n > maxLines && utf8.Valid(data) {
			t.Errorf("%s has %d lines, %d are allowed", name, n, maxLines)
		}
	}
}

func TestNoProgramIsKept(t *testing.T) {
	for _, name := range allFiles(t) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(data, []byte("\x7fELF")) || path.Ext(name) == ".test" {
			t.Errorf("%s is a compiled program", name)
		}
	}
}

// Marks are put together here so that this file does not carry them itself.
var (
	unfinished = regexp.MustCompile(`\b(` + "TO" + `DO|` + "FIX" + `ME|` + "X" + `XX|` + "HA" + `CK)\b`)
	outside    = []string{".." + "/shared", "/work" + "/shared"}
)

func TestNothingIsLeftUnfinished(t *testing.T) {
	for _, name := range allFiles(t) {
		switch path.Ext(name) {
		case ".go", ".md", ".yaml", ".yml", ".sql", ".sh", ".mod", "":
		default:
			continue
		}
		text := read(t, name)
		if mark := unfinished.FindString(text); mark != "" && name != "LICENSE" {
			t.Errorf("%s carries the mark %s", name, mark)
		}
		for _, o := range outside {
			if strings.Contains(text, o) {
				t.Errorf("%s refers to %s, which is not part of the repository", name, o)
			}
		}
	}
}
