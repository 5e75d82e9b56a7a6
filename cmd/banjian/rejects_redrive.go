package main

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/rejects"
	"banjian/cmd/internal/wiring"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// redriveCommand gives refused rows and records another try: what refused them was
// mended, and their rows did not change. Rows refused at collection are mapped again from
// what was kept of them; what a receiver refused is offered to it once more.
func (a *app) redriveCommand() *cobra.Command {
	f := rejectFilter{state: "open"}
	var reread bool
	c := &cobra.Command{
		Use:   "redrive",
		Short: a.t("重推：映射改好后重新映射问题数据；接收方改好后再报一次", "try again: rejects once a mapping is mended, refused records once a receiver is"),
		Example: "  banjian rejects redrive\n  banjian rejects redrive --pipeline provident-fund-accept --rule unmapped_code\n" +
			"  banjian rejects redrive --case GJJ2503040000017\n  banjian rejects redrive --reread --pipeline provident-fund-accept\n" +
			"  banjian rejects redrive --receiver national --rule receiver_refused",
		Args: a.exactly(0, text.T("rejects redrive 不带参数", "rejects redrive takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.receiver == "":
				return a.remapRefused(cmd.Context(), f, reread)
			case reread:
				return usageError{errors.New(a.t("--reread 与 --receiver 不能同用：接收方退回的记录不用再问部门", "--reread and --receiver exclude each other: for what a receiver refused no department is asked"))}
			}
			return a.offerAgain(cmd.Context(), f)
		},
	}
	f.flags(a, c)
	c.Flags().Lookup("receiver").Usage = a.t("再报这个接收方退回的记录（下次运行时）", "offer what this receiver refused once more, at the next run")
	c.Flags().BoolVar(&reread, "reread", false, a.t("向部门视图按键重读这些行（只读这些），部门改了却没动更新时间的也能收到", "ask the department's view for these rows again, by their keys and for no others: takes one that was mended though its time of change did not move"))
	return c
}

// single says that more than a rule and a pipeline chooses, so that rejects are named one
// by one.
func (f *rejectFilter) single() bool {
	return len(f.rules) > 1 || f.run != "" || f.department != "" || f.caseNo != ""
}

// rule is the one that is chosen by, if it is one.
func (f *rejectFilter) rule() string {
	if len(f.rules) == 1 {
		return f.rules[0]
	}
	return ""
}

// offerAgain marks what a receiver refused for its next delivery.
func (a *app) offerAgain(ctx context.Context, f rejectFilter) error {
	return a.withLedger(ctx, func(h *house, store ledger.Store) error {
		if err := a.mustHave(h, f.receiver); err != nil {
			return err
		}
		var n int64
		var err error
		if f.single() || f.pipeline != "" {
			var list []ledger.Reject
			if list, err = a.selectRejects(ctx, h, store, f); err == nil {
				n, err = store.RedriveOf(ctx, f.receiver, list)
			}
		} else if err = (&rejects.Choice{Rules: f.rules}).CheckNames(ctx, h, store); err == nil {
			n, err = store.Redrive(ctx, f.receiver, f.rule())
		}
		if err != nil {
			return err
		}
		return a.done(text.F("%d 条记录将在下次运行时重新上报", "%d record{|s} will be tried again at the next run", n), map[string]any{"receiver": f.receiver, "records": n})
	})
}

// remapRefused maps the rows behind open rejects again, as they were kept or as the
// departments have them now, and delivers what passes.
func (a *app) remapRefused(ctx context.Context, f rejectFilter, reread bool) error {
	var names []string
	var cannot []pipelines.Spec
	var chosen map[int64]bool
	err := a.withLedger(ctx, func(h *house, store ledger.Store) error {
		specs, err := h.Pipelines(nonEmpty(f.pipeline))
		if err != nil {
			return err
		}
		list, err := a.selectRejects(ctx, h, store, f)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(r ledger.Reject) bool { return r.Receiver != "" })
		if f.single() {
			chosen = map[int64]bool{}
			for i := range list {
				chosen[list[i].ID] = true
			}
		}
		for _, s := range specs {
			switch {
			case !slices.ContainsFunc(list, func(r ledger.Reject) bool { return r.Pipeline == s.Pipeline }):
			case reread && wiring.CheckReread(&s) != nil:
				cannot = append(cannot, s)
			default:
				names = append(names, s.Pipeline)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range cannot {
		if err := wiring.CheckReread(&cannot[i]); len(names) == 0 && i == len(cannot)-1 {
			return err
		} else {
			a.report(err)
		}
	}
	if len(names) == 0 {
		a.note(text.T("没有符合条件的问题数据", "no such rejects"))
		return a.noteRefusedThere(ctx, f)
	}
	err = a.withHouse(func(h *house) error {
		return a.run(ctx, h, names, runOptions{remap: !reread, refused: !reread, reread: reread, rule: f.rule(), chosen: chosen, failOn: "new"})
	})
	return errors.Join(err, a.noteRefusedThere(ctx, f))
}

// noteRefusedThere says what of the choice receivers refused: mapping rows again does
// nothing about it.
func (a *app) noteRefusedThere(ctx context.Context, f rejectFilter) error {
	return a.withLedger(ctx, func(h *house, store ledger.Store) error {
		list, err := a.selectRejects(ctx, h, store, f)
		if err != nil {
			return err
		}
		left := map[string]int{}
		for i := range list {
			if list[i].Receiver != "" {
				left[list[i].Receiver]++
			}
		}
		for _, r := range slices.Sorted(maps.Keys(left)) {
			a.note(text.F("接收方 %[1]s 拒收或退回的问题数据还有 %[2]d 条，没有重推：来源或映射改了的，记录有了新版本自会重报；接收方那边改好的，用 banjian rejects redrive --receiver %[1]s（先看：banjian rejects list --receiver %[1]s）",
				"rejects of receiver %[1]s that are left as they are: %[2]d. Where the source or its mapping is mended the new version goes by itself; where %[1]s is: banjian rejects redrive --receiver %[1]s (to see them: banjian rejects list --receiver %[1]s)", r, left[r]))
		}
		return nil
	})
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// noteVanished tells of rows that were asked for again and are not there any more.
func (w *work) noteVanished() {
	for _, p := range w.plans {
		rep := w.reports[p.Spec.Pipeline]
		if p.Again == nil || rep.Err != nil {
			continue
		}
		if gone := int64(p.Again.Keys) - rep.Counts.Read; gone > 0 {
			w.app.note(text.F("%[1]s：%[2]d 行已不在部门视图里，问题数据仍未决", "%[1]s: %[2]d of the rows are not in the department's view any more, their rejects stay open", p.Spec.Pipeline, gone))
		}
	}
}
