package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

// returnsOptions are the flags of receivers returns.
type returnsOptions struct {
	read  bool
	state string
	limit int
}

func (a *app) receiversReturnsCommand() *cobra.Command {
	var o returnsOptions
	c := &cobra.Command{
		Use:   "returns R",
		Short: a.t("看一个交换库退回了哪些行；--read 现在就去读", "the rows an exchange database sent back; --read looks for new ones now"),
		Example: "  banjian receivers returns national --read\n  banjian receivers returns national --state unknown --json\n" +
			"  banjian rejects redrive --receiver national --rule receiver_returned",
		Args: a.oneReceiver(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if err := a.mustHave(h, args[0]); err != nil {
					return err
				}
				if o.state != "" && !slices.Contains(returnStates, ledger.ReturnState(o.state)) {
					return usageError{errors.New(a.t("--state 只能是 returned、replaced、other 或 unknown", "--state is returned, replaced, other or unknown"))}
				}
				return a.receiverReturns(cmd.Context(), h, store, args[0], o)
			})
		},
	}
	c.Flags().BoolVar(&o.read, "read", false, a.t("现在就读一次退回表和消费标志", "read the tables and the marks of what was taken over, now"))
	c.Flags().StringVar(&o.state, "state", "", a.t("returned 退回 | replaced 其后已重报 | other 不是本台账的批次 | unknown 对不上", "returned | replaced, given anew since | other, a batch that is none of ours | unknown"))
	c.Flags().IntVar(&o.limit, "limit", 100, a.t("最多几条（0 不限）", "at most so many (0: all)"))
	return c
}

var returnStates = []ledger.ReturnState{ledger.Returned, ledger.ReturnedLate, ledger.ReturnedElse, ledger.ReturnedWild}

func (a *app) receiverReturns(ctx context.Context, h *house, store ledger.Store, receiver string, o returnsOptions) error {
	if o.read {
		if _, err := a.readFeedback(ctx, h, store, receiver); err != nil {
			return err
		}
	}
	list, err := store.Returns(ctx, ledger.ReturnQuery{Receiver: receiver, State: ledger.ReturnState(o.state), Limit: o.limit})
	if err != nil {
		return err
	}
	return a.list(&listing{
		n:       len(list),
		none:    text.T("没有退回的行", "nothing was sent back"),
		heading: a.t("退回时间\t表\t标识\t状态\t批次\t接收方的说明", "sent back\ttable\tkey\tstate\tbatch\tin the receiver's words"),
		line:    func(i int) any { return returnLineOf(&list[i]) },
		row: func(i int) []string {
			r := &list[i]
			key := r.Named
			if r.Rec != 0 {
				key = joined(ledger.DecodeKey(r.Key))
			}
			return []string{shortTime(r.At, h.Zone()), orDash(r.Table), key, a.returnState(r.State), r.Batch, joined(nonEmpty2(r.Kind, r.Words))}
		},
	})
}

func nonEmpty2(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// showReturns is everything a receiver ever said of the record that a reject is about.
func (a *app) showReturns(ctx context.Context, h *house, store ledger.Store, r *ledger.Reject) error {
	if r.Rule != ledger.RuleReturned {
		return nil
	}
	list, err := store.Returns(ctx, ledger.ReturnQuery{Receiver: r.Receiver, Subject: r.Subject, Key: r.Key})
	for i := range list {
		one := &list[i]
		fmt.Fprintf(a.out, "  %s  %s %s  %s %d  %s  %s\n", shortTime(one.At, h.Zone()), a.t("批次", "batch"), one.Batch, a.t("版本", "version"), one.Version, a.returnState(one.State), joined(nonEmpty2(one.Kind, one.Words)))
	}
	return err
}

func (a *app) returnState(s ledger.ReturnState) string {
	switch s {
	case ledger.Returned:
		return a.t("退回", "returned")
	case ledger.ReturnedLate:
		return a.t("其后已重报", "given anew since")
	case ledger.ReturnedElse:
		return a.t("不是本台账的批次", "no batch of ours")
	}
	return a.t("对不上", "no record of ours")
}

// returnLine is a returned row as scripts read it.
type returnLine struct {
	ID       int64    `json:"id"`
	Receiver string   `json:"receiver"`
	From     string   `json:"from"`
	Table    string   `json:"table"`
	Named    string   `json:"row"`
	Batch    string   `json:"batch"`
	Kind     string   `json:"kind,omitempty"`
	Words    string   `json:"words,omitempty"`
	At       string   `json:"at,omitempty"`
	Seen     string   `json:"seen"`
	State    string   `json:"state"`
	Subject  string   `json:"subject,omitempty"`
	Source   string   `json:"source,omitempty"`
	Key      []string `json:"key,omitempty"`
	Version  uint32   `json:"version,omitempty"`
}

func returnLineOf(r *ledger.Return) returnLine {
	l := returnLine{ID: r.ID, Receiver: r.Receiver, From: r.From, Table: r.Table, Named: r.Named, Batch: r.Batch, Kind: r.Kind, Words: r.Words,
		At: rfc3339(r.At), Seen: rfc3339(r.Seen), State: string(r.State), Subject: r.Stream.Subject, Source: r.Stream.Source, Version: r.Version}
	if r.Rec != 0 {
		l.Key = ledger.DecodeKey(r.Key)
	}
	return l
}
