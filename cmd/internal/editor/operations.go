package editor

import (
	"github.com/invopop/jsonschema"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// moreKeys is what the operations hold that take an object of their own.
func moreKeys(cat *schemas.Catalog, g mappings.Grammar, walks []string) map[string]*jsonschema.Schema {
	scalar := ref("scalar")
	columns := listOf(ref("column"))
	either := func(s ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: s} }
	keyed := func(keys []string, known map[string]*jsonschema.Schema, required ...string) *jsonschema.Schema {
		return object(keys, func(key string) *jsonschema.Schema {
			if s, ok := known[key]; ok {
				return s
			}
			return ofType("string")
		}, required...)
	}
	path := keyed(g.Path, map[string]*jsonschema.Schema{"from": ref("column"), "form": ref("column"), "version": ref("column"),
		"at": either(ofType("string"), mapOf(ofType("string")))}, "from", "at")
	lookup := keyed(g.Lookup, map[string]*jsonschema.Schema{"table": suggested(cat.LookupNames()), "crosswalk": suggested(walks), "items": suggested(cat.ItemListNames())})
	unit := keyed([]string{"from", "to", "round"}, map[string]*jsonschema.Schema{"from": oneWord(mappings.Measures()), "to": oneWord(mappings.Measures()),
		"round": oneWord([]string{"up", "down", "half"})}, "from", "to")
	pair := object([]string{"from", "to"}, func(string) *jsonschema.Schema { return ref("column") }, "from", "to")
	deadline := keyed(g.Deadline, map[string]*jsonschema.Schema{"limit": either(ofType("integer"), ofType("string")),
		"calendar": suggested(cat.CalendarNames()), "suspended": either(pair, listOf(pair)), "extend": either(ref("column"), columns),
		"time": either(scalar, listOf(scalar))}, "start", "limit", "unit")
	forms := oneWord(mappings.NormalForms())
	policy := oneWord([]string{"reject", "warn", "hold"})
	field := object([]string{"field"}, func(string) *jsonschema.Schema { return ofType("string") }, "field")
	verify := keyed(g.Verify, map[string]*jsonschema.Schema{
		"service":     withText(ofType("string"), text.T("banjian.yaml 的 verification.services 里的服务", "a service under verification.services of banjian.yaml")),
		"with":        withText(mapOf(ofType("string")), text.T("{服务的输入: 标准字段}", "{input of the service: canonical field}")),
		"expect":      withText(mapOf(either(scalar, listOf(scalar), field)), text.T("答复里的值应是什么：值、几个值之一，或 {field: 标准字段}", "what values of the answer must be: a value, one of several, or {field: canonical field}")),
		"on_mismatch": withText(policy, text.T("不一致或查无：reject（默认）、warn、hold 归集后挂起不报", "not so, or none known: reject (the default), warn, or hold: collected, and not delivered")),
		"on_unknown":  withText(policy, text.T("服务没有答复：hold（默认）归集后挂起不报，答复后自动放行；warn、reject", "the service does not say: hold (the default): collected and delivered once it says so; warn, reject")),
	}, "service", "with")
	return map[string]*jsonschema.Schema{
		"array":     withText(columns, text.T("这些列里不空的合成列表", "those of these columns that hold something, as a list")),
		"deadline":  withText(deadline, text.T("为空时按受理时间、时限和工作日历推算", "where NULL: computed from acceptance, limit and calendar")),
		"first_of":  withText(columns, text.T("依次取第一个不空的列", "the first of these columns that is not empty")),
		"hash":      withText(oneWord([]string{"sm3", "sha256", "md5"}), text.T("取摘要", "the digest of the value")),
		"lookup":    withText(lookup, text.T("在表的第一列里查，取另一列", "looked up in the first column of a table, another column goes on")),
		"mask":      withText(oneWord(mappings.Masks()), text.T("脱敏，不可还原", "the value itself is hidden, for good")),
		"normalise": withText(either(forms, listOf(forms)), text.T("归一：缺失的写法、电话、标点、全角、NFKC", "bring to one form: what stands for nothing, telephones, punctuation, width, NFKC")),
		"path":      withText(path, text.T("从电子表单（JSON 或 XML）里按路径取值", "a value out of a form, JSON or XML, by its path")),
		"verify":    withText(verify, text.T("整条记录做好后向外部服务核验，不改值", "verified with a service outside once the record is whole; the value never changes")),
		"unit":      withText(unit, text.T("换算单位", "convert a number from one unit to another")),
	}
}
