package main

import (
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) receiversResumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "resume R",
		Short:   a.t("恢复一个暂停的、或因连续失败而断路的接收方", "feed a receiver again that is paused, or left alone after failures"),
		Example: "  banjian receivers resume national",
		Args:    a.oneReceiver(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if err := a.mustHave(h, args[0]); err != nil {
					return err
				}
				paused, broken := false, false
				err := store.SetReceiverState(cmd.Context(), args[0], func(s *ledger.ReceiverState) {
					paused = !s.PausedAt.IsZero()
					broken = !s.Break.At.IsZero()
					s.PausedAt, s.PausedWhy, s.Break = time.Time{}, "", ledger.Break{}
				})
				if err != nil {
					return err
				}
				if !paused && !broken {
					return a.done(text.F("接收方 %s 没有暂停", "receiver %s was not paused", args[0]), map[string]any{"receiver": args[0], "paused": false, "was_paused": false})
				}
				a.log().Info("receiver resumed", "receiver", args[0], "by", whoami())
				return a.done(text.F("接收方 %s 已恢复，下次运行时补报", "receiver %s goes on; the next run brings what waited", args[0]), map[string]any{"receiver": args[0], "paused": false, "was_paused": paused, "was_left_alone": broken})
			})
		},
	}
}
