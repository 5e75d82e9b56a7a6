package editor

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/pace"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/pipelines"
	"banjian/schemas"
)

// Schema is one kind of file people write, as an editor can check it.
type Schema struct {
	Name  string // banjian schema NAME, docs/schema/NAME.json
	Title text.Text
	build func(cat *schemas.Catalog) *jsonschema.Schema
}

// Schemas is every kind of file; all of them are strict, as their readers are.
var Schemas = []Schema{
	{"mapping", text.T("映射文件 mappings/*.yaml", "mapping files, mappings/*.yaml"), mappingSchema},
	{"mapping-test", text.T("映射的测试 mappings/*_test.yaml", "tests of mappings, mappings/*_test.yaml"), mappingTestSchema},
	{"pipeline", text.T("管道文件 pipelines/*.yaml", "pipeline files, pipelines/*.yaml"), reflected("pipeline", pipelines.Spec{})},
	{"job", text.T("任务文件 jobs/*.yaml", "job files, jobs/*.yaml"), reflected("job", jobs.Spec{})},
	{"site", text.T("站点文件 banjian.yaml", "the site file, banjian.yaml"), reflected("site", site.Site{})},
	{"receiver", text.T("接收方档案 pipelines/receivers/*.yaml", "receiver profiles, pipelines/receivers/*.yaml"), reflected("receiver", pipelines.Profile{})},
	{"faults", text.T("业务中台模拟器的故障文件（platform serve --faults）", "faults of the platform's simulator (platform serve --faults)"), reflected("faults", simulator.Faults{})},
}

// Print is the schema as a file; the code sets and subjects of cat are in it.
func (s *Schema) Print(cat *schemas.Catalog) ([]byte, error) {
	schema := s.build(cat)
	schema.Version, schema.Title, schema.Description = jsonschema.Version, "banjian "+s.Name, both(s.Title)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(schema)
	return b.Bytes(), err
}

// both is a text for a place that shows one only: an editor's hover.
func both(t text.Text) string {
	if t.ZH == t.EN {
		return t.ZH
	}
	return t.ZH + " / " + t.EN
}

// note is what a type does not say of a key: what it is for, what it may be, which of
// its own keys must be there.
type note struct {
	says     text.Text
	enum     string // values, separated by blanks
	required string // keys, separated by blanks
}

// reflected builds a schema from a Go type by its yaml tags, with the notes of name.
func reflected(name string, of any) func(*schemas.Catalog) *jsonschema.Schema {
	return func(*schemas.Catalog) *jsonschema.Schema {
		r := jsonschema.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true, RequiredFromJSONSchemaTags: true, FieldNameTag: "yaml", Mapper: ownTypes}
		s := r.Reflect(of)
		annotate(s, name)
		return s
	}
}

// annotate puts the notes at path and below it into a schema.
func annotate(s *jsonschema.Schema, path string) {
	n := schemaNotes[path]
	if !n.says.IsZero() {
		s.Description = both(n.says)
	}
	for _, v := range strings.Fields(n.enum) {
		s.Enum = append(s.Enum, v)
	}
	s.Required = append(s.Required, strings.Fields(n.required)...)
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		annotate(p.Value, path+"."+p.Key)
	}
	if s.Items != nil {
		for p := s.Items.Properties.Oldest(); p != nil; p = p.Next() {
			annotate(p.Value, path+"[]."+p.Key)
		}
		s.Items.Required = append(s.Items.Required, strings.Fields(schemaNotes[path+"[]"].required)...)
	}
	if values := s.AdditionalProperties; values != nil && values.Properties != nil {
		annotate(values, path+".*")
	}
}

// ownTypes are types that read themselves.
func ownTypes(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[pipelines.Duration](), reflect.TypeFor[site.Duration](), reflect.TypeFor[middleplatform.Span]():
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^[0-9]+d$`}
	case reflect.TypeFor[pace.Count]():
		return &jsonschema.Schema{Type: "integer", Minimum: "1"}
	case reflect.TypeFor[pace.Size]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "integer", Minimum: "1"}, {Type: "string", Pattern: `^[0-9]+ ?([KMG]i?)?B$`}}}
	case reflect.TypeFor[pipelines.Key]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "array", Items: &jsonschema.Schema{Type: "string"}}, {Const: pipelines.NoKey}}}
	case reflect.TypeFor[site.Secret]():
		p := jsonschema.NewProperties()
		p.Set("env", &jsonschema.Schema{Type: "string", Description: "环境变量 / an environment variable"})
		p.Set("file", &jsonschema.Schema{Type: "string", Description: "文件，相对于站点文件夹 / a file, relative to the site"})
		p.Set("command", &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}, Description: "打印它的命令 / a command that prints it"})
		one := uint64(1)
		return &jsonschema.Schema{Type: "object", Properties: p, AdditionalProperties: jsonschema.FalseSchema, MinProperties: &one, MaxProperties: &one}
	}
	return nil
}
