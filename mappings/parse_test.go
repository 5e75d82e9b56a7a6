package mappings

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

func TestHostileFilesAreRefusedQuickly(t *testing.T) {
	deep := "a: " + strings.Repeat("[", 5000)
	for name, data := range map[string]string{
		"too large":     strings.Repeat("#", yamlfile.MaxSize+1),
		"flow nesting":  deep,
		"block nesting": strings.Repeat("- ", 5000) + "a",
		"aliases":       "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n",
		"two documents": "a: 1\n---\nb: 2\n",
		"merge key":     "a: &a {x: y}\nb: {<<: *a}\n",
		"tag":           "a: !!binary aGk=\n",
		"a list":        "- a\n",
		"a word":        "a\n",
	} {
		if _, err := Parse("f.yaml", []byte(data)); !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), "f.yaml") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
	cat := catalog(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("f.yaml", data)
		if err == nil {
			_, err = Compile(file, cat, nil)
		}
		if err != nil && !fault.Is(err, fault.Config) {
			t.Errorf("%v: %v", fault.KindOf(err), err)
		}
	})
}

func TestVersionChangesWithTheOutcomeOnly(t *testing.T) {
	base := compile(t, thing(`kind: {from: v, map: {a: "1"}}`)).Version()
	if len(base) != 32 {
		t.Error(base)
	}
	for name, c := range map[string]struct {
		yaml string
		same bool
	}{
		"a comment":        {"# hello\n" + thing(`kind: {from: v, map: {a: "1"}}`), true},
		"a title":          {"title: 标题\n" + thing(`kind: {from: v, map: {a: "1"}}`), true},
		"block style":      {thing("kind:\n  from: v\n  map:\n    a: '1'"), true},
		"another code":     {thing(`kind: {from: v, map: {a: "2"}}`), false},
		"another column":   {thing(`kind: {from: w, map: {a: "1"}}`), false},
		"order of keys":    {thing(`kind: {map: {a: "1"}, from: v}`), false},
		"one more field":   {thing("kind: {from: v, map: {a: \"1\"}}\nnote: v"), false},
		"a where":          {"where: v == 'a'\n" + thing(`kind: {from: v, map: {a: "1"}}`), false},
		"an empty rules":   {thing(`kind: {from: v, map: {a: "1"}}`) + "rules: []\n", false},
		"a field's a name": {thing(`note: v`), false},
	} {
		if got := compile(t, c.yaml).Version() == base; got != c.same {
			t.Errorf("%s: same version %v, want %v", name, got, c.same)
		}
	}
	rule := "rules:\n  - {id: r, when: \"id == '1'\", then: warn, say: %s}\n"
	a, b := thing("note: v")+fmt.Sprintf(rule, "甲"), thing("note: v")+fmt.Sprintf(rule, "{zh: 乙, en: b}")
	if compile(t, a).Version() != compile(t, b).Version() {
		t.Error("a rule's sentence changes the version")
	}
}

func TestASitesMappingComesBeforeTheShippedOne(t *testing.T) {
	site := fstest.MapFS{
		"national-2020/accept.yaml":      {Data: []byte("mapping: mine\n")},
		"gjj/accept.yaml":                {Data: []byte("mapping: gjj\n")},
		"gjj/accept_test.yaml":           {Data: []byte("cases: []\n")},
		"national-2020/not-a-mapping.md": {Data: []byte("x")},
	}
	data, file, err := Load("national-2020/accept", site)
	if err != nil || string(data) != "mapping: mine\n" || file != "mappings/national-2020/accept.yaml" {
		t.Error(string(data), file, err)
	}
	if _, file, err = Load("national-2020/result", site); err != nil || file != "mappings/catalog/national-2020/result.yaml" {
		t.Error(file, err)
	}
	if _, _, err = Load("gjj/acept", site); !fault.Is(err, fault.Config) || fault.HintOf(err) != text.T("是不是 gjj/accept？", "did you mean gjj/accept?") {
		t.Error(err, fault.HintOf(err))
	}
	if _, _, err = Load("../secret", site); !fault.Is(err, fault.Config) {
		t.Error(err)
	}
	if names := strings.Join(Names(site), " "); !strings.Contains(names, " gjj/accept ") || !strings.Contains(names, " national-2020/accept ") || strings.Contains(names, "_test") {
		t.Error(names)
	}
}

func TestAMappingThatEndsInYmlIsToldInsteadOfBeingPassedOver(t *testing.T) {
	site := fstest.MapFS{"gjj/accept.yml": {}, "gjj/result.yaml": {}}
	if err := Misnamed(site); len(fault.All(err)) != 1 || !strings.Contains(err.Error(), "mappings/gjj/accept.yml") {
		t.Errorf("told: %v", err)
	}
	if _, _, err := Load("gjj/accept", site); !strings.Contains(fault.HintOf(err).EN, "mappings/gjj/accept.yaml") {
		t.Errorf("asked for by name: %v", err)
	}
}
