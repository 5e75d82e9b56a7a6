package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

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
		if err := h.mustHave(a, f.receiver); err != nil {
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
	_, err := h.pipelinesOfDepartment(a, f.department)
	found.Add(err)
	found.Add(h.mustHaveSubject(f.subject))
	found.Add(h.mustHaveRule(f.rule, func() (bool, error) {
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
	waits, err := a.waitsFor(ctx, h, store, list)
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
				"key": ledger.DecodeKey(e.Key), "state": string(e.State), "rule": e.Rule, "args": e.Args, "since": e.Since.Format(time.RFC3339), "reason": a.exceptionReason(h, e),
				"waits_for": waits[i], "over_limit": h.overLimit(e, now)}
		},
		row: func(i int) []string {
			e := &list[i]
			waited := a.since(e.Since, now)
			if h.overLimit(e, now) {
				over++
				waited += a.t(" 超期", " over limit")
			}
			return []string{e.Receiver, e.Stream.Subject, joined(ledger.DecodeKey(e.Key)), a.exceptionState(e.State), e.Since.In(h.Zone()).Format(time.DateTime), waited, waits[i]}
		},
	})
	if over > 0 {
		a.note(text.F("%d 条等得太久（接收方的 alert_held_after），用 banjian case show 看缺什么", "%d {has|have} waited too long (the receiver's alert_held_after): banjian case show tells what is missing", over))
	}
	return err
}

// overLimit says that a record has been held longer than its receiver's limit.
func (h *house) overLimit(e *ledger.Exception, now time.Time) bool {
	return now.Sub(e.Since) > h.Site().Receivers[e.Receiver].HeldLimit()
}

// exceptionReason is why a record is put aside.
func (a *app) exceptionReason(h *house, e *ledger.Exception) string {
	if e.Rule == ledger.RuleRedrive {
		return a.t("下次运行时重新上报", "goes again at the next run")
	}
	return h.RuleText(e.Pipeline, e.Rule, e.Args).In(a.lang)
}

// waitsParent is the rule of a record that waits for its case's accept record.
const (
	waitsParent   = "waits_parent"
	subjectAccept = "case/accept"
)

// waitsFor says for each record what has to come first: of an accept record where it is
// now, of anything else the rule's sentence.
func (a *app) waitsFor(ctx context.Context, h *house, store ledger.Store, list []ledger.Exception) ([]string, error) {
	waits := make([]string, len(list))
	bySource := map[string][]int{}
	for i := range list {
		waits[i] = a.exceptionReason(h, &list[i])
		if list[i].Rule == waitsParent {
			bySource[list[i].Stream.Source] = append(bySource[list[i].Stream.Source], i)
		}
	}
	if len(bySource) == 0 {
		return waits, nil
	}
	refused, err := h.refusedAccepts(ctx, store)
	if err != nil {
		return nil, err
	}
	for source, at := range bySource {
		locals := make([]string, len(at))
		for k, i := range at {
			locals[k] = ledger.FirstOfKey(list[i].Key)
		}
		cases, err := store.Cases(ctx, source, locals)
		if err != nil {
			return nil, err
		}
		for k, i := range at {
			if waits[i], err = a.accept(ctx, h, store, &list[i], cases[k], refused[source+"\x00"+locals[k]]); err != nil {
				return nil, err
			}
		}
	}
	return waits, nil
}

// refusedAccepts is the open and waived rejects of accept records at collection, by
// source and local number; an open one goes before a waived one.
func (h *house) refusedAccepts(ctx context.Context, store ledger.Reports) (map[string]ledger.Reject, error) {
	list, err := store.Rejects(ctx, ledger.RejectQuery{State: ledger.Waived})
	if err != nil {
		return nil, err
	}
	open, err := store.Rejects(ctx, ledger.RejectQuery{State: "open"})
	list = append(list, open...)
	found := map[string]ledger.Reject{}
	for _, r := range list {
		key := ledger.DecodeKey(r.Key)
		if source, known := h.SourceOf(r.Pipeline); known && r.Receiver == "" && r.Subject == subjectAccept && len(key) > 0 {
			found[source+"\x00"+key[0]] = r
		}
	}
	return found, err
}

// accept says where the accept record is that another one waits for.
func (a *app) accept(ctx context.Context, h *house, store ledger.Receivers, e *ledger.Exception, c ledger.Case, refused ledger.Reject) (string, error) {
	switch {
	case c.Rec == 0 && refused.State == ledger.Waived:
		return fmt.Sprintf(a.t("受理记录：问题数据 %d 已豁免，它的来源行改好之前，本件也不会上报", "its accept record: reject %d was waived: nothing goes until its row is mended"), refused.ID), nil
	case c.Rec == 0 && refused.ID != 0:
		return fmt.Sprintf(a.t("受理记录：问题数据 %d，%s", "its accept record: reject %d, %s"), refused.ID, h.RuleText(refused.Pipeline, refused.Rule, refused.Args).In(a.lang)), nil
	case c.Rec == 0:
		return a.t("受理记录：尚未归集到", "its accept record: not collected yet"), nil
	}
	list, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: e.Receiver, Recs: []int64{c.Rec}})
	if err != nil {
		return "", err
	}
	for i := range list {
		return fmt.Sprintf(a.t("受理记录：%s，%s", "its accept record: %s, %s"), a.exceptionState(list[i].State), a.exceptionReason(h, &list[i])), nil
	}
	return a.t("受理记录：待报", "its accept record: pending"), nil
}
