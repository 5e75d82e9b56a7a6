package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) rejectsCommand() *cobra.Command {
	c := &cobra.Command{Use: "rejects", Short: a.t("问题数据：列出、查看、重推", "rejects: list, show, redrive")}
	var q ledger.RejectQuery
	list := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出未决的问题数据", "list open rejects"),
		Example: "  banjian rejects list --rule check_resident_id --lang zh",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.listRejects(cmd.Context(), h, store, q) })
		},
	}
	list.Flags().StringVar(&q.Rule, "rule", "", a.t("只看这条规则", "this rule only"))
	list.Flags().StringVar(&q.Pipeline, "pipeline", "", a.t("只看这个管道", "this pipeline only"))
	list.Flags().StringVar(&q.State, "state", "open", a.t("open 未决 | closed 已关闭", "open | closed"))
	list.Flags().IntVar(&q.Limit, "limit", 0, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	show := &cobra.Command{
		Use:     "show ID",
		Short:   a.t("一条问题数据的全部", "one reject in full"),
		Example: "  banjian rejects show 17",
		Args:    a.exactly(1, text.T("写出问题数据的编号", "give the reject's number")),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError{errors.New(a.t("编号是一个整数", "the number is an integer"))}
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.showReject(cmd.Context(), h, store, id) })
		},
	}
	c.AddCommand(list, show, a.redriveCommand())
	return c
}

// redriveCommand offers refused records to their receivers once more: what refused
// them was mended there, or in the mapping to them, and their rows did not change.
func (a *app) redriveCommand() *cobra.Command {
	var receiver, rule string
	c := &cobra.Command{
		Use:     "redrive",
		Short:   a.t("把接收方退回的记录再报一次（下次运行时）", "offer what receivers refused once more, at the next run"),
		Example: "  banjian rejects redrive --receiver national --rule receiver_refused",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if _, ok := h.site.Receivers[receiver]; !ok {
					return usageError{errors.New(a.t("用 --receiver 写出本站点的一个接收方", "name one of the site's receivers with --receiver"))}
				}
				n, err := store.Redrive(cmd.Context(), receiver, rule)
				if err == nil {
					a.say(text.F("%d 条记录将在下次运行时重新上报", "%d records will be tried again at the next run", n))
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&receiver, "receiver", "", a.t("接收方", "the receiver"))
	c.Flags().StringVar(&rule, "rule", "", a.t("只限因这条规则退回的", "only those refused by this rule"))
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
	Rule     string   `json:"rule"`
	Args     []string `json:"args,omitempty"`
	Reason   string   `json:"reason"`
	At       string   `json:"at"`
	State    string   `json:"state"`
}

func (a *app) rejectLine(h *house, r *ledger.Reject) rejectLine {
	return rejectLine{ID: r.ID, Pipeline: r.Pipeline, Receiver: r.Receiver, Subject: r.Subject, Key: ledger.DecodeKey(r.Key), Field: r.Field, Rule: r.Rule,
		Args: r.Args, Reason: h.ruleText(r.Pipeline, r.Rule, r.Args).In(a.lang), At: r.At.Format(time.RFC3339), State: r.State}
}

func (a *app) listRejects(ctx context.Context, h *house, store ledger.Reports, q ledger.RejectQuery) error {
	list, err := store.Rejects(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for i := range list {
			if err := enc.Encode(a.rejectLine(h, &list[i])); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		a.note(text.T("没有符合条件的问题数据", "no such rejects"))
		return nil
	}
	w := &table{out: a.out}
	w.heading(a.t("编号\t管道\t键\t字段\t规则\t原因", "id\tpipeline\tkey\tfield\trule\treason"))
	for i := range list {
		l := a.rejectLine(h, &list[i])
		w.row(count(l.ID), l.Pipeline, joined(l.Key), h.fieldTitle(l.Subject, l.Field, a.lang), l.Rule, l.Reason)
	}
	w.print()
	return nil
}

func (a *app) showReject(ctx context.Context, h *house, store ledger.Reports, id int64) error {
	list, err := store.Rejects(ctx, ledger.RejectQuery{ID: id})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return usageError{errors.New(a.t("没有这条问题数据", "there is no such reject"))}
	}
	r := &list[0]
	l := a.rejectLine(h, r)
	row, err := keptRow(ctx, store, r)
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(struct {
			rejectLine
			Source map[string]string `json:"source,omitempty"`
		}{l, maskedMap(row)})
	}
	fmt.Fprintf(a.out, "%s %d  %s\n", a.t("问题数据", "reject"), l.ID, a.rejectState(l.State))
	fmt.Fprintf(a.out, "%s: %s  %s  %s\n", a.t("管道", "pipeline"), l.Pipeline, joined(l.Key), l.At)
	fmt.Fprintf(a.out, "%s: %s (%s)\n", a.t("原因", "reason"), l.Reason, l.Rule)
	if l.Field != "" {
		fmt.Fprintf(a.out, "%s: %s\n", a.t("字段", "field"), h.fieldTitle(l.Subject, l.Field, a.lang))
	}
	for _, c := range row {
		fmt.Fprintf(a.out, "  %-12s %s\n", c.name, c.masked())
	}
	return nil
}

func (a *app) rejectState(s string) string {
	zh := map[string]string{"open": "未决", "closed": "已关闭"}
	if a.lang == text.ZH && zh[s] != "" {
		return zh[s]
	}
	return s
}
