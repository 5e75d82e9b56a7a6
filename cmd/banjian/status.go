package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/status"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) statusCommand() *cobra.Command {
	var f status.Scope
	var o statusOptions
	c := &cobra.Command{
		Use:     "status",
		Short:   a.t("一屏看清：迟了、失败、被拒、挂起、问题；有新的事要人处理时退出码 3", "one screen: late, failed, blocked, held, rejected; exit 3 when something new needs a person"),
		Example: "  banjian status --lang zh\n  banjian status --department gjj-core\n  banjian status --receiver national\n  banjian status --ack\n  banjian status --fail-on any",
		Args:    a.exactly(0, text.T("status 不带参数", "status takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.failOn != "new" && o.failOn != "any" && o.failOn != "none" {
				return usageError{errors.New(a.t("--fail-on 只能是 new、any 或 none", "--fail-on is new, any or none"))}
			}
			if o.ack && f != (status.Scope{}) {
				return usageError{errors.New(a.t("--ack 认的是整页，不与 --department、--receiver 同用", "--ack is of the whole page: it excludes --department and --receiver"))}
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.status(cmd.Context(), h, store, f, o, time.Now())
			})
		},
	}
	c.Flags().StringVar(&f.Department, "department", "", a.t("只看这个部门系统（source_id）", "this department's system only (source_id)"))
	c.Flags().StringVar(&f.Receiver, "receiver", "", a.t("只看这个接收方", "this receiver only"))
	c.Flags().BoolVar(&o.ack, "ack", false, a.t("列出的事都知道了：照样列出，但没有变多、变样之前不再算新的", "what is listed is known: it stays listed, and is nothing new until it grows or changes"))
	c.Flags().StringVar(&o.failOn, "fail-on", "new", a.t("何时以 3 退出：new 有上次 --ack 之后新出现的事 | any 有任何要人处理的事 | none 从不", "when to exit 3: new things since the last --ack | any for a person | none"))
	return c
}

// statusOptions are the flags of status besides its scope.
type statusOptions struct {
	ack    bool
	failOn string
}

func (a *app) status(ctx context.Context, h *house, store ledger.Store, f status.Scope, o statusOptions, now time.Time) error {
	if f.Receiver != "" {
		if err := a.mustHave(h, f.Receiver); err != nil {
			return err
		}
	}
	if _, err := a.pipelinesOfDepartment(h, f.Department); err != nil {
		return err
	}
	site := &status.Site{House: h, Store: store, Now: now}
	s, err := site.Report(ctx, f)
	if err != nil {
		return err
	}
	if o.ack {
		if err := site.Acknowledge(ctx, s, whoami()); err != nil {
			return err
		}
		a.log().Info("concerns acknowledged", "concerns", len(s.Trouble), "by", whoami())
	}
	if o.failOn == "new" && s.New > 0 || o.failOn == "any" && s.NeedsPerson {
		a.code = exitNews
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(s.In(a.lang))
	}
	a.printStatus(h, s)
	return nil
}

func (a *app) printStatus(h *house, s *status.Report) {
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
	fmt.Fprintf(a.out, "%s  %s\n", shortTime(s.At.Time, h.Zone()), strings.Join(parts, " · "))
	a.printTrouble(s)
	fmt.Fprintln(a.out)
	a.printDepartments(h, s)
	a.printInbox(s)
	for _, r := range s.Receivers {
		a.printReceiverLine(h, r, s.At.Time)
	}
}

// troubleLines is how many lines of trouble fit on a screen beside the rest.
const troubleLines = 16

// printTrouble lists what needs a person; where some of it is known what is new has a mark,
// and goes first if not everything fits.
func (a *app) printTrouble(s *status.Report) {
	if len(s.Trouble) == 0 {
		return
	}
	title, known := a.t("要人处理（最久的在前）", "for a person, oldest first"), s.New < len(s.Trouble)
	if known {
		title += fmt.Sprintf(a.t("，带 * 的 %d 项是新的，其余已有人知道", "; new, with an asterisk: %d, the rest is known"), s.New)
	}
	fmt.Fprintf(a.out, "\n%s\n", title)
	list := slices.Clone(s.Trouble)
	if len(list) > troubleLines {
		slices.SortStableFunc(list, func(x, y *status.Concern) int { return toInt(y.New) - toInt(x.New) })
	}
	w := &table{out: a.out}
	for _, one := range list[:min(len(list), troubleLines)] {
		mark := "  "
		if known && one.New {
			mark = "* "
		}
		w.row(mark+a.since(one.Since.Time, s.At.Time), one.Where.In(a.lang), one.What.In(a.lang))
		if !one.Hint.IsZero() {
			w.row("", "", "→ "+one.Hint.In(a.lang))
		}
	}
	w.print()
	if more := len(list) - troubleLines; more > 0 {
		fmt.Fprintf(a.out, a.t("  另有 %d 项（--json 看全部）\n", "  and %d more (--json has all)\n"), more)
	}
}

func toInt(is bool) int {
	if is {
		return 1
	}
	return 0
}

// printDepartments is one line for the pipelines of a department that are well.
func (a *app) printDepartments(h *house, s *status.Report) {
	for _, department := range h.Departments() {
		well, others := 0, []string{}
		var oldest time.Time
		for _, p := range s.Pipelines {
			switch {
			case p.Department != department:
			case p.State == status.Well:
				well++
				oldest = status.Earliest(oldest, p.LastGood.Time)
			case p.State == status.Running || p.State == status.Never || p.State == status.Paused:
				others = append(others, p.Pipeline+" "+p.StateText().In(a.lang)+a.flowText(p, s.At.Time))
			}
		}
		if well > 0 {
			a.say(text.F("%s：%d 个管道正常，最近一次成功都在 %s内%s", "%s: %d pipeline{|s} well, each succeeded within %s%s", department, well, a.since(oldest, s.At.Time), a.comparedText(s, department)))
		}
		if len(others) > 0 {
			fmt.Fprintf(a.out, a.t("%s：%s\n", "%s: %s\n"), department, strings.Join(others, a.t("，", ", ")))
		}
	}
}

// flowText is how far a continuous pipeline has come.
func (a *app) flowText(p *status.Pipeline, now time.Time) string {
	if p.Behind == nil {
		return ""
	}
	said := fmt.Sprintf(a.t("（落后 %s 条", " (behind by %s"), count(*p.Behind))
	if !p.Newest.IsZero() {
		said += a.t("，最新消息 ", ", newest message ") + a.since(p.Newest.Time, now) + a.t("前", " ago")
	}
	return said + a.t("）", ")")
}

// printReceiverLine is a receiver on one line; what is wrong with it stands above.
func (a *app) printReceiverLine(h *house, r *status.Receiver, now time.Time) {
	state := r.StateText(h.Zone())
	if r.InTrouble() {
		state = r.Stance(h.Zone())
	}
	pending := count(r.Pending)
	if r.Pending > 0 {
		pending += a.t("（最早 ", " (oldest ") + a.since(r.OldestPending.Time, now) + a.t("）", ")")
	}
	held := count(r.Held)
	if r.HeldLong > 0 {
		held += fmt.Sprintf(a.t("（超期 %d）", " (too long %d)"), r.HeldLong)
	}
	fmt.Fprintf(a.out, a.t("%s：%s · 最近成功 %s · 待报 %s · 挂起 %s · 问题 %d · 不一致 %d\n", "%s: %s · last good %s · pending %s · held %s · rejected %d · diverged %d\n"),
		r.Receiver, state.In(a.lang), shortTime(r.LastGood.Time, h.Zone()), pending, held, r.Rejected, r.Diverged)
	if r.Compared > 0 {
		fmt.Fprintf(a.out, a.t("  只作比对 %d 条（以另一系统为准）：banjian precedence\n", "  compared only %d (another system's word counts): banjian precedence\n"), r.Compared)
	}
	if r.Uptake != nil {
		fmt.Fprintf(a.out, "  %s\n", a.uptakeText(r.Uptake, now))
	}
}

// comparedText is when the views of a department were last compared, the one longest ago.
func (a *app) comparedText(s *status.Report, department string) string {
	var oldest time.Time
	n, never := 0, 0
	for _, p := range s.Pipelines {
		switch {
		case p.Department != department || !p.Compares:
		case p.LastCompared.IsZero():
			never++
		default:
			n++
			oldest = status.Earliest(oldest, p.LastCompared.Time)
		}
	}
	said := ""
	if n > 0 {
		said = fmt.Sprintf(a.t("；%d 个定期比对，都在 %s内比对过", "; %d compare by themselves, each did within %s"), n, a.since(oldest, s.At.Time))
	}
	if never > 0 {
		said += fmt.Sprintf(a.t("；%d 个还没有比对过", "; not compared yet: %d"), never)
	}
	return said
}

// printInbox is one line for each system.
func (a *app) printInbox(s *status.Report) {
	for _, x := range s.Inbox {
		parts := []string{fmt.Sprintf(a.t("流水号 %s", "flow numbers %s"), count(x.Announced)), fmt.Sprintf(a.t("已取 %s", "fetched %s"), count(x.Fetched))}
		waiting := fmt.Sprintf(a.t("待取 %s", "waiting %s"), count(x.Waiting))
		if x.Waiting > 0 {
			waiting += a.t("（最早 ", " (oldest ") + a.since(x.Oldest.Time, s.At.Time) + a.t("）", ")")
		}
		parts = append(parts, waiting)
		for _, more := range []struct {
			n      int64
			zh, en string
		}{{x.Files, "附件待取 %s", "files waiting %s"}, {x.Withdrawn, "撤销 %s", "withdrawn %s"}, {x.Refused, "受理后撤销被拒 %s", "withdrawals refused %s"}, {x.Unknown, "撤销的流水号不认识 %s", "withdrawals of unknown numbers %s"}} {
			if more.n > 0 {
				parts = append(parts, fmt.Sprintf(a.t(more.zh, more.en), count(more.n)))
			}
		}
		fmt.Fprintf(a.out, a.t("收件 %s：%s\n", "inbox %s: %s\n"), x.System, strings.Join(parts, " · "))
	}
}

// uptakeText is what a receiver did with what it was given, on one line.
func (a *app) uptakeText(u *status.Uptake, now time.Time) string {
	waiting := count(u.Waiting)
	if u.Waiting > 0 && !u.OldestWaiting.IsZero() {
		waiting += a.t("（最早 ", " (oldest ") + a.since(u.OldestWaiting.Time, now) + a.t("）", ")")
	}
	said := fmt.Sprintf(a.t("发出 %d 行 · 已消费 %d · 待消费 %s · 退回未决 %d", "rows sent %d · taken over %d · waiting %s · sent back, open %d"), u.Sent, u.Taken, waiting, u.Open)
	if u.Missing > 0 {
		said += fmt.Sprintf(a.t(" · 不见 %d", " · missing %d"), u.Missing)
	}
	if u.Unmatched > 0 {
		said += fmt.Sprintf(a.t(" · 对不上 %d", " · unmatched %d"), u.Unmatched)
	}
	return said
}
