package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) rejectsWaiveCommand() *cobra.Command {
	var f rejectFilter
	var why string
	c := &cobra.Command{
		Use:     "waive [ID…]",
		Short:   a.t("豁免：决定不再更正的问题数据，不再算未决；该行变了又不合格会重新出现", "decide that rejects will not be mended: they count as open no more, until the row changes and is refused again"),
		Example: "  banjian rejects waive 17 18 --why 历史数据，原件已销毁\n  banjian rejects waive --rule check_resident_id --department gjj-core --why 系统停用",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := a.rejectNumbers(args)
			if err != nil {
				return err
			}
			switch {
			case why == "":
				return usageError{errors.New(a.t("用 --why 写明理由", "say why with --why"))}
			case (len(ids) > 0) == f.narrow():
				return usageError{errors.New(a.t("写出编号，或用 --rule 等选项选出，二者取一", "give numbers, or choose with --rule and the like, one of the two"))}
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.waive(cmd.Context(), h, store, ids, f, why) })
		},
	}
	f.flags(a, c)
	c.Flags().StringVar(&why, "why", "", a.t("理由（必填）", "why (required)"))
	return c
}

func (a *app) waive(ctx context.Context, h *house, store ledger.Reports, ids []int64, f rejectFilter, why string) error {
	if err := a.mustHaveRejects(ctx, store, ids); err != nil {
		return err
	}
	if len(ids) == 0 {
		f.state = "open"
		list, err := a.selectRejects(ctx, h, store, f)
		if err != nil {
			return err
		}
		for i := range list {
			ids = append(ids, list[i].ID)
		}
	}
	who := whoami()
	n, err := store.Waive(ctx, ids, who, why)
	if err != nil {
		return err
	}
	a.log().Info("rejects waived", "count", n, "by", who)
	missing := int64(len(ids)) - n
	if err := a.done(text.F("已豁免 %d 条（%s）", "waived: %d (by %s)", n, who), map[string]any{"waived": n, "not_open": missing, "by": who}); err != nil {
		return err
	}
	if missing > 0 {
		a.note(text.F("%d 条不是未决的，没有动", "%d {is|are} not open and {stays|stay} as {it is|they are}", missing))
	}
	return nil
}

// mustHaveRejects refuses numbers that no reject has.
func (a *app) mustHaveRejects(ctx context.Context, store ledger.Reports, ids []int64) error {
	var found fault.List
	for _, id := range ids {
		list, err := store.Rejects(ctx, ledger.RejectQuery{ID: id, Limit: 1})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			found.Add(noReject(id))
		}
	}
	return found.Err()
}
