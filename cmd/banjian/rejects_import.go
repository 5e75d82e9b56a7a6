package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/codesheet"
	"banjian/cmd/internal/rejects"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) rejectsImportCommand() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "import FILE",
		Short: a.t("读回部门更正过的问题数据，立即重推", "read back rejects that the department mended, and drive them again"),
		Long: a.t(`读回用 rejects export --with-source 导出、由部门改过的表格（xlsx 或 csv）。

改过的单元格记为这一行的更正：以后再读到一模一样的来源行，按更正后的值映射；部门库里这一行变了，更正随之作废。
没改的单元格不动；清空的单元格按没有值处理。来源库不会被写入，部门自己的系统仍要更正。`, `Reads back a table that rejects export --with-source wrote and the department changed (xlsx or csv).

Cells that were changed become the correction of that row: whenever exactly this row is read again it is mapped as
corrected; once the row changes at the department the correction is void. Cells left alone stay as they are, cells
emptied count as no value. Nothing is written into the department's database: it still has to mend its own.`),
		Example: "  banjian rejects import 问题数据-已更正.xlsx --dry-run\n  banjian rejects import 问题数据-已更正.xlsx",
		Args:    a.exactly(1, text.T("写出一个文件", "name one file")),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.importRejects(cmd.Context(), args[0], dry)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, a.t("只说会更正什么，不改", "say what would be corrected, change nothing"))
	return c
}

// tooMuchMended is what to do with a table that is larger than is read.
var tooMuchMended = text.T("什么也没有读回。分几次交回：按部门或管道分开导出（rejects export --department、--pipeline），或留着表头、删去没有改的行",
	"nothing was read back. Divide it: export by department or pipeline (rejects export --department, --pipeline), or keep the headings and delete the rows that were not changed")

func (a *app) importRejects(ctx context.Context, path string, dry bool) error {
	data, err := readAtMost(path, codesheet.MaxBytes+1)
	if err != nil {
		return fault.Wrap(err, fault.Config, "import rejects", path, text.T("读不了这个文件", "cannot read the file"), text.Text{})
	}
	sheets, err := codesheet.Read(path, data, tooMuchMended)
	if err != nil {
		return err
	}
	var m *rejects.Mended
	err = a.withLedger(ctx, func(h *house, store ledger.Store) error {
		if m, err = rejects.ReadMended(ctx, store, path, sheets, whoami(), time.Now()); err != nil {
			return err
		}
		if err := a.tellVoid(h, m); err != nil || dry || m.Rows() == 0 {
			return err
		}
		return store.Correct(ctx, m.Corrections())
	})
	if err != nil {
		return err
	}
	a.log().Info("rejects imported", "rows", m.Rows(), "by", whoami(), "dry", dry)
	if err := a.tellMended(m, dry); err != nil || dry || m.Rows() == 0 {
		return err
	}
	return a.withHouse(func(h *house) error {
		return a.run(ctx, h, m.Pipelines, runOptions{remap: true, refused: true, failOn: "new"})
	})
}

// tellVoid says which corrections have no effect under the mapping as it is now.
func (a *app) tellVoid(h *house, m *rejects.Mended) error {
	list, err := m.Void(func(pipeline string) ([]string, error) {
		_, columns, err := h.Reads(pipeline)
		return columns, err
	})
	for i := range list {
		mapping, _, err := h.Reads(list[i].Pipeline)
		if err != nil {
			return err
		}
		for _, said := range list[i].Sentences(mapping.Name(), mapping.Version()) {
			a.note(said)
		}
	}
	return err
}

func (a *app) tellMended(m *rejects.Mended, dry bool) error {
	if a.json && !dry && m.Rows() > 0 {
		return nil // the run tells
	}
	what := text.F("更正 %[1]d 行 %[2]d 个单元格；%[3]d 条没有改动，%[4]d 条已不是未决", "rows corrected: %[1]d, cells: %[2]d; left as they were: %[3]d, no longer open: %[4]d", m.Rows(), m.Cells(), m.Same, m.Closed)
	if dry {
		what = text.F("将更正 %[1]d 行 %[2]d 个单元格；%[3]d 条没有改动，%[4]d 条已不是未决。什么也没有改", "would correct rows: %[1]d, cells: %[2]d; left as they were: %[3]d, no longer open: %[4]d. Nothing was changed", m.Rows(), m.Cells(), m.Same, m.Closed)
	}
	return a.done(what, map[string]any{"rows": m.Rows(), "cells": m.Cells(), "unchanged": m.Same, "not_open": m.Closed, "dry_run": dry})
}
