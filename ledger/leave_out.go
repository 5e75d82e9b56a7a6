package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// FromFunc says whether a pipeline delivers to a receiver.
type FromFunc func(pipeline string) bool

// notDelivered leaves out the records of a pipeline that does not deliver to the
// receiver; they go once it does.
func notDelivered(rows int) pipelines.Result {
	res := pipelines.Result{Issues: make([]pipelines.Issue, rows)}
	for i := range res.Issues {
		res.Issues[i] = pipelines.Issue{Row: int32(i), Rule: RuleNotDelivered, Severity: pipelines.NotApplicable}
	}
	return res
}

// dropEarly leaves out cases from before the receiver's start; their other records
// follow the accept record.
func (s *DeliverStage) dropEarly(_ context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	at, _ := column(in, "accepted_at").(*array.Timestamp)
	if s.Since.IsZero() || s.Subject != SubjectAccept || at == nil {
		return nil, pass, nil
	}
	since := arrow.Timestamp(s.Since.Unix())
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		if at.IsValid(int(i)) && at.Value(int(i)) < since {
			issues = append(issues, pipelines.Issue{Row: i, Rule: ruleBeforeStart, Severity: pipelines.NotApplicable})
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// dropDeletes leaves out deletes of records this receiver never had, and those it does
// not take, or not unasked.
func (s *DeliverStage) dropDeletes(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	deleted, _ := column(in, colDelete).(*array.Boolean)
	rec, _ := column(in, colRec).(*array.Int64)
	version, _ := column(in, colVersion).(*array.Int64)
	var recs []int64
	for _, i := range pass {
		if deleted.Value(int(i)) {
			recs = append(recs, rec.Value(int(i)))
		}
	}
	if len(recs) == 0 {
		return nil, pass, nil
	}
	sent, err := s.Store.Sent(ctx, s.Receiver, recs)
	if err != nil {
		return nil, nil, err
	}
	lacks, err := Lacking(ctx, s.Store, s.Receiver, recs, sent)
	if err != nil {
		return nil, nil, err
	}
	var issues []pipelines.Issue
	var keep []int32
	at := 0
	for _, i := range pass {
		if deleted.Value(int(i)) {
			at++
			if is, stop := s.judgeDelete(i, lacks[at-1], s.Approved.Has(rec.Value(int(i)), uint32(version.Value(int(i))))); stop {
				issues = append(issues, is)
				continue
			}
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// judgeDelete says why a delete does not go.
func (s *DeliverStage) judgeDelete(row int32, lacks, approved bool) (pipelines.Issue, bool) {
	switch {
	case lacks:
		return pipelines.Issue{Row: row, Rule: RuleNeverDelivered, Severity: pipelines.NotApplicable}, true
	case s.NoDelete:
		return pipelines.Issue{Row: row, Rule: ruleNoDelete, Severity: pipelines.NotApplicable}, true
	case s.AskDeletes && !approved:
		return pipelines.Issue{Row: row, Rule: ruleWaitsDelete, Severity: pipelines.Hold}, true
	}
	return pipelines.Issue{}, false
}

// Lacking says which records a receiver certainly has in no version: nothing of them was
// frozen, or it refused what was.
func Lacking(ctx context.Context, store DeliverStore, receiver string, recs []int64, sent []Sent) ([]bool, error) {
	var asked []int64
	for i := range sent {
		if sent[i].Frozen > 0 && sent[i].Delivered == 0 {
			asked = append(asked, recs[i])
		}
	}
	aside, err := store.AsideOf(ctx, receiver, asked)
	lacks := make([]bool, len(recs))
	for i, rec := range recs {
		lacks[i] = aside[rec].lacks(sent[i])
	}
	return lacks, err
}

// lacks says that of a record of which e is put aside, if anything is. One that is tried
// again, or that a person gave up with its outcome open, the receiver may have.
func (e PutAside) lacks(sent Sent) bool {
	switch {
	case sent.Frozen == 0 || sent.Delivered > 0 || e.Rule == RuleRedrive:
		return sent.Frozen == 0
	case e.State == Rejected:
		return e.Version == sent.Frozen && e.Rule != RuleGivenUp
	}
	return e.State == NotApplicable && e.Version > sent.Frozen && !e.KeepsOlder()
}

// KeepsOlder says that what the receiver has of the record stays, which is nobody's matter.
func (a Aside) KeepsOlder() bool {
	return contains([]string{ruleUpdateSkipped, RuleNotDelivered, ruleEarlierRound}, a.Rule)
}

// dropUpdates leaves out newer versions of what the receiver has, where it takes none.
func (s *DeliverStage) dropUpdates(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if s.OnUpdate == "" || s.OnUpdate == Resend || len(pass) == 0 {
		return nil, pass, nil
	}
	rule := ruleUpdateSkipped
	if s.OnUpdate == Cannot {
		rule = ruleNoUpdate
	}
	rec, _ := column(in, colRec).(*array.Int64)
	recs := make([]int64, len(pass))
	for at, i := range pass {
		recs[at] = rec.Value(int(i))
	}
	sent, err := s.Store.Sent(ctx, s.Receiver, recs)
	if err != nil {
		return nil, nil, err
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for at, i := range pass {
		if sent[at].Delivered > 0 {
			issues = append(issues, pipelines.Issue{Row: i, Rule: rule, Severity: pipelines.NotApplicable})
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// OpenFunc says that nobody knows whether an older version of a record, or a record of
// its case that comes before it, arrived.
type OpenFunc func(source, localNo string, rec int64) bool

// dropOpen holds records behind one whose outcome is open (invariant 5).
func (s *DeliverStage) dropOpen(_ context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if s.Open == nil {
		return nil, pass, nil
	}
	rec, _ := column(in, colRec).(*array.Int64)
	local, source := stringColumn(in, "local_no"), SharedOf(in).Source
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		if s.Open(source, valueAt(local, int(i)), rec.Value(int(i))) {
			issues = append(issues, pipelines.Issue{Row: i, Rule: RuleWaitsOutcome, Severity: pipelines.Hold})
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}
