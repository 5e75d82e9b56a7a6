package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/sides"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines/precedence"
)

// precedenceFilter is the flags of precedence.
type precedenceFilter struct {
	source string
	limit  int
}

func (a *app) precedenceCommand() *cobra.Command {
	var f precedenceFilter
	c := &cobra.Command{
		Use:   "precedence",
		Short: a.t("来源优先：几个系统报同一办件时，逐字段比对被比对的系统", "where several systems report a case: what the compared ones say otherwise"),
		Long: a.t(`来源优先：precedence.yaml 里每条规则一行，为准的系统与被比对的系统各有多少办件、多少一致、多少不同、
多少只有被比对的系统知道（其中超过 silent 的是“沉默”）。之后逐个列出不同的办件，个人信息打码。
有不同、沉默或别名冲突（同一系统同一事项，一个流水号对着两个部门受理号）时退出码为 3。`, `One line for each rule of precedence.yaml: how many cases the system that counts and the compared one have, how many
are equal, differ, or are known to the compared one alone (silent: longer than the rule allows). Then the cases that
differ, with what each system says, personal values masked. Exits 3 when something differs, is silent, or when one
flow number stands for two local numbers of the same system and item (an alias conflict).`),
		Example: "  banjian precedence\n  banjian precedence --source gjj-vertical --limit 100",
		Args:    a.exactly(0, text.T("precedence 不带参数", "precedence takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.precedence(cmd.Context(), h, store, f, time.Now())
			})
		},
	}
	c.Flags().StringVar(&f.source, "source", "", a.t("只看这个被比对的系统（source_id）", "this compared system only (source_id)"))
	c.Flags().IntVar(&f.limit, "limit", 20, a.t("每条规则最多列出几个办件（0 不限）", "at most so many cases of a rule (0: all)"))
	return c
}

func (a *app) precedence(ctx context.Context, h *house, store ledger.Store, f precedenceFilter, now time.Time) error {
	if _, err := a.pipelinesOfDepartment(h, f.source); err != nil {
		return err
	}
	conflicts, err := aliasConflicts(ctx, store)
	if err != nil {
		return err
	}
	pairs, err := (&sides.Site{House: h, Store: store}).Pairs(ctx, f.source, f.limit, now)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if p.Different+p.Silent > 0 {
			a.code = exitNews
		}
	}
	if len(conflicts) > 0 {
		a.code = exitNews
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(map[string]any{"pairs": pairs, "alias_conflicts": conflicts})
	}
	if len(pairs) == 0 {
		a.note(text.F("没有规则：站点文件夹里没有 %s，或它没有说到这个系统", "no rules: the site has no %s, or it does not speak of the system", precedence.FileName))
	}
	a.printPairs(h, pairs)
	a.printConflicts(conflicts)
	return nil
}

func (a *app) printPairs(h *house, pairs []*sides.Pair) {
	if len(pairs) == 0 {
		return
	}
	w := &table{out: a.out}
	w.heading(a.t("事项\t区划\t为准\t办件\t比对\t办件\t一致\t不同\t只有比对方\t其中沉默\t只有为准方", "items\tregions\tcounts\tcases\tcompared\tcases\tequal\tdifferent\talone\tof these silent\tfirst alone"))
	for _, p := range pairs {
		w.row(strings.Join(p.Items, " "), orDash(strings.Join(p.Regions, " ")), p.First, count(p.FirstCases), p.Second, count(p.SecondCases), count(p.Equal), count(p.Different), count(p.Alone), count(p.Silent), count(p.Unmatched))
	}
	w.print()
	for _, p := range pairs {
		for _, c := range p.Cases {
			fmt.Fprintln(a.out)
			if c.Other == "" {
				fmt.Fprintf(a.out, a.t("%s %s：%s 至今没有此办件，受理于 %s\n", "%s %s: %s does not know the case, accepted %s\n"), p.Second, c.Local, p.First, orDash(localTime(rfc3339(c.Since.Time), h.Zone())))
				continue
			}
			fmt.Fprintf(a.out, "%s %s  ↔  %s %s\n", p.First, c.Other, p.Second, c.Local)
			a.printDifferences(h, c.Fields, p.First, p.Second)
		}
		if more := p.Different + p.Silent - int64(len(p.Cases)); more > 0 {
			fmt.Fprintf(a.out, a.t("另有 %d 个（--limit 0 全部列出）\n", "and %d more (--limit 0 lists all)\n"), more)
		}
	}
}

// printDifferences is a line for each field.
func (a *app) printDifferences(h *house, list []sides.PairField, first, second string) {
	w := &table{out: a.out}
	for _, d := range list {
		what := a.t("记录数", "number of records")
		if d.Field != "" {
			what = h.FieldTitle("", d.Subject, d.Field, a.lang)
		}
		w.row("  "+d.Subject, what, first+" "+orDash(d.First), second+" "+orDash(d.Second))
	}
	w.print()
}
