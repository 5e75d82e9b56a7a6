package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// adoptOptions are the flags of adopt.
type adoptOptions struct {
	receiver string
	match    []string
	dry      bool
	list     int
}

func (a *app) adoptCommand() *cobra.Command {
	var o adoptOptions
	c := &cobra.Command{
		Use:   "adopt --receiver R",
		Short: a.t("接管：从已有交换库取回 row_guid 和办件编号，换系统不重报", "take over row_guid and case numbers from an existing exchange database"),
		Example: "  banjian run --all --collect-only\n  banjian adopt --receiver national --dry-run\n  banjian adopt --receiver national\n" +
			"  banjian adopt --receiver national --match up_pro_accept=task_code,applyer_page_code,accept_date",
		Args: a.exactly(0, text.T("adopt 不带参数，接收方用 --receiver 写出", "adopt takes no argument: name the receiver with --receiver")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			match, err := a.matchSets(o.match)
			if err != nil {
				return err
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if err := a.mustHave(h, o.receiver); err != nil {
					return err
				}
				return a.adopt(cmd.Context(), h, store, o, match)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&o.receiver, "receiver", "", a.t("从这个接收方的交换库接管", "the receiver whose tables hold them"))
	f.StringArrayVar(&o.match, "match", nil, a.t("某张表用哪些列认记录，代替档案里的：表=列,列；可多写，依次试", "columns that name a record of a table, instead of the profile's: TABLE=COLUMN,COLUMN; several are tried in turn"))
	f.BoolVar(&o.dry, "dry-run", false, a.t("只数，什么也不改", "count only, change nothing"))
	f.IntVar(&o.list, "list", 50, a.t("最多列出几条冲突（0 不限）", "conflicts listed at most (0: all)"))
	return c
}

// matchSets reads --match.
func (a *app) matchSets(list []string) (map[string][][]string, error) {
	sets := map[string][][]string{}
	for _, one := range list {
		table, columns, ok := strings.Cut(one, "=")
		if !ok || table == "" || columns == "" {
			return nil, usageError{errors.New(a.t("--match 写成 表=列,列，例如 up_pro_accept=project_no", "--match is TABLE=COLUMN,COLUMN, such as up_pro_accept=project_no"))}
		}
		sets[table] = append(sets[table], strings.Split(columns, ","))
	}
	return sets, nil
}

func (a *app) adopt(ctx context.Context, h *house, store ledger.Store, o adoptOptions, match map[string][][]string) error {
	plan, err := h.AdoptPlan(ctx, o.receiver, match)
	if err != nil {
		return err
	}
	defer plan.Close()
	plan.Dry = o.dry
	var conflicts []jobs.AdoptConflict
	more := 0
	list, err := jobs.NewRunner(store, a.log()).Adopt(ctx, plan, func(c jobs.AdoptConflict) {
		if o.list == 0 || len(conflicts) < o.list {
			conflicts = append(conflicts, c)
			return
		}
		more++
	})
	if len(conflicts) > 0 {
		a.code = exitNews
	}
	if told := a.tellAdopt(list, conflicts, more, o.dry); err == nil {
		err = told
	}
	if err == nil && !o.dry {
		a.log().Info("identities adopted", "receiver", o.receiver, "by", whoami())
	}
	return err
}

func (a *app) tellAdopt(list []jobs.AdoptCounts, conflicts []jobs.AdoptConflict, more int, dry bool) error {
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for i := range list {
			if err := enc.Encode(struct {
				jobs.AdoptCounts
				DryRun bool `json:"dry_run"`
			}{list[i], dry}); err != nil {
				return err
			}
		}
		for i := range conflicts {
			if err := enc.Encode(conflicts[i]); err != nil {
				return err
			}
		}
		return nil
	}
	w := &table{out: a.out}
	w.heading(a.t("表\t对方\t我方\t接管\t已是\t编号\t冲突\t对方独有\t我方独有", "table\ttheirs\tours\tadopted\tknown\tnumbers\tconflicts\tonly theirs\tonly ours"))
	for i := range list {
		c := &list[i]
		clashes := int64(0)
		for _, n := range c.Conflicts {
			clashes += n
		}
		w.row(c.Table, count(c.Theirs), count(c.Ours), count(c.Adopted), count(c.Known), count(c.Numbers), count(clashes), count(c.Left), count(c.New))
	}
	w.print()
	for _, c := range conflicts {
		fmt.Fprintf(a.out, "%s  %s  %s  %s  %s\n", a.t("冲突", "conflict"), c.Subject, joined(c.Key), a.adoptReason(c.Reason), strings.Join(c.GUIDs, " "))
	}
	if more > 0 {
		fmt.Fprintf(a.out, a.t("另有 %d 条冲突（--list 0 全列）\n", "%d conflicts more (--list 0 lists all)\n"), more)
	}
	if dry {
		a.note(text.T("只是试算，台账没有改动", "counted only: the ledger is as it was"))
	}
	return nil
}

// adoptReason is why a record does not take an identity over.
func (a *app) adoptReason(reason string) string {
	switch reason {
	case jobs.AdoptSameTheirs:
		return a.t("对方有几条记录在这些列上相同，用 --match 换列区分", "several of theirs are equal in these columns: tell them apart with --match")
	case jobs.AdoptSameOurs:
		return a.t("我方有几条记录在这些列上相同，用 --match 换列区分", "several of ours are equal in these columns: tell them apart with --match")
	case string(ledger.AdoptSent):
		return a.t("已用我方的标识报给它", "it was given it under our row_guid")
	case string(ledger.AdoptOther):
		return a.t("已接管过另一个标识", "it has taken over another row_guid")
	case string(ledger.AdoptNumber):
		return a.t("别的接收方已见过它的另一个办件编号", "another receiver has seen it under another case number")
	case string(ledger.AdoptTaken):
		return a.t("这个标识已属另一条记录", "another record has that row_guid")
	}
	return a.t("记录已变动，再运行一次", "the record changed meanwhile: run again")
}
