package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/doctor"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	bounds doctor.Bounds
	load   bool
	csv    bool
	days   int
}

func (a *app) doctorCommand() *cobra.Command {
	var o doctorOptions
	c := &cobra.Command{
		Use:   "doctor [CONNECTION…]",
		Short: a.t("查连接上能出的问题：授权过宽、字符集、时钟、缺列、主键重复、游标、负担；不改动任何东西", "what can be wrong with the connections: rights too wide, charsets, clocks, columns, keys, cursors, load; changes nothing"),
		Example: "  banjian doctor\n  banjian doctor gjj --rows 20000000 --timeout 5m\n" +
			"  banjian doctor gjj --load --days 30 --csv > load.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.csv && !o.load || o.days < 1 || o.bounds.Rows < 0 || o.bounds.Timeout <= 0 {
				return usageError{errors.New(a.t("--csv 与 --load 同用；--days 至少 1；--timeout 大于 0", "--csv goes with --load; --days is 1 or more; --timeout is above 0"))}
			}
			return a.withHouse(func(h *house) error { return a.doctor(cmd.Context(), h, args, o) })
		},
	}
	f := c.Flags()
	f.Int64Var(&o.bounds.Rows, "rows", 5_000_000, a.t("行数不超过它的视图才查主键是否重复", "keys are looked through for repeats in views of up to so many rows"))
	f.DurationVar(&o.bounds.Timeout, "timeout", time.Minute, a.t("每条语句在对方服务器上最多跑多久", "how long a statement may run at the server"))
	f.BoolVar(&o.load, "load", false, a.t("只列出各次运行给部门造成的负担，供其 DBA 查看；不连接", "only list what the runs cost the department, for its DBA; nothing is connected"))
	f.BoolVar(&o.csv, "csv", false, a.t("与 --load 同用：以 CSV 输出", "with --load: print CSV"))
	f.IntVar(&o.days, "days", 7, a.t("与 --load 同用：最近几天", "with --load: days to look back"))
	return c
}

func (a *app) doctor(ctx context.Context, h *house, names []string, o doctorOptions) error {
	for _, n := range names {
		if _, _, err := h.Connection(n); err != nil {
			return err
		}
	}
	whole := len(names) == 0
	if whole {
		names = slices.Sorted(maps.Keys(h.Site().Connections))
	}
	specs, err := h.Pipelines(nil)
	if err != nil {
		return err
	}
	runs, err := h.runsSince(ctx, time.Now().AddDate(0, 0, -o.days))
	if err != nil {
		return err
	}
	if o.load {
		return a.printCosts(h, names, specs, runs, o)
	}
	for _, n := range names {
		lines, err := h.examine(ctx, n, specs, runs, o.bounds)
		if err != nil {
			return err
		}
		for i := range lines {
			a.printLine(&lines[i])
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if whole {
		lines := h.examineVerification(ctx)
		for i := range lines {
			a.printLine(&lines[i])
		}
	}
	return nil
}

// examine looks at a connection, at the views behind it and at the receivers it leads to.
func (h *house) examine(ctx context.Context, name string, specs []pipelines.Spec, runs []ledger.Run, b doctor.Bounds) ([]doctor.Line, error) {
	var lines []doctor.Line
	if c := h.Site().Connections[name]; c.Drop() {
		lines = h.examineDrop(ctx, name, specs)
	}
	d, err := h.department(name, specs, runs)
	if err != nil {
		return nil, err
	}
	for _, r := range h.Receivers() {
		if h.Site().Receivers[r].Connection == name && h.Profile(r) != nil {
			lines = append(lines, h.examineReceiver(ctx, r)...)
		}
	}
	if conn := h.Site().Connections[name]; len(d.Views) > 0 || len(lines) == 0 && databaseKind(conn.Kind) {
		lines = append(d.Examine(ctx, b), lines...)
	}
	return append(lines, h.examineAttachments(ctx, name)...), nil
}

// databaseKind says that a connection leads to a database.
func databaseKind(kind string) bool { return slices.Contains(sqldialect.Kinds(), kind) }

// shownRuns is how many runs stand for what a run costs.
const shownRuns = 10

// department is a connection with the pipelines that read it.
func (h *house) department(name string, specs []pipelines.Spec, runs []ledger.Run) (*doctor.Department, error) {
	d := &doctor.Department{Name: name}
	conn := h.Site().Connections[name]
	if !databaseKind(conn.Kind) {
		return d, nil
	}
	var err error
	if d.Look, err = h.Look(name); err != nil {
		return nil, err
	}
	for _, s := range specs {
		if s.From.Connection != name || s.Continuous() {
			continue
		}
		v := doctor.View{Pipeline: s.Pipeline}
		if v.Source, err = h.View(s); err != nil {
			return nil, err
		}
		for _, r := range runs {
			if r.Pipeline == s.Pipeline && r.Counts.Load.Queries > 0 && len(v.Ran) < shownRuns {
				v.Ran = append(v.Ran, r.Counts.Load)
			}
		}
		d.Views = append(d.Views, v)
	}
	return d, nil
}

func (h *house) examineReceiver(ctx context.Context, name string) []doctor.Line {
	r := &doctor.Report{About: name}
	got, err := h.ask(ctx, name)
	if err != nil {
		r.Wrong("", "connect", err)
		return r.Lines
	}
	r.Add("", "connect", doctor.OK, text.F("%s，%s 内应答", "%s, answered in %s", got.address, got.took.Round(time.Millisecond)), text.Text{})
	r.Clock(got.clock)
	for _, n := range got.notes {
		r.Add("", "tables", doctor.Warn, n, text.Text{})
	}
	if len(got.notes) == 0 {
		r.Add("", "tables", doctor.OK, text.T("与档案相符", "as its profile says"), text.Text{})
	}
	return r.Lines
}

// runsSince is the runs from then on, newest first; none without a ledger.
func (h *house) runsSince(ctx context.Context, since time.Time) ([]ledger.Run, error) {
	if _, err := os.Stat(h.Site().Path(h.Site().Ledger.Path)); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	store, err := h.OpenLedger(ctx)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	return store.RunsSince(ctx, since)
}

// printLine prints one check, and remembers that one failed.
func (a *app) printLine(l *doctor.Line) {
	if l.Verdict == doctor.Fail {
		a.code = exitFailed
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(map[string]any{"about": l.About, "pipeline": l.Pipeline, "check": l.ID, "verdict": l.Verdict, "what": l.What.In(a.lang), "hint": l.Hint.In(a.lang), "sql": append([]string{}, l.SQL...)}) // a closed pipe is nobody's trouble
		return
	}
	about := l.About
	if l.Pipeline != "" {
		about += " · " + l.Pipeline
	}
	fmt.Fprintf(a.out, "%-4s  %s  %s%s%s\n", l.Verdict, about, l.Check.In(a.lang), a.t("：", ": "), strings.ReplaceAll(l.What.In(a.lang), "\n", "\n      "))
	if hint := l.Hint.In(a.lang); hint != "" {
		fmt.Fprintf(a.out, "      → %s\n", hint)
	}
	for _, q := range l.SQL {
		fmt.Fprintf(a.out, "        %s\n", q)
	}
}

// printCosts prints what runs cost the departments behind these connections.
func (a *app) printCosts(h *house, names []string, specs []pipelines.Spec, runs []ledger.Run, o doctorOptions) error {
	of := map[string]string{}
	for _, s := range specs {
		of[s.Pipeline] = s.From.Connection
	}
	costs := doctor.NewCosts(h.Zone())
	for _, r := range runs {
		if slices.Contains(names, of[r.Pipeline]) && r.Counts.Load.Queries > 0 {
			costs.Add(of[r.Pipeline], r.Pipeline, r.Started, r.Counts.Load)
		}
	}
	list := costs.List()
	if o.csv {
		return doctor.WriteCSV(a.out, list, a.lang)
	}
	return a.list(&listing{
		n:       len(list),
		none:    text.F("最近 %d 天没有读过", "nothing was read in the last %d days", o.days),
		heading: strings.Join(doctor.CostHeading(a.lang), "\t"),
		line:    func(i int) any { return list[i] },
		row:     func(i int) []string { return list[i].Cells() },
	})
}
