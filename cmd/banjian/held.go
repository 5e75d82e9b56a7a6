package main

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/status"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

// heldFilter is the flags that choose held records.
type heldFilter struct {
	receiver, subject, rule, department string
	limit                               int
}

func (a *app) heldCommand() *cobra.Command {
	c := &cobra.Command{Use: "held", Short: a.t("挂起：什么在等什么", "held: what waits for what")}
	var f heldFilter
	list := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出挂起的记录：在等什么、等了多久，最久的在前", "list held records: what each waits for and how long, oldest first"),
		Example: "  banjian held list --receiver national\n  banjian held list --department gjj-core --rule waits_parent",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.listHeld(cmd.Context(), h, store, f, time.Now())
			})
		},
	}
	flags := list.Flags()
	flags.StringVar(&f.receiver, "receiver", "", a.t("只看这个接收方", "this receiver only"))
	flags.StringVar(&f.subject, "subject", "", a.t("只看这个主题", "this subject only"))
	flags.StringVar(&f.rule, "rule", "", a.t("只看因这条规则挂起的", "held by this rule only"))
	flags.StringVar(&f.department, "department", "", a.t("只看这个部门系统（source_id）", "this department's system only (source_id)"))
	flags.IntVar(&f.limit, "limit", 0, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	c.AddCommand(list)
	return c
}

// selectHeld is what waits, for something else or, diverged, for a person; oldest first.
func (a *app) selectHeld(ctx context.Context, h *house, store ledger.Store, f heldFilter) ([]ledger.Exception, error) {
	if f.receiver != "" {
		if err := a.mustHave(h, f.receiver); err != nil {
			return nil, err
		}
	}
	if err := f.checkNames(ctx, a, h, store); err != nil {
		return nil, err
	}
	var list []ledger.Exception
	for _, state := range []ledger.State{ledger.Held, ledger.Diverged} {
		found, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: f.receiver, Subject: f.subject, Rule: f.rule, State: state})
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	list = slices.DeleteFunc(list, func(e ledger.Exception) bool { return f.department != "" && e.Stream.Source != f.department })
	slices.SortStableFunc(list, func(a, b ledger.Exception) int { return a.Since.Compare(b.Since) })
	if f.limit > 0 && len(list) > f.limit {
		list = list[:f.limit]
	}
	return list, nil
}

// checkNames refuses a department, a subject and a rule that there are not.
func (f *heldFilter) checkNames(ctx context.Context, a *app, h *house, store ledger.Receivers) error {
	var found fault.List
	_, err := a.pipelinesOfDepartment(h, f.department)
	found.Add(err)
	found.Add(h.CheckSubject(f.subject))
	found.Add(h.CheckRule(f.rule, func() (bool, error) {
		list, err := store.Exceptions(ctx, ledger.ExceptionQuery{Rule: f.rule, Limit: 1})
		return len(list) > 0, err
	}))
	return found.Err()
}

func (a *app) listHeld(ctx context.Context, h *house, store ledger.Store, f heldFilter, now time.Time) error {
	list, err := a.selectHeld(ctx, h, store, f)
	if err != nil {
		return err
	}
	stand := &status.Site{House: h, Store: store, Now: now}
	waits, err := stand.WaitsFor(ctx, list)
	if err != nil {
		return err
	}
	over := 0
	err = a.list(&listing{
		n:       len(list),
		none:    text.T("没有挂起的记录", "no held records"),
		heading: a.t("接收方\t主题\t键\t状态\t自\t已等\t在等什么", "receiver\tsubject\tkey\tstate\tsince\tfor\twaits for"),
		line: func(i int) any {
			e := &list[i]
			return map[string]any{"receiver": e.Receiver, "pipeline": e.Pipeline, "subject": e.Stream.Subject, "source": e.Stream.Source,
				"key": ledger.DecodeKey(e.Key), "state": string(e.State), "rule": e.Rule, "args": e.Args, "since": e.Since.Format(time.RFC3339), "reason": stand.Reason(e).In(a.lang),
				"waits_for": waits[i].In(a.lang), "over_limit": stand.OverLimit(e)}
		},
		row: func(i int) []string {
			e := &list[i]
			waited := a.since(e.Since, now)
			if stand.OverLimit(e) {
				over++
				waited += a.t(" 超期", " over limit")
			}
			return []string{e.Receiver, e.Stream.Subject, joined(ledger.DecodeKey(e.Key)), status.StateText(e.State).In(a.lang), e.Since.In(h.Zone()).Format(time.DateTime), waited, waits[i].In(a.lang)}
		},
	})
	if over > 0 {
		a.note(text.F("%d 条等得太久（接收方的 alert_held_after），用 banjian case show 看缺什么", "%d {has|have} waited too long (the receiver's alert_held_after): banjian case show tells what is missing", over))
	}
	return err
}
