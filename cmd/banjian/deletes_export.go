package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/workbook"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) deletesExportCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:     "export LIST --out FILE",
		Short:   a.t("把名单导成表格，交部门核对（xlsx 或 csv），个人信息打码", "a list as a table for the department to check (xlsx or csv), personal values masked"),
		Example: "  banjian deletes export 17 --out 待删除.xlsx\n  banjian deletes export 17 --out deletes.csv --lang en",
		Args:    a.listNumber,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !spreadsheet(out) {
				return usageError{errors.New(a.t("用 --out 写出 .xlsx 或 .csv 文件", "name an .xlsx or .csv file with --out"))}
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.exportDeletes(cmd.Context(), h, store, args[0], out)
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", a.t("写到这个文件：.xlsx 或 .csv", "the file to write: .xlsx or .csv"))
	return c
}

func (a *app) exportDeletes(ctx context.Context, h *house, store ledger.Store, number, out string) error {
	l, err := a.deleteList(ctx, store, number)
	if err != nil {
		return err
	}
	rows := [][]workbook.Cell{nil, workbook.Row(workbook.Bold, a.t("主题", "subject"), a.t("键", "key"), a.t("版本", "version"))}
	gone, err := doomedLines(ctx, h, store, l, func(d doomedLine) error {
		rows = append(rows, workbook.Row(workbook.Text, d.Subject, joined(d.Key), count(int64(d.Version))))
		return nil
	})
	if err != nil {
		return err
	}
	records := len(rows) - 2
	rows[0] = workbook.Row(workbook.Bold, text.F("%s 于 %s 导出，名单 %d（%s），共 %d 条。个人信息已脱敏", "exported by %s at %s, list %d (%s), records: %d. Personal values are masked",
		whoami(), time.Now().In(h.Zone()).Format("2006-01-02 15:04:05 -07:00"), l.Number, l.Digest, records).In(a.lang))
	if err := writePages(out, []workbook.Page{{Name: l.Pipeline, Widths: []float64{20, 40, 10}, Frozen: 2, Rows: rows}}); err != nil {
		return err
	}
	a.log().Info("delete list exported", "list", l.Number, "records", records, "file", filepath.Base(out), "by", whoami())
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"file": out, "list": l.Number, "records": records, "no_longer_so": gone})
	}
	a.say(text.F("%d 条导出到 %s", "%d record{|s} written to %s", records, out))
	return nil
}
