package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"banjian/internal/text"
	"banjian/ledger"
)

func (a *app) caseCommand() *cobra.Command {
	c := &cobra.Command{Use: "case", Short: a.t("办件的一生", "the life of a case")}
	c.AddCommand(&cobra.Command{
		Use:     "show NO",
		Short:   a.t("按任一编号查一个办件", "a case by any of its numbers"),
		Example: "  banjian case show GJJ2025000123",
		Args:    a.exactly(1, text.T("写出办件的任一编号", "give any number of the case")),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withLedger(cmd.Context(), func(h *house, store ledger.Store) error { return a.showCase(cmd.Context(), h, store, args[0]) })
		},
	})
	return c
}

// caseLife is everything the ledger knows of one case.
type caseLife struct {
	Source  string       `json:"source"`
	LocalNo string       `json:"local_no"`
	CaseNo  string       `json:"case_no,omitempty"`
	FlowNo  string       `json:"flow_no,omitempty"`
	Records []caseRecord `json:"records"`
	Rejects []rejectLine `json:"rejects,omitempty"`
}

type caseRecord struct {
	Subject   string            `json:"subject"`
	Key       []string          `json:"key"`
	Version   uint32            `json:"version"`
	Run       int64             `json:"run"`
	Receivers map[string]string `json:"receivers"`
}

func (a *app) showCase(ctx context.Context, h *house, store ledger.Store, no string) error {
	lives, err := a.lives(ctx, h, store, no)
	if err != nil {
		return err
	}
	if len(lives) == 0 {
		return usageError{errors.New(a.t("台账里没有这个编号的办件", "the ledger knows no case by that number"))}
	}
	if a.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		for _, l := range lives {
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		return nil
	}
	for _, l := range lives {
		a.printLife(l)
	}
	return nil
}

// lives finds cases by number; a local number without an accept record is found by
// its other records.
func (a *app) lives(ctx context.Context, h *house, store ledger.Store, no string) ([]caseLife, error) {
	cases, err := store.FindCases(ctx, no)
	if err != nil {
		return nil, err
	}
	streams, err := store.AllStreams(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var lives []caseLife
	for _, c := range cases {
		seen[c.Source+"\x00"+c.LocalNo] = true
		lives = append(lives, caseLife{Source: c.Source, LocalNo: c.LocalNo, CaseNo: c.CaseNo, FlowNo: c.FlowNo})
	}
	for _, s := range streams {
		if !seen[s.Source+"\x00"+no] {
			seen[s.Source+"\x00"+no] = true
			lives = append(lives, caseLife{Source: s.Source, LocalNo: no})
		}
	}
	var found []caseLife
	for i := range lives {
		if err := a.fillLife(ctx, h, store, streams, &lives[i]); err != nil {
			return nil, err
		}
		if lives[i].CaseNo != "" || len(lives[i].Records) > 0 || len(lives[i].Rejects) > 0 {
			found = append(found, lives[i])
		}
	}
	return found, nil
}

func (a *app) fillLife(ctx context.Context, h *house, store ledger.Store, streams []ledger.Stream, l *caseLife) error {
	for _, s := range streams {
		if s.Source != l.Source {
			continue
		}
		entries, err := store.CaseRecords(ctx, s, l.LocalNo)
		if err != nil {
			return err
		}
		for i := range entries {
			r, err := a.caseRecord(ctx, h, store, s, &entries[i])
			if err != nil {
				return err
			}
			l.Records = append(l.Records, r)
		}
	}
	rejects, err := store.Rejects(ctx, ledger.RejectQuery{KeyPrefix: ledger.EncodeKey(l.LocalNo)})
	if err != nil {
		return err
	}
	for i := range rejects {
		if source, ok := h.sourceOf(rejects[i].Pipeline); !ok || source == l.Source { // another system may use the same number
			l.Rejects = append(l.Rejects, a.rejectLine(h, &rejects[i]))
		}
	}
	return nil
}

// sourceOf is the department system a pipeline reads, false for one that is no more.
func (h *house) sourceOf(pipeline string) (string, bool) {
	for _, s := range h.specs {
		if s.Pipeline == pipeline {
			return s.From.SourceID, true
		}
	}
	return "", false
}

// caseRecord tells what each receiver has of a record.
func (a *app) caseRecord(ctx context.Context, h *house, store ledger.Store, s ledger.Stream, e *ledger.Entry) (caseRecord, error) {
	r := caseRecord{Subject: s.Subject, Key: ledger.DecodeKey(e.Key), Version: e.Version, Run: e.Run, Receivers: map[string]string{}}
	for name := range h.site.Receivers {
		sent, err := store.Sent(ctx, name, []int64{e.Rec})
		if err != nil {
			return r, err
		}
		list, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: name, Recs: []int64{e.Rec}})
		if err != nil {
			return r, err
		}
		switch {
		case len(list) > 0:
			r.Receivers[name] = fmt.Sprintf("%s: %s", a.exceptionState(list[0].State), h.ruleText(list[0].Pipeline, list[0].Rule, list[0].Args).In(a.lang))
			if sent[0].Delivered > 0 {
				r.Receivers[name] += fmt.Sprintf(a.t("（接收方现有的是第 %d 版）", " (the receiver has version %d)"), sent[0].Delivered)
			}
		case sent[0].Delivered > 0:
			r.Receivers[name] = fmt.Sprintf(a.t("已上报第 %d 版", "delivered version %d"), sent[0].Delivered)
		case sent[0].Frozen > 0:
			r.Receivers[name] = a.t("结果不明", "outcome unknown")
		default:
			r.Receivers[name] = a.t("待报", "pending")
		}
	}
	return r, nil
}

func (a *app) exceptionState(s ledger.State) string {
	zh := map[ledger.State]string{ledger.Held: "挂起", ledger.Rejected: "问题数据", ledger.NotApplicable: "不适用", ledger.Diverged: "不一致"}
	if a.lang == text.ZH {
		return zh[s]
	}
	return string(s)
}

func (a *app) printLife(l caseLife) {
	fmt.Fprintf(a.out, "%s %s  %s %s  %s %s  %s %s\n", a.t("办件", "case"), l.LocalNo, a.t("来源", "source"), l.Source, a.t("办件编号", "case number"), orDash(l.CaseNo), a.t("流水号", "flow number"), orDash(l.FlowNo))
	for _, r := range l.Records {
		fmt.Fprintf(a.out, "  %-14s %s  %s %d\n", r.Subject, joined(r.Key), a.t("版本", "version"), r.Version)
		for _, name := range slices.Sorted(maps.Keys(r.Receivers)) {
			fmt.Fprintf(a.out, "    %s: %s\n", name, r.Receivers[name])
		}
	}
	for _, r := range l.Rejects {
		fmt.Fprintf(a.out, "  %s %d  %s  %s  %s (%s)\n", a.t("问题数据", "reject"), r.ID, a.rejectState(r.State), r.At, r.Reason, r.Rule)
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
