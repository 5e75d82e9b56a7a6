package editor

import (
	"fmt"

	"github.com/invopop/jsonschema"

	"banjian/internal/text"
	"banjian/mappings"
	"banjian/schemas"
)

// fieldWords is a field in an editor's hover: title, type, width, whether it is needed.
func fieldWords(f *schemas.Field) text.Text {
	kind := string(f.Type)
	if f.CodeSet != "" {
		kind += " " + f.CodeSet
	}
	if f.Width > 0 {
		kind += fmt.Sprintf("(%d)", f.Width)
	}
	zh, en := f.Title.ZH+"，"+kind, f.Title.EN+", "+kind
	switch {
	case f.Required:
		zh, en = zh+"，必填", en+", required"
	case f.RequiredWhen != "":
		zh, en = zh+"，当 "+f.RequiredWhen+" 时必填", en+", required when "+f.RequiredWhen
	}
	return text.T(zh, en)
}

// fieldSchema is one entry of fields: a column, or an object with exactly one head.
func fieldSchema(cat *schemas.Catalog, g mappings.Grammar) *jsonschema.Schema {
	keys := append(append(append([]string{}, g.Heads...), g.Ops...), g.Modifiers...)
	known := fieldKeys(cat, g)
	o := object(keys, func(key string) *jsonschema.Schema {
		if s, ok := known[key]; ok {
			return s
		}
		return jsonschema.TrueSchema
	})
	var heads []*jsonschema.Schema
	for _, h := range g.Heads {
		o.OneOf = append(o.OneOf, &jsonschema.Schema{Required: []string{h}})
		heads = append(heads, &jsonschema.Schema{Required: []string{h}})
	}
	for _, key := range g.Alone {
		o.OneOf = append(o.OneOf, &jsonschema.Schema{Required: []string{key}, Not: &jsonschema.Schema{AnyOf: heads}})
	}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{ref("column"), o}}
}

// fieldKeys is what every key of a field holds. A test finds an operation that is not
// here.
func fieldKeys(cat *schemas.Catalog, g mappings.Grammar) map[string]*jsonschema.Schema {
	sets, walks, profiles := cat.CodeSetNames(), cat.CrosswalkNames(), cat.Profiles()
	flag := func(zh, en string) *jsonschema.Schema { return withText(only(true), text.T(zh, en)) }
	word := func(zh, en string) *jsonschema.Schema { return withText(ofType("string"), text.T(zh, en)) }
	words := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{ref("scalar"), listOf(ref("scalar"))}}
	pairs := func(zh, en string) *jsonschema.Schema {
		return withText(mapOf(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{ref("scalar"), ofType("null")}}), text.T(zh, en))
	}
	pad := func(zh, en string) *jsonschema.Schema {
		return withText(object([]string{"to", "with"}, func(key string) *jsonschema.Schema {
			if key == "to" {
				return &jsonschema.Schema{Type: "integer", Minimum: "1"}
			}
			return ref("scalar")
		}, "to", "with"), text.T(zh, en))
	}
	item := object(g.Item, func(key string) *jsonschema.Schema {
		switch key {
		case "from", "unit", "basic", "handling":
			return ref("column")
		case "level":
			return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{ref("column"), object([]string{"const"}, func(string) *jsonschema.Schema { return ref("scalar") }, "const")}}
		case "crosswalk":
			return suggested(walks)
		}
		return ofType("string")
	})
	item.AnyOf = []*jsonschema.Schema{{Required: []string{"from", "crosswalk"}}, {Required: []string{"unit", "level", "basic"}}}
	translate := object([]string{"set", "profile", "on", "but"}, func(key string) *jsonschema.Schema {
		switch key {
		case "on":
			return word("按这个标准时间字段的日期判断代码是否有效", "the canonical time whose day codes are judged by")
		case "but":
			return pairs("与对照不同的值，或对照里说不清是哪一个的值", "values that are not as the profile says, or that it leaves open")
		case "profile":
			return withText(suggested(profiles), text.T("接收方或部门系统的代码对照", "the profile of a receiver or a department's system"))
		}
		return word("代码集，或对照里的一张表", "a code set, or a table of the profile")
	}, "set")
	cut := object([]string{"with", "cut"}, func(key string) *jsonschema.Schema {
		if key == "cut" {
			return only(true)
		}
		return ofType("string")
	}, "with")
	each := object([]string{"at", "map"}, func(key string) *jsonschema.Schema {
		if key == "at" {
			return ofType("string")
		}
		return pairs("值 → 代码", "value → code")
	}, "at", "map")
	otherwise := object([]string{"const"}, func(string) *jsonschema.Schema { return ref("scalar") }, "const")
	more := moreKeys(cat, g, walks)
	for key, s := range map[string]*jsonschema.Schema{
		"from":      ref("column"),
		"const":     withText(ref("scalar"), text.T("固定值", "the same value for every row")),
		"expr":      word("来源列上的表达式（CEL）", "expression over source columns (CEL)"),
		"item_code": withText(item, text.T("按对照表查本地事项编码", "the local item code looked up in a crosswalk")),

		"blank":     withText(words, text.T("这些文字视为空", "these texts mean nothing and become NULL")),
		"cast":      withText(oneWord([]string{"int", "dec", "bool", "text"}), text.T("转为规范写法", "bring to one canonical form")),
		"check":     withText(checks(cat, g), text.T("按规则检查，不改值", "a named check; the value never changes")),
		"clean":     flag("去控制字符、零宽字符和首尾空白", "drop control and zero-width characters, trim"),
		"codes":     withText(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{suggested(sets), translate}}, text.T("值须属于这个代码集；或按代码对照转换：{profile: 对照, set: 代码集}", "the code set its values belong to, or a translation by a profile: {profile, set}")),
		"default":   withText(ref("scalar"), text.T("为空时取这个值", "the value of a row that has NULL")),
		"fold":      withText(only("width"), text.T("全角转半角", "full width to half width")),
		"join":      withText(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{ofType("string"), cut}}, text.T("列表连成文本", "a list becomes a text")),
		"lower":     flag("转小写", "to lower case"),
		"map":       pairs("本地值 → 代码；没列出的值是问题数据", "local value → code; a value that is not listed is a reject"),
		"map_each":  withText(each, text.T("一个文本里的几个值逐个对照；没列出的值是问题数据", "each of the values in one text to its code; one that is not listed is a reject")),
		"name_of":   withText(suggested(sets), text.T("代码换成它的名称；区划带上级", "the name of a code of the set; of a region with those above it")),
		"pad_left":  pad("左边补到多少位", "fill up on the left"),
		"pad_right": pad("右边补到多少位", "fill up on the right"),
		"replace":   pairs("整值替换；没列出的值不变", "replace whole values; others stay"),
		"required":  flag("为空即问题数据", "NULL is a reject"),
		"split":     word("按它拆成列表", "a text becomes a list"),
		"time":      withText(words, text.T("时间写法，用 2006-01-02 15:04:05 这一刻来写", "layouts, written as the moment 2006-01-02 15:04:05")),
		"trim":      flag("去首尾空白", "drop blanks at both ends"),
		"upper":     flag("转大写", "to upper case"),

		"when": word("标准字段上的条件，限定 check 和 required", "condition over canonical fields that limits check and required"),
		"else": withText(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{oneWord([]string{"reject", "blank", "hold"}), otherwise}}, text.T("值不合规时：reject 问题数据、blank 置空、hold 挂起（只用于上报）、{const: 值}", "what becomes of a value that fails: reject, blank, hold (delivery only) or {const: value}")),
		"zone": word("时间的时区，如 Asia/Shanghai；默认 UTC+8", "zone of wall times, such as Asia/Shanghai; default UTC+8"),
	} {
		more[key] = s
	}
	return more
}

// mappingTestSchema is a test file beside a mapping.
func mappingTestSchema(*schemas.Catalog) *jsonschema.Schema {
	row := withText(&jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		ref("scalar"), ofType("null"), {Type: "array", Items: ref("scalar")}}}}, text.T("{列: 值}", "{column: value}"))
	finding := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{ofType("string"),
		object([]string{"field", "rule"}, func(string) *jsonschema.Schema { return ofType("string") }, "rule")}}
	findings := func(zh, en string) *jsonschema.Schema {
		return withText(&jsonschema.Schema{Type: "array", Items: finding}, text.T(zh, en))
	}
	several := &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{row, {Type: "array", Items: row}, ofType("null")}}}
	expect := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{row, several}}
	answers := mapOf(&jsonschema.Schema{AnyOf: []*jsonschema.Schema{oneWord([]string{"confirms", "denies", "none", "unknown"}), mapOf(ref("scalar"))}})
	inCase := map[string]*jsonschema.Schema{
		"name":           withText(ofType("string"), text.T("例子说明什么", "what the case shows")),
		"source":         withText(row, text.T("这一行，叠在 base 之上", "the row, laid over base")),
		"answers":        withText(answers, text.T("核验服务怎样答复：{服务: confirms、denies、none、unknown 或 {名称: 值}}；没写的答 confirms", "what services of verify: answer: {service: confirms, denies, none, unknown or {name: value}}; others confirm")),
		"unverified":     findings("期望的核验挂起：归集了，接收方先不报", "records that are collected and not delivered before they are verified"),
		"expect":         withText(expect, text.T("期望的标准字段；有几个 to 时按主题分写；banjian test --update 填写", "the fields that are expected, by subject where there are several; banjian test --update fills them in")),
		"blanks":         findings("期望的置空告警", "values that are blanked"),
		"warns":          findings("期望的告警", "warnings"),
		"rejects":        findings("期望的问题数据", "rejects"),
		"holds":          findings("期望的挂起（上报映射）", "holds, of a delivery mapping"),
		"not_applicable": findings("期望的不适用（上报映射）", "not applicable, of a delivery mapping"),
		"filtered":       withText(only(true), text.T("这一行被 where 略过", "where filters the row")),
	}
	one := object([]string{"name", "source", "answers", "expect", "blanks", "warns", "unverified", "rejects", "holds", "not_applicable", "filtered"},
		func(key string) *jsonschema.Schema { return inCase[key] }, "name")
	inFile := map[string]*jsonschema.Schema{
		"mapping": withText(ofType("string"), text.T("测的是哪个映射", "the mapping it tests")),
		"base":    withText(row, text.T("每个例子从这一行开始", "the row every case starts from")),
		"answers": withText(answers, text.T("每个例子的核验答复", "what services of verify: answer in every case")),
		"cases":   withText(listOf(one), text.T("例子", "the cases")),
	}
	s := object([]string{"mapping", "base", "answers", "cases"}, func(key string) *jsonschema.Schema { return inFile[key] }, "mapping", "cases")
	s.Definitions = jsonschema.Definitions{"scalar": {AnyOf: []*jsonschema.Schema{ofType("string"), ofType("number"), ofType("boolean")}}}
	return s
}

// checks is the name of a check of one value, or the check of an item by a catalogue.
func checks(cat *schemas.Catalog, g mappings.Grammar) *jsonschema.Schema {
	force := object(g.Force, func(key string) *jsonschema.Schema {
		switch key {
		case "item_in_force":
			return withText(suggested(cat.ItemListNames()), text.T("站点 schemas/items/ 下的事项目录", "an item catalogue of the site, under schemas/items/"))
		case "unknown":
			return oneWord([]string{"reject", "warn"})
		}
		return ofType("string")
	}, "item_in_force", "at")
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{oneWord(schemas.ValueChecks()), force}}
}
