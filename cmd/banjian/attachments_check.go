package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/attachments"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) attachmentsCheckCommand() *cobra.Command {
	var q attachments.Question
	c := &cobra.Command{
		Use:   "check",
		Short: a.t("核对台账与存下的附件：记录引用的都在吗，有没有无人引用的", "hold the ledger against the files kept: is every one there that a record refers to, and which ones does none refer to"),
		Example: "  banjian attachments check\n  banjian attachments check --read --json\n" +
			"  banjian attachments check --remove",
		Args: a.exactly(0, text.T("attachments check 不带参数", "attachments check takes no argument")),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				q.Now = time.Now()
				return a.checkFiles(cmd.Context(), &attachments.Site{House: h, Store: store, Log: a.log()}, q)
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&q.Read, "read", false, a.t("逐个读出引用到的文件，核对内容", "read every file that is referred to and hold it against its name"))
	f.BoolVar(&q.Remove, "remove", false, a.t("删掉无人引用、且存下已超过一天的文件；文件夹或桶（前缀）须只归本站点", "remove files that nothing refers to and that are older than a day; the folder, or bucket and prefix, must be this site's alone"))
	return c
}

func (a *app) checkFiles(ctx context.Context, s *attachments.Site, q attachments.Question) error {
	f, err := s.Check(ctx, q)
	if err != nil {
		return err
	}
	if !f.Whole() {
		a.code = exitNews
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(f)
	}
	fmt.Fprintf(a.out, a.t("存有 %s 个文件，%s 字节；记录引用其中 %s 个\n", "files kept: %s, bytes: %s; referred to by records: %s\n"), count(f.Files), count(f.Bytes), count(f.Referred))
	fmt.Fprintf(a.out, a.t("无人引用：%s（另有 %s 个不到一天，可能正在归集），删掉 %s\n", "referred to by none: %s (and %s younger than a day, perhaps being collected), removed: %s\n"), count(f.Unused), count(f.Young), count(f.Removed))
	a.printBroken(a.t("文件不在", "missing"), f.Missing)
	a.printBroken(a.t("文件已损坏", "damaged"), f.Damaged)
	return nil
}

// brokenShown is how many broken files are listed.
const brokenShown = 50

func (a *app) printBroken(what string, list []attachments.Broken) {
	for i, b := range list {
		if i == brokenShown {
			fmt.Fprintf(a.out, a.t("另有 %d 条（--json 看全部）\n", "and %d more (--json has all)\n"), len(list)-brokenShown)
			return
		}
		fmt.Fprintf(a.out, "%s  %s %s  %s\n", what, b.Subject, joined(b.Key), b.Object)
	}
}
