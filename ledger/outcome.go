package ledger

import (
	"context"
	"encoding/binary"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// OutcomeState is how it stands with a call of which nobody knows whether it took effect.
type OutcomeState string

const (
	OutcomeNone    OutcomeState = ""         // nothing is open: what was noted is forgotten
	OutcomeCalling OutcomeState = "calling"  // it begins, and must not be made twice: the intent
	OutcomeOpen    OutcomeState = "open"     // it was given up for now and is tried again by itself
	OutcomeUnknown OutcomeState = "unknown"  // 结果不明: neither asking nor sending it again is safe; a person settles it
	OutcomeAgain   OutcomeState = "again"    // a person had it sent again
	OutcomeArrived OutcomeState = "arrived"  // a person says that it did
	OutcomeGivenUp OutcomeState = "given_up" // a person gave the record up in this version
)

// Outcome (结果不明) is a record of an open frozen batch whose call has no answer, or, once
// Decided, what a person said of it; that is kept for good.
type Outcome struct {
	ID       int64
	Receiver string
	Rec      int64
	Version  uint32
	Batch    string // the frozen batch
	Stream   Stream
	Key      []byte
	Pipeline string
	Run      int64
	State    OutcomeState
	Since    time.Time
	Tries    int // deliveries that gave it up
	Why      Reason

	Who     string // who decided, and in which words; zero Decided: nobody did
	Said    string
	Decided time.Time
}

// OutcomeQuery selects outcomes; empty fields select all.
type OutcomeQuery struct {
	Receiver string
	ID       int64
	Recs     []int64
	Decided  bool // those that people settled, instead of those that are open
}

// Outcomes keeps what is not known of calls.
type Outcomes interface {
	// PutOutcomes stores states of members that are open, under the lease of a delivery; what
	// was said of the same version before, and not decided, is replaced but for Since. Open
	// ones count a try more.
	PutOutcomes(ctx context.Context, l Lease, list []Outcome) error
	// Outcomes lists them, oldest first.
	Outcomes(ctx context.Context, q OutcomeQuery) ([]Outcome, error)
	// DecideOutcome stores a person's word, and what follows of it, in one transaction:
	// OutcomeArrived gives the record its receipt, OutcomeGivenUp refuses it in this version,
	// OutcomeAgain has the next delivery send it, and said again before that changes nothing.
	// Gone: it is not open any more.
	DecideOutcome(ctx context.Context, l Lease, d OutcomeDecision) error
}

// OutcomeDecision is a person's word on an outcome.
type OutcomeDecision struct {
	ID   int64
	As   OutcomeState // arrived, again, given_up
	Who  string
	Said string
}

// RuleGivenUp is the rule of a record a person gave up because its outcome stays unknown.
const RuleGivenUp = "outcome_given_up"

// OutcomeGone says that an outcome was settled meanwhile.
func OutcomeGone(id int64) error {
	return fault.New(fault.Gone, "settle outcome", "", text.F("结果不明 %d 已经有了结果，或没有这个编号", "outcome %d is settled, or there is none of that number", id), text.T("banjian outcomes list 列出还没有结果的", "banjian outcomes list shows what is open"))
}

// GivenUp is the reject of a record that was given up; the version stands in for the source
// hash.
func GivenUp(o *Outcome) Reject {
	return Reject{Pipeline: o.Pipeline, Receiver: o.Receiver, Subject: o.Stream.Subject, Key: o.Key, Rule: RuleGivenUp, Source: VersionHash(o.Version), Run: o.Run, KeptRow: -1}
}

// VersionHash stands in for the source hash in rejects of a receiver, which are about a version.
func VersionHash(version uint32) (h pipelines.Hash) {
	binary.BigEndian.PutUint32(h[12:], version)
	return h
}
