package main

import (
	"context"
	"fmt"
	"strings"

	"banjian/ledger"
)

// aliasLine is one flow number that stands for several cases.
type aliasLine struct {
	Source   string   `json:"source"`
	FlowNo   string   `json:"flow_no"`
	ItemCode string   `json:"item_code"`
	Locals   []string `json:"local_nos"`
}

func aliasConflicts(ctx context.Context, store ledger.Store) ([]aliasLine, error) {
	list, err := ledger.AliasConflicts(ctx, store)
	lines := []aliasLine{}
	for _, c := range list {
		lines = append(lines, aliasLine{c.Source, c.FlowNo, c.ItemCode, c.Locals})
	}
	return lines, err
}

func (a *app) printConflicts(list []aliasLine) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(a.out, "\n%s\n", a.t("别名冲突：同一系统、同一事项，一个流水号对着几个部门受理号；联办件请填 group_no，否则请部门更正", "alias conflicts: one flow number, several local numbers of the same system and item; joint cases have a group_no, others are the department's to mend"))
	w := &table{out: a.out}
	w.heading(a.t("来源\t流水号\t事项\t部门受理号", "source\tflow number\titem\tlocal numbers"))
	for _, c := range list {
		w.row(c.Source, c.FlowNo, c.ItemCode, strings.Join(c.Locals, " "))
	}
	w.print()
}
