package editor

import (
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// The mapping language has readers of its own, so its schema is put together from its
// grammar (mappings.Keys), the named checks, the code sets and the subjects.

func ref(name string) *jsonschema.Schema { return &jsonschema.Schema{Ref: "#/$defs/" + name} }

// withText is a copy of a schema with a description.
func withText(s *jsonschema.Schema, t text.Text) *jsonschema.Schema {
	said := *s
	said.Description = both(t)
	return &said
}

func ofType(name string) *jsonschema.Schema { return &jsonschema.Schema{Type: name} }

func only(v any) *jsonschema.Schema { return &jsonschema.Schema{Const: v} }

func oneWord(words []string) *jsonschema.Schema {
	s := ofType("string")
	for _, w := range words {
		s.Enum = append(s.Enum, w)
	}
	return s
}

// suggested is any text, with words an editor offers.
func suggested(words []string) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{oneWord(words), ofType("string")}}
}

func listOf(s *jsonschema.Schema) *jsonschema.Schema {
	one := uint64(1)
	return &jsonschema.Schema{Type: "array", Items: s, MinItems: &one}
}

// object is a strict object; property says what a key holds.
func object(keys []string, property func(key string) *jsonschema.Schema, required ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema, Required: required}
	for _, k := range keys {
		s.Properties.Set(k, property(k))
	}
	return s
}

// mapOf is an object with any keys.
func mapOf(values *jsonschema.Schema) *jsonschema.Schema {
	one := uint64(1)
	return &jsonschema.Schema{Type: "object", AdditionalProperties: values, MinProperties: &one}
}

func mappingSchema(cat *schemas.Catalog) *jsonschema.Schema {
	g := mappings.Keys()
	s := object(g.File, fileKey(cat), "mapping", "to")
	s.Definitions = jsonschema.Definitions{
		"scalar": {AnyOf: []*jsonschema.Schema{ofType("string"), ofType("number"), ofType("boolean")}},
		"column": withText(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{ofType("string"), ofType("number")}}, text.T("来源列", "a column of the source")),
		"field":  fieldSchema(cat, g),
		"rule":   object(g.Rule, ruleKey(g), "id", "when", "then"),
		"block":  object(g.Block, fileKey(cat), "subject", "fields"),
		"filter": object(g.Filter, ruleKey(g), "id", "when"),
		"entry":  mapOf(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{ref("column"), object([]string{"const"}, func(string) *jsonschema.Schema { return ref("scalar") }, "const"), ofType("null")}}),
	}
	block := s.Definitions["block"]
	for _, subject := range cat.Subjects() {
		if subject.ReadOnly {
			continue
		}
		s.Definitions[defOf(subject.Name)] = fieldsSchema(subject, g)
		s.AllOf = append(s.AllOf, fieldsOf("to", subject.Name))
		block.AllOf = append(block.AllOf, fieldsOf("subject", subject.Name))
	}
	s.AllOf = append(s.AllOf, &jsonschema.Schema{If: has("to", ofType("array")), Then: without("explode", "unpivot", "sequence", "fields", "rules"), Else: &jsonschema.Schema{Required: []string{"fields"}}})
	return s
}

// defOf is the definition that holds the fields of a subject.
func defOf(subject string) string { return "fields_" + strings.ReplaceAll(subject, "/", "_") }

// fieldsOf says: where key is this subject, fields are that subject's.
func fieldsOf(key, subject string) *jsonschema.Schema {
	then := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	then.Properties.Set("fields", ref(defOf(subject)))
	return &jsonschema.Schema{If: has(key, only(subject)), Then: then}
}

func has(key string, value *jsonschema.Schema) *jsonschema.Schema {
	s := &jsonschema.Schema{Properties: jsonschema.NewProperties(), Required: []string{key}}
	s.Properties.Set(key, value)
	return s
}

func without(keys ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
	for _, k := range keys {
		s.Properties.Set(k, jsonschema.FalseSchema)
	}
	return s
}

func fileKey(cat *schemas.Catalog) func(string) *jsonschema.Schema {
	subjects := cat.SubjectNames()
	var filled []string
	for _, s := range cat.Subjects() {
		if !s.ReadOnly {
			filled = append(filled, s.Name)
		}
	}
	return func(key string) *jsonschema.Schema {
		switch key {
		case "mapping":
			return withText(ofType("string"), text.T("映射名称：mappings/ 之下的路径，不带 .yaml", "its name: the path below mappings/ without .yaml"))
		case "title":
			return withText(ofType("string"), text.T("给人看的标题", "what people call it"))
		case "from":
			return withText(suggested(subjects), text.T("上报映射读的标准记录；部门视图的映射不写", "the canonical subject a delivery mapping reads; absent for a department's view"))
		case "to":
			return withText(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{oneWord(filled), ofType("string"), listOf(ref("block"))}}, text.T("填成哪种记录，或一组块", "the subject that is filled, or a list of blocks"))
		case "subject":
			return withText(suggested(filled), text.T("填成哪种记录", "the subject that is filled"))
		case "where":
			return withText(ofType("string"), text.T("来源列上的条件；不成立的行略过", "condition over source columns; other rows are filtered"))
		case "filter":
			return withText(listOf(ref("filter")), text.T("来源列上的条件；成立的行略过，按 id 分别计数", "conditions over source columns; rows for which one holds are left out, counted under its id"))
		case "explode":
			return withText(object(mappings.Keys().Explode, func(key string) *jsonschema.Schema {
				if key == "columns" {
					return withText(listOf(ref("column")), text.T("一起拆开的来源列，各条各取一项", "source columns that are split alike; each record has its part"))
				}
				return withText(ofType("string"), text.T("按它拆开", "what stands between the parts"))
			}, "columns", "split"), text.T("一行按这些列拆成多条记录", "several records of a row: one for each part of these columns"))
		case "unpivot":
			return withText(listOf(ref("entry")), text.T("一宽行成为多条记录：每项 {名称: 列}", "several records of a wide row: an entry {name: column} each"))
		case "sequence":
			return withText(mapOf(&jsonschema.Schema{Type: "array", Items: ref("column")}), text.T("{名称: [列]}：在本行这些列相同的各条中的序号", "{name: [columns]}: number among the records of the row equal in these columns"))
		case "fields":
			return withText(ofType("object"), text.T("字段", "the fields"))
		case "rules":
			return withText(&jsonschema.Schema{Type: "array", Items: ref("rule")}, text.T("整条记录的规则", "rules over the whole record"))
		}
		return jsonschema.TrueSchema
	}
}

func ruleKey(g mappings.Grammar) func(string) *jsonschema.Schema {
	return func(key string) *jsonschema.Schema {
		switch key {
		case "id":
			return withText(ofType("string"), text.T("规则名，在问题数据里出现", "name of the rule, as rejects show it"))
		case "when":
			return withText(ofType("string"), text.T("标准字段上的条件（CEL）", "condition over canonical fields (CEL)"))
		case "then":
			return withText(oneWord(g.Severities), text.T("成立时怎么办；hold、not_applicable 只用于上报", "what becomes of the record; hold and not_applicable are for delivery"))
		case "field":
			return withText(ofType("string"), text.T("请人看哪个字段", "the field a person should look at"))
		case "say":
			return withText(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{ofType("string"), object(g.Say, func(string) *jsonschema.Schema { return ofType("string") }, "zh")}}, text.T("给人看的话", "the sentence people read"))
		}
		return jsonschema.TrueSchema
	}
}

// fieldsSchema is the fields of one subject; what is required must be mapped.
func fieldsSchema(subject *schemas.Subject, g mappings.Grammar) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for i := range subject.Fields {
		f := &subject.Fields[i]
		if f.Derived && !slices.Contains(g.Derived, f.Name) {
			continue
		}
		says := fieldWords(f)
		s.Properties.Set(f.Name, withText(ref("field"), says))
		if f.Required && !f.Derived && f.Name != "source_id" {
			s.Required = append(s.Required, f.Name)
		}
	}
	return s
}
