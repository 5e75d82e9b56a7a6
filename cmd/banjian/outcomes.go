package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) outcomesCommand() *cobra.Command {
	c := &cobra.Command{Use: "outcomes", Short: a.t("结果不明：推送了却不知道收下没有的，由人认定", "calls of which nobody knows whether they arrived, for a person to settle")}
	c.AddCommand(a.outcomesListCommand(), a.outcomesSettleCommand())
	return c
}

// outcomeText is how it stands with an outcome, in words.
func outcomeText(s ledger.OutcomeState) text.Text {
	switch s {
	case ledger.OutcomeCalling:
		return text.T("正在推送，或推送中断", "being called, or broken off")
	case ledger.OutcomeOpen:
		return text.T("还没有结果，会自己再试", "open, tried again by itself")
	case ledger.OutcomeUnknown:
		return text.T("结果不明，等人认定", "unknown, for a person")
	case ledger.OutcomeAgain:
		return text.T("再推送", "to be sent again")
	case ledger.OutcomeArrived:
		return text.T("已收到", "it arrived")
	case ledger.OutcomeGivenUp:
		return text.T("已放弃", "given up")
	}
	return text.T(string(s), string(s))
}

func (a *app) outcomeState(s ledger.OutcomeState) string { return outcomeText(s).In(a.lang) }

// unanswered tells of calls for a record that have no answer, and of what people said.
func (p *caseAtPeer) unanswered(ctx context.Context, a *app, store ledger.Outcomes, rec int64) error {
	for _, decided := range []bool{true, false} {
		list, err := store.Outcomes(ctx, ledger.OutcomeQuery{Receiver: p.Receiver, Recs: []int64{rec}, Decided: decided})
		if err != nil {
			return err
		}
		for i := range list {
			p.Outcomes = append(p.Outcomes, a.outcomeLine(&list[i]))
		}
	}
	return nil
}

func (a *app) printUnanswered(list []outcomeLine, zone *time.Location) {
	for i := range list {
		o := &list[i]
		said := fmt.Sprintf(a.t("第 %d 版 %s  自 %s：%s（编号 %d）", "version %d %s  since %s: %s (outcome %d)"), o.Version, a.outcomeState(ledger.OutcomeState(o.State)), shortTime(o.Since, zone), o.Why, o.ID)
		if o.Decided != "" {
			at, _ := time.Parse(time.RFC3339, o.Decided) // as it was written a moment ago
			said = fmt.Sprintf(a.t("第 %d 版 %s 认定 %s 于 %s：%s", "version %d: %s settled it as %s %s: %s"), o.Version, o.Who, a.outcomeState(ledger.OutcomeState(o.State)), shortTime(at, zone), o.Said)
		}
		fmt.Fprintf(a.out, "      %s\n", said)
	}
}
