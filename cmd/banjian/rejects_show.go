package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

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

// localTime is a time of JSON in the site's zone.
func localTime(at string, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.In(zone).Format(time.DateTime)
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
	blocks, err := h.blocked(ctx, store, list)
	if err != nil {
		return err
	}
	l.Blocks = blocks[0]
	row, err := keptRow(ctx, store, r)
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
	advice := schemas.Advice(r.Rule, r.Args).In(a.lang)
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			rejectLine
			Advice string            `json:"advice"`
			Waived *waiverLine       `json:"waived,omitempty"`
			Source map[string]string `json:"source,omitempty"`
		}{l, advice, waived, maskedMap(row)})
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
	for _, c := range row {
		fmt.Fprintf(a.out, "  %-12s %s\n", c.name, c.masked())
	}
	return a.showReturns(ctx, h, store, r)
}
