package main

import (
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) schemaDDLCommand() *cobra.Command {
	var dialect, layout string
	c := &cobra.Command{
		Use:   "ddl NAME",
		Short: a.t("接收方表的建表语句", "DDL of a receiver's table"),
		Example: "  banjian schema ddl up_pro_accept --dialect mysql\n" +
			"  banjian schema ddl up_task_general_basic --dialect oracle --layout 2018 > basics.sql",
		Args: a.exactly(1, text.T("写出一张表，如 up_pro_accept", "name one table, such as up_pro_accept")),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := schemas.Load()
			if err != nil {
				return err
			}
			t, ok := cat.Table(args[0])
			if !ok {
				return nearest.None("张表", "table", args[0], cat.TableNames(), text.F("有 %s", "there are %s", strings.Join(cat.TableNames(), ", ")))
			}
			write := func() (string, error) { return t.DDLOf(dialect, layout) }
			if layout == "" {
				write = func() (string, error) { return t.DDL(dialect) }
			}
			sql, err := write()
			if err != nil {
				return err
			}
			return a.script(strings.TrimRight(sql, "\n")+"\n", map[string]any{"table": t.Name, "dialect": dialect, "ddl": sql})
		},
	}
	c.Flags().StringVar(&dialect, "dialect", "mysql", strings.Join(schemas.DDLDialects, " | "))
	c.Flags().StringVar(&layout, "layout", "", a.t("列名按哪一版写：2018 | 2020（默认最新）", "spelling of which layout: 2018 | 2020 (default: the newest)"))
	return c
}
