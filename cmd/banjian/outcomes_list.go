package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

// outcomeLine is an outcome as scripts read it.
type outcomeLine struct {
	ID       int64     `json:"id"`
	Receiver string    `json:"receiver"`
	Subject  string    `json:"subject"`
	Source   string    `json:"source"`
	Key      []string  `json:"key"`
	Version  uint32    `json:"version"`
	Batch    string    `json:"batch"`
	State    string    `json:"state"`
	Since    time.Time `json:"since"`
	Tries    int       `json:"tries"`
	Why      string    `json:"why"`
	Who      string    `json:"who,omitempty"`
	Said     string    `json:"said,omitempty"`
	Decided  string    `json:"decided,omitempty"`
}

func (a *app) outcomesListCommand() *cobra.Command {
	var receiver string
	var decided bool
	c := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出还没有结果的推送，最久的在前；--decided 看人认定过的", "list calls without an outcome, oldest first; --decided those that people settled"),
		Example: "  banjian outcomes list --receiver platform\n  banjian outcomes list --decided --json",
		Args:    a.exactly(0, text.T("outcomes list 不带参数", "outcomes list takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if receiver != "" {
					if err := a.mustHave(h, receiver); err != nil {
						return err
					}
				}
				return a.listOutcomes(cmd.Context(), h, store, ledger.OutcomeQuery{Receiver: receiver, Decided: decided}, time.Now())
			})
		},
	}
	c.Flags().StringVar(&receiver, "receiver", "", a.t("只看这个接收方", "this receiver only"))
	c.Flags().BoolVar(&decided, "decided", false, a.t("人认定过的：谁、何时、怎么说", "those that people settled: who, when, in which words"))
	return c
}

func (a *app) listOutcomes(ctx context.Context, h *house, store ledger.Outcomes, q ledger.OutcomeQuery, now time.Time) error {
	list, err := store.Outcomes(ctx, q)
	if err != nil {
		return err
	}
	nothing := text.T("没有结果不明的推送", "no outcome is open")
	if q.Decided {
		nothing = text.T("还没有人认定过", "nobody has settled any")
	}
	err = a.list(&listing{
		n:       len(list),
		none:    nothing,
		heading: a.t("编号\t接收方\t主题\t键\t版本\t状态\t自\t已等\t为什么", "id\treceiver\tsubject\tkey\tversion\tstate\tsince\tfor\twhy"),
		line:    func(i int) any { return a.outcomeLine(&list[i]) },
		row: func(i int) []string {
			o := &list[i]
			why := o.Why.What.In(a.lang)
			if q.Decided {
				why = o.Who + " " + shortTime(o.Decided, h.Zone())
				if o.Said != "" {
					why += a.t("：", ": ") + o.Said
				}
			}
			return []string{fmt.Sprint(o.ID), o.Receiver, o.Stream.Subject, joined(ledger.DecodeKey(o.Key)), fmt.Sprint(o.Version), a.outcomeState(o.State), shortTime(o.Since, h.Zone()), a.since(o.Since, now), why}
		},
	})
	if err == nil && len(list) > 0 && !q.Decided && !a.json {
		a.note(text.T("与接收方核对后：banjian outcomes settle 编号 --arrived（已收到）、--again（没收到，再推送）或 --give-up（放弃这一版）；写批次号就是整批",
			"once it is known: banjian outcomes settle ID with --arrived, --again (it did not: send it again) or --give-up (this version); the number of a batch stands for all of it"))
	}
	return err
}

func (a *app) outcomeLine(o *ledger.Outcome) outcomeLine {
	return outcomeLine{ID: o.ID, Receiver: o.Receiver, Subject: o.Stream.Subject, Source: o.Stream.Source, Key: ledger.DecodeKey(o.Key), Version: o.Version, Batch: o.Batch,
		State: string(o.State), Since: o.Since, Tries: o.Tries, Why: o.Why.What.In(a.lang), Who: o.Who, Said: o.Said, Decided: rfc3339(o.Decided)}
}
