package schemas

import (
	"strconv"

	"banjian/internal/text"
	"banjian/schemas/ids"
	"banjian/schemas/itemcode"
	"banjian/schemas/region"
)

// ItemPart is one segment of an item code, explained.
type ItemPart struct {
	Name  text.Text // 行使层级 / level of exercise
	From  int       // first character, from 1
	To    int       // last character
	Value string
	Says  text.Text // what the value means, empty when only a catalogue knows
	Wrong text.Text // what is wrong with it, empty when nothing is
}

// ExplainItem takes an item code apart, segment by segment, with what is wrong in each.
// A text that has not the length of an item code has no parts: Verdict says why.
func ExplainItem(code string) ([]ItemPart, Verdict) {
	v := JudgeItem(code)
	p, ok := itemcode.Split(code)
	r := itemcode.Check(code)
	if !ok || r.Kind == itemcode.Local {
		return nil, v
	}
	var parts []ItemPart
	at := 1
	add := func(value, zh, en string, says text.Text) {
		if value == "" {
			return
		}
		parts = append(parts, ItemPart{Name: text.T(zh, en), From: at, To: at + len(value) - 1, Value: value, Says: says})
		at += len(value)
	}
	add(p.Unit, "实施主体", "implementing body", unitSays(p.Unit))
	add(p.Level, "行使层级", "level of exercise", levelSays(p.Level))
	add(p.Region, "行政区划", "division", provinceSays(p.Region))
	add(p.Type, "事项类型", "type", typeSays(p.Region, p.Type))
	add(p.Main, "主项", "main item", text.Text{})
	add(p.Sub, "子项", "sub-item", subSays(p.Basic()))
	add(p.Item, "业务办理项", "handling item", text.Text{})
	for _, f := range r.Faults() {
		rule := "item_code"
		if f.Reason == itemcode.TEUnit {
			rule = "item_te_unit"
		}
		for i := range parts {
			if f.Pos >= parts[i].From && f.Pos <= parts[i].To {
				parts[i].Wrong = RuleText(rule, reasonArgs(string(f.Reason), f.Want, f.Pos))
			}
		}
	}
	return parts, v
}

func unitSays(unit string) text.Text {
	if !ids.USCC(unit).OK() {
		return text.Text{}
	}
	kind, ok := registers[unit[:2]]
	if !ok {
		kind = text.T("其他机构", "other body")
	}
	place := "—"
	if d, ok := region.Latest(unit[2:8]); ok {
		place = d.Name
	}
	return text.T(kind.ZH+"，登记区划 "+unit[2:8]+" "+place+"，组织机构代码 "+unit[8:17],
		kind.EN+", registered in "+unit[2:8]+" "+place+", organisation code "+unit[8:17])
}

// registers is the first two characters of a credit code (GB 32100—2015).
var registers = map[string]text.Text{
	"11": text.T("机关", "state organ"), "12": text.T("事业单位", "public institution"),
	"13": text.T("编办管理的群团组织", "mass organisation"), "19": text.T("机构编制部门登记的其他机构", "other body of the establishment office"),
	"51": text.T("社会团体", "social organisation"), "52": text.T("民办非企业单位", "private non-enterprise unit"), "53": text.T("基金会", "foundation"),
	"91": text.T("企业", "enterprise"), "92": text.T("个体工商户", "sole trader"), "93": text.T("农民专业合作社", "farmers' cooperative"),
}

var levels = [...]text.Text{
	1: text.T("国家级（局、署、会）", "national"), 2: text.T("省级（直属）", "province"), 3: text.T("市级（隶属）", "prefecture"),
	4: text.T("县级", "county"), 5: text.T("镇（乡、街道）级", "township"), 6: text.T("村（社区）级", "village"), 7: text.T("分级管理", "shared between levels"),
}

func levelSays(s string) text.Text {
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n < len(levels) {
		return levels[n]
	}
	return text.Text{}
}

func provinceSays(s string) text.Text {
	if s == "00" {
		return text.T("国家基本目录", "the national directory")
	}
	if d, ok := region.Latest(s + "0000"); ok {
		return text.T(d.Name, d.Name)
	}
	return text.Text{}
}

var classTexts = map[itemcode.Class]text.Text{
	itemcode.Licensing: text.T("行政许可", "licensing"), itemcode.Penalty: text.T("行政处罚", "penalty"),
	itemcode.Coercion: text.T("行政强制", "coercion"), itemcode.Levy: text.T("行政征收", "levy"),
	itemcode.Payment: text.T("行政给付", "payment"), itemcode.Inspection: text.T("行政检查", "inspection"),
	itemcode.Confirming: text.T("行政确认", "confirmation"), itemcode.Reward: text.T("行政奖励", "reward"),
	itemcode.Arbitration: text.T("行政裁决", "arbitration"), itemcode.OtherPower: text.T("其他行政权力", "other power"),
	itemcode.Service: text.T("公共服务", "public service"),
}

func typeSays(province, typ string) text.Text {
	class, sure := itemcode.ClassOf(province, typ)
	t := classTexts[class]
	if class != itemcode.Unassigned && !sure {
		return text.T(t.ZH+"（按国家标准；各省用法不同，以事项库为准）", t.EN+" (by the national standard; provinces differ, the item library decides)")
	}
	return t
}

func subSays(basic string) text.Text {
	switch sub := basic[9:]; {
	case sub == "000":
		return text.T("没有子项", "no sub-items")
	case sub == "00Y":
		return text.T("有子项的主项，只在目录中出现", "heads sub-items, in directories only")
	case itemcode.Check(basic).Verdict == itemcode.OK:
		return text.F("主项 %s 的子项", "a sub-item of %s", itemcode.Parent(basic))
	}
	return text.Text{}
}
