package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// outcomeWord is the flags of outcomes settle.
type outcomeWord struct {
	arrived, again, giveUp bool
	why                    string
}

func (a *app) outcomesSettleCommand() *cobra.Command {
	var w outcomeWord
	c := &cobra.Command{
		Use:   "settle ID|BATCH…",
		Short: a.t("认定结果不明的推送：已收到、没收到再推送、或放弃这一版；谁认定的记入台账", "settle what is not known: it arrived, it did not and goes again, or this version is given up; the ledger keeps who said so"),
		Example: "  banjian outcomes settle 3 --arrived --why 与中台王工电话核对\n  banjian outcomes settle 4 5 --again --why 对方查无此件\n" +
			"  banjian outcomes settle 6 --give-up --why 对方系统一收就断\n" +
			"  banjian outcomes settle 5f0c6a1be2d94c3a8f7b60d1c2e3a4f5 --arrived --why 对方按 cd_batch 查到并已清理",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New(a.t("写出 banjian outcomes list 列出的编号", "name numbers that banjian outcomes list shows"))}
			}
			as, err := w.state(a)
			if err != nil {
				return err
			}
			for _, arg := range args {
				if id, err := strconv.ParseInt(arg, 10, 64); !isBatch(arg) && (err != nil || id <= 0) {
					return usageError{fmt.Errorf(a.t("%q 不是编号，也不是批次号", "%q is no number of an outcome, nor of a batch"), arg)}
				}
			}
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error {
				ids, err := outcomesNamed(cmd.Context(), store, args)
				if err != nil {
					return err
				}
				return a.settleOutcomes(cmd.Context(), store, ids, as, w.why)
			})
		},
	}
	c.Flags().BoolVar(&w.arrived, "arrived", false, a.t("已收到：记回执，后面的照常", "it arrived: it gets its receipt, what waits for it goes on"))
	c.Flags().BoolVar(&w.again, "again", false, a.t("没收到：下次上报再推送一次", "it did not: the next delivery sends it again"))
	c.Flags().BoolVar(&w.giveUp, "give-up", false, a.t("放弃这一版：不再推送，新版照常", "give this version up: it does not go again, newer ones do"))
	c.Flags().StringVar(&w.why, "why", "", a.t("依据（必填）", "what it is based on (required)"))
	return c
}

// isBatch says that a word is the number of a frozen batch, which stands for all of it that is open.
func isBatch(word string) bool {
	_, err := hex.DecodeString(word)
	return err == nil && len(word) == 32
}

// outcomesNamed is the numbers of outcomes that words name, each once.
func outcomesNamed(ctx context.Context, store ledger.Outcomes, words []string) (ids []int64, err error) {
	var open []ledger.Outcome
	if slices.ContainsFunc(words, isBatch) {
		if open, err = store.Outcomes(ctx, ledger.OutcomeQuery{}); err != nil {
			return nil, err
		}
	}
	add := func(id int64) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, word := range words {
		if !isBatch(word) {
			id, _ := strconv.ParseInt(word, 10, 64)
			add(id)
			continue
		}
		before := len(ids)
		for i := range open {
			if open[i].Batch == strings.ToLower(word) {
				add(open[i].ID)
			}
		}
		if len(ids) == before {
			return nil, fault.New(fault.Gone, "settle outcome", "", text.F("批次 %s 没有结果不明的记录，或没有这个批次", "no outcome of batch %s is open, or there is no such batch", word),
				text.T("banjian outcomes list 列出还没有结果的", "banjian outcomes list shows what is open"))
		}
	}
	return ids, nil
}

func (w *outcomeWord) state(a *app) (ledger.OutcomeState, error) {
	var said []ledger.OutcomeState
	for _, one := range []struct {
		set bool
		as  ledger.OutcomeState
	}{{w.arrived, ledger.OutcomeArrived}, {w.again, ledger.OutcomeAgain}, {w.giveUp, ledger.OutcomeGivenUp}} {
		if one.set {
			said = append(said, one.as)
		}
	}
	switch {
	case len(said) != 1:
		return "", usageError{errors.New(a.t("--arrived、--again、--give-up 三者取一", "say one of --arrived, --again and --give-up"))}
	case strings.TrimSpace(w.why) == "":
		return "", usageError{errors.New(a.t("用 --why 写明依据", "say with --why what it is based on"))}
	}
	return said[0], nil
}

func (a *app) settleOutcomes(ctx context.Context, store ledger.Store, ids []int64, as ledger.OutcomeState, why string) error {
	runner, who := jobs.NewRunner(store, a.log()), whoami()
	var found fault.List
	settled, already := []int64{}, []int64{}
	for _, id := range ids {
		list, err := store.Outcomes(ctx, ledger.OutcomeQuery{ID: id})
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			found.Add(ledger.OutcomeGone(id))
			continue
		case list[0].State == as:
			already = append(already, id)
			continue
		}
		if found.Add(runner.Decide(ctx, list[0].Receiver, ledger.OutcomeDecision{ID: id, As: as, Who: who, Said: why})) {
			continue
		}
		settled = append(settled, id)
		a.log().Info("outcome settled", "id", id, "as", string(as), "by", who)
	}
	if len(settled)+len(already) == 0 {
		return found.Err()
	}
	if err := a.done(settledText(len(settled), already, as, who), map[string]any{"settled": settled, "already": already, "as": string(as), "by": who}); err != nil {
		return err
	}
	return found.Err()
}

// settledText says what was settled, and what had been so already and was left alone.
func settledText(settled int, already []int64, as ledger.OutcomeState, who string) text.Text {
	word := outcomeText(as)
	said := text.F("已认定 %[1]d 条：%[2]s（%[4]s）", "settled: %[1]d, %[3]s (by %[4]s)", settled, word.ZH, word.EN, who)
	if len(already) == 0 {
		return said
	}
	ids := strings.Trim(fmt.Sprint(already), "[]")
	left := text.F("已经认定过“%[2]s”，等下次上报，这次没有再记：%[1]s", "settled so before and waiting for the next delivery, nothing was recorded: %[1]s", ids, word.ZH)
	if settled == 0 {
		return left
	}
	return text.T(said.ZH+"\n"+left.ZH, said.EN+"\n"+left.EN)
}
