package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) deletesCommand() *cobra.Command {
	c := &cobra.Command{Use: "deletes", Short: a.t("待批准的删除：列出、查看、导出名单", "deletes that wait for an approval: list, show, export")}
	c.AddCommand(a.deletesListCommand(), a.deletesShowCommand(), a.deletesExportCommand())
	return c
}

// listNumber is the number of a list as written.
func (a *app) listNumber(_ *cobra.Command, args []string) error {
	if len(args) == 1 {
		if n, err := strconv.ParseInt(args[0], 10, 64); err == nil && n > 0 {
			return nil
		}
	}
	return usageError{errors.New(a.t("写出名单的号（banjian deletes list）", "name the number of a list (banjian deletes list)"))}
}

// doomedLine is one record of a list, as it is now.
type doomedLine struct {
	Subject string   `json:"subject"`
	Key     []string `json:"key"`
	Version uint32   `json:"version"`
}

// doomedLines calls take for the records of a list that are still as they were, by key; gone
// is how many are not.
func doomedLines(ctx context.Context, h *house, store ledger.Store, l *ledger.DeleteList, take func(doomedLine) error) (gone int64, err error) {
	streams, err := store.AllStreams(ctx)
	if err != nil {
		return 0, err
	}
	on, gone := ledger.Approve(l), l.Records
	for _, s := range streams {
		if source, known := h.SourceOf(l.Pipeline); !known || source != s.Source {
			continue
		}
		for after := []byte(nil); ; {
			page, err := store.Members(ctx, s, l.Pipeline, after, doomedPage)
			if err != nil {
				return gone, err
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].Key
			for i := range page {
				if !on.Has(page[i].Rec, page[i].Version) {
					continue
				}
				gone--
				if err := take(doomedLine{s.Subject, h.ShownKey(l.Pipeline, s.Subject, ledger.DecodeKey(page[i].Key)), page[i].Version}); err != nil {
					return gone, err
				}
			}
		}
	}
	return gone, nil
}

// doomedPage is how many records are looked at together.
const doomedPage = 8192

// deleteList is a list by its number.
func (a *app) deleteList(ctx context.Context, store ledger.Store, number string) (*ledger.DeleteList, error) {
	n, _ := strconv.ParseInt(number, 10, 64) // checked with the arguments
	l, err := store.DeleteList(ctx, n)
	if err == nil && l == nil {
		err = fault.New(fault.Config, "find list", number, text.T("没有这个名单", "there is no such list"), text.T("banjian deletes list 列出待批准的名单", "banjian deletes list shows the lists that wait"))
	}
	return l, err
}

func (a *app) listKind(kind string) string {
	if kind == ledger.ListMarked {
		return a.t("部门标记删除", "marked by the department")
	}
	return a.t("视图里没有了", "no longer in the view")
}

func (a *app) listState(state string) string {
	zh := map[string]string{ledger.ListOpen: "待批准", ledger.ListApproved: "已批准", ledger.ListReplaced: "已被替换", ledger.ListSettled: "已了结"}
	if a.lang == text.ZH {
		return zh[state]
	}
	return state
}
