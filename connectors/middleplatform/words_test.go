package middleplatform

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWordsOfAPlatformLoseWhatMayBePersonal(t *testing.T) {
	p := profile(t)
	in := p.Interfaces["finish"]
	m := decoded(t, `<APPROVEDATAINFO><SBLSH_SHORT>A77</SBLSH_SHORT><SPBANJIE><BJBMMC>某公积金中心</BJBMMC><SPRXM>王五</SPRXM><BJJGMS>准予</BJJGMS><ZJBH>证12、证34</ZJBH><ZFHTHYY>材料不齐全，张三未到场</ZFHTHYY></SPBANJIE></APPROVEDATAINFO>`)
	for words, want := range map[string]string{
		"":                            "",
		"审批人 SPBANJIE/SPRXM 必填":       "审批人 SPBANJIE/SPRXM 必填",
		"审批人王五没有权限":                   "审批人***没有权限",
		"流水号2407010000001不存在":         "流水号***不存在",
		"证件号11010519491231002X有误":     "证件号***有误",
		"证件号 110105 19491231 002X 有误": "证件号 *** 有误",
		"电话138-1234-5678":             "电话***",
		"１１０１０５１９４９":                  "***",
		"只要 5 位，长度 12345":             "只要 5 位，长度 12345",
		"联系 li.si@example.cn 核实":      "联系 *** 核实",
		"申请人“李四”与登记不符":                "申请人“***”与登记不符",
		"字段【办结时间】早于【受理时间】":            "字段【办结时间】早于【***】",
		"字段[SPRXM]不能为空(ZJBH)，[100] 字": "字段[SPRXM]不能为空(ZJBH)，[100] 字",
		"姓名：李四，手机=139，SPRXM=ZJBH":     "姓名：***，手机=139，SPRXM=ZJBH",
		"name=李四; 审批人: 赵六":            "name=***; 审批人: ***",
		"原因：材料不齐全，张三未到场":              "原因：***",
		"证件证12已作废，证34 也是":             "证件***已作废，*** 也是",
		"某公积金中心没有登记":                  "***没有登记",
		"第一行\r\n第二行\x00":              "第一行  第二行",
		"结果“准予”":                      "结果“***”",
	} {
		if got := p.masked(words, in, m); got != want {
			t.Errorf("%q became %q, want %q", words, got, want)
		}
	}
	long := p.masked(strings.Repeat("字", 201), in, m)
	if n := utf8.RuneCountInString(long); n != 200 || !strings.HasSuffix(long, "字…") {
		t.Errorf("%d characters: %s", n, long)
	}
	if got := p.masked(strings.Repeat("字", 200), in, m); got != strings.Repeat("字", 200) {
		t.Errorf("200 characters became %s", got)
	}
}

func FuzzMasked(f *testing.F) {
	p := profile(f)
	in := p.Interfaces["accept"]
	m := decoded(f, acceptXML)
	f.Add("受理人“张三”11010519491231002X")
	f.Fuzz(func(t *testing.T, words string) {
		got := p.masked(words, in, m)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > wordsShown || strings.Contains(got, "张三") || longDigits.MatchString(strings.ReplaceAll(got, stars, "…")) {
			t.Errorf("%q became %q", words, got)
		}
	})
}
