package main

import (
	"context"
	"errors"
	"slices"

	"banjian/cmd/internal/wiring"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// redriveCommand gives refused rows and records another try: what refused them was
// mended, and their rows did not change. Rows refused at collection are mapped again from
// what was kept of them; what a receiver refused is offered to it once more.
func (a *app) redriveCommand() *cobra.Command {
	var receiver, rule, pipeline string
	var reread bool
	c := &cobra.Command{
		Use:   "redrive",
		Short: a.t("重推：映射改好后重新映射问题数据；接收方改好后再报一次", "try again: rejects once a mapping is mended, refused records once a receiver is"),
		Example: "  banjian rejects redrive\n  banjian rejects redrive --pipeline provident-fund-accept --rule unmapped_code\n" +
			"  banjian rejects redrive --reread --pipeline provident-fund-accept\n" +
			"  banjian rejects redrive --receiver national --rule receiver_refused",
		Args: a.exactly(0, text.T("rejects redrive 不带参数", "rejects redrive takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case receiver == "":
				return a.remapRefused(cmd.Context(), pipeline, rule, reread)
			case pipeline != "":
				return usageError{errors.New(a.t("--pipeline 与 --receiver 不能同用", "--pipeline and --receiver exclude each other"))}
			case reread:
				return usageError{errors.New(a.t("--reread 与 --receiver 不能同用：接收方退回的记录不用再问部门", "--reread and --receiver exclude each other: for what a receiver refused no department is asked"))}
			}
			return a.offerAgain(cmd.Context(), receiver, rule)
		},
	}
	c.Flags().StringVar(&receiver, "receiver", "", a.t("再报这个接收方退回的记录（下次运行时）", "offer what this receiver refused once more, at the next run"))
	c.Flags().StringVar(&pipeline, "pipeline", "", a.t("只限这个管道的问题数据", "the rejects of this pipeline only"))
	c.Flags().BoolVar(&reread, "reread", false, a.t("向部门视图按键重读这些行（只读这些），部门改了却没动更新时间的也能收到", "ask the department's view for these rows again, by their keys and for no others: takes one that was mended though its time of change did not move"))
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

// remapRefused maps the rows behind open rejects again, as they were kept or as the
// departments have them now, and delivers what passes.
func (a *app) remapRefused(ctx context.Context, pipeline, rule string, reread bool) error {
	var names []string
	var cannot []pipelines.Spec
	err := a.withLedger(ctx, func(h *house, store ledger.Store) error {
		specs, err := h.Pipelines(nonEmpty(pipeline))
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
			switch {
			case !slices.ContainsFunc(open, func(r ledger.Reject) bool { return rule == "" || r.Rule == rule }):
			case reread && wiring.CheckReread(&s) != nil:
				cannot = append(cannot, s)
			default:
				names = append(names, s.Pipeline)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range cannot {
		if err := wiring.CheckReread(&cannot[i]); len(names) == 0 && i == len(cannot)-1 {
			return err
		} else {
			a.report(err)
		}
	}
	if len(names) == 0 {
		a.note(text.T("没有符合条件的问题数据", "no such rejects"))
		return nil
	}
	return a.withHouse(func(h *house) error {
		return a.run(ctx, h, names, runOptions{remap: !reread, refused: !reread, reread: reread, rule: rule, failOn: "new"})
	})
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
