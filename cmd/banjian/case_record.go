package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"banjian/cmd/internal/status"
	"banjian/ledger"
)

// caseRecord is one record of a case and where it is.
type caseRecord struct {
	Subject   string       `json:"subject"`
	Key       []string     `json:"key"`
	Version   uint32       `json:"version"`
	Deleted   bool         `json:"deleted,omitempty"`
	Run       int64        `json:"run"`
	Collected origin       `json:"collected"`
	Receivers []caseAtPeer `json:"receivers"`

	StaleSince  time.Time `json:"stale_since,omitzero"`  // the row is refused since then, receivers keep what they have
	StaleReject int64     `json:"stale_reject,omitzero"` // why
}

// origin is where a version comes from.
type origin struct {
	At       time.Time `json:"at,omitzero"`
	Pipeline string    `json:"pipeline,omitempty"`
	Run      int64     `json:"run,omitempty"`
	Mapping  string    `json:"mapping,omitempty"`
}

// caseAtPeer is what one receiver has of a record.
type caseAtPeer struct {
	Receiver   string    `json:"receiver"`
	State      string    `json:"state"`          // delivered, held, rejected, not_applicable, diverged, pending, unknown
	Version    uint32    `json:"version"`        // that it has; 0 = none
	Since      time.Time `json:"since,omitzero"` // held, or put aside, since
	StaleSince time.Time `json:"stale_since,omitzero"`
	Rule       string    `json:"rule,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Deliveries []passage `json:"deliveries,omitempty"`
	Adopted    string    `json:"adopted,omitempty"` // row_guid taken over from its tables

	Pieces   *casePieces   `json:"pieces,omitempty"`   // of the newest version's file
	Outcomes []outcomeLine `json:"outcomes,omitempty"` // calls without an answer, and what people said of them
}

// passage is one delivery of a version.
type passage struct {
	Version   uint32    `json:"version"`
	Operation string    `json:"operation"`
	Batch     string    `json:"batch"`
	Table     string    `json:"table"`
	FrozenAt  time.Time `json:"frozen_at"`
	ReceiptAt time.Time `json:"receipt_at,omitzero"`
	Open      bool      `json:"open,omitempty"` // nobody knows whether it arrived
	From      origin    `json:"from"`
}

// caseRecords tells of the records of a case in one stream what each receiver has.
func (a *app) caseRecords(ctx context.Context, h *house, store ledger.Store, s ledger.Stream, entries []ledger.Entry) ([]caseRecord, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	records := make([]caseRecord, len(entries))
	recs, seqs := make([]int64, len(entries)), make([]int64, len(entries))
	for i := range entries {
		e := &entries[i]
		recs[i], seqs[i] = e.Rec, e.At.Seq
		records[i] = caseRecord{Subject: s.Subject, Key: ledger.DecodeKey(e.Key), Version: e.Version, Deleted: e.Deleted, Run: e.Run}
	}
	passages := map[string][]ledger.Passage{}
	peers := slices.DeleteFunc(h.Receivers(), func(name string) bool { return !h.Fed(name) || !h.Takes(name, s.Subject) })
	for _, name := range peers {
		list, err := store.Passages(ctx, name, s, recs)
		if err != nil {
			return nil, err
		}
		passages[name] = list
		for i := range list {
			seqs = append(seqs, list[i].Seq)
		}
	}
	origins, err := originsOf(ctx, store, seqs)
	if err != nil {
		return nil, err
	}
	for i := range records {
		records[i].Collected = origins[entries[i].At.Seq]
		for _, name := range peers {
			at, err := a.atPeer(ctx, h, store, name, &entries[i], origins)
			if err != nil {
				return nil, err
			}
			at.deliveries(passages[name], recs[i], origins)
			if err := at.adopted(ctx, store, recs[i]); err != nil {
				return nil, err
			}
			if err := at.unanswered(ctx, a, store, recs[i]); err != nil {
				return nil, err
			}
			records[i].Receivers = append(records[i].Receivers, at)
		}
	}
	return records, nil
}

func originsOf(ctx context.Context, store ledger.Histories, seqs []int64) (map[int64]origin, error) {
	list, err := store.Origins(ctx, seqs)
	found := make(map[int64]origin, len(list))
	for _, o := range list {
		found[o.Seq] = origin{At: o.At, Pipeline: o.Pipeline, Run: o.Run, Mapping: o.Mapping}
	}
	return found, err
}

func (p *caseAtPeer) deliveries(list []ledger.Passage, rec int64, origins map[int64]origin) {
	for _, one := range list {
		if one.Rec == rec {
			p.Deliveries = append(p.Deliveries, passage{Version: one.Version, Operation: string(rune(one.Op)), Batch: one.Batch, Table: one.Table,
				FrozenAt: one.Frozen, ReceiptAt: one.Arrived, Open: one.Open, From: origins[one.Seq]})
		}
	}
}

// adopted notes an identity that was taken over. What was adopted and not sent yet is at the
// receiver in some version of the earlier program's.
func (p *caseAtPeer) adopted(ctx context.Context, store ledger.Store, rec int64) error {
	list, err := store.Adoptions(ctx, p.Receiver, []int64{rec})
	for _, a := range list {
		p.Adopted = ledger.AdoptedGUID{GUID: a.GUID, Spelled: a.Spelled}.Text()
		if len(p.Deliveries) == 0 {
			p.Version, p.StaleSince = 0, time.Time{}
			if p.State == "delivered" || p.State == "unknown" {
				p.State = "pending"
			}
		}
	}
	return err
}

// atPeer is what a receiver has of a record, and what keeps it from having more.
func (a *app) atPeer(ctx context.Context, h *house, store ledger.Store, name string, e *ledger.Entry, origins map[int64]origin) (caseAtPeer, error) {
	p := caseAtPeer{Receiver: name, State: "pending"}
	sent, err := store.Sent(ctx, name, []int64{e.Rec})
	if err != nil {
		return p, err
	}
	list, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: name, Recs: []int64{e.Rec}})
	if err != nil {
		return p, err
	}
	p.Version = sent[0].Delivered
	switch {
	case len(list) > 0:
		waits, err := (&status.Site{House: h, Store: store, Now: time.Now()}).WaitsFor(ctx, list[:1])
		if err != nil {
			return p, err
		}
		p.State, p.Since, p.Rule, p.Reason = string(list[0].State), list[0].Since, list[0].Rule, waits[0].In(a.lang)
		if p.Rule == ledger.RuleRedrive {
			p.State = "pending"
		}
	case sent[0].Frozen > sent[0].Delivered && sent[0].Frozen == e.Version:
		p.State = "unknown"
	case p.Version == e.Version:
		p.State = "delivered"
	}
	if p.Version > 0 && p.Version < e.Version {
		if p.StaleSince = p.Since; p.StaleSince.IsZero() {
			p.StaleSince = origins[e.At.Seq].At
		}
	}
	p.Pieces, err = piecesAt(ctx, store, name, e)
	return p, err
}

func (a *app) printRecord(r *caseRecord, zone *time.Location) {
	deleted := ""
	if r.Deleted {
		deleted = a.t("  已删除", "  deleted")
	}
	fmt.Fprintf(a.out, "  %-14s %s  %s %d%s\n", r.Subject, joined(r.Key), a.t("版本", "version"), r.Version, deleted)
	fmt.Fprintf(a.out, "    %s %s\n", a.t("归集于", "collected"), a.originText(r.Collected, zone))
	if !r.StaleSince.IsZero() {
		fmt.Fprintf(a.out, a.t("    过时：源数据自 %s 起不合格（问题数据 %d），接收方保留以前的版本\n", "    stale: its row is refused since %s (reject %d), receivers keep the older version\n"), shortTime(r.StaleSince, zone), r.StaleReject)
	}
	for i := range r.Receivers {
		p := &r.Receivers[i]
		fmt.Fprintf(a.out, "    %s: %s\n", p.Receiver, a.peerText(p, zone))
		if p.Adopted != "" {
			fmt.Fprintf(a.out, "      %s row_guid %s\n", a.t("接管", "adopted"), p.Adopted)
		}
		if p.Pieces != nil {
			fmt.Fprintf(a.out, "      %s\n", a.piecesText(p.Pieces, zone))
		}
		a.printUnanswered(p.Outcomes, zone)
		for _, d := range p.Deliveries {
			receipt := shortTime(d.ReceiptAt, zone)
			if d.Open {
				receipt = a.t("结果不明", "outcome unknown")
			}
			line := fmt.Sprintf(a.t("第 %d 版 %s  批次 %s  送出 %s  回执 %s", "version %d %s  batch %s  sent %s  receipt %s"), d.Version, d.Operation, d.Batch, shortTime(d.FrozenAt, zone), receipt)
			if d.Version != r.Version {
				line += a.t("  归集于 ", "  collected ") + a.originText(d.From, zone)
			}
			fmt.Fprintf(a.out, "      %s\n", line)
		}
	}
}

// originText says when a version was collected, by what, and through which mapping.
func (a *app) originText(o origin, zone *time.Location) string {
	const shown = 8 // characters of a mapping's version, which tell two apart
	return fmt.Sprintf(a.t("%s  %s  运行 %d  映射 %s", "%s  %s  run %d  mapping %s"), shortTime(o.At, zone), orDash(o.Pipeline), o.Run, orDash(o.Mapping[:min(len(o.Mapping), shown)]))
}

// peerText is what a receiver has of a record, in words.
func (a *app) peerText(p *caseAtPeer, zone *time.Location) string {
	var said string
	switch p.State {
	case "delivered":
		return fmt.Sprintf(a.t("已上报第 %d 版", "delivered version %d"), p.Version)
	case "unknown":
		said = a.t("结果不明", "outcome unknown")
	case "pending":
		said = a.t("待报", "pending")
	default:
		said = status.StateText(ledger.State(p.State)).In(a.lang)
	}
	if p.Reason != "" {
		said += ": " + p.Reason
	}
	if p.Version > 0 {
		said += fmt.Sprintf(a.t("（接收方现有的是第 %d 版）", " (the receiver has version %d)"), p.Version)
	}
	if !p.Since.IsZero() {
		said += a.t("  自 ", "  since ") + shortTime(p.Since, zone)
	}
	if !p.StaleSince.IsZero() {
		said += a.t("  过时自 ", "  stale since ") + shortTime(p.StaleSince, zone)
	}
	return said
}
