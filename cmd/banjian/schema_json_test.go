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
	"github.com/santhosh-tekuri/jsonschema/v6"

	"banjian/cmd/internal/editor"
	"banjian/internal/site"
	"banjian/pipelines"
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
	for _, s := range editor.Schemas {
		generated(t, "docs/schema/"+s.Name+".json", string(printedSchema(t, s.Name)))
	}
	entries, err := os.ReadDir("../../docs/schema")
	if err != nil || len(entries) != len(editor.Schemas) {
		t.Errorf("%d files in docs/schema for %d schemas, %v", len(entries), len(editor.Schemas), err)
	}
}

func TestSchemaWithoutANameListsThem(t *testing.T) {
	var out bytes.Buffer
	if code := execute(t.Context(), []string{"schema"}, &out, io.Discard); code != exitDone {
		t.Fatal(code)
	}
	for _, s := range editor.Schemas {
		if !strings.Contains(out.String(), "\n  "+s.Name+" ") {
			t.Errorf("%s is not listed:\n%s", s.Name, &out)
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
var free = []string{"map", "but", "replace", "connections", "receivers", "base", "source", "expect"}

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
