package main

import (
	"github.com/spf13/cobra"
)

func (a *app) attachmentsCommand() *cobra.Command {
	c := &cobra.Command{Use: "attachments", Short: a.t("附件：哪些还欠着，存下的是否齐全", "attachments: which are owed, and whether those kept are whole")}
	c.AddCommand(a.attachmentsListCommand(), a.attachmentsCheckCommand())
	return c
}
