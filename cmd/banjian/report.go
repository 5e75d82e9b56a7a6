package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

// statusStore is what looking needs of the ledger.
type statusStore interface {
	ledger.Receivers
	ledger.Reports
	ledger.Runs
}

// withLedger opens the site's ledger for a verb that looks.
func (a *app) withLedger(ctx context.Context, fn func(*house, ledger.Store) error) error {
	s, err := a.site()
	if err != nil {
		return err
	}
	h, err := build(s)
	if err != nil {
		return err
	}
	store, err := h.openLedger(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	return fn(h, store)
}

// anyOpen says whether any reject is open or any record held.
func anyOpen(ctx context.Context, store statusStore) (bool, error) {
	rejects, err := store.Rejects(ctx, ledger.RejectQuery{State: "open", Limit: 1})
	if err != nil || len(rejects) > 0 {
		return len(rejects) > 0, err
	}
	held, err := store.Exceptions(ctx, ledger.ExceptionQuery{State: ledger.Held, Limit: 1})
	return len(held) > 0, err
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   a.t("一屏看清：迟了、失败、挂起、问题", "one screen: late, failed, held, rejected"),
		Example: "  banjian status --lang zh",
		Args:    a.exactly(0, text.T("status 不带参数", "status takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.status(cmd.Context(), h, store) })
		},
	}
}

func (a *app) status(ctx context.Context, h *house, store statusStore) error {
	runs, err := store.LastRuns(ctx)
	if err != nil {
		return err
	}
	totals, err := store.Totals(ctx)
	if err != nil {
		return err
	}
	open, err := store.Rejects(ctx, ledger.RejectQuery{State: "open"})
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(statusOf(runs, totals, len(open)))
	}
	w := &table{out: a.out}
	w.heading(a.t("管道\t上次运行\t状态\t读取\t问题\t说明", "pipeline\tlast run\tstate\tread\trejected\tnote"))
	if len(runs) == 0 {
		w.row(a.t("还没有运行过", "nothing has run yet"))
	}
	for _, r := range runs {
		w.row(r.Pipeline, r.Started.In(h.zone).Format(time.DateTime), a.state(r.State), count(r.Counts.Read), count(r.Counts.Rejected), r.Error)
		if r.State == "failed" {
			a.code = exitNews
		}
	}
	w.print()
	fmt.Fprintln(a.out)
	w = &table{out: a.out}
	w.heading(a.t("接收方\t主题\t已送行数\t挂起\t问题\t不适用\t结果不明\t待看批次\t最早挂起", "receiver\tsubject\trows sent\theld\trejected\tnot applicable\tunsettled\tbatches behind\toldest held"))
	for _, t := range totals {
		oldest := ""
		if !t.OldestHeld.IsZero() {
			oldest = t.OldestHeld.In(h.zone).Format(time.DateTime)
		}
		w.row(t.Receiver, t.Subject, count(t.Sent), count(t.Held), count(t.Rejected), count(t.NotApplicable), count(t.Unsettled), count(t.Behind), oldest)
	}
	w.print()
	fmt.Fprintln(a.out)
	a.say(text.F("未决问题数据 %d 条（banjian rejects list）", "%d open rejects (banjian rejects list)", len(open)))
	return nil
}

// statusReport is status as scripts read it.
type statusReport struct {
	Runs        []runLine      `json:"runs"`
	Receivers   []receiverLine `json:"receivers"`
	OpenRejects int            `json:"open_rejects"`
}

type runLine struct {
	Pipeline  string `json:"pipeline"`
	Run       string `json:"run"`
	Mode      string `json:"mode"`
	StartedAt string `json:"started_at"`
	EndedAt   string `json:"ended_at,omitempty"`
	State     string `json:"state"`
	Read      int64  `json:"read"`
	Rejected  int64  `json:"rejected"`
	Error     string `json:"error"`
}

type receiverLine struct {
	Receiver      string `json:"receiver"`
	Subject       string `json:"subject"`
	Sent          int64  `json:"sent"`
	Held          int64  `json:"held"`
	Rejected      int64  `json:"rejected"`
	NotApplicable int64  `json:"not_applicable"`
	Unsettled     int64  `json:"unsettled"`
	Behind        int64  `json:"behind"`
	OldestHeld    string `json:"oldest_held,omitempty"`
}

func statusOf(runs []ledger.Run, totals []ledger.ReceiverTotals, open int) statusReport {
	s := statusReport{Runs: []runLine{}, Receivers: []receiverLine{}, OpenRejects: open}
	for _, r := range runs {
		s.Runs = append(s.Runs, runLine{Pipeline: r.Pipeline, Run: r.ID, Mode: r.Mode, StartedAt: rfc3339(r.Started), EndedAt: rfc3339(r.Ended),
			State: r.State, Read: r.Counts.Read, Rejected: r.Counts.Rejected, Error: r.Error})
	}
	for _, t := range totals {
		s.Receivers = append(s.Receivers, receiverLine{Receiver: t.Receiver, Subject: t.Subject, Sent: t.Sent, Held: t.Held, Rejected: t.Rejected,
			NotApplicable: t.NotApplicable, Unsettled: t.Unsettled, Behind: t.Behind, OldestHeld: rfc3339(t.OldestHeld)})
	}
	return s
}

// rfc3339 is t, empty for a time that never was.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func (a *app) rejectsCommand() *cobra.Command {
	c := &cobra.Command{Use: "rejects", Short: a.t("问题数据：列出、查看、重推", "rejects: list, show, redrive")}
	var q ledger.RejectQuery
	list := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出未决的问题数据", "list open rejects"),
		Example: "  banjian rejects list --rule check_resident_id --lang zh",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.listRejects(cmd.Context(), h, store, q) })
		},
	}
	list.Flags().StringVar(&q.Rule, "rule", "", a.t("只看这条规则", "this rule only"))
	list.Flags().StringVar(&q.Pipeline, "pipeline", "", a.t("只看这个管道", "this pipeline only"))
	list.Flags().StringVar(&q.State, "state", "open", a.t("open 未决 | closed 已关闭", "open | closed"))
	list.Flags().IntVar(&q.Limit, "limit", 0, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	show := &cobra.Command{
		Use:     "show ID",
		Short:   a.t("一条问题数据的全部", "one reject in full"),
		Example: "  banjian rejects show 17",
		Args:    a.exactly(1, text.T("写出问题数据的编号", "give the reject's number")),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usageError{errors.New(a.t("编号是一个整数", "the number is an integer"))}
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.showReject(cmd.Context(), h, store, id) })
		},
	}
	c.AddCommand(list, show, a.redriveCommand())
	return c
}

// redriveCommand offers refused records to their receivers once more: what refused
// them was mended there, or in the mapping to them, and their rows did not change.
func (a *app) redriveCommand() *cobra.Command {
	var receiver, rule string
	c := &cobra.Command{
		Use:     "redrive",
		Short:   a.t("把接收方退回的记录再报一次（下次运行时）", "offer what receivers refused once more, at the next run"),
		Example: "  banjian rejects redrive --receiver national --rule receiver_refused",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if _, ok := h.site.Receivers[receiver]; !ok {
					return usageError{errors.New(a.t("用 --receiver 写出本站点的一个接收方", "name one of the site's receivers with --receiver"))}
				}
				n, err := store.Redrive(cmd.Context(), receiver, rule)
				if err == nil {
					a.say(text.F("%d 条记录将在下次运行时重新上报", "%d records will be tried again at the next run", n))
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&receiver, "receiver", "", a.t("接收方", "the receiver"))
	c.Flags().StringVar(&rule, "rule", "", a.t("只限因这条规则退回的", "only those refused by this rule"))
	return c
}

// rejectLine is a reject as people and scripts read it.
type rejectLine struct {
	ID       int64    `json:"id"`
	Pipeline string   `json:"pipeline"`
	Receiver string   `json:"receiver,omitempty"`
	Subject  string   `json:"subject"`
	Key      []string `json:"key"`
	Field    string   `json:"field"`
	Rule     string   `json:"rule"`
	Args     []string `json:"args,omitempty"`
	Reason   string   `json:"reason"`
	At       string   `json:"at"`
	State    string   `json:"state"`
}

func (a *app) rejectLine(h *house, r *ledger.Reject) rejectLine {
	return rejectLine{ID: r.ID, Pipeline: r.Pipeline, Receiver: r.Receiver, Subject: r.Subject, Key: ledger.DecodeKey(r.Key), Field: r.Field, Rule: r.Rule,
		Args: r.Args, Reason: h.ruleText(r.Pipeline, r.Rule, r.Args).In(a.lang), At: r.At.Format(time.RFC3339), State: r.State}
}

func (a *app) listRejects(ctx context.Context, h *house, store ledger.Reports, q ledger.RejectQuery) error {
	list, err := store.Rejects(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for i := range list {
			if err := enc.Encode(a.rejectLine(h, &list[i])); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		a.note(text.T("没有符合条件的问题数据", "no such rejects"))
		return nil
	}
	w := &table{out: a.out}
	w.heading(a.t("编号\t管道\t键\t字段\t规则\t原因", "id\tpipeline\tkey\tfield\trule\treason"))
	for i := range list {
		l := a.rejectLine(h, &list[i])
		w.row(count(l.ID), l.Pipeline, joined(l.Key), h.fieldTitle(l.Subject, l.Field, a.lang), l.Rule, l.Reason)
	}
	w.print()
	return nil
}

func (a *app) showReject(ctx context.Context, h *house, store ledger.Reports, id int64) error {
	list, err := store.Rejects(ctx, ledger.RejectQuery{ID: id})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return usageError{errors.New(a.t("没有这条问题数据", "there is no such reject"))}
	}
	r := &list[0]
	l := a.rejectLine(h, r)
	row, err := keptRow(ctx, store, r)
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(struct {
			rejectLine
			Source map[string]string `json:"source,omitempty"`
		}{l, maskedMap(row)})
	}
	fmt.Fprintf(a.out, "%s %d  %s\n", a.t("问题数据", "reject"), l.ID, a.rejectState(l.State))
	fmt.Fprintf(a.out, "%s: %s  %s  %s\n", a.t("管道", "pipeline"), l.Pipeline, joined(l.Key), l.At)
	fmt.Fprintf(a.out, "%s: %s (%s)\n", a.t("原因", "reason"), l.Reason, l.Rule)
	if l.Field != "" {
		fmt.Fprintf(a.out, "%s: %s\n", a.t("字段", "field"), h.fieldTitle(l.Subject, l.Field, a.lang))
	}
	for _, c := range row {
		fmt.Fprintf(a.out, "  %-12s %s\n", c.name, c.masked())
	}
	return nil
}

func (a *app) rejectState(s string) string {
	zh := map[string]string{"open": "未决", "closed": "已关闭"}
	if a.lang == text.ZH && zh[s] != "" {
		return zh[s]
	}
	return s
}

func (a *app) heldCommand() *cobra.Command {
	c := &cobra.Command{Use: "held", Short: a.t("挂起：什么在等什么", "held: what waits for what")}
	var q ledger.ExceptionQuery
	q.State = ledger.Held
	list := &cobra.Command{
		Use:     "list",
		Short:   a.t("列出挂起的记录", "list held records"),
		Example: "  banjian held list --receiver national",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.listHeld(cmd.Context(), h, store, q) })
		},
	}
	list.Flags().StringVar(&q.Receiver, "receiver", "", a.t("只看这个接收方", "this receiver only"))
	list.Flags().StringVar(&q.Subject, "subject", "", a.t("只看这个主题", "this subject only"))
	list.Flags().IntVar(&q.Limit, "limit", 0, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	c.AddCommand(list)
	return c
}

func (a *app) listHeld(ctx context.Context, h *house, store ledger.Receivers, q ledger.ExceptionQuery) error {
	list, err := store.Exceptions(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for _, e := range list {
			if err := enc.Encode(map[string]any{"receiver": e.Receiver, "pipeline": e.Pipeline, "subject": e.Stream.Subject, "source": e.Stream.Source,
				"key": ledger.DecodeKey(e.Key), "rule": e.Rule, "args": e.Args, "since": e.Since.Format(time.RFC3339), "reason": h.ruleText(e.Pipeline, e.Rule, e.Args).In(a.lang)}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		a.note(text.T("没有挂起的记录", "no held records"))
		return nil
	}
	w := &table{out: a.out}
	w.heading(a.t("接收方\t主题\t键\t挂起自\t等待", "receiver\tsubject\tkey\tsince\twaits for"))
	for _, e := range list {
		w.row(e.Receiver, e.Stream.Subject, joined(ledger.DecodeKey(e.Key)), e.Since.In(h.zone).Format(time.DateTime), h.ruleText(e.Pipeline, e.Rule, e.Args).In(a.lang))
	}
	w.print()
	return nil
}
