package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

// redriveCommand gives refused rows and records another try: what refused them was
// mended, and their rows did not change. Rows refused at collection are mapped again from
// what was kept of them; what a receiver refused is offered to it once more.
func (a *app) redriveCommand() *cobra.Command {
	var receiver, rule, pipeline string
	c := &cobra.Command{
		Use:   "redrive",
		Short: a.t("重推：映射改好后重新映射问题数据；接收方改好后再报一次", "try again: rejects once a mapping is mended, refused records once a receiver is"),
		Example: "  banjian rejects redrive\n  banjian rejects redrive --pipeline provident-fund-accept --rule unmapped_code\n" +
			"  banjian rejects redrive --receiver national --rule receiver_refused",
		Args: a.exactly(0, text.T("rejects redrive 不带参数", "rejects redrive takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case receiver == "":
				return a.remapRefused(cmd.Context(), pipeline, rule)
			case pipeline != "":
				return usageError{errors.New(a.t("--pipeline 与 --receiver 不能同用", "--pipeline and --receiver exclude each other"))}
			}
			return a.offerAgain(cmd.Context(), receiver, rule)
		},
	}
	c.Flags().StringVar(&receiver, "receiver", "", a.t("再报这个接收方退回的记录（下次运行时）", "offer what this receiver refused once more, at the next run"))
	c.Flags().StringVar(&pipeline, "pipeline", "", a.t("只限这个管道的问题数据", "the rejects of this pipeline only"))
	c.Flags().StringVar(&rule, "rule", "", a.t("只限因这条规则退回的", "only those refused by this rule"))
	return c
}

// offerAgain marks what a receiver refused for its next delivery.
func (a *app) offerAgain(ctx context.Context, receiver, rule string) error {
	return a.withLedger(ctx, func(h *house, store ledger.Store) error {
		if err := h.mustHave(a, receiver); err != nil {
			return err
		}
		if err := (&rejectFilter{rules: nonEmpty(rule)}).checkNames(ctx, h, store); err != nil {
			return err
		}
		n, err := store.Redrive(ctx, receiver, rule)
		if err != nil {
			return err
		}
		return a.done(text.F("%d 条记录将在下次运行时重新上报", "%d record{|s} will be tried again at the next run", n), map[string]any{"receiver": receiver, "records": n})
	})
}

// remapRefused maps the kept rows behind open rejects again and delivers what passes.
func (a *app) remapRefused(ctx context.Context, pipeline, rule string) error {
	var names []string
	err := a.withLedger(ctx, func(h *house, store ledger.Store) error {
		specs, err := h.pipelinesOf(nonEmpty(pipeline))
		if err != nil {
			return err
		}
		if err := (&rejectFilter{rules: nonEmpty(rule)}).checkNames(ctx, h, store); err != nil {
			return err
		}
		for _, s := range specs {
			open, err := store.OpenRejects(ctx, s.Pipeline)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(open, func(r ledger.Reject) bool { return rule == "" || r.Rule == rule }) {
				names = append(names, s.Pipeline)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(names) == 0 {
		a.note(text.T("没有符合条件的问题数据", "no such rejects"))
		return nil
	}
	return a.withHouse(func(h *house) error {
		return a.run(ctx, h, names, runOptions{remap: true, refused: true, rule: rule, failOn: "new"})
	})
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
