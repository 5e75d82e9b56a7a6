package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/codesheet"
	"banjian/internal/text"
	"banjian/schemas"
)

func (a *app) codesExportCommand() *cobra.Command {
	var profile, out string
	c := &cobra.Command{
		Use:   "export [SET…] --out FILE",
		Short: a.t("把代码集或代码对照导成表格，交部门核对（xlsx 或 csv）", "code sets or code tables as a table for a department to check (xlsx or csv)"),
		Example: "  banjian codes export result channel --out 代码集.xlsx\n" +
			"  banjian codes export --profile ea-jc --out ea-jc.xlsx\n" +
			"  banjian codes export result --profile ea-jc --out result.csv",
		RunE: func(_ *cobra.Command, args []string) error {
			ext := strings.ToLower(filepath.Ext(out))
			if ext != ".xlsx" && ext != ".csv" {
				return usageError{errors.New(a.t("用 --out 写出 .xlsx 或 .csv 文件", "name an .xlsx or .csv file with --out"))}
			}
			cat, _, err := a.codeCatalog()
			if err != nil {
				return err
			}
			sheets, err := a.codeSheets(cat, profile, args)
			if err != nil {
				return err
			}
			if ext == ".csv" && len(sheets) > 1 {
				return usageError{errors.New(a.t("csv 只放一张表：写一个代码集，或用 xlsx", "a csv holds one table: name one set, or use xlsx"))}
			}
			if err := writePages(out, codesheet.Pages(sheets)); err != nil {
				return err
			}
			if a.json {
				return json.NewEncoder(a.out).Encode(map[string]any{"file": out, "sheets": len(sheets)})
			}
			a.say(text.F("%d 张表导出到 %s", "tables written to %[2]s: %[1]d", len(sheets), out))
			return nil
		},
	}
	c.Flags().StringVar(&profile, "profile", "", a.t("导出这个接收方或系统的代码对照；不写 SET 为全部", "the code tables of this profile; all of them without SET"))
	c.Flags().StringVar(&out, "out", "", a.t("写到这个文件：.xlsx 或 .csv", "the file to write: .xlsx or .csv"))
	return c
}

// codeSheets lays the named sets or tables out.
func (a *app) codeSheets(cat *schemas.Catalog, profile string, names []string) ([]*codesheet.Sheet, error) {
	if profile == "" {
		return a.setSheets(cat, names)
	}
	if len(names) == 0 {
		for _, path := range cat.CodeTableNames() {
			if name, ok := strings.CutPrefix(path, profile+"/"); ok {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			names = []string{""} // says which profiles there are
		}
	}
	var sheets []*codesheet.Sheet
	for _, name := range names {
		t, err := a.tableOf(cat, profile, name)
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, codesheet.OfTable(t, a.lang))
	}
	return sheets, nil
}

func (a *app) setSheets(cat *schemas.Catalog, names []string) ([]*codesheet.Sheet, error) {
	if len(names) == 0 {
		return nil, usageError{errors.New(a.t("写出代码集，或用 --profile 选代码对照", "name code sets, or a profile with --profile"))}
	}
	var sheets []*codesheet.Sheet
	for _, name := range names {
		set, ok := cat.CodeSet(name)
		if !ok {
			return nil, a.noCodeSet(cat, name)
		}
		if !set.Listed() {
			return nil, usageError{errors.New(text.F("代码集 %s 按写法判断，没有清单可导", "code set %s is judged by its form: there is no list to export", name).In(a.lang))}
		}
		sheets = append(sheets, codesheet.Of(set, a.lang))
	}
	return sheets, nil
}
