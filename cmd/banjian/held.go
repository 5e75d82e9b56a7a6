package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) heldCommand() *cobra.Command {
	c := &cobra.Command{Use: "held", Short: a.t("挂起：什么在等什么", "held: what waits for what")}
	var q ledger.ExceptionQuery
	q.State = ledger.Held
	list := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出挂起的记录", "list held records"),
		Example: "  banjian held list --receiver national",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.listHeld(cmd.Context(), h, store, q) })
		},
	}
	list.Flags().StringVar(&q.Receiver, "receiver", "", a.t("只看这个接收方", "this receiver only"))
	list.Flags().StringVar(&q.Subject, "subject", "", a.t("只看这个主题", "this subject only"))
	list.Flags().IntVar(&q.Limit, "limit", 0, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	c.AddCommand(list)
	return c
}

func (a *app) listHeld(ctx context.Context, h *house, store ledger.Receivers, q ledger.ExceptionQuery) error {
	list, err := store.Exceptions(ctx, q)
	if err != nil {
		return err
	}
	q.State = ledger.Diverged // waits too, for a person
	diverged, err := store.Exceptions(ctx, q)
	if err != nil {
		return err
	}
	list = append(list, diverged...)
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for _, e := range list {
			if err := enc.Encode(map[string]any{"receiver": e.Receiver, "pipeline": e.Pipeline, "subject": e.Stream.Subject, "source": e.Stream.Source,
				"key": ledger.DecodeKey(e.Key), "state": string(e.State), "rule": e.Rule, "args": e.Args, "since": e.Since.Format(time.RFC3339), "reason": h.ruleText(e.Pipeline, e.Rule, e.Args).In(a.lang)}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		a.note(text.T("没有挂起的记录", "no held records"))
		return nil
	}
	w := &table{out: a.out}
	w.heading(a.t("接收方\t主题\t键\t状态\t自\t原因", "receiver\tsubject\tkey\tstate\tsince\treason"))
	for _, e := range list {
		w.row(e.Receiver, e.Stream.Subject, joined(ledger.DecodeKey(e.Key)), a.exceptionState(e.State), e.Since.In(h.zone).Format(time.DateTime), h.ruleText(e.Pipeline, e.Rule, e.Args).In(a.lang))
	}
	w.print()
	return nil
}
