package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// rewindOptions are the flags of receivers rewind.
type rewindOptions struct {
	since   string
	all     bool
	subject string
	dryRun  bool
	yes     bool
}

// rewindLease is how long a rewind may keep deliveries of the receiver away.
const rewindLease = 10 * time.Minute

func (a *app) receiversRewindCommand() *cobra.Command {
	var o rewindOptions
	c := &cobra.Command{
		Use:   "rewind R",
		Short: a.t("接收方从备份恢复后，把之后送达的记录再报一次", "after a receiver was restored from a backup: offer again what arrived since"),
		Example: "  banjian receivers rewind national --since \"2026-11-21 18:00\" --dry-run\n" +
			"  banjian receivers rewind national --all --subject case/result --yes",
		Args: a.oneReceiver(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if err := a.mustHave(h, args[0]); err != nil {
					return err
				}
				q, err := a.rewindQuery(h, args[0], o)
				if err != nil {
					return err
				}
				return a.rewind(cmd.Context(), h, store, q, o)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&o.since, "since", "", a.t("从这个时刻起送达的（备份的时刻，站点时区）", "what arrived since then (the time of the backup, in the site's zone)"))
	f.BoolVar(&o.all, "all", false, a.t("全部送达过的", "everything that ever arrived"))
	f.StringVar(&o.subject, "subject", "", a.t("只限这个主题", "this subject only"))
	f.BoolVar(&o.dryRun, "dry-run", false, a.t("只数，不改", "count only, change nothing"))
	f.BoolVar(&o.yes, "yes", false, a.t("不再询问", "do not ask"))
	return c
}

func (a *app) rewindQuery(h *house, receiver string, o rewindOptions) (ledger.RewindQuery, error) {
	q := ledger.RewindQuery{Receiver: receiver, Subject: o.subject, Dry: true}
	if o.all == (o.since != "") {
		return q, usageError{errors.New(a.t("写 --since 时刻，或 --all", "give --since TIME, or --all"))}
	}
	if o.subject != "" && !h.Takes(receiver, o.subject) {
		return q, usageError{fmt.Errorf(a.t("接收方 %s 不收主题 %q", "receiver %s takes no subject %q"), receiver, o.subject)}
	}
	if o.since == "" {
		return q, nil
	}
	t, err := jobs.ParseTime(o.since, h.Zone())
	if err != nil {
		return q, usageError{fmt.Errorf(a.t("时刻 %q 不认识，写成 2026-11-21 18:00", "time %q is not understood, write it as 2026-11-21 18:00"), o.since)}
	}
	q.Since = t
	return q, nil
}

// rewind says how much it is, asks, and marks it. Deliveries of the receiver are kept
// away meanwhile.
func (a *app) rewind(ctx context.Context, h *house, store ledger.Store, q ledger.RewindQuery, o rewindOptions) error {
	counts, err := store.Rewind(ctx, q)
	if err != nil {
		return err
	}
	if o.dryRun || len(counts) == 0 {
		return a.printRewound(counts, false)
	}
	if !o.yes {
		if err := a.printRewound(counts, false); err != nil {
			return err
		}
		if err := a.confirm(text.F("把这些记录再报给 %s 一次？", "offer these records to %s again?", q.Receiver)); err != nil {
			return err
		}
	}
	lease, err := store.Acquire(ctx, ledger.DeliverLease(q.Receiver), rewindLease)
	if err != nil {
		return err
	}
	q.Dry = false
	counts, err = store.Rewind(ctx, q)
	if err := errors.Join(err, store.Release(context.WithoutCancel(ctx), lease)); err != nil {
		return err
	}
	a.log().Info("receiver rewound", "receiver", q.Receiver, "since", rfc3339(q.Since), "by", whoami())
	return a.printRewound(counts, true)
}

// printRewound says what goes again, and what does not.
func (a *app) printRewound(list []ledger.Rewound, done bool) error {
	if a.json {
		enc := json.NewEncoder(a.out)
		for _, r := range list {
			if err := enc.Encode(map[string]any{"subject": r.Subject, "records": r.Records, "waiting": r.Waiting, "deleted": r.Deleted, "done": done}); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		a.note(text.T("没有要再报的记录", "there is nothing to offer again"))
		return nil
	}
	w := &table{out: a.out, right: true}
	w.heading(a.t("主题\t再报\t仍在等\t已删除", "subject\tagain\twaiting\tdeleted"))
	var all, deleted int64
	for _, r := range list {
		w.row(r.Subject, count(r.Records), count(r.Waiting), count(r.Deleted))
		all, deleted = all+r.Records, deleted+r.Deleted
	}
	w.print()
	if done {
		a.say(text.F("%d 条记录将在下次运行时以最新版本重新上报", "%d record{|s} {goes|go} again at the next run, in the newest version", all))
	}
	if deleted > 0 {
		a.note(text.F("%d 条已删除的记录不再报送；对方的备份里若还有它们，请对方删去", "%d deleted record{|s} {does|do} not go again: if the backup still has any, have it deleted there", deleted))
	}
	return nil
}

// confirm asks on a terminal; elsewhere nobody can answer.
func (a *app) confirm(question text.Text) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return usageError{errors.New(a.t("确认无误后加 --yes", "add --yes once you are sure"))}
	}
	fmt.Fprintf(a.err, "%s [y/N] ", question.In(a.lang))
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n') // an end without an answer is a no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "是":
		return nil
	}
	return usageError{errors.New(a.t("已放弃，什么也没有改", "given up, nothing was changed"))}
}
