package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) schemaDDLCommand() *cobra.Command {
	var dialect string
	c := &cobra.Command{
		Use:     "ddl NAME",
		Short:   a.t("接收方表的建表语句", "DDL of a receiver's table"),
		Example: "  banjian schema ddl up_pro_accept --dialect mysql",
		Args:    a.exactly(1, text.T("写出一张表，如 up_pro_accept", "name one table, such as up_pro_accept")),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := schemas.Load()
			if err != nil {
				return err
			}
			t, ok := cat.Table(args[0])
			if !ok {
				return usageError{fmt.Errorf(a.t("没有这张表；有 %s", "there is no such table; there are %s"), strings.Join(cat.TableNames(), ", "))}
			}
			sql, err := t.DDL(dialect)
			if err != nil {
				return usageError{err}
			}
			fmt.Fprintln(a.out, strings.TrimRight(sql, "\n"))
			return nil
		},
	}
	c.Flags().StringVar(&dialect, "dialect", "mysql", "mysql | sqlite")
	return c
}
