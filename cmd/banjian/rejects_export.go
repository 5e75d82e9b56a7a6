package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/rejects"
	"banjian/cmd/internal/status"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) rejectsExportCommand() *cobra.Command {
	var f rejectFilter
	var out string
	var withSource bool
	c := &cobra.Command{
		Use:   "export --out FILE",
		Short: a.t("把问题数据导成表格，连同原因和改法交还部门（xlsx 或 csv）", "rejects as a table for the department, with reasons and how to mend them (xlsx or csv)"),
		Example: "  banjian rejects export --out 问题数据.xlsx --department gjj-core\n" +
			"  banjian rejects export --out rejects.csv --rule required --with-source --lang en",
		Args: a.exactly(0, text.T("export 不带参数，文件用 --out 写出", "export takes no argument: name the file with --out")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.checkState(a); err != nil {
				return err
			}
			if !spreadsheet(out) {
				return usageError{errors.New(a.t("用 --out 写出 .xlsx 或 .csv 文件", "name an .xlsx or .csv file with --out"))}
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				e := &rejects.Export{Site: &status.Site{House: h, Store: store, Now: time.Now()}, Lang: text.ZH, Who: whoami(), WithSource: withSource}
				if a.langFlag == string(text.EN) { // the reader is the department, whatever our own terminal speaks
					e.Lang = text.EN
				}
				return a.exportRejects(cmd.Context(), h, e, f, out)
			})
		},
	}
	f.flags(a, c)
	c.Flags().StringVar(&f.state, "state", "open", a.t("open 未决 | closed 已关闭 | waived 已豁免", "open | closed | waived"))
	c.Flags().StringVar(&out, "out", "", a.t("写到这个文件：.xlsx 或 .csv", "the file to write: .xlsx or .csv"))
	c.Flags().BoolVar(&withSource, "with-source", false, a.t("来源值写原文（含个人信息，只交给数据所属部门）；默认脱敏", "source values in clear (personal data: for the department they belong to alone); masked by default"))
	return c
}

// exportRejects selects, lays out and writes the rejects.
func (a *app) exportRejects(ctx context.Context, h *house, e *rejects.Export, f rejectFilter, out string) error {
	list, err := a.selectRejects(ctx, h, e.Store, f)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		a.note(text.T("没有符合条件的问题数据，没有写文件", "no such rejects: no file was written"))
		return nil
	}
	sheets, err := e.Sheets(ctx, list)
	if err != nil {
		return err
	}
	layOut := sheets.PageEach
	if strings.EqualFold(filepath.Ext(out), ".csv") {
		layOut = sheets.OnePage
	}
	if err := writePages(out, layOut()); err != nil {
		return err
	}
	a.log().Info("rejects exported", "count", len(list), "file", filepath.Base(out), "by", e.Who, "with_source", e.WithSource)
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"file": out, "rejects": len(list), "sheets": sheets.Len(), "with_source": e.WithSource, "without_row": sheets.Gone})
	}
	a.say(text.F("导出 %d 条到 %s", "%d reject{|s} written to %s", len(list), out))
	if sheets.Gone > 0 {
		a.note(text.F("%d 条的来源行已过保存期，没有来源列", "the source rows of %d reject{|s} are no longer kept: their source columns are empty", sheets.Gone))
	}
	return nil
}
