package main

import (
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) receiversPauseCommand() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use:     "pause R",
		Short:   a.t("暂停一个接收方：记录留在台账里待报", "leave a receiver alone: records wait in the ledger"),
		Example: "  banjian receivers pause national --why 对方升级",
		Args:    a.oneReceiver(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if err := a.mustHave(h, args[0]); err != nil {
					return err
				}
				if err := store.SetReceiverState(cmd.Context(), args[0], func(s *ledger.ReceiverState) { pause(s, why) }); err != nil {
					return err
				}
				a.log().Info("receiver paused", "receiver", args[0], "by", whoami())
				return a.done(text.F("接收方 %s 已暂停；正在进行的上报在下一条或下一批停下", "receiver %s is paused; a delivery under way ends at the next record or batch", args[0]), map[string]any{"receiver": args[0], "paused": true})
			})
		},
	}
	c.Flags().StringVar(&why, "why", "", a.t("为什么", "why"))
	return c
}

// pause keeps the beginning of a pause that is on already.
func pause(s *ledger.ReceiverState, why string) {
	if s.PausedAt.IsZero() {
		s.PausedAt = time.Now()
	}
	if why != "" {
		s.PausedWhy = why
	}
}
