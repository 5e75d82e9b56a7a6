package main

import (
	"github.com/spf13/cobra"

	"banjian/schemas"
)

func (a *app) itemCommand() *cobra.Command {
	c := &cobra.Command{Use: "item", Short: a.t("事项编码", "item codes")}
	c.AddCommand(&cobra.Command{
		Use:     "check [FILE|-]",
		Short:   a.t("逐行检查事项编码：编码⇥种类⇥结论⇥原因", "judge item codes, one a line: code⇥kind⇥verdict⇥reason"),
		Example: "  printf '11450721MB155808114000104002000\\n' | banjian item check",
		Args:    a.fileArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.judge(args, cmd.InOrStdin(), func(line string) (schemas.Verdict, error) { return schemas.JudgeItem(line), nil })
		},
	}, a.itemExplainCommand(), a.itemImportCommand())
	return c
}
