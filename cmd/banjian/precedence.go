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

// comparedPair is one rule and one system compared under it.
type comparedPair struct {
	Items   []string `json:"items"`
	Regions []string `json:"regions,omitempty"`
	First   string   `json:"first"`
	Second  string   `json:"compared"`

	FirstCases  int64 `json:"first_cases"`
	SecondCases int64 `json:"compared_cases"`
	Equal       int64 `json:"equal"`
	Different   int64 `json:"different"`
	Alone       int64 `json:"alone"`
	Silent      int64 `json:"silent"`
	Unmatched   int64 `json:"first_alone"`

	Cases []comparedCase `json:"cases"`
}

// comparedCase is one case that is not the same in both.
type comparedCase struct {
	Local  string          `json:"local_no"` // of the compared system
	Other  string          `json:"first_local_no,omitempty"`
	Since  string          `json:"alone_since,omitempty"`
	Fields []comparedField `json:"fields,omitempty"`
}

type comparedField struct {
	Subject string `json:"subject"`
	Field   string `json:"field,omitempty"` // none: the number of records
	First   string `json:"first"`
	Second  string `json:"compared"`
}

func (a *app) precedence(ctx context.Context, h *house, store ledger.Store, f precedenceFilter, now time.Time) error {
	if _, err := h.pipelinesOfDepartment(a, f.source); err != nil {
		return err
	}
	conflicts, err := h.aliasConflicts(ctx, store)
	if err != nil {
		return err
	}
	pairs, err := h.comparePairs(ctx, store, f, now)
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

// comparePairs compares the systems of every rule.
func (h *house) comparePairs(ctx context.Context, store ledger.Store, f precedenceFilter, now time.Time) ([]*comparedPair, error) {
	pairs := []*comparedPair{}
	if h.Ranks() == nil {
		return pairs, nil
	}
	for i := range h.Ranks().Cases {
		r := &h.Ranks().Cases[i]
		for _, second := range r.Compare {
			if f.source != "" && second != f.source {
				continue
			}
			p := &comparedPair{Items: r.Items, Regions: r.Regions, First: r.From, Second: second, Cases: []comparedCase{}}
			pair := h.pairOf(r, second, now)
			pair.Each = func(c *ledger.Compared) error {
				if f.limit == 0 || len(p.Cases) < f.limit {
					p.Cases = append(p.Cases, h.comparedCase(c))
				}
				return nil
			}
			sum, err := ledger.Compare(ctx, store, pair)
			if err != nil {
				return nil, err
			}
			p.FirstCases, p.SecondCases, p.Equal, p.Different = sum.First, sum.Second, sum.Equal, sum.Different
			p.Alone, p.Silent, p.Unmatched = sum.Alone, sum.Silent, sum.Unmatched
			pairs = append(pairs, p)
		}
	}
	return pairs, nil
}

// pairOf is a rule and one of its compared systems, as the ledger compares them.
func (h *house) pairOf(r *precedence.Rule, second string, now time.Time) *ledger.Pair {
	return &ledger.Pair{First: r.From, Second: second, Match: r.Sets(), Ignore: r.Ignore, Silent: r.SilentAfter(), Now: now,
		Covers: func(t ledger.Told) bool { return h.Ranks().RuleOf(t.Source, t.Items, t.Region) == r },
		Each:   func(*ledger.Compared) error { return nil }}
}

// comparedCase is a case with personal values masked and times in the site's zone.
func (h *house) comparedCase(c *ledger.Compared) comparedCase {
	out := comparedCase{Local: c.Local, Other: c.Other, Since: rfc3339(c.Since)}
	for _, d := range c.Fields {
		out.Fields = append(out.Fields, comparedField{d.Subject, d.Field, h.shown(d.Subject, d.Field, d.First), h.shown(d.Subject, d.Field, d.Second)})
	}
	return out
}

// shown is a canonical value as people may see it.
func (h *house) shown(subject, field, value string) string {
	if form := h.Form(subject); form != nil && form.Field(field) != nil {
		f := form.Field(field)
		if t, err := time.Parse("2006-01-02 15:04:05Z", value); err == nil {
			return t.In(h.Zone()).Format(time.DateTime)
		}
		return f.Show(value)
	}
	return value
}

func (a *app) printPairs(h *house, pairs []*comparedPair) {
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
				fmt.Fprintf(a.out, a.t("%s %s：%s 至今没有此办件，受理于 %s\n", "%s %s: %s does not know the case, accepted %s\n"), p.Second, c.Local, p.First, orDash(localTime(c.Since, h.Zone())))
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
func (a *app) printDifferences(h *house, list []comparedField, first, second string) {
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

// silentSystem is a system whose word counts and that has told nothing for longer than it
// may, while one compared with it has.
type silentSystem struct {
	First, Second string
	since         time.Time
}

// silentSystems looks at when the streams of systems last changed.
func (h *house) silentSystems(ctx context.Context, store ledger.Overviews, f statusFilter, now time.Time) ([]silentSystem, error) {
	if h.Ranks() == nil || f.receiver != "" || f.department != "" {
		return nil, nil
	}
	streams, err := store.Standings(ctx, "", now)
	if err != nil {
		return nil, err
	}
	newest := map[string]time.Time{}
	for _, s := range streams {
		if s.Newest.After(newest[s.Stream.Source]) {
			newest[s.Stream.Source] = s.Newest
		}
	}
	var list []silentSystem
	for i := range h.Ranks().Cases {
		r := &h.Ranks().Cases[i]
		for _, second := range r.Compare {
			first := newest[r.From]
			one := silentSystem{r.From, second, first}
			if newest[second].After(first) && now.Sub(first) > r.SilentAfter() && !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
	}
	return list, nil
}
