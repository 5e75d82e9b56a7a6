package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// tables are the site's data a page shows, by their path below schemas/.
var tables = regexp.MustCompile("(?ms)^```tsv ([a-z0-9/._-]+)\n(.*?)^```$")

// Every page of an operation has a mapping and a test of it, and both hold.
func TestTheExamplesOfOperationsRun(t *testing.T) {
	pages, err := filepath.Glob("operations/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, page := range pages {
		if filepath.Base(page) == "README.md" {
			continue
		}
		t.Run(filepath.Base(page), func(t *testing.T) {
			cat := catalogOf(t, page)
			seen := map[string]int{}
			all := blocksOf(t, page)
			for i, b := range all {
				seen[b.kind]++
				if err := b.accept(t, cat, all[:i]); err != nil {
					t.Errorf("%s: %s\n%s", b.name(), fault.Say(err, text.EN), fault.HintOf(err).In(text.EN))
				}
			}
			if seen["mapping"] == 0 || seen["test"] == 0 {
				t.Errorf("a page has a mapping and its test: %v", seen)
			}
		})
	}
}

// catalogOf is the shipped schemas with the tables of a page laid over them.
func catalogOf(t *testing.T, page string) *schemas.Catalog {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	site := fstest.MapFS{}
	for _, m := range tables.FindAllStringSubmatch(string(data), -1) {
		site[m[1]] = &fstest.MapFile{Data: []byte(m[2])}
	}
	cat, err := schemas.Load(site)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

var keyOfPage = regexp.MustCompile("`([a-z_]+)`")

func TestEveryOperationHasAPage(t *testing.T) {
	data, err := os.ReadFile("operations/README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, row := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(row, "| [`") {
			for _, m := range keyOfPage.FindAllStringSubmatch(row, -1) {
				told[m[1]] = true
			}
		}
	}
	g := mappings.Keys()
	keys := append(slices.Clone(g.Ops), "filter", "explode", "unpivot", "sequence")
	for _, h := range g.Heads {
		if h != "from" && h != "const" && h != "expr" {
			keys = append(keys, h)
		}
	}
	for _, key := range keys {
		if !told[key] {
			t.Errorf("docs/operations has no page of %s", key)
		}
	}
}
