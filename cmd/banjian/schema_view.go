package main

import (
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/nearest"
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
				known := cat.SubjectNames(schemas.DepartmentGroups...)
				return nearest.None("种记录", "subject", args[0], known, text.F("有 %s", "there are %s", strings.Join(known, ", ")))
			}
			script, err := s.View(dialect, cat)
			if err != nil {
				return err
			}
			return a.script(script, map[string]any{"subject": s.Name, "dialect": dialect, "view": script})
		},
	}
	c.Flags().StringVar(&dialect, "dialect", "mysql", strings.Join(schemas.ViewDialects, " | "))
	return c
}
