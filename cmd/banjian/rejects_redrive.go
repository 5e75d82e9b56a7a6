package main

import (
	"errors"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

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
