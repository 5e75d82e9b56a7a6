package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) deletesShowCommand() *cobra.Command {
	limit := 0
	c := &cobra.Command{
		Use:     "show LIST",
		Short:   a.t("名单上的记录，按键，个人信息打码", "the records on a list by their keys, personal values masked"),
		Example: "  banjian deletes show 17\n  banjian deletes show 17 --limit 0 --json",
		Args:    a.listNumber,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				return a.showDeletes(cmd.Context(), h, store, args[0], limit)
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	return c
}

// errEnough ends a listing.
var errEnough = errors.New("enough")

func (a *app) showDeletes(ctx context.Context, h *house, store ledger.Store, number string, limit int) error {
	l, err := a.deleteList(ctx, store, number)
	if err != nil {
		return err
	}
	enc, w, n := json.NewEncoder(a.out), &table{out: a.out}, 0
	w.heading(a.t("主题\t键\t版本", "subject\tkey\tversion"))
	gone, err := doomedLines(ctx, h, store, l, func(d doomedLine) error {
		if n++; limit > 0 && n > limit {
			return errEnough
		}
		if a.json {
			return enc.Encode(d)
		}
		w.row(d.Subject, joined(d.Key), count(int64(d.Version)))
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if a.json {
		return nil
	}
	a.say(text.F("名单 %d：%s，%d 条，%s，%s", "list %d: %s, records: %d, %s, %s", l.Number, l.Pipeline, l.Records, a.listKind(l.Kind), a.listState(l.State)))
	w.print()
	switch {
	case err != nil:
		a.say(text.F("只列了前 %d 条；全部：banjian deletes export %d --out 文件.xlsx", "the first %d alone; all of them: banjian deletes export %d --out FILE.xlsx", limit, l.Number))
	case gone > 0:
		a.say(text.F("另有 %d 条已不是当时的样子（有了新版本，或已删除），不会按这个名单删", "%d more are not as they were (a newer version, or deleted) and will not go by this list", gone))
	}
	return nil
}
