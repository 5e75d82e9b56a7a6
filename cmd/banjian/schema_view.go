package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) schemaViewCommand() *cobra.Command {
	var dialect string
	c := &cobra.Command{
		Use:   "view SUBJECT",
		Short: a.t("给部门 DBA 的建视图脚本和只读账号授权", "CREATE VIEW skeleton and a read-only account, for a department's DBA"),
		Example: "  banjian schema view case/accept --dialect mysql\n" +
			"  banjian schema view case/result --dialect oracle > result.sql",
		Args: a.exactly(1, text.T("写出一种记录，如 case/accept", "name one subject, such as case/accept")),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := a.anyCatalog()
			if err != nil {
				return err
			}
			s, ok := cat.Subject(args[0])
			if !ok {
				s, ok = cat.Subject("case/" + args[0])
			}
			if !ok {
				return usageError{fmt.Errorf(a.t("没有这种记录；有 %s", "there is no such subject; there are %s"), strings.Join(cat.SubjectNames(schemas.DepartmentGroups...), ", "))}
			}
			script, err := s.View(dialect, cat)
			if err != nil {
				return err
			}
			fmt.Fprint(a.out, script)
			return nil
		},
	}
	c.Flags().StringVar(&dialect, "dialect", "mysql", strings.Join(schemas.ViewDialects, " | "))
	return c
}
