package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/sides"
	"banjian/cmd/internal/status"
	"banjian/internal/fault"
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

	Lacking   []lackingFile     `json:"files_lacking,omitempty"`
	Elsewhere []sides.Elsewhere `json:"elsewhere,omitempty"` // what other systems say of the same case
}

func (a *app) showCase(ctx context.Context, h *house, store ledger.Store, no string) error {
	lives, err := a.lives(ctx, h, store, no)
	if err != nil {
		return err
	}
	if len(lives) == 0 {
		return fault.New(fault.Config, "show case", "", text.T("台账里没有这个编号的办件", "the ledger knows no case by that number"),
			text.T("写完整的受理号、流水号或办件编号；还没有归集的，先 banjian run", "give the whole local, flow or case number; what was not collected yet wants banjian run first"))
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
		a.printLife(l, h)
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
		if lives[i].Elsewhere, err = (&sides.Site{House: h, Store: store}).Elsewhere(ctx, lives[i].Source, lives[i].LocalNo, time.Now()); err != nil {
			return nil, err
		}
		if err := a.lack(ctx, h, &lives[i]); err != nil {
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
		records, err := a.caseRecords(ctx, h, store, s, entries)
		if err != nil {
			return err
		}
		l.Records = append(l.Records, records...)
	}
	if l.FlowNo == "" && slices.ContainsFunc(l.Records, ofApplication) {
		l.FlowNo = l.LocalNo
	}
	rejects, err := store.Rejects(ctx, ledger.RejectQuery{KeyPrefix: ledger.EncodeKey(l.LocalNo)})
	if err != nil {
		return err
	}
	for i := range rejects {
		if source, ok := h.SourceOf(rejects[i].Pipeline); !ok || source == l.Source { // another system may use the same number
			l.Rejects = append(l.Rejects, a.rejectLine(h, &rejects[i]))
			l.stale(&rejects[i])
		}
	}
	return nil
}

// ofApplication says that a record came in under its flow number: it has no other.
func ofApplication(r caseRecord) bool {
	return slices.Contains([]string{"case/application", "case/application_material", "case/withdrawal"}, r.Subject)
}

// stale marks the record that receivers keep as it was: its row is refused now.
func (l *caseLife) stale(r *ledger.Reject) {
	if r.Receiver != "" || r.State == "closed" || r.Rule == "duplicate_key" {
		return
	}
	key := ledger.DecodeKey(r.Key)
	for i := range l.Records {
		if rec := &l.Records[i]; rec.Subject == r.Subject && slices.Equal(rec.Key, key) {
			rec.StaleSince, rec.StaleReject = status.Earliest(rec.StaleSince, r.At), r.ID
		}
	}
}

func (a *app) printLife(l caseLife, h *house) {
	fmt.Fprintf(a.out, "%s %s  %s %s  %s %s  %s %s\n", a.t("办件", "case"), l.LocalNo, a.t("来源", "source"), l.Source, a.t("办件编号", "case number"), orDash(l.CaseNo), a.t("流水号", "flow number"), orDash(l.FlowNo))
	for i := range l.Records {
		a.printRecord(&l.Records[i], h.Zone())
	}
	for i := range l.Lacking {
		a.printLacking(&l.Lacking[i], h.Zone())
	}
	for _, e := range l.Elsewhere {
		a.printElsewhere(h, e)
	}
	for _, r := range l.Rejects {
		where := ""
		if r.Receiver != "" {
			where = r.Receiver + "  "
		}
		if fields := r.fields(h, a.lang); fields != "" {
			where += fields + "  "
		}
		fmt.Fprintf(a.out, "  %s %d  %s  %s  %s%s (%s)\n", a.t("问题数据", "reject"), r.ID, a.rejectState(r.State), localTime(r.At, h.Zone()), where, r.Reason, r.Rule)
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
