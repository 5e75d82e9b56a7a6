package main

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
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
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for _, d := range list {
			if err := enc.Encode(map[string]any{"pipeline": d.Pipeline, "source": d.Stream.Source, "subject": d.Stream.Subject, "key": ledger.DecodeKey(d.Key), "field": d.Field, "service": d.Service,
				"failed": d.Failed, "rule": d.Rule, "since": rfc3339(d.Since), "next_try": rfc3339(d.Next), "tries": d.Tries}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		a.note(text.T("没有待核验的记录", "no record waits to be verified"))
		return nil
	}
	w := &table{out: a.out}
	w.heading(a.t("管道\t主题\t键\t字段\t服务\t结果\t自\t问过\t下次", "pipeline\tsubject\tkey\tfield\tservice\tanswer\tsince\ttries\tagain"))
	for _, d := range list {
		said := a.t("没有答复", "none yet")
		if d.Failed {
			said = a.t("不一致", "not so")
		}
		w.row(d.Pipeline, d.Stream.Subject, joined(ledger.DecodeKey(d.Key)), d.Field, d.Service, said, d.Since.In(h.Zone()).Format(time.DateTime), count(int64(d.Tries)), shortTime(d.Next, h.Zone()))
	}
	w.print()
	return nil
}

// doubtsOf is every doubt, oldest first.
func doubtsOf(ctx context.Context, store ledger.Doubts, f doubtFilter, now time.Time) ([]ledger.Doubt, error) {
	totals, err := store.DoubtTotals(ctx)
	if err != nil {
		return nil, err
	}
	var list []ledger.Doubt
	asked := map[string]bool{}
	for _, t := range totals {
		if asked[t.Pipeline] || f.pipeline != "" && t.Pipeline != f.pipeline {
			continue
		}
		asked[t.Pipeline] = true
		for after := (ledger.DoubtOf{}); ; {
			page, err := store.DueDoubts(ctx, t.Pipeline, now.Add(ledger.EveryFile), nil, after, 1024)
			if err != nil {
				return nil, err
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].DoubtOf
			list = append(list, slices.DeleteFunc(page, func(d ledger.Doubt) bool { return f.service != "" && d.Service != f.service || f.failed && !d.Failed })...)
		}
	}
	slices.SortStableFunc(list, func(x, y ledger.Doubt) int { return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.Rec, y.Rec)) })
	if f.limit > 0 && len(list) > f.limit {
		list = list[:f.limit]
	}
	return list, nil
}
