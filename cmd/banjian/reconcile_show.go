package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"banjian/cmd/internal/workbook"
	"banjian/internal/text"
	"banjian/jobs/reconcile"
)

// columns of the lines: of what is counted at the source alone where it was asked.
var (
	lineHeadings   = []text.Text{text.T("日期", "day"), text.T("部门系统", "department"), text.T("主题", "subject"), text.T("接收方", "receiver")}
	sourceHeadings = []text.Text{text.T("来源行", "source rows"), text.T("不收", "left out"), text.T("待归集", "to collect"), text.T("漏归集", "uncollected"), text.T("已过时", "outdated"), text.T("来源已无", "gone")}
	ledgerHeadings = []text.Text{text.T("已归集", "collected"), text.T("问题数据", "rejected"),
		text.T("已上报", "delivered"), text.T("已确认", "acknowledged"), text.T("挂起", "held"), text.T("被拒", "refused"), text.T("不适用", "not applicable"), text.T("待报", "pending"), text.T("不一致", "diverged"),
		text.T("缺失", "missing"), text.T("被改", "altered"), text.T("已清理", "cleared"), text.T("多出", "extra")}
)

func reconcileHeadings(source bool) []text.Text {
	if !source {
		return slices.Concat(lineHeadings, ledgerHeadings)
	}
	return slices.Concat(lineHeadings, sourceHeadings, ledgerHeadings)
}

// notAsked stands for a number that nobody knows.
const notAsked = "—"

func reconcileCells(l *reconcile.Line, source bool) []string {
	cells := []string{l.Day, l.Source, l.Subject, l.Receiver}
	if s := l.AtSource; source && s != nil {
		cells = append(cells, counts(s.Rows, s.LeftOut, s.Waiting, s.Uncollected, s.Outdated, s.Gone)...)
	} else if source {
		cells = append(cells, slices.Repeat([]string{notAsked}, len(sourceHeadings))...)
	}
	return append(cells, counts(l.Collected, l.Rejected, l.Delivered, l.Acknowledged, l.Held, l.Refused, l.NotApplicable, l.Pending, l.Diverged, l.Missing, l.Altered, l.Cleared, l.Extra)...)
}

func counts(list ...int64) []string {
	cells := make([]string, len(list))
	for i, n := range list {
		cells[i] = count(n)
	}
	return cells
}

var differenceHeadings = []text.Text{text.T("差异", "difference"), text.T("接收方", "receiver"), text.T("主题", "subject"), text.T("表", "table"), text.T("部门系统", "department"), text.T("标识", "key"),
	text.T("row_guid", "row_guid"), text.T("上报版本", "version delivered"), text.T("批次", "batch"), text.T("上报时间", "delivered at"),
	text.T("清单中的行", "row of the list"), text.T("不同的列", "columns that differ")}

var differenceWords = map[string]text.Text{
	reconcile.Missing: text.T("缺失", "missing"),
	reconcile.Altered: text.T("被改", "altered"),
	reconcile.Extra:   text.T("多出", "extra"),

	reconcile.Unannounced: text.T("没收到", "not announced"),
	reconcile.Uncollected: text.T("漏归集", "uncollected"),
	reconcile.Outdated:    text.T("已过时", "outdated"),
	reconcile.Gone:        text.T("来源已无", "gone"),
}

// differenceWord is the kind of a difference; what a pipeline keeps as agreed is none.
func differenceWord(d *reconcile.Difference, lang text.Lang) string {
	word := differenceWords[d.Kind].In(lang)
	if d.Agreed {
		word += text.T("（按约保留）", " (kept)").In(lang)
	}
	return word
}

func differenceCells(d *reconcile.Difference, lang text.Lang) []string {
	version, at := "", ""
	if d.Version > 0 {
		version = count(int64(d.Version))
	}
	if !d.At.IsZero() {
		at = d.At.Format(time.DateTime)
	}
	return []string{differenceWord(d, lang), d.Receiver, d.Subject, d.Table, d.Source, strings.Join(d.Key, " / "), d.GUID, version, d.Batch, at, d.Where, strings.Join(d.Fields, ", ")}
}

func inEach(lang text.Lang, list []text.Text) []string {
	words := make([]string, len(list))
	for i, t := range list {
		words[i] = t.In(lang)
	}
	return words
}

// printReconcile tells the lines, those of several days added up unless they are wanted one
// by one, and the differences; with --json the whole report as one object.
func (a *app) printReconcile(r *reconcile.Report, f *reconcileFlags) error {
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	for _, n := range r.Numbers {
		a.say(text.F("%[1]s 的清单 %[2]s：%[3]d 行，已收到 %[4]d，没收到 %[5]d，已记入待取 %[6]d", "%[1]s, list %[2]s: %[3]d rows, %[4]d came, %[5]d did not, %[6]d of these entered to be fetched", n.Platform, n.File, n.Listed, n.Known, n.Missing, n.Entered))
	}
	if len(r.Lines) == 0 && len(r.Numbers) == 0 {
		a.note(text.T("没有可对的记录", "nothing to compare"))
	} else if len(r.Lines) > 0 {
		t := table{out: a.out}
		t.row(inEach(a.lang, reconcileHeadings(f.source))...)
		lines := r.Lines
		if !f.daily && f.day == "" {
			lines = reconcile.Total(lines)
		}
		for i := range lines {
			t.row(reconcileCells(&lines[i], f.source)...)
		}
		t.print()
	}
	for _, s := range r.Timely {
		a.say(text.F("24 小时内上报：%[1]s → %[2]s %.1[3]f%%（%[4]d / %[5]d）", "delivered within 24 h: %[1]s → %[2]s %.1[3]f%% (%[4]d of %[5]d)", s.Source, s.Receiver, s.Share*100, s.Within, s.Accepts))
	}
	if len(r.Differences) > 0 {
		fmt.Fprintln(a.out)
		t := table{out: a.out}
		t.row(inEach(a.lang, differenceHeadings)...)
		for i := range r.Differences {
			t.row(differenceCells(&r.Differences[i], a.lang)...)
		}
		t.print()
	}
	if r.More > 0 {
		a.say(text.F("另有 %d 条差异没有点名：用 --named 放宽，或按天、按接收方分开对", "%d more differences are not named: raise --named, or reconcile by day or receiver", r.More))
	}
	for i := range r.Unasked {
		u := &r.Unasked[i]
		a.note(text.F("%[1]s 没有问：%[2]s", "%[1]s was not asked: %[2]s", u.Pipeline+u.Receiver, u.Said))
	}
	switch {
	case r.Differs():
		a.note(text.T("账不平", "the sides differ"))
	case failedToAsk(r):
		a.note(text.T("没有都问到，账不能算平", "not all could be asked: nobody can say that the sides agree"))
	case len(r.Lines)+len(r.Numbers) > 0:
		a.note(text.T("账平", "the sides agree"))
	}
	if f.out != "" {
		a.note(text.F("已写入 %s", "written to %s", f.out))
	}
	return nil
}

// reconcilePages is the report as a workbook.
func reconcilePages(r *reconcile.Report, source bool, lang text.Lang, now time.Time) []workbook.Page {
	lines := workbook.Page{Name: text.T("对账", "reconciliation").In(lang), Widths: []float64{12, 16, 22, 14, 10}, Frozen: 2, Print: true, Rows: [][]workbook.Cell{
		workbook.Row(workbook.Bold, text.F("对账时间 %s", "reconciled at %s", now.Format(time.DateTime)).In(lang)), workbook.Row(workbook.Heading, inEach(lang, reconcileHeadings(source))...)}}
	for i := range r.Lines {
		lines.Rows = append(lines.Rows, workbook.Row(workbook.Plain, reconcileCells(&r.Lines[i], source)...))
	}
	differences := workbook.Page{Name: text.T("差异", "differences").In(lang), Widths: []float64{10, 14, 22, 22, 16, 36, 38, 10, 34, 20, 26}, Frozen: 1, Print: true,
		Rows: [][]workbook.Cell{workbook.Row(workbook.Heading, inEach(lang, differenceHeadings)...)}}
	for i := range r.Differences {
		differences.Rows = append(differences.Rows, workbook.Row(workbook.Text, differenceCells(&r.Differences[i], lang)...))
	}
	if r.More > 0 {
		differences.Rows = append(differences.Rows, workbook.Row(workbook.Bold, text.F("另有 %d 条", "%d more", r.More).In(lang)))
	}
	timely := workbook.Page{Name: text.T("24小时上报率", "delivered within 24 h").In(lang), Widths: []float64{20}, Frozen: 1, Rows: [][]workbook.Cell{
		workbook.Row(workbook.Heading, inEach(lang, []text.Text{text.T("部门系统", "department"), text.T("接收方", "receiver"), text.T("应报受理", "accepts due"), text.T("24 小时内", "within 24 h"), text.T("比例", "share")})...)}}
	for _, s := range r.Timely {
		timely.Rows = append(timely.Rows, workbook.Row(workbook.Plain, s.Source, s.Receiver, count(s.Accepts), count(s.Within), fmt.Sprintf("%.1f%%", s.Share*100)))
	}
	pages := []workbook.Page{lines, differences, timely}
	if len(r.Unasked) == 0 {
		return pages
	}
	unasked := workbook.Page{Name: text.T("没有问", "not asked").In(lang), Widths: []float64{24, 90}, Frozen: 1, Rows: [][]workbook.Cell{
		workbook.Row(workbook.Heading, inEach(lang, []text.Text{text.T("管道或接收方", "pipeline or receiver"), text.T("为什么", "why")})...)}}
	for i := range r.Unasked {
		u := &r.Unasked[i]
		unasked.Rows = append(unasked.Rows, workbook.Row(workbook.Plain, u.Pipeline+u.Receiver, u.Said))
	}
	return append(pages, unasked)
}
