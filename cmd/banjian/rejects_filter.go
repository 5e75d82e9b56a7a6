package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/ledger"
)

// rejectFilter is the flags that choose rejects.
type rejectFilter struct {
	rules      []string
	run        string
	department string
	caseNo     string
	pipeline   string
	receiver   string
	state      string
	limit      int
	kinds      bool
}

func (f *rejectFilter) flags(a *app, c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&f.rules, "rule", nil, a.t("只看这条规则（可多条）", "this rule only (may be repeated)"))
	flags.StringVar(&f.run, "run", "", a.t("只看这次运行新发现的", "first found in this run"))
	flags.StringVar(&f.department, "department", "", a.t("只看这个部门系统（source_id）", "this department's system only (source_id)"))
	flags.StringVar(&f.caseNo, "case", "", a.t("只看这个办件，任一编号", "this case only, by any of its numbers"))
	flags.StringVar(&f.pipeline, "pipeline", "", a.t("只看这个管道", "this pipeline only"))
	flags.StringVar(&f.receiver, "receiver", "", a.t("只看这个接收方退回的", "refused by this receiver only"))
}

// narrow says that something chooses among all rejects.
func (f *rejectFilter) narrow() bool {
	return len(f.rules) > 0 || f.run != "" || f.department != "" || f.caseNo != "" || f.pipeline != "" || f.receiver != ""
}

// selectRejects finds what a filter chooses, oldest first.
func (a *app) selectRejects(ctx context.Context, h *house, store ledger.Reports, f rejectFilter) ([]ledger.Reject, error) {
	q := ledger.RejectQuery{Pipeline: f.pipeline, Receiver: f.receiver, State: f.state}
	var err error
	if q.Run, err = a.runNumber(f.run); err != nil {
		return nil, err
	}
	if q.Pipelines, err = h.pipelinesOfDepartment(a, f.department); err != nil {
		return nil, err
	}
	if f.receiver != "" {
		if err := h.mustHave(a, f.receiver); err != nil {
			return nil, err
		}
	}
	if err := f.checkNames(ctx, h, store); err != nil {
		return nil, err
	}
	places, err := casePlaces(ctx, store, f.caseNo)
	if err != nil {
		return nil, err
	}
	rules := f.rules
	if len(rules) == 0 {
		rules = []string{""}
	}
	if len(places) == 1 && places[0].source == "" && len(rules) == 1 {
		q.Limit = f.limit
	}
	var list []ledger.Reject
	for _, rule := range rules {
		for _, p := range places {
			q.Rule, q.KeyPrefix = rule, p.prefix
			found, err := store.Rejects(ctx, q)
			if err != nil {
				return nil, err
			}
			list = append(list, slices.DeleteFunc(found, func(r ledger.Reject) bool { return !h.from(r.Pipeline, p.source) })...)
		}
	}
	slices.SortFunc(list, func(a, b ledger.Reject) int { return cmp.Compare(a.ID, b.ID) })
	list = slices.CompactFunc(list, func(a, b ledger.Reject) bool { return a.ID == b.ID })
	if f.limit > 0 && len(list) > f.limit {
		list = list[:f.limit]
	}
	return list, nil
}

// checkNames refuses a pipeline and rules that there are not; one that left rejects may
// be gone from the site.
func (f *rejectFilter) checkNames(ctx context.Context, h *house, store ledger.Reports) error {
	left := func(q ledger.RejectQuery) func() (bool, error) {
		return func() (bool, error) {
			q.Limit = 1
			list, err := store.Rejects(ctx, q)
			return len(list) > 0, err
		}
	}
	var found fault.List
	found.Add(h.mustHavePipeline(f.pipeline, left(ledger.RejectQuery{Pipeline: f.pipeline})))
	for _, rule := range f.rules {
		found.Add(h.mustHaveRule(rule, left(ledger.RejectQuery{Rule: rule})))
	}
	return found.Err()
}

// runNumber reads a run's id, or the number it ends with; 0 = none.
func (a *app) runNumber(id string) (int64, error) {
	if id == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(id[strings.LastIndexByte(id, '-')+1:], 10, 64)
	if err != nil || n < 1 {
		return 0, usageError{fmt.Errorf(a.t("运行编号 %q 不认识，形如 20260102T150405-000012", "run %q is not understood: it looks like 20260102T150405-000012"), id)}
	}
	return n, nil
}

// pipelinesOfDepartment is what reads a department's system; nil without a department.
func (h *house) pipelinesOfDepartment(a *app, department string) ([]string, error) {
	if department == "" {
		return nil, nil
	}
	var list []string
	for _, s := range h.Specs() {
		if s.From.SourceID == department {
			list = append(list, s.Pipeline)
		}
	}
	if len(list) == 0 {
		return nil, usageError{fmt.Errorf(a.t("没有管道读取部门 %q；有：%s", "no pipeline reads a department %q; there are: %s"), department, strings.Join(h.Departments(), a.t("、", ", ")))}
	}
	return list, nil
}

// from says whether a pipeline reads this system; an empty source, and a pipeline that
// is no more, may be any.
func (h *house) from(pipeline, source string) bool {
	is, known := h.SourceOf(pipeline)
	return source == "" || !known || is == source
}

// casePlace is where the records of a case are filed: keys that begin with its local
// number, in one system or, when that is empty, in any.
type casePlace struct {
	source string
	prefix []byte
}

// casePlaces is where a case may be filed that is known by some number; a case without
// an accept record is known by its local number alone. No number: one place, everywhere.
func casePlaces(ctx context.Context, store ledger.Reports, number string) ([]casePlace, error) {
	if number == "" {
		return []casePlace{{}}, nil
	}
	cases, err := store.FindCases(ctx, number)
	if err != nil {
		return nil, err
	}
	places := []casePlace{{prefix: ledger.EncodeKey(number)}}
	for _, c := range cases {
		if c.LocalNo != number {
			places = append(places, casePlace{c.Source, ledger.EncodeKey(c.LocalNo)})
		}
	}
	return places, nil
}

// states are those a reject can be in.
var states = []string{"open", "closed", ledger.Waived}

func (f *rejectFilter) checkState(a *app) error {
	if f.state != "" && !slices.Contains(states, f.state) {
		return usageError{errors.New(a.t("--state 只能是 open、closed 或 waived", "--state is open, closed or waived"))}
	}
	return nil
}
