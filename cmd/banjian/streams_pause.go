package main

import (
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) streamsPauseCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "pause P",
		Short:   a.t("暂停一条持续管道：消息留在 Kafka 里", "leave a continuous pipeline alone: messages wait in Kafka"),
		Example: "  banjian streams pause gjj-materials",
		Args:    a.oneStream(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if _, err := a.stream(h, args[0]); err != nil {
					return err
				}
				if err := ledger.Pause(cmd.Context(), store, args[0], time.Now()); err != nil {
					return err
				}
				a.log().Info("stream paused", "pipeline", args[0], "by", whoami())
				a.say(text.F("持续管道 %s 已暂停；正在运行的 serve 几秒内停下", "continuous pipeline %s is paused; a running serve stops it within seconds", args[0]))
				return nil
			})
		},
	}
}

func (a *app) streamsResumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "resume P",
		Short:   a.t("恢复一条暂停的持续管道", "go on with a paused continuous pipeline"),
		Example: "  banjian streams resume gjj-materials",
		Args:    a.oneStream(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if _, err := a.stream(h, args[0]); err != nil {
					return err
				}
				if err := ledger.Resume(cmd.Context(), store, args[0]); err != nil {
					return err
				}
				a.log().Info("stream resumed", "pipeline", args[0], "by", whoami())
				a.say(text.F("持续管道 %s 已恢复，从停下的地方继续", "continuous pipeline %s goes on from where it stopped", args[0]))
				return nil
			})
		},
	}
}
