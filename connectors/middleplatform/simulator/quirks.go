package simulator

import (
	"strings"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// Quirk is an oddity of real platforms, shown on request.
type Quirk struct {
	Name string
	Says text.Text

	change func(data *middleplatform.Element) // of the data of an answer
	prolog string                             // before a notice
}

// Quirks lists the oddities a simulator can show.
func Quirks() []Quirk { return quirks() }

func quirks() []Quirk {
	blank := func(to string) func(*middleplatform.Element) {
		return func(data *middleplatform.Element) {
			each(data, func(e *middleplatform.Element) {
				if a := e.Child("SBXMMC"); a != nil {
					a.Text = to
					set(e, "WSSBQD", to)
				}
				set(e, "HOMEADDRESS", to)
			})
		}
	}
	return []Quirk{
		{Name: "placeholder", Says: text.T("没有的值写成“无”", "无 for a value there is none of"), change: blank("无")},
		{Name: "null", Says: text.T("没有的值写成 null", "null for a value there is none of"), change: blank("null")},
		{Name: "region_6", Says: text.T("区划只有 6 位", "divisions of six digits"), change: func(data *middleplatform.Element) {
			each(data, func(e *middleplatform.Element) {
				if e.Name == "XZQHDM" || e.Name == "ACTUALREGION" {
					e.Text = e.Text[:min(6, len(e.Text))]
				}
			})
		}},
		{Name: "sex_text", Says: text.T("性别写成男、女", "the sex as text"), change: func(data *middleplatform.Element) {
			if p := data.Child("SPRENYUAN"); p != nil {
				set(p, "SEX", "男")
			}
		}},
		{Name: "misspelt", Says: text.T("字段名拼错：BRITHDAY", "misspelt names: BRITHDAY"), change: func(data *middleplatform.Element) {
			each(data, func(e *middleplatform.Element) {
				if e.Name == "BIRTHDAY" {
					e.Name = "BRITHDAY"
				}
			})
		}},
		{Name: "repeated_tag", Says: text.T("同一个标签出现两次", "a tag twice"), change: func(data *middleplatform.Element) {
			if a := data.Child("SPSHENQIN"); a != nil {
				a.Add("XZQHDM", a.Value("XZQHDM"))
			}
		}},
		{Name: "unknown_tag", Says: text.T("有文档里没有的标签", "a tag that is in no document"), change: func(data *middleplatform.Element) {
			data.Add("EXTRA_INFO", "x")
		}},
		{Name: "empty_blocks", Says: text.T("另一类申请人的块也在，只是空的", "the other applicant's block is there, but empty"), change: func(data *middleplatform.Element) {
			for _, name := range []string{"SPRENYUAN", "SPQIYE"} {
				if data.Child("SPSHENQIN") != nil && data.Child(name) == nil {
					data.Add(name, "")
				}
			}
		}},
		{Name: "form_json", Says: text.T("电子表单里是 JSON 文本", "the form is JSON as text"), change: func(data *middleplatform.Element) {
			if a := data.Child("SPSHENQIN"); a != nil {
				set(a, "XML_DATA", `{"tqyy":"购房","beizhu":"金额 < 10 万"}`)
			}
		}},
		{Name: "bad_date", Says: text.T("日期写法不一", "a time in another form"), change: func(data *middleplatform.Element) {
			if a := data.Child("SPSHENQIN"); a != nil {
				set(a, "SBSJ", strings.ReplaceAll(a.Value("SBSJ"), "-", "/"))
			}
		}},
		{Name: "unescaped", Says: text.T("回应的 XML 里小于号没有转义", "a < in the XML of an answer that is not escaped")},
		{Name: "prolog", Says: text.T("通知前面有 XML 声明", "a notice with a prolog"), prolog: `<?xml version="1.0" encoding="UTF-8"?>`},
		{Name: "gbk_prolog", Says: text.T("声明说是 GBK，实际是 UTF-8", "a prolog that says GBK above UTF-8"), prolog: `<?xml version="1.0" encoding="GBK"?>`},
		{Name: "no_download", Says: text.T("文件下载总是失败", "every download fails")},
	}
}

// chosenQuirks reads names joined by commas; all is each of them.
func chosenQuirks(names string) (map[string]bool, error) {
	chosen := map[string]bool{}
	var known []string
	for _, q := range quirks() {
		known = append(known, q.Name)
	}
	for name := range strings.SplitSeq(names, ",") {
		if name == "" {
			continue
		}
		found := false
		for _, k := range known {
			if name == k || name == "all" {
				chosen[k], found = true, true
			}
		}
		if !found {
			return nil, unknownName("怪癖", "quirk", name, known)
		}
	}
	return chosen, nil
}
