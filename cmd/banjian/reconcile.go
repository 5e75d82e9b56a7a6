package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/sides"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/jobs/reconcile"
	"banjian/ledger"
	"banjian/pipelines"
)

// reconcileFlags is what is to be laid side by side.
type reconcileFlags struct {
	day, since, until, receiver, department, out string
	named                                        int
	daily, source, ask                           bool
	listingFlags
}

func (a *app) reconcileCommand() *cobra.Command {
	var f reconcileFlags
	c := &cobra.Command{
		Use:   "reconcile",
		Short: a.t("对账：来源、台账、接收方逐条比对，缺了、改了、多了的点名", "lay source, ledger and receivers side by side, row by row; name what is missing, altered or too much"),
		Long: a.t(`对账：台账里有回执的记录，与接收方现有的逐条比对（按 row_guid 和内容摘要，不只看数量）。

一行是一天、一个部门系统、一个主题、一个接收方；日期是记录自己的业务日期（受理看受理时间，办结看办结时间）。
缺失：接收方没有。被改：接收方的内容不是上报的内容。多出：接收方有、从没报过。不能回读的接收方只列台账一边；
业务中台能问的用 --ask 逐条问，不能问的用 --export 与它导出的清单比对，用 --numbers 找出推送时我们没收到的申报流水号。
--source 把部门视图也整个读一遍：漏归集、已过时、来源已无的逐行点名；守管道的限速和允许时段。
有差异时退出码为 3；能问的一方没问成，退出码为 1。`, `Compares what the ledger has receipts of with what each receiver holds, row by row: by row_guid and a digest
of the content, not only by number.

A line is a day, a department system, a subject and a receiver; the day is the record's own (an acceptance counts
on the day it was accepted, a result on the day it was finished). missing: the receiver does not have it. altered:
what it has is not what was delivered. extra: it has what was never delivered. Of a receiver that cannot be read
back the ledger's side is told alone; a platform is asked record by record where it can be (--ask),
or compared by a list it exported (--export), and --numbers tells the
flow numbers it announced while nobody heard it. --source reads the departments' views too, whole, at the pipelines' own
speed and hours, and names rows that were never collected, are outdated in the ledger or gone at the source.
Exits 3 on a difference, 1 when a side that can be asked could not be asked now.`),
		Example: "  banjian reconcile --day 2026-11-21\n  banjian reconcile --receiver national --out 对账.xlsx\n  banjian reconcile --source --department gjj-core\n" +
			"  banjian reconcile --receiver platform --export 受理.xlsx --since 2026-11-01\n  banjian reconcile --numbers 流水号.xlsx --system gjj --fetch-missing",
		Args: a.exactly(0, text.T("reconcile 不带参数", "reconcile takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.reconcile(cmd.Context(), h, store, f, time.Now())
			})
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.day, "day", "", a.t("只对这一天", "this day only"))
	flags.StringVar(&f.since, "since", "", a.t("从这一天起", "from this day on"))
	flags.StringVar(&f.until, "until", "", a.t("到这一天为止（含）", "up to this day, included"))
	flags.StringVar(&f.receiver, "receiver", "", a.t("只对这个接收方", "this receiver only"))
	flags.StringVar(&f.department, "department", "", a.t("只对这个部门系统（source_id）", "this department's system only (source_id)"))
	flags.IntVar(&f.named, "named", 1000, a.t("最多点名多少条差异，其余只计数", "name at most so many differences, count the others"))
	flags.BoolVar(&f.daily, "daily", false, a.t("屏幕上逐日列出（--json 与 xlsx 总是逐日）", "a line a day on the screen too, as in --json and xlsx"))
	flags.BoolVar(&f.source, "source", false, a.t("也把部门视图从头读一遍，与台账逐行比对；守限速和允许时段", "read the departments' views too, whole, and lay them beside the ledger; keeps to their speed and hours"))
	flags.BoolVar(&f.ask, "ask", false, a.t("能逐条查询的中台，逐条去问；守它的并发和每秒次数", "ask platforms that can be asked for each record delivered; keeps to their connections and calls a second"))
	flags.StringVar(&f.out, "out", "", a.t("另存为 .xlsx", "write it to an .xlsx file too"))
	f.flags(a, c)
	c.MarkFlagsMutuallyExclusive("day", "since")
	c.MarkFlagsMutuallyExclusive("day", "until")
	return c
}

func (a *app) reconcile(ctx context.Context, h *house, store ledger.Store, f reconcileFlags, now time.Time) error {
	if f.out != "" && strings.ToLower(filepath.Ext(f.out)) != ".xlsx" {
		return usageError{errors.New(a.t("--out 写出 .xlsx 文件", "--out names an .xlsx file"))}
	}
	if err := f.check(a); err != nil {
		return err
	}
	if f.numbers != "" {
		return a.onlyNumbers(ctx, h, store, &f, now)
	}
	since, until, err := f.days(h.Zone())
	if err != nil {
		return err
	}
	if f.receiver != "" {
		if err := a.mustHave(h, f.receiver); err != nil {
			return err
		}
	}
	if _, err := a.pipelinesOfDepartment(h, f.department); err != nil {
		return err
	}
	list, err := a.listOf(h, &f)
	if err != nil {
		return err
	}
	q := &sides.Question{Department: f.department, Receiver: f.receiver, Days: reconcile.Days{Since: since, Until: until, Zone: h.Zone()}, Source: f.source, Ask: f.ask, Named: f.named, Now: now}
	report, err := a.sidesOf(h, store).Run(ctx, q, list)
	if err != nil {
		return err
	}
	return a.endReconcile(h, report, &f, now)
}

// sidesOf is a site as it is reconciled.
func (a *app) sidesOf(h *house, store ledger.Store) *sides.Site {
	return &sides.Site{House: h, Store: store, Progress: func(what string) (func(int64), func()) {
		bar := a.progress(what)
		return func(rows int64) { bar.update(pipelines.Counts{Read: rows}) }, bar.finish
	}}
}

// failedToAsk says that a source or a receiver could not be read now.
func failedToAsk(r *reconcile.Report) bool {
	return slices.ContainsFunc(r.Unasked, func(u reconcile.Unasked) bool { return u.Failed })
}

// endReconcile writes and prints a report and sets the exit code.
func (a *app) endReconcile(h *house, report *reconcile.Report, f *reconcileFlags, now time.Time) error {
	for i := range report.Unasked {
		report.Unasked[i].Said = report.Unasked[i].Why.In(a.lang)
	}
	if f.out != "" {
		if err := writePages(f.out, reconcilePages(report, f.source, a.lang, now.In(h.Zone()))); err != nil {
			return err
		}
	}
	switch {
	case report.Differs():
		a.code = exitNews
	case failedToAsk(report):
		a.code = exitFailed
	}
	return a.printReconcile(report, f)
}

// days is the days asked for, in the site's zone.
func (f *reconcileFlags) days(zone *time.Location) (since, until time.Time, err error) {
	read := func(flag, value string) time.Time {
		if value == "" || err != nil {
			return time.Time{}
		}
		t, wrong := jobs.ParseTime(value, zone)
		if wrong != nil {
			err = fault.New(fault.Config, "read flags", "--"+flag, text.F("%q 不是日期", "%q is no day", value), text.T("例如 2026-11-21", "for instance 2026-11-21"))
		}
		return t
	}
	if f.day != "" {
		since = read("day", f.day)
		return since, since, err
	}
	since, until = read("since", f.since), read("until", f.until)
	if err == nil && f.since != "" && f.until != "" && until.Before(since) {
		err = fault.New(fault.Config, "read flags", "--until", text.T("--until 早于 --since，一天也没有", "--until is before --since: there is no day between them"), text.T("两者对调", "put them the other way round"))
	}
	return since, until, err
}
