package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"banjian/schemas"
)

func (a *app) idCommand() *cobra.Command {
	var kind string
	kinds := strings.Join(schemas.IDKinds(), " | ")
	c := &cobra.Command{Use: "id", Short: a.t("证件号码与统一社会信用代码", "identity numbers and credit codes")}
	check := &cobra.Command{
		Use:     "check --kind KIND [FILE|-]",
		Short:   a.t("逐行检查：号码⇥种类⇥结论⇥原因", "judge numbers, one a line: number⇥kind⇥verdict⇥reason"),
		Example: "  printf '440308199901101512\\n' | banjian id check --kind resident_id",
		Args:    a.fileArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := schemas.JudgeID(kind, ""); err != nil {
				return usageError{errors.New(a.t("--kind 须为 ", "--kind is one of ") + kinds)}
			}
			return a.judge(args, cmd.InOrStdin(), func(line string) (schemas.Verdict, error) { return schemas.JudgeID(kind, line) })
		},
	}
	check.Flags().StringVar(&kind, "kind", "", kinds)
	c.AddCommand(check)
	return c
}
