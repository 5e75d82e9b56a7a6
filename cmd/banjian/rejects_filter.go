package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/rejects"
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
	c := rejects.Choice{Rules: f.rules, Case: f.caseNo, Pipeline: f.pipeline, Receiver: f.receiver, State: f.state, Limit: f.limit}
	var err error
	if c.Run, err = a.runNumber(f.run); err != nil {
		return nil, err
	}
	if c.Pipelines, err = a.pipelinesOfDepartment(h, f.department); err != nil {
		return nil, err
	}
	if f.receiver != "" {
		if err := a.mustHave(h, f.receiver); err != nil {
			return nil, err
		}
	}
	return c.Of(ctx, h, store)
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

// states are those a reject can be in.
var states = []string{"open", "closed", ledger.Waived}

func (f *rejectFilter) checkState(a *app) error {
	if f.state != "" && !slices.Contains(states, f.state) {
		return usageError{errors.New(a.t("--state 只能是 open、closed 或 waived", "--state is open, closed or waived"))}
	}
	return nil
}
