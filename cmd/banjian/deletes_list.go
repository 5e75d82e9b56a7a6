package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) deletesListCommand() *cobra.Command {
	all := false
	c := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出待批准的删除名单", "list the lists of deletes that wait for an approval"),
		Example: "  banjian deletes list\n  banjian deletes list --all",
		Args:    a.exactly(0, text.T("list 不带参数", "list takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.listDeletes(cmd.Context(), h, store, all)
			})
		},
	}
	c.Flags().BoolVar(&all, "all", false, a.t("也列出已批准、已替换、已了结的", "those that were approved, replaced or settled, too"))
	return c
}

func (a *app) listDeletes(ctx context.Context, h *house, store ledger.Store, all bool) error {
	state := ledger.ListOpen
	if all {
		state = ""
	}
	list, err := store.ListDeletes(ctx, "", state)
	if err != nil {
		return err
	}
	return a.list(&listing{
		n:       len(list),
		none:    text.T("没有待批准的删除", "no deletes wait for an approval"),
		heading: a.t("名单\t管道\t记录\t原因\t时间\t状态\t批准人", "list\tpipeline\trecords\twhy\tfound\tstate\tapproved by"),
		line: func(i int) any {
			l := &list[i]
			line := map[string]any{"list": l.Number, "pipeline": l.Pipeline, "kind": l.Kind, "records": l.Records, "at": l.At.Format(time.RFC3339), "digest": l.Digest, "state": l.State}
			if l.Who != "" {
				line["approved_by"], line["approved_at"] = l.Who, l.Decided.Format(time.RFC3339)
			}
			return line
		},
		row: func(i int) []string {
			l := &list[i]
			who := l.Who
			if who != "" {
				who += " " + shortTime(l.Decided, h.Zone())
			}
			return []string{fmt.Sprint(l.Number), l.Pipeline, count(l.Records), a.listKind(l.Kind), shortTime(l.At, h.Zone()), a.listState(l.State), who}
		},
	})
}
