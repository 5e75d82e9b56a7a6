package main

import (
	"fmt"
	"strings"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/conformance"
	"banjian/internal/text"
	"banjian/mappings/dictionary"
)

// verifyBook lays a report out as it is handed to the other side: a cover to sign, every
// assertion, and how sure the profile is of what it asked.
func verifyBook(r *conformance.Report, p *middleplatform.Profile, lang text.Lang) dictionary.Book {
	t := func(zh, en string) string { return text.T(zh, en).In(lang) }
	failed, all := r.Failed(), len(r.Results)
	verdict := t("全部成立", "all hold")
	if failed > 0 {
		verdict = fmt.Sprintf(t("%d 条不成立", "%d do not hold"), failed)
	}
	cover := dictionary.Sheet{Name: text.T("封面", "cover"), Widths: []float64{24, 60, 24, 30}, Rows: [][]string{
		{t("业务中台接口合规检查报告", "Conformance of the middle platform's interfaces")}, {},
		{t("档案", "profile"), r.Profile + "  " + text.T(p.Title, p.EN).In(lang)},
		{t("中台地址", "platform"), r.Base},
		{t("审批系统地址", "approval system"), r.Callback},
		{t("检查时间", "checked at"), r.At.In(time.FixedZone("UTC+8", 8*60*60)).Format(time.DateTime) + " UTC+8"},
		{t("断言", "assertions"), fmt.Sprint(all)},
		{t("结论", "verdict"), verdict}, {},
		{t("中台方（签字）", "platform (signed)"), "", t("审批系统方（签字）", "approval system (signed)"), ""},
		{t("日期", "date"), "", t("日期", "date"), ""},
	}}
	list := dictionary.Sheet{Name: text.T("断言", "assertions"), Widths: []float64{8, 10, 34, 60, 60, 10}, Headings: 1,
		Rows: [][]string{{t("结果", "result"), t("接口", "interface"), t("断言", "assertion"), t("内容", "what must hold"), t("不成立的情形", "what was wrong"), t("毫秒", "ms")}}}
	for _, one := range r.Results {
		mark, number := "ok", ""
		if !one.OK {
			mark = "FAIL"
		}
		if one.Number > 0 {
			number = fmt.Sprint(one.Number)
		}
		list.Rows = append(list.Rows, []string{mark, number, one.Name, one.Says.In(lang), one.Detail.In(lang), fmt.Sprint(one.Took)})
	}
	return dictionary.Book{cover, list, sureness(p, t)}
}

// sureness is the paths that were called, with how sure each is.
func sureness(p *middleplatform.Profile, t func(zh, en string) string) dictionary.Sheet {
	words := map[string]string{"client": t("见于真实客户端", "seen in a client"), "analog": t("取自同类接口", "taken from a sibling interface"), "assumed": t("我方假定", "our choice")}
	s := dictionary.Sheet{Name: text.T("依据", "grounds"), Widths: []float64{8, 30, 40, 24}, Headings: 1,
		Rows: [][]string{{t("接口", "interface"), t("名称", "name"), t("路径", "path"), t("依据", "grounds")}}}
	for _, in := range p.ByNumber() {
		s.Rows = append(s.Rows, []string{fmt.Sprint(in.Number), t(in.Title, in.EN), in.Path, words[in.Conf]})
	}
	scheme := p.Signing()
	s.Rows = append(s.Rows, []string{"", t("签名", "signature"), scheme.Signer + " " + strings.TrimSpace(scheme.Message), words[scheme.Conf]})
	return s
}
