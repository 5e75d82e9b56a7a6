package main

import "github.com/spf13/cobra"

func (a *app) schemaCommand() *cobra.Command {
	c := &cobra.Command{Use: "schema", Short: a.t("编辑器用的 JSON Schema、接收方的表、给部门的视图脚本", "JSON Schemas for editors, a receiver's tables, view scripts for a department")}
	c.AddCommand(a.schemaDDLCommand(), a.schemaViewCommand())
	c.AddCommand(a.schemaJSONCommands()...)
	return c
}
