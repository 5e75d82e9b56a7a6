package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	invopop "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"banjian/internal/site"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/schemas"
)

// printedSchema is a schema as the command prints it.
func printedSchema(t *testing.T, name string) []byte {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := execute(t.Context(), []string{"schema", name, "--lang", "zh"}, &out, &errOut); code != exitDone {
		t.Fatalf("schema %s exits %d: %s", name, code, &errOut)
	}
	return out.Bytes()
}

func TestGeneratedSchemasAreAsTheTypesAre(t *testing.T) {
	if err := os.MkdirAll("../../docs/schema", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, s := range jsonSchemas {
		generated(t, "docs/schema/"+s.name+".json", string(printedSchema(t, s.name)))
	}
	entries, err := os.ReadDir("../../docs/schema")
	if err != nil || len(entries) != len(jsonSchemas) {
		t.Errorf("%d files in docs/schema for %d schemas, %v", len(entries), len(jsonSchemas), err)
	}
}

func TestSchemaWithoutANameListsThem(t *testing.T) {
	var out bytes.Buffer
	if code := execute(t.Context(), []string{"schema"}, &out, io.Discard); code != exitDone {
		t.Fatal(code)
	}
	for _, s := range jsonSchemas {
		if !strings.Contains(out.String(), "\n  "+s.name+" ") {
			t.Errorf("%s is not listed:\n%s", s.name, &out)
		}
	}
}

// compiled reads a schema.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(printedSchema(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name+".json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func editorCatalog(t *testing.T) *schemas.Catalog {
	t.Helper()
	cat, err := (&app{}).anyCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// documents are the documents of a YAML file as an editor hands them to a schema.
func documents(t *testing.T, file string, data []byte) []any {
	t.Helper()
	var list []any
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var v any
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if v == nil {
			continue
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, doc)
	}
}

// shippedFiles are the files of each kind that ship.
func shippedFiles(t *testing.T) map[string]map[string][]byte {
	t.Helper()
	out := map[string]map[string][]byte{"mapping": {}, "mapping-test": {}, "pipeline": {}, "receiver": {}, "job": {}, "site": {}, "faults": {}}
	take := func(fsys fs.FS, prefix string, kind func(p string) string) {
		err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(p) != ".yaml" {
				return err
			}
			data, err := fs.ReadFile(fsys, p)
			if k := kind(p); k != "" {
				out[k][prefix+p] = data
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	take(os.DirFS("../../mappings/catalog"), "mappings/catalog/", func(p string) string {
		if strings.HasSuffix(p, "_test.yaml") {
			return "mapping-test"
		}
		return "mapping"
	})
	take(pipelines.Catalog(), "pipelines/catalog/", func(p string) string {
		switch path.Dir(p) {
		case "receivers":
			return "receiver"
		case ".":
			return "pipeline"
		}
		return ""
	})
	dir := t.TempDir()
	if code := execute(t.Context(), []string{"init", dir}, io.Discard, io.Discard); code != exitDone {
		t.Fatal("init fails")
	}
	data, err := os.ReadFile(filepath.Join(dir, site.FileName))
	if err != nil {
		t.Fatal(err)
	}
	out["site"]["init"] = data
	out["job"]["written here"] = []byte("job: nightly\nschedule: \"30 1 * * *\"\nzone: Asia/Shanghai\n")
	out["faults"]["written here"] = []byte("seed: 1\nfaults:\n  - {do: delay, interface: accept, share: 0.2, for: 50ms}\n  - {do: \"429\", nth: [3], retry_after: 2s}\n")
	out["site"]["written here"] = []byte(`site: my-city
connections:
  gjj: {kind: mysql, host: 10.0.0.5, user: banjian_ro, password: {env: GJJ_PASSWORD}, database: gjj, hours: "20:00-06:00"}
  ywzt: {kind: platform, url: "https://ywzt.example/", keys: [{key: {env: K}, secret: {env: S}, sm4: {file: secrets/sm4}}]}
receivers:
  platform: {system: platform, environment: test, kind: platform, connection: ywzt, profile: sd-ywzt-2024}
`)
	return out
}

func TestEveryShippedFileIsGoodByItsSchema(t *testing.T) {
	for kind, files := range shippedFiles(t) {
		s := compiled(t, kind)
		for name, data := range files {
			for _, doc := range documents(t, name, data) {
				if err := s.Validate(doc); err != nil {
					t.Errorf("%s by the schema of a %s: %v", name, kind, err)
				}
			}
		}
	}
}

func TestAMisspeltKeyIsBadByItsSchema(t *testing.T) {
	for kind, files := range shippedFiles(t) {
		s := compiled(t, kind)
		for name, data := range files {
			for _, doc := range documents(t, name, data) {
				spoil(doc, func(where string) {
					if s.Validate(doc) == nil {
						t.Errorf("%s: a misspelt key at %s is good by the schema of a %s", name, where, kind)
					}
				})
			}
		}
	}
}

// free are the keys below which any key may stand.
var free = []string{"map", "replace", "connections", "receivers", "base", "source", "expect"}

// spoil renames every key of doc in turn, where keys are not the writer's own.
func spoil(doc any, check func(where string)) {
	switch v := doc.(type) {
	case []any:
		for _, e := range v {
			spoil(e, check)
		}
	case map[string]any:
		for _, k := range slices.Sorted(keysOf(v)) {
			value := v[k]
			delete(v, k)
			v[k+"x"] = value
			check(k)
			delete(v, k+"x")
			v[k] = value
			if slices.Contains(free, k) {
				if inner, ok := value.(map[string]any); ok && (k == "connections" || k == "receivers") {
					for _, e := range inner {
						spoil(e, check)
					}
				}
				continue
			}
			spoil(value, check)
		}
	}
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
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
	printed := string(printedSchema(t, "mapping"))
	for _, s := range cat.CodeSets() {
		if !strings.Contains(printed, `"`+s.Name+`"`) {
			t.Errorf("code set %s is not in the schema", s.Name)
		}
	}
	for _, s := range cat.Subjects() {
		if !strings.Contains(printed, `"`+defOf(s.Name)+`"`) {
			t.Errorf("the fields of %s are not in the schema", s.Name)
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
	for _, s := range jsonSchemas {
		explained(t, s.name, s.build(cat))
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
	for _, s := range jsonSchemas {
		walk(s.name, s.build(cat))
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
