package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

// doubtFilter is the flags that choose records that wait to be verified.
type doubtFilter struct {
	pipeline, service string
	failed            bool
	limit             int
}

func (a *app) verificationListCommand() *cobra.Command {
	var f doubtFilter
	c := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出待核验的记录：哪个服务没有答复，或答复不一致，最久的在前", "list records that wait to be verified: which service gave no answer, or said no, oldest first"),
		Example: "  banjian verification list\n  banjian verification list --service person-id --failed --json",
		Args:    a.exactly(0, text.T("verification list 不带参数", "verification list takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.listDoubts(cmd.Context(), h, store, f, time.Now())
			})
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.pipeline, "pipeline", "", a.t("只看这条管道", "this pipeline only"))
	flags.StringVar(&f.service, "service", "", a.t("只看这个服务", "this service only"))
	flags.BoolVar(&f.failed, "failed", false, a.t("只看答复不一致的", "only those that are not so"))
	flags.IntVar(&f.limit, "limit", 0, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	return c
}

func (a *app) listDoubts(ctx context.Context, h *house, store ledger.Store, f doubtFilter, now time.Time) error {
	if f.pipeline != "" {
		if _, err := h.Pipelines([]string{f.pipeline}); err != nil {
			return err
		}
	}
	list, err := doubtsOf(ctx, store, f, now)
	if err != nil {
		return err
	}
	return a.list(&listing{
		n:       len(list),
		none:    text.T("没有待核验的记录", "no record waits to be verified"),
		heading: a.t("管道\t主题\t键\t字段\t服务\t结果\t自\t问过\t下次", "pipeline\tsubject\tkey\tfield\tservice\tanswer\tsince\ttries\tagain"),
		line: func(i int) any {
			d := &list[i]
			return map[string]any{"pipeline": d.Pipeline, "source": d.Stream.Source, "subject": d.Stream.Subject, "key": ledger.DecodeKey(d.Key), "field": d.Field, "service": d.Service,
				"failed": d.Failed, "rule": d.Rule, "since": rfc3339(d.Since), "next_try": rfc3339(d.Next), "tries": d.Tries}
		},
		row: func(i int) []string {
			d := &list[i]
			said := a.t("没有答复", "none yet")
			if d.Failed {
				said = a.t("不一致", "not so")
			}
			return []string{d.Pipeline, d.Stream.Subject, joined(ledger.DecodeKey(d.Key)), d.Field, d.Service, said, d.Since.In(h.Zone()).Format(time.DateTime), count(int64(d.Tries)), shortTime(d.Next, h.Zone())}
		},
	})
}

// doubtsOf is every doubt, oldest first.
func doubtsOf(ctx context.Context, store ledger.Doubts, f doubtFilter, now time.Time) ([]ledger.Doubt, error) {
	totals, err := store.DoubtTotals(ctx)
	if err != nil {
		return nil, err
	}
	pipelines := make([]string, len(totals))
	for i, t := range totals {
		pipelines[i] = t.Pipeline
	}
	w := &waiting[ledger.Doubt]{
		only: f.pipeline,
		page: func(pipeline string, last *ledger.Doubt) ([]ledger.Doubt, error) {
			var after ledger.DoubtOf
			if last != nil {
				after = last.DoubtOf
			}
			return store.DueDoubts(ctx, pipeline, now.Add(ledger.EveryFile), nil, after, waitingPage)
		},
		keep: func(d *ledger.Doubt) bool {
			return (f.service == "" || d.Service == f.service) && (!f.failed || d.Failed)
		},
		since: func(d *ledger.Doubt) (time.Time, int64) { return d.Since, d.Rec },
		limit: f.limit,
	}
	return w.of(pipelines)
}
