package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/status"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) rejectsListCommand() *cobra.Command {
	var f rejectFilter
	c := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出未决的问题数据", "list open rejects"),
		Example: "  banjian rejects list --kinds\n  banjian rejects list --rule check_resident_id --lang zh\n  banjian rejects list --department gjj-core --state waived",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.checkState(a); err != nil {
				return err
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.listRejects(cmd.Context(), h, store, f) })
		},
	}
	f.flags(a, c)
	c.Flags().StringVar(&f.state, "state", "open", a.t("open 未决 | closed 已关闭 | waived 已豁免", "open | closed | waived"))
	c.Flags().BoolVar(&f.kinds, "kinds", false, a.t("只列有哪几种，各多少条，多的在前", "list which kinds there are, and how many of each, the most first"))
	c.Flags().IntVar(&f.limit, "limit", 0, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	return c
}

func (a *app) listRejects(ctx context.Context, h *house, store ledger.Store, f rejectFilter) error {
	shown := f.limit
	if f.kinds {
		f.limit = 0
	}
	list, err := a.selectRejects(ctx, h, store, f)
	if err != nil {
		return err
	}
	if f.kinds {
		var kinds ledger.Kinds
		kinds.Add(list...)
		found := kinds.List()
		if shown > 0 {
			found = found[:min(shown, len(found))]
		}
		return a.listKinds(h, found)
	}
	blocks, err := blocksOf(ctx, h, store, list)
	if err != nil {
		return err
	}
	return a.list(&listing{
		n:       len(list),
		none:    text.T("没有符合条件的问题数据", "no such rejects"),
		heading: a.t("编号\t管道\t键\t字段\t规则\t挡住\t原因", "id\tpipeline\tkey\tfield\trule\tblocks\treason"),
		line: func(i int) any {
			l := a.rejectLine(h, &list[i])
			l.Blocks = blocks[i]
			return l
		},
		row: func(i int) []string {
			l := a.rejectLine(h, &list[i])
			where := l.Pipeline
			if l.Receiver != "" {
				where += " → " + l.Receiver
			}
			return []string{count(l.ID), where, joined(l.Key), l.fields(h, a.lang), l.Rule, blocksCell(blocks[i]), l.Reason}
		},
	})
}

// blocksCell is how many records a reject holds back; empty where it is none.
func blocksCell(n int64) string {
	if n == 0 {
		return ""
	}
	return count(n)
}

// blocksOf is how many records each reject holds back.
func blocksOf(ctx context.Context, h *house, store ledger.Store, list []ledger.Reject) ([]int64, error) {
	return (&status.Site{House: h, Store: store, Now: time.Now()}).Blocks(ctx, list)
}
