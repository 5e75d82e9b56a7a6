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
	"banjian/cmd/internal/wiring"
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
			s, err := a.site()
			if err != nil {
				return err
			}
			h, wrong := wiring.Open(s, wiring.Options{Log: a.log()})
			return errors.Join(a.doctor(cmd.Context(), h, wrong, args, o), h.Close())
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

// doctor goes through the connections; wrong is what is wrong with the site's files.
func (a *app) doctor(ctx context.Context, h *house, wrong error, names []string, o doctorOptions) error {
	for _, n := range names {
		if _, known := h.Site().Connections[n]; known {
			continue // what is wrong with it is told where it is examined
		}
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
	runs, err := runsSince(ctx, h, time.Now().AddDate(0, 0, -o.days))
	if err != nil {
		return err
	}
	if o.load && wrong != nil {
		return wrong
	}
	if o.load {
		return a.printCosts(h, names, specs, runs, o)
	}
	examined := &doctor.Site{House: h, Specs: specs, Runs: runs, Bounds: o.bounds}
	a.printLines(examined.Files(wrong))
	for _, n := range names {
		a.printLines(examined.Examine(ctx, n))
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if whole {
		a.printLines(examined.Verification(ctx))
	}
	return nil
}

func (a *app) printLines(lines []doctor.Line) {
	for i := range lines {
		a.printLine(&lines[i])
	}
}

// runsSince is the runs from then on, newest first; none without a ledger.
func runsSince(ctx context.Context, h *house, since time.Time) ([]ledger.Run, error) {
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
	switch {
	case l.Mistake:
		a.code = exitUsage
	case l.Verdict == doctor.Fail && a.code == exitDone:
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
