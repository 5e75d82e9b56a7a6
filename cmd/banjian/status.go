package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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

// anyOpen says whether any reject is open or any record held.
func anyOpen(ctx context.Context, store statusStore) (bool, error) {
	rejects, err := store.Rejects(ctx, ledger.RejectQuery{State: "open", Limit: 1})
	if err != nil || len(rejects) > 0 {
		return len(rejects) > 0, err
	}
	held, err := store.Exceptions(ctx, ledger.ExceptionQuery{State: ledger.Held, Limit: 1})
	return len(held) > 0, err
}

// statusFilter is the flags of status.
type statusFilter struct{ department, receiver string }

func (a *app) statusCommand() *cobra.Command {
	var f statusFilter
	c := &cobra.Command{
		Use:     "status",
		Short:   a.t("一屏看清：迟了、失败、被拒、挂起、问题；有事要人处理时退出码 3", "one screen: late, failed, blocked, held, rejected; exit 3 when something needs a person"),
		Example: "  banjian status --lang zh\n  banjian status --department gjj-core\n  banjian status --receiver national",
		Args:    a.exactly(0, text.T("status 不带参数", "status takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.status(cmd.Context(), h, store, f, time.Now())
			})
		},
	}
	c.Flags().StringVar(&f.department, "department", "", a.t("只看这个部门系统（source_id）", "this department's system only (source_id)"))
	c.Flags().StringVar(&f.receiver, "receiver", "", a.t("只看这个接收方", "this receiver only"))
	return c
}

func (a *app) status(ctx context.Context, h *house, store ledger.Store, f statusFilter, now time.Time) error {
	if f.receiver != "" {
		if err := h.mustHave(a, f.receiver); err != nil {
			return err
		}
	}
	if _, err := h.pipelinesOfDepartment(a, f.department); err != nil {
		return err
	}
	s, err := h.look(ctx, store, f, now)
	if err != nil {
		return err
	}
	for _, p := range s.Pipelines {
		p.Error = text.Unpacked(p.Error).In(a.lang)
	}
	s.troubles(a, h)
	if s.NeedsPerson = len(s.Trouble) > 0; s.NeedsPerson {
		a.code = exitNews
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(s)
	}
	a.printStatus(h, s)
	return nil
}

func (a *app) printStatus(h *house, s *statusReport) {
	t := &s.Totals
	parts := []string{fmt.Sprintf(a.t("管道 %d", "pipelines %d"), t.Pipelines)}
	add := func(n int64, zh, en string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(a.t(zh, en), n))
		}
	}
	add(int64(t.Late), "迟 %d", "late %d")
	add(int64(t.Failed), "失败 %d", "failed %d")
	parts = append(parts, fmt.Sprintf(a.t("未决问题 %d", "open rejects %d"), t.OpenRejects), fmt.Sprintf(a.t("接收方 %d", "receivers %d"), t.Receivers),
		fmt.Sprintf(a.t("待报 %d", "pending %d"), t.Pending), fmt.Sprintf(a.t("挂起 %d", "held %d"), t.Held))
	add(t.HeldLong, "其中超期 %d", "of these too long %d")
	add(t.Diverged, "不一致 %d", "diverged %d")
	add(t.FilesOwed, "欠附件 %d", "files owed %d")
	add(t.Unverified, "待核验 %d", "unverified %d")
	fmt.Fprintf(a.out, "%s  %s\n", shortTime(s.now, h.Zone()), strings.Join(parts, " · "))
	if len(s.Trouble) > 0 {
		fmt.Fprintf(a.out, "\n%s\n", a.t("要人处理（最久的在前）", "for a person, oldest first"))
		w := &table{out: a.out}
		for _, one := range s.Trouble[:min(len(s.Trouble), troubleLines)] {
			w.row("  "+a.since(one.since, s.now), one.Where, one.What)
			if one.Hint != "" {
				w.row("", "", "→ "+one.Hint)
			}
		}
		w.print()
		if more := len(s.Trouble) - troubleLines; more > 0 {
			fmt.Fprintf(a.out, a.t("  另有 %d 项（--json 看全部）\n", "  and %d more (--json has all)\n"), more)
		}
	}
	fmt.Fprintln(a.out)
	a.printDepartments(h, s)
	a.printInbox(s)
	for _, r := range s.Receivers {
		a.printReceiverLine(h, r, s.now)
	}
}

// troubleLines is how many lines of trouble fit on a screen beside the rest.
const troubleLines = 16

// printDepartments is one line for the pipelines of a department that are well.
func (a *app) printDepartments(h *house, s *statusReport) {
	for _, department := range h.Departments() {
		well, others := 0, []string{}
		var oldest time.Time
		for _, p := range s.Pipelines {
			switch {
			case p.Department != department:
			case p.State == pipelineWell:
				well++
				oldest = earliestOf(oldest, p.good)
			case p.State == pipelineRunning || p.State == pipelineNever || p.State == pipelinePaused:
				others = append(others, p.Pipeline+" "+a.pipelineState(p.State)+a.flowText(p, s.now))
			}
		}
		if well > 0 {
			a.say(text.F("%s：%d 个管道正常，最近一次成功都在 %s内%s", "%s: %d pipeline{|s} well, each succeeded within %s%s", department, well, a.since(oldest, s.now), a.comparedText(s, department)))
		}
		if len(others) > 0 {
			fmt.Fprintf(a.out, a.t("%s：%s\n", "%s: %s\n"), department, strings.Join(others, a.t("，", ", ")))
		}
	}
}

// flowText is how far a continuous pipeline has come.
func (a *app) flowText(p *pipelineStand, now time.Time) string {
	if p.Behind == nil {
		return ""
	}
	said := fmt.Sprintf(a.t("（落后 %s 条", " (behind by %s"), count(*p.Behind))
	if !p.newest.IsZero() {
		said += a.t("，最新消息 ", ", newest message ") + a.since(p.newest, now) + a.t("前", " ago")
	}
	return said + a.t("）", ")")
}

// printReceiverLine is a receiver on one line; what is wrong with it stands above.
func (a *app) printReceiverLine(h *house, r *receiverStand, now time.Time) {
	state := a.stateText(r, h.Zone())
	if r.inTrouble() {
		state, _, _ = strings.Cut(state, a.t("：", ": "))
	}
	pending := count(r.Pending)
	if r.Pending > 0 {
		pending += a.t("（最早 ", " (oldest ") + a.since(r.oldestPending, now) + a.t("）", ")")
	}
	held := count(r.Held)
	if r.HeldLong > 0 {
		held += fmt.Sprintf(a.t("（超期 %d）", " (too long %d)"), r.HeldLong)
	}
	fmt.Fprintf(a.out, a.t("%s：%s · 最近成功 %s · 待报 %s · 挂起 %s · 问题 %d · 不一致 %d\n", "%s: %s · last good %s · pending %s · held %s · rejected %d · diverged %d\n"),
		r.Receiver, state, shortTime(r.good, h.Zone()), pending, held, r.Rejected, r.Diverged)
	if r.Compared > 0 {
		fmt.Fprintf(a.out, a.t("  只作比对 %d 条（以另一系统为准）：banjian precedence\n", "  compared only %d (another system's word counts): banjian precedence\n"), r.Compared)
	}
	if r.Uptake != nil {
		fmt.Fprintf(a.out, "  %s\n", a.uptakeText(r.Uptake, now))
	}
}

// troubles lists what needs a person, oldest first.
func (s *statusReport) troubles(a *app, h *house) {
	s.Trouble = []concern{}
	add := func(since time.Time, where, what, hint string) {
		s.Trouble = append(s.Trouble, concern{Since: rfc3339(since), Where: where, What: what, Hint: hint, since: since})
	}
	for _, p := range s.Pipelines {
		where := p.Department + " / " + p.Pipeline
		last := shortTime(p.good, h.Zone())
		switch p.State {
		case pipelineFailed:
			add(p.failed, where, fmt.Sprintf(a.t("失败：%s（最近一次成功 %s）", "failed: %s (last good %s)"), p.Error, last), "")
		case pipelineLate:
			add(p.late, where, fmt.Sprintf(a.t("迟了：任务 %s 应在 %s 运行，最近一次成功 %s", "late: job %s was due %s, last good %s"), p.Job, shortTime(p.late, h.Zone()), last),
				a.t("banjian serve 在运行吗？或 banjian run "+p.Pipeline, "is banjian serve running? or banjian run "+p.Pipeline))
		}
	}
	for _, p := range s.Pipelines {
		if !p.overdue.IsZero() {
			add(p.overdue, p.Department+" / "+p.Pipeline, fmt.Sprintf(a.t("整张视图早该比对了，最近一次 %s", "its whole view should have been compared, last was %s"), shortTime(p.compared, h.Zone())),
				a.t("现在比对：", "to do it now: ")+"banjian run "+p.Pipeline+" --mode compare")
		}
	}
	for _, l := range s.deletes {
		source, _ := h.SourceOf(l.Pipeline)
		add(l.At, source+" / "+l.Pipeline, fmt.Sprintf(a.t("待批准的删除 %d 条，名单 %d", "deletes to be approved: %d, list %d"), l.Records, l.Number), "banjian deletes show "+fmt.Sprint(l.Number))
	}
	for i, r := range s.rejects {
		where, list := r.Pipeline, "banjian rejects list --pipeline "+r.Pipeline
		if source, known := h.SourceOf(r.Pipeline); known {
			where = source + " / " + r.Pipeline
		}
		if r.Receiver != "" {
			where, list = where+" → "+r.Receiver, list+" --receiver "+r.Receiver
		}
		add(r.Oldest, where, fmt.Sprintf(a.t("未决问题数据 %d 条%s：%s", "open rejects %d%s: %s"), r.Open, a.blocking(s.blocked[i]), list), "")
	}
	s.owedLong(a, add)
	s.silentLong(a, add)
	for _, r := range s.Receivers {
		if r.inTrouble() {
			add(r.since, r.Receiver, a.stateText(r, h.Zone()), r.hint.In(a.lang))
		}
		if r.HeldLong > 0 {
			add(r.oldestHeld, r.Receiver, fmt.Sprintf(a.t("挂起超期 %d 条：banjian held list --receiver %s", "held too long %d: banjian held list --receiver %s"), r.HeldLong, r.Receiver), "")
		}
		if r.Diverged > 0 {
			add(time.Time{}, r.Receiver, fmt.Sprintf(a.t("不一致 %d 条，与接收方核对：banjian held list --receiver %s", "diverged %d, settle them with the receiver: banjian held list --receiver %s"), r.Diverged, r.Receiver), "")
		}
		if r.Unknown > 0 {
			add(r.oldestUnknown, r.Receiver, fmt.Sprintf(a.t("结果不明 %d 条，等人认定：banjian outcomes list --receiver %s", "outcome unknown %d, for a person: banjian outcomes list --receiver %s"), r.Unknown, r.Receiver), "")
		}
		if r.Open > 0 {
			add(r.oldestOpen, r.Receiver, fmt.Sprintf(a.t("一天以上没有应答 %d 条：banjian outcomes list --receiver %s", "unanswered for a day %d: banjian outcomes list --receiver %s"), r.Open, r.Receiver), "")
		}
		a.uptakeConcerns(r, add)
		r.say(a.lang)
	}
	s.troublesInbox(a, add)
	for _, one := range s.silent {
		add(one.since, one.First, fmt.Sprintf(a.t("自那以后没有新数据，与它比对的 %s 却有", "nothing new since, while %s, which is compared with it, has"), one.Second), "banjian precedence")
	}
	slices.SortStableFunc(s.Trouble, func(x, y concern) int {
		switch {
		case x.since.IsZero() || y.since.IsZero():
			return boolRank(x.since.IsZero()) - boolRank(y.since.IsZero())
		}
		return x.since.Compare(y.since)
	})
}

func boolRank(last bool) int {
	if last {
		return 1
	}
	return 0
}
