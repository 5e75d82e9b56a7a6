package main

import "github.com/spf13/cobra"

func (a *app) verificationCommand() *cobra.Command {
	c := &cobra.Command{Use: "verification", Short: a.t("核验：什么在等核验，试问一个服务，网关模拟器", "verifying: what waits for it, asking a service, a simulator of a gateway")}
	c.AddCommand(a.verificationListCommand(), a.verificationAskCommand(), a.verificationServeCommand())
	return c
}
