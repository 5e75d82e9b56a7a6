package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

// owedFilter is the flags that choose files that are owed.
type owedFilter struct {
	pipeline, why string
	limit         int
}

func (a *app) attachmentsListCommand() *cobra.Command {
	var f owedFilter
	c := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出还欠着的附件：哪条记录、为什么、下次何时再取，最久的在前", "list files that are owed: of which record, why, when they are asked for again, oldest first"),
		Example: "  banjian attachments list\n  banjian attachments list --pipeline provident-fund-material --why missing --json",
		Args:    a.exactly(0, text.T("attachments list 不带参数", "attachments list takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.listOwed(cmd.Context(), h, store, f, time.Now())
			})
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.pipeline, "pipeline", "", a.t("只看这条管道", "this pipeline only"))
	flags.StringVar(&f.why, "why", "", a.t("只看这个原因：missing 没放好 | down 连不上 | store 存不下 | wrong 不合要求", "for this reason only: missing | down | store | wrong"))
	flags.IntVar(&f.limit, "limit", 0, a.t("最多几个（0 不限）", "at most so many (0: all)"))
	return c
}

func (a *app) listOwed(ctx context.Context, h *house, store ledger.Store, f owedFilter, now time.Time) error {
	if f.pipeline != "" {
		if _, err := h.Pipelines([]string{f.pipeline}); err != nil {
			return err
		}
	}
	list, err := owedOf(ctx, store, f, now)
	if err != nil {
		return err
	}
	return a.list(&listing{
		n:       len(list),
		none:    text.T("没有欠着的附件", "no file is owed"),
		heading: a.t("管道\t主题\t键\t原因\t自\t取过\t下次", "pipeline\tsubject\tkey\twhy\tsince\ttries\tagain"),
		line: func(i int) any {
			o := &list[i]
			return map[string]any{"pipeline": o.Pipeline, "source": o.Stream.Source, "subject": o.Stream.Subject, "key": ledger.DecodeKey(o.Key), "field": o.Field, "why": o.Why,
				"since": rfc3339(o.Since), "next_try": rfc3339(o.Next), "tries": o.Tries}
		},
		row: func(i int) []string {
			o := &list[i]
			return []string{o.Pipeline, o.Stream.Subject, joined(ledger.DecodeKey(o.Key)), a.owedWhy(o.Why), o.Since.In(h.Zone()).Format(time.DateTime), count(int64(o.Tries)), shortTime(o.Next, h.Zone())}
		},
	})
}

// owedOf is every file that is owed, oldest first.
func owedOf(ctx context.Context, store ledger.Debts, f owedFilter, now time.Time) ([]ledger.Owed, error) {
	totals, err := store.OwedTotals(ctx)
	if err != nil {
		return nil, err
	}
	pipelines := make([]string, len(totals))
	for i, t := range totals {
		pipelines[i] = t.Pipeline
	}
	w := &waiting[ledger.Owed]{
		only: f.pipeline,
		page: func(pipeline string, last *ledger.Owed) ([]ledger.Owed, error) {
			var after int64
			if last != nil {
				after = last.Rec
			}
			return store.OwedFiles(ctx, pipeline, now.Add(ledger.EveryFile), after, waitingPage)
		},
		keep:  func(o *ledger.Owed) bool { return f.why == "" || o.Why == f.why },
		since: func(o *ledger.Owed) (time.Time, int64) { return o.Since, o.Rec },
		limit: f.limit,
	}
	return w.of(pipelines)
}

// owedWhy is why a file is owed, in a word.
func (a *app) owedWhy(why string) string {
	switch why {
	case "missing":
		return a.t("没放好", "missing")
	case "down":
		return a.t("连不上", "down")
	case "store":
		return a.t("存不下", "store")
	}
	return a.t("不合要求", "wrong")
}
