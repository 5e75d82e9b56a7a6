package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/rejects"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/schemas"
)

func (a *app) rejectsShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   a.t("一条问题数据的全部", "one reject in full"),
		Example: "  banjian rejects show 17",
		Args:    a.exactly(1, text.T("写出问题数据的编号", "give the reject's number")),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := a.rejectNumbers(args)
			if err != nil {
				return err
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.showReject(cmd.Context(), h, store, ids[0]) })
		},
	}
}

// noReject says that no reject has a number.
func noReject(id int64) error {
	return fault.New(fault.Config, "find reject", strconv.FormatInt(id, 10), text.T("没有这条问题数据", "there is no such reject"),
		text.T("编号见 banjian rejects list（--state closed、waived 列出其余的）", "banjian rejects list has the numbers (--state closed and waived those of the others)"))
}

// rejectNumbers reads the numbers of rejects.
func (a *app) rejectNumbers(args []string) ([]int64, error) {
	ids := make([]int64, len(args))
	for i, arg := range args {
		var err error
		if ids[i], err = strconv.ParseInt(arg, 10, 64); err != nil {
			return nil, usageError{errors.New(a.t("编号是一个整数", "the number is an integer"))}
		}
	}
	return ids, nil
}

// waiverLine is a waiver as scripts read it.
type waiverLine struct {
	Who string `json:"who"`
	At  string `json:"at"`
	Why string `json:"why"`
}

func (a *app) showReject(ctx context.Context, h *house, store ledger.Store, id int64) error {
	list, err := store.Rejects(ctx, ledger.RejectQuery{ID: id})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return noReject(id)
	}
	r := &list[0]
	l := a.rejectLine(h, r)
	blocks, err := blocksOf(ctx, h, store, list)
	if err != nil {
		return err
	}
	l.Blocks = blocks[0]
	row, err := rejects.Row(ctx, store, r)
	if err != nil {
		return err
	}
	waivers, err := store.Waivers(ctx, []int64{id})
	if err != nil {
		return err
	}
	var waived *waiverLine
	for _, w := range waivers {
		waived = &waiverLine{w.Who, rfc3339(w.At), w.Why}
	}
	from := rejects.NewColumns(h).Of(r)
	masked := make(map[string]string, len(row))
	for _, c := range row {
		masked[c.Name] = c.Masked()
	}
	advice := schemas.Advice(r.Rule, r.Args).In(a.lang)
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			rejectLine
			Advice   string            `json:"advice"`
			Waived   *waiverLine       `json:"waived,omitempty"`
			Columns  []string          `json:"columns,omitempty"`  // of the source, that the refused fields are made from
			Unmapped []string          `json:"unmapped,omitempty"` // fields that the mapping does not fill
			Source   map[string]string `json:"source,omitempty"`
		}{l, advice, waived, from.Columns, from.Unmapped, masked})
	}
	fmt.Fprintf(a.out, "%s %d  %s\n", a.t("问题数据", "reject"), l.ID, a.rejectState(l.State))
	fmt.Fprintf(a.out, "%s: %s  %s  %s\n", a.t("管道", "pipeline"), l.Pipeline, joined(l.Key), r.At.In(h.Zone()).Format(time.DateTime))
	if l.Receiver != "" {
		fmt.Fprintf(a.out, "%s: %s\n", a.t("接收方", "receiver"), l.Receiver)
	}
	fmt.Fprintf(a.out, "%s: %s (%s)\n", a.t("原因", "reason"), l.Reason, l.Rule)
	fmt.Fprintf(a.out, "%s: %s\n", a.t("怎么改", "how to mend"), advice)
	if fields := l.fields(h, a.lang); fields != "" {
		fmt.Fprintf(a.out, "%s: %s\n", a.t("字段", "field"), fields)
	}
	if l.Blocks > 0 {
		fmt.Fprintf(a.out, "%s: %s\n", a.t("影响", "effect"), a.blocksText(l.Blocks))
	}
	if waived != nil {
		fmt.Fprintf(a.out, "%s: %s  %s  %s\n", a.t("豁免", "waived"), waived.Who, localTime(waived.At, h.Zone()), waived.Why)
	}
	if len(from.Columns) > 0 {
		fmt.Fprintf(a.out, "%s: %s\n", a.t("来源列", "source columns"), strings.Join(from.Columns, a.t("、", ", ")))
	}
	if len(from.Unmapped) > 0 {
		fmt.Fprintf(a.out, "%s: %s\n", a.t("映射没有填，部门改不了，要在映射里补上", "not filled by the mapping, so the department cannot mend it: add to the mapping"), strings.Join(from.Unmapped, a.t("、", ", ")))
	}
	a.showRow(row, from.Columns)
	return a.showReturns(ctx, h, store, r)
}

// showRow prints a source row, what was refused marked; a column that was is told though
// it holds nothing.
func (a *app) showRow(row []rejects.Column, refused []string) {
	if len(row) == 0 {
		return // no longer kept
	}
	w := &table{out: a.out}
	held := map[string]bool{}
	for _, c := range row {
		held[c.Name] = true
		mark := "  "
		if slices.Contains(refused, c.Name) {
			mark = "> "
		}
		w.row(mark+c.Name, c.Masked())
	}
	for _, name := range refused {
		if !held[name] {
			w.row("> "+name, a.t("（空，NULL）", "(nothing, NULL)"))
		}
	}
	w.print()
}

// blocksText says how many records a reject holds back.
func (a *app) blocksText(n int64) string {
	return fmt.Sprintf(a.t("挡住本件 %d 条记录", "holds back %d records of its case"), n)
}
