package main

import (
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/rejects"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) rejectsCommand() *cobra.Command {
	c := &cobra.Command{Use: "rejects", Short: a.t("问题数据：列出、查看、导出、重推、豁免", "rejects: list, show, export, redrive, waive")}
	c.AddCommand(a.rejectsListCommand(), a.rejectsShowCommand(), a.rejectsExportCommand(), a.rejectsImportCommand(), a.redriveCommand(), a.rejectsWaiveCommand())
	return c
}

// rejectLine is a reject as people and scripts read it.
type rejectLine struct {
	ID       int64    `json:"id"`
	Pipeline string   `json:"pipeline"`
	Receiver string   `json:"receiver,omitempty"`
	Subject  string   `json:"subject"`
	Key      []string `json:"key"`
	Field    string   `json:"field"`
	Also     []string `json:"also,omitempty"`      // further fields that the rule refused
	From     []string `json:"canonical,omitempty"` // canonical fields that a receiver's field is made from
	Rule     string   `json:"rule"`
	Args     []string `json:"args,omitempty"`
	Reason   string   `json:"reason"`
	At       string   `json:"at"`
	State    string   `json:"state"`
	Blocks   int64    `json:"blocks"` // records of the case that wait for this acceptance
}

func (a *app) rejectLine(h *house, r *ledger.Reject) rejectLine {
	return rejectLine{ID: r.ID, Pipeline: r.Pipeline, Receiver: r.Receiver, Subject: r.Subject, Key: ledger.DecodeKey(r.Key), Field: r.Field, Also: r.Also, From: h.CanonicalFields(r.Receiver, r.Subject, r.Field), Rule: r.Rule,
		Args: r.Args, Reason: h.RuleText(r.Pipeline, r.Rule, r.Args).In(a.lang), At: r.At.Format(time.RFC3339), State: r.State}
}

// fields is what was refused as people call it; empty where it was the row.
func (l *rejectLine) fields(h *house, lang text.Lang) string {
	return rejects.Fields(h, &ledger.Reject{Receiver: l.Receiver, Subject: l.Subject, Field: l.Field, Also: l.Also}, lang)
}

func (a *app) rejectState(s string) string {
	zh := map[string]string{"open": "未决", "closed": "已关闭", ledger.Waived: "已豁免"}
	if a.lang == text.ZH && zh[s] != "" {
		return zh[s]
	}
	return s
}
