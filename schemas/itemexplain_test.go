package schemas_test

import (
	"fmt"
	"strings"
	"testing"

	"banjian/internal/text"
	"banjian/schemas"
)

func explained(code string, lang text.Lang) string {
	parts, v := schemas.ExplainItem(code)
	out := []string{v.Kind + " " + v.Verdict}
	for _, p := range parts {
		line := fmt.Sprintf("%d-%d %s %s: %s", p.From, p.To, p.Name.In(lang), p.Value, p.Says.In(lang))
		if !p.Wrong.IsZero() {
			line += " ✗ " + p.Wrong.In(lang)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestACodeIsExplainedSegmentBySegment(t *testing.T) {
	for code, want := range map[string]string{
		"11440000006940116U244010200300103": `handling ok
1-18 实施主体 11440000006940116U: 机关，登记区划 440000 广东省，组织机构代码 006940116
19-19 行使层级 2: 省级（直属）
20-21 行政区划 44: 广东省
22-23 事项类型 01: 行政许可
24-28 主项 02003: 
29-31 子项 001: 主项 44010200300Y 的子项
32-33 业务办理项 03: `,
		"000104002000": `basic ok
1-2 行政区划 00: 国家基本目录
3-4 事项类型 01: 行政许可
5-9 主项 04002: 
10-12 子项 000: 没有子项`,
		"11450721MB155808124000120002000": `implementation reject
1-18 实施主体 11450721MB15580812:  ✗ 第 1–18 位实施主体信用代码校验位不符：第 18 位应为 1，请与单位证照核对
19-19 行使层级 4: 县级
20-21 行政区划 00: 国家基本目录
22-23 事项类型 01: 行政许可
24-28 主项 20002: 
29-31 子项 000: 没有子项`,
		"G-000007-001": "local reject",
		"0001":         "unknown reject",
	} {
		if got := explained(code, text.ZH); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", code, got, want)
		}
	}
}

func TestAProvincesTypeIsReadAsItsOwn(t *testing.T) {
	for code, want := range map[string]string{
		"442111662003": "public service", "442011662003": "other power",
		"372011662003": "public service (by the national standard; provinces differ, the item library decides)", "379911662003": "",
	} {
		parts, _ := schemas.ExplainItem(code)
		if len(parts) < 2 || parts[1].Says.EN != want {
			t.Errorf("%s: %+v", code, parts)
		}
	}
}
