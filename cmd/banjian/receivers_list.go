package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/status"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) receiversListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   a.t("列出本站点的接收方：状态、积压、时钟", "list the site's receivers: state, backlog, clock"),
		Example: "  banjian receivers list --lang zh",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.listReceivers(cmd.Context(), h, store, time.Now())
			})
		},
	}
}

func (a *app) listReceivers(ctx context.Context, h *house, store ledger.Store, now time.Time) error {
	list, err := (&status.Site{House: h, Store: store, Now: now}).Receivers(ctx, status.Scope{})
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for _, s := range list {
			if err := enc.Encode(s.In(a.lang)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		a.note(text.T("本站点没有接收方", "this site has no receivers"))
		return nil
	}
	for i, s := range list {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		a.printReceiver(h, s, now)
	}
	return nil
}

func (a *app) printReceiver(h *house, s *status.Receiver, now time.Time) {
	about := []string{s.Kind, s.Profile}
	for _, more := range []string{s.System, s.Environment} {
		if more != "" {
			about = append(about, more)
		}
	}
	fmt.Fprintf(a.out, "%s  %s\n", s.Receiver, strings.Join(about, " · "))
	line := func(zh, en, what string) { fmt.Fprintf(a.out, "  %s %s\n", a.t(zh, en), what) }
	line("状态", "state", s.StateText(h.Zone()).In(a.lang))
	if hint := s.Hint.In(a.lang); hint != "" {
		line("怎么办", "what to do", hint)
	}
	line("最近一次成功上报", "last good delivery", shortTime(s.LastGood.Time, h.Zone()))
	held := count(s.Held)
	if s.HeldLong > 0 {
		held += fmt.Sprintf(a.t("（%d 条超过 %s）", " (%d longer than %s)"), s.HeldLong, a.age(h.Site().Receivers[s.Receiver].HeldLimit()))
	}
	fmt.Fprintf(a.out, "  %s %d · %s %s · %s %d · %s %d\n", a.t("待报", "pending"), s.Pending, a.t("挂起", "held"), held, a.t("问题", "rejected"), s.Rejected, a.t("不一致", "diverged"), s.Diverged)
	if s.Unknown+s.Open > 0 {
		line("结果不明", "outcomes", fmt.Sprintf(a.t("%d 条等人认定，%d 条一天以上没有应答：banjian outcomes list --receiver %s", "%d for a person, %d unanswered for a day: banjian outcomes list --receiver %s"), s.Unknown, s.Open, s.Receiver))
	}
	if s.Pending > 0 {
		line("最早待报", "oldest pending", a.since(s.OldestPending.Time, now))
	}
	if s.Uptake != nil {
		line("消费", "taken over", a.uptakeText(s.Uptake, now))
	}
	if s.ClockMS != nil {
		line("对方时钟", "its clock", a.clock(time.Duration(*s.ClockMS)*time.Millisecond))
	}
}

// clock is how a clock goes against ours. What it says of itself is in whole seconds: less
// than one is no difference.
func (a *app) clock(d time.Duration) string {
	switch d = d.Round(100 * time.Millisecond); {
	case d.Abs() < time.Second:
		return a.t("与本机一致", "as ours")
	case d > 0:
		return fmt.Sprintf(a.t("比本机快 %s", "ahead of ours by %s"), d)
	}
	return fmt.Sprintf(a.t("比本机慢 %s", "behind ours by %s"), -d)
}
