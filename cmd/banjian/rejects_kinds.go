package main

import (
	"encoding/json"

	"banjian/internal/text"
	"banjian/ledger"
)

// kindLine is a kind of rejects as scripts read it.
type kindLine struct {
	Pipeline string   `json:"pipeline"`
	Receiver string   `json:"receiver,omitempty"`
	Subject  string   `json:"subject"`
	Field    string   `json:"field"`
	Also     []string `json:"also,omitempty"`
	Rule     string   `json:"rule"`
	Count    int64    `json:"count"`
	First    []string `json:"first"`  // key of the first one
	Reason   string   `json:"reason"` // of the first one
}

func (a *app) kindLines(h *house, kinds []ledger.RejectKind) []kindLine {
	lines := make([]kindLine, len(kinds))
	for i := range kinds {
		r := &kinds[i].First
		lines[i] = kindLine{r.Pipeline, r.Receiver, r.Subject, r.Field, r.Also, r.Rule, kinds[i].Count, ledger.DecodeKey(r.Key), h.RuleText(r.Pipeline, r.Rule, r.Args).In(a.lang)}
	}
	return lines
}

// listKinds prints kinds of rejects, one a line.
func (a *app) listKinds(h *house, kinds []ledger.RejectKind) error {
	lines := a.kindLines(h, kinds)
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for _, l := range lines {
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		return nil
	}
	if len(lines) == 0 {
		a.note(text.T("没有符合条件的问题数据", "no such rejects"))
		return nil
	}
	a.printKinds(h, lines, kinds)
	return nil
}

// printKinds says of each kind the reason, or of which row it is, where others differ.
func (a *app) printKinds(h *house, lines []kindLine, kinds []ledger.RejectKind) {
	w := &table{out: a.out}
	w.heading(a.t("条数\t管道\t字段\t规则\t例如\t原因", "count\tpipeline\tfield\trule\tfor example\treason"))
	for i, l := range lines {
		where, reason := l.Pipeline, l.Reason
		if l.Receiver != "" {
			where += " → " + l.Receiver
		}
		if !kinds[i].Args {
			reason = a.t("如：", "such as: ") + reason
		}
		w.row(count(l.Count), where, (&rejectLine{Receiver: l.Receiver, Subject: l.Subject, Field: l.Field, Also: l.Also}).fields(h, a.lang), l.Rule, joined(l.First), reason)
	}
	w.print()
}

// printRefused says what a dry run would have refused.
func (a *app) printRefused(h *house, sums []summary) {
	for i := range sums {
		s := &sums[i]
		if len(s.refused) == 0 || a.json {
			continue
		}
		a.note(text.F("%s 会有的问题数据（试跑，没有存下）：", "rejects there would be of %s (a dry run, nothing was stored):", s.Pipeline))
		a.printKinds(h, s.Refused, s.refused)
	}
}
