package main

import (
	"context"
	"fmt"

	"banjian/internal/text"
	"banjian/ledger"
)

// waitsApplication is the rule of a record that lacks what its acceptance or application
// says.
const waitsApplication = "waits_application"

// blockStore is what blocked reads.
type blockStore interface {
	Exceptions(ctx context.Context, q ledger.ExceptionQuery) ([]ledger.Exception, error)
}

// blocked is how many records each reject holds back: of an acceptance the records of its case
// that wait for it at the receivers, each counted once; of anything else none.
func (h *house) blocked(ctx context.Context, store blockStore, list []ledger.Reject) ([]int64, error) {
	blocks, names := make([]int64, len(list)), make([]string, len(list))
	waiting := map[string]map[int64]bool{} // records by receiver, source and local number
	for i := range list {
		r := &list[i]
		key := ledger.DecodeKey(r.Key)
		source, known := h.SourceOf(r.Pipeline)
		if !known || r.Subject != subjectAccept || r.State != "open" && r.State != ledger.Waived || len(key) == 0 {
			continue
		}
		names[i] = r.Receiver + "\x00" + source + "\x00" + key[0]
		waiting[names[i]] = map[int64]bool{}
	}
	if len(waiting) == 0 {
		return blocks, nil
	}
	for _, receiver := range h.Receivers() {
		for _, rule := range []string{waitsParent, waitsApplication} {
			if err := eachHeld(ctx, store, receiver, rule, func(e *ledger.Exception) {
				local := ledger.FirstOfKey(e.Key)
				for _, at := range []string{"", receiver} {
					if recs := waiting[at+"\x00"+e.Stream.Source+"\x00"+local]; recs != nil {
						recs[e.Rec] = true
					}
				}
			}); err != nil {
				return nil, err
			}
		}
	}
	for i, name := range names {
		blocks[i] = int64(len(waiting[name]))
	}
	return blocks, nil
}

// eachHeld goes through what a rule holds at a receiver.
func eachHeld(ctx context.Context, store blockStore, receiver, rule string, each func(*ledger.Exception)) error {
	const page = 4096
	for after := int64(0); ; {
		list, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: receiver, Rule: rule, State: ledger.Held, After: after, Limit: page})
		if err != nil {
			return err
		}
		for i := range list {
			each(&list[i])
			after = list[i].Rec
		}
		if len(list) < page {
			return nil
		}
	}
}

// blockedTotal is how many records the open rejects of a pipeline hold back.
func (h *house) blockedTotal(ctx context.Context, store statusStore, t ledger.RejectTotal) (sum int64, err error) {
	if !h.feedsAccepts(t.Pipeline) {
		return 0, nil
	}
	list, err := store.Rejects(ctx, ledger.RejectQuery{Pipeline: t.Pipeline, Receiver: t.Receiver, State: "open"})
	if err != nil {
		return 0, err
	}
	one := list[:0]
	seen := map[string]bool{}
	for _, r := range list {
		if r.Receiver == t.Receiver && !seen[string(r.Key)] { // several findings of one row hold the same back
			seen[string(r.Key)] = true
			one = append(one, r)
		}
	}
	blocks, err := h.blocked(ctx, store, one)
	for _, n := range blocks {
		sum += n
	}
	return sum, err
}

// feedsAccepts says that a pipeline makes acceptances.
func (h *house) feedsAccepts(pipeline string) bool {
	for _, s := range h.Specs() {
		if s.Pipeline == pipeline {
			m, err := h.Mapping(s.Mapping, nil)
			return err == nil && m.Subjects()[0] == subjectAccept
		}
	}
	return false
}

// blocksText says how many records a reject holds back; empty where it is none.
func (a *app) blocksText(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(text.T("挡住本件 %d 条记录", "holds back %d records of its case").In(a.lang), n)
}

// blocking is the same of all rejects of a pipeline, behind their number.
func (a *app) blocking(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(text.T("（其中的受理挡住 %d 条记录）", " (the acceptances among them hold back %d records)").In(a.lang), n)
}
