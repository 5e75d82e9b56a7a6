package status

import (
	"context"

	"banjian/ledger"
)

// Blocks is how many records each reject holds back: of an acceptance the records of its case
// that wait for it at the receivers, each counted once; of anything else none.
func (s *Site) Blocks(ctx context.Context, list []ledger.Reject) ([]int64, error) {
	blocks, names := make([]int64, len(list)), make([]string, len(list))
	waiting := map[string]map[int64]bool{} // records by receiver, source and local number
	for i := range list {
		r := &list[i]
		key := ledger.DecodeKey(r.Key)
		source, known := s.House.SourceOf(r.Pipeline)
		if !known || r.Subject != ledger.SubjectAccept || r.State != "open" && r.State != ledger.Waived || len(key) == 0 {
			continue
		}
		names[i] = r.Receiver + "\x00" + source + "\x00" + key[0]
		waiting[names[i]] = map[int64]bool{}
	}
	if len(waiting) == 0 {
		return blocks, nil
	}
	for _, receiver := range s.House.Receivers() {
		for _, rule := range []string{ledger.RuleWaitsParent, ledger.RuleWaitsApplication} {
			if err := eachHeld(ctx, s.Store, receiver, rule, func(e *ledger.Exception) {
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

// exceptions is what is put aside, by stream.
type exceptions interface {
	AllStreams(ctx context.Context) ([]ledger.Stream, error)
	Exceptions(ctx context.Context, q ledger.ExceptionQuery) ([]ledger.Exception, error)
}

// eachHeld goes through what a rule holds at a receiver: a stream at a time, for which there is
// an index, since most of what is put aside may be so for another reason.
func eachHeld(ctx context.Context, store exceptions, receiver, rule string, each func(*ledger.Exception)) error {
	streams, err := store.AllStreams(ctx)
	if err != nil {
		return err
	}
	const page = 4096
	for _, st := range streams {
		for after, more := int64(0), true; more; {
			list, err := store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: receiver, Source: st.Source, Subject: st.Subject, Rule: rule, State: ledger.Held, After: after, Limit: page})
			if err != nil {
				return err
			}
			for i := range list {
				each(&list[i])
				after = list[i].Rec
			}
			more = len(list) == page
		}
	}
	return nil
}

// blockedTotals is how many records the open rejects of each total hold back.
func (s *Site) blockedTotals(ctx context.Context, totals []ledger.RejectTotal) ([]int64, error) {
	var all []ledger.Reject
	var of []int // total of each
	for at, t := range totals {
		if !s.feedsAccepts(t.Pipeline) {
			continue
		}
		list, err := s.Store.Rejects(ctx, ledger.RejectQuery{Pipeline: t.Pipeline, Receiver: t.Receiver, State: "open"})
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, r := range list {
			if r.Receiver == t.Receiver && !seen[string(r.Key)] { // several findings of one row hold the same back
				seen[string(r.Key)] = true
				all, of = append(all, r), append(of, at)
			}
		}
	}
	sums := make([]int64, len(totals))
	blocks, err := s.Blocks(ctx, all)
	for i, n := range blocks {
		sums[of[i]] += n
	}
	return sums, err
}

// feedsAccepts says that a pipeline makes acceptances.
func (s *Site) feedsAccepts(pipeline string) bool {
	for _, spec := range s.House.Specs() {
		if spec.Pipeline == pipeline {
			m, err := s.House.Mapping(spec.Mapping, nil)
			return err == nil && m.Subjects()[0] == ledger.SubjectAccept
		}
	}
	return false
}
