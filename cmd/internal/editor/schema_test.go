package editor

import (
	"slices"
	"strings"
	"testing"

	invopop "github.com/invopop/jsonschema"

	"banjian/connectors/middleplatform"
	"banjian/mappings"
	"banjian/schemas"
)

// editorCatalog is what ships, with the messages of every platform.
func editorCatalog(t *testing.T) *schemas.Catalog {
	t.Helper()
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range middleplatform.Profiles() {
		p, err := middleplatform.LoadProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		if cat, err = cat.With(p.Subjects()); err != nil {
			t.Fatal(err)
		}
	}
	return cat
}

func TestEveryOperationAndCodeSetIsInTheMappingSchema(t *testing.T) {
	cat := editorCatalog(t)
	g := mappings.Keys()
	known := fieldKeys(cat, g)
	for _, list := range [][]string{g.Heads, g.Ops, g.Modifiers} {
		for _, key := range list {
			if known[key] == nil || known[key].Description == "" && known[key].Ref == "" {
				t.Errorf("the schema does not say what %s holds", key)
			}
		}
	}
	if len(known) != len(g.Heads)+len(g.Ops)+len(g.Modifiers) {
		t.Errorf("the schema knows %d keys of a field, the language %d", len(known), len(g.Heads)+len(g.Ops)+len(g.Modifiers))
	}
	data, err := Schemas[0].Print(cat)
	if err != nil || Schemas[0].Name != "mapping" {
		t.Fatal(Schemas[0].Name, err)
	}
	printed := string(data)
	for _, s := range cat.CodeSets() {
		if !strings.Contains(printed, `"`+s.Name+`"`) {
			t.Errorf("code set %s is not in the schema", s.Name)
		}
	}
	for _, s := range cat.Subjects() {
		if there := strings.Contains(printed, `"`+defOf(s.Name)+`"`); there == s.ReadOnly {
			t.Errorf("the fields of %s, which can be filled: %v, are in the schema: %v", s.Name, !s.ReadOnly, there)
		}
	}
	for _, key := range append(append(slices.Clone(g.File), g.Block...), g.Rule...) {
		if a, b := fileKey(cat)(key), ruleKey(g)(key); a == invopop.TrueSchema && b == invopop.TrueSchema {
			t.Errorf("the schema does not say what %s holds", key)
		}
	}
}

func TestEveryKeyOfAFileIsExplainedInBothLanguages(t *testing.T) {
	cat := editorCatalog(t)
	for _, s := range Schemas {
		explained(t, s.Name, s.build(cat))
	}
}

// explained looks for keys without a description, and for objects that take any key.
func explained(t *testing.T, at string, s *invopop.Schema) {
	if s == nil || s == invopop.TrueSchema || s == invopop.FalseSchema {
		return
	}
	if s.Type == "object" && s.AdditionalProperties == nil && !strings.HasSuffix(at, ".fields") {
		t.Errorf("%s takes any key", at)
	}
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		if structured := len(s.AllOf) == 0 && at != "" && !strings.Contains(at, "$defs"); structured && p.Value.Description == "" && p.Value.Ref == "" {
			t.Errorf("%s.%s is not explained", at, p.Key)
		}
		explained(t, at+"."+p.Key, p.Value)
	}
	explained(t, at+"[]", s.Items)
	explained(t, at+".*", s.AdditionalProperties)
	for name, d := range s.Definitions {
		explained(t, at+".$defs."+name, d)
	}
}

func TestNoNoteIsLeftOver(t *testing.T) {
	cat := editorCatalog(t)
	seen := map[string]bool{}
	var walk func(at string, s *invopop.Schema)
	walk = func(at string, s *invopop.Schema) {
		if seen[at] = true; s == nil {
			return
		}
		for p := s.Properties.Oldest(); p != nil; p = p.Next() {
			walk(at+"."+p.Key, p.Value)
		}
		if s.Items != nil {
			walk(at+"[]", s.Items)
		}
		if s.AdditionalProperties != nil {
			walk(at+".*", s.AdditionalProperties)
		}
	}
	for _, s := range Schemas {
		walk(s.Name, s.build(cat))
	}
	for at, n := range schemaNotes {
		if !seen[at] {
			t.Errorf("nothing is at %s any more", at)
		}
		if !n.says.IsZero() && (n.says.ZH == "" || n.says.EN == "") {
			t.Errorf("%s is explained in one language only", at)
		}
	}
}
