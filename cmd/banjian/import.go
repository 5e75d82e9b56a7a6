package main

import "github.com/spf13/cobra"

func (a *app) importCommand() *cobra.Command {
	c := &cobra.Command{Use: "import", Short: a.t("从别的程序搬来", "move in from another program")}
	c.AddCommand(a.importDataxCommand())
	return c
}
