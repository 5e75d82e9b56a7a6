package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
	"banjian/pipelines"
	"banjian/pipelines/precedence"
	"banjian/schemas"
)

// block is one marked example.
type block struct {
	file string
	line int
	kind string
	text string
}

func (b block) name() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

var fence = regexp.MustCompile("^```yaml (mapping|test|pipeline|receiver|site|job|precedence)$")

func blocks(t *testing.T) []block {
	t.Helper()
	var list []block
	for _, pattern := range []string{"../*.md", "*.md", "decisions/*.md", "../*/DESIGN.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			list = append(list, blocksOf(t, name)...)
		}
	}
	return list
}

func blocksOf(t *testing.T, name string) []block {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var list []block
	var open *block
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		trimmed := strings.TrimRight(line, "\n")
		switch m := fence.FindStringSubmatch(trimmed); {
		case open == nil && m != nil:
			open = &block{file: name, line: n + 1, kind: m[1]}
		case open != nil && trimmed == "```":
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	if open != nil {
		t.Errorf("%s: the block is not closed", open.name())
	}
	return list
}

func TestEveryExampleIsAcceptedByTheProduct(t *testing.T) {
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	all := blocks(t)
	for i, b := range all {
		t.Run(b.name(), func(t *testing.T) {
			seen[b.kind]++
			if err := b.accept(t, cat, all[:i]); err != nil {
				t.Errorf("%s\n%s", fault.Say(err, text.EN), fault.HintOf(err).In(text.EN))
			}
		})
	}
	for _, kind := range []string{"mapping", "test", "pipeline", "receiver", "site", "job", "precedence"} {
		if seen[kind] < 2 {
			t.Errorf("%d examples of a %s, there are some in both languages", seen[kind], kind)
		}
	}
}

// accept hands the example to the product; before are those that stand before it.
func (b block) accept(t *testing.T, cat *schemas.Catalog, before []block) error {
	switch b.kind {
	case "mapping":
		_, err := compile(b, cat)
		return err
	case "test":
		return b.passes(cat, before)
	case "pipeline":
		_, err := pipelines.LoadSpecs(fstest.MapFS{"example.yaml": {Data: []byte(b.text)}})
		return err
	case "receiver":
		_, err := pipelines.LoadProfile("example", fstest.MapFS{"receivers/example.yaml": {Data: []byte(b.text)}})
		return err
	case "precedence":
		_, err := precedence.Parse("precedence.yaml", []byte(b.text), []string{"gjj-core", "gjj-vertical", "sb-core"}, nil)
		return err
	case "job":
		_, err := jobs.Load(fstest.MapFS{"example.yaml": {Data: []byte(b.text)}})
		return err
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, site.FileName), []byte(b.text), 0o600); err != nil {
		return err
	}
	_, err := site.Load(dir)
	return err
}

func compile(b block, cat *schemas.Catalog) (*mappings.Mapping, error) {
	f, err := mappings.Parse(b.name(), []byte(b.text))
	if err != nil {
		return nil, err
	}
	return mappings.Compile(f, cat, nil)
}

// passes runs the test of a mapping against the nearest example of that name on the
// same page.
func (b block) passes(cat *schemas.Catalog, before []block) error {
	f, err := mappingtest.Parse(b.name(), []byte(b.text))
	if err != nil {
		return err
	}
	for _, other := range slices.Backward(before) {
		if other.file != b.file || other.kind != "mapping" {
			continue
		}
		m, err := compile(other, cat)
		if err != nil || m.Name() != f.Mapping {
			continue
		}
		r, err := f.Run(m, memory.DefaultAllocator)
		if err != nil {
			return err
		}
		for _, c := range r.Cases {
			for _, d := range c.Differences {
				return fmt.Errorf("%s: %s: %s %s", d.At, c.Name, d.Field, d.What)
			}
		}
		return nil
	}
	return fmt.Errorf("no mapping %s stands before its test", f.Mapping)
}

var link = regexp.MustCompile(`\]\(([^)#]+?)(#[^)]*)?\)`)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	for _, pattern := range []string{"../*.md", "*.md", "decisions/*.md", "operations/*.md", "../*/DESIGN.md"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllStringSubmatch(string(data), -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
					t.Errorf("%s links to %s, which is not there", name, m[1])
				}
			}
		}
	}
}

// TestTheLedgerFormatIsDescribedWhole compares the tables of the migrations with those
// of ledger/DESIGN.md.
func TestTheLedgerFormatIsDescribedWhole(t *testing.T) {
	design, err := os.ReadFile("../ledger/DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("../ledger/sqlite/migrations/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	made := map[string]bool{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`CREATE TABLE (\w+)`).FindAllStringSubmatch(string(data), -1) {
			made[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`DROP TABLE (\w+)`).FindAllStringSubmatch(string(data), -1) {
			delete(made, m[1])
		}
	}
	_, format, _ := strings.Cut(string(design), "| table | a row is |")
	format, _, _ = strings.Cut(format, "\n\n")
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(format, -1) {
		told[m[1]] = true
	}
	for name := range made {
		if !told[name] {
			t.Errorf("ledger/DESIGN.md says nothing of the table %s", name)
		}
	}
	for name := range told {
		if !made[name] {
			t.Errorf("ledger/DESIGN.md describes the table %s, which no migration makes", name)
		}
	}
}

// TestEveryFailpointIsInTheListOfFailures compares the named steps with the table.
func TestEveryFailpointIsInTheListOfFailures(t *testing.T) {
	design, err := os.ReadFile("../ledger/DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range failpoint.Names {
		if !strings.Contains(string(design), "| `"+string(name)+"` |") {
			t.Errorf("ledger/DESIGN.md says nothing of a kill at %s", name)
		}
	}
}
