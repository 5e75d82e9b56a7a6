package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) receiversTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "test R",
		Short:   a.t("试问一个接收方，不写入任何东西：通不通、时钟差、有什么不对", "ask a receiver without effect: reachable, its clock, what is wrong"),
		Example: "  banjian receivers test national",
		Args:    a.oneReceiver(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				if err := a.mustHave(h, args[0]); err != nil {
					return err
				}
				return a.testReceiver(cmd.Context(), h, store, args[0])
			})
		},
	}
}

func (a *app) testReceiver(ctx context.Context, h *house, store ledger.ReceiverStates, name string) error {
	got, err := h.Ask(ctx, name)
	if err == nil && got.Clock != nil {
		err = store.SetReceiverState(ctx, name, func(s *ledger.ReceiverState) { s.Clock = got.Clock })
	}
	if a.json {
		line := map[string]any{"receiver": name, "ok": err == nil, "address": got.Address, "took_ms": got.Took.Milliseconds(), "clock_offset_ms": nil, "notes": texts(got.Notes, a.lang), "error": "", "hint": ""}
		if got.Clock != nil {
			line["clock_offset_ms"] = got.Clock.Milliseconds()
		}
		if err != nil {
			line["error"], line["hint"] = fault.Say(err, a.lang), fault.HintOf(err).In(a.lang)
			a.code = codeOf(err)
		}
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(line)
	}
	fmt.Fprintf(a.out, "%s  %s\n", name, got.Address)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "  %s %s\n", a.t("应答用时", "answered in"), got.Took.Round(time.Millisecond))
	if got.Clock != nil {
		fmt.Fprintf(a.out, "  %s %s\n", a.t("对方时钟", "its clock"), a.clock(*got.Clock))
	}
	for _, n := range got.Notes {
		fmt.Fprintf(a.out, "  %s %s\n", a.t("注意", "note"), n.In(a.lang))
	}
	fmt.Fprintf(a.out, "  %s\n", a.t("可以上报", "it can be fed"))
	return nil
}

func texts(list []text.Text, lang text.Lang) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.In(lang)
	}
	return out
}
