package ledger

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// Rules of a record that waits to be verified; their sentences are in schemas.
const (
	ruleWaitsVerification  = "waits_verification"  // nobody could say yet
	ruleVerificationFailed = "verification_failed" // it is not so
)

// VerifyRules begins the rules that a row is refused by because a service outside says that it is
// not so, or says nothing.
const VerifyRules = "verify_"

// Doubt (待核验) is a field of the newest version of a record that could not be verified, or
// is not so: the record waits at every receiver. One that a newer version replaced says
// nothing, and is dropped when it is asked about again. No value of the record is in it.
type Doubt struct {
	DoubtOf
	Pipeline string
	Stream   Stream
	Version  uint32
	Key      []byte // of the record
	Row      []byte // key of the row it was made from, under which rejects are filed
	Service  string
	Failed   bool // it is not so; else nobody could say
	Rule     string
	Since    time.Time
	Next     time.Time // not asked again before
	Tries    int
}

// DoubtOf names a doubt.
type DoubtOf struct {
	Rec   int64
	Field string
}

// Settled is a version of a record of which a field is in doubt no more.
type Settled struct {
	DoubtOf
	Version uint32
}

// DoubtTotal is what a pipeline's records wait for.
type DoubtTotal struct {
	Pipeline string
	Service  string
	Failed   bool
	Records  int64
	Oldest   time.Time
}

// Doubts keeps which records wait to be verified.
type Doubts interface {
	// DueDoubts lists up to limit doubts about a pipeline's records that are due at a time, by
	// record number and field, behind after; those of the services but are left out.
	DueDoubts(ctx context.Context, pipeline string, due time.Time, but []string, after DoubtOf, limit int) ([]Doubt, error)
	// DoubtsAbout lists the doubts about records. It is cheap while there are none at all.
	DoubtsAbout(ctx context.Context, recs []int64) ([]Doubt, error)
	// DoubtTotals counts them, by pipeline, service and whether it failed.
	DoubtTotals(ctx context.Context) ([]DoubtTotal, error)
}

// issue is what a receiver holds the record for.
func (d *Doubt) issue() pipelines.Issue {
	is := pipelines.Issue{Field: d.Field, Rule: ruleWaitsVerification, Args: []string{d.Service}, Severity: pipelines.Hold}
	if d.Failed {
		is.Rule = ruleVerificationFailed
	}
	return is
}

// standing is, by record, what its versions wait for: the first doubt that failed, else the
// first.
func standing(list []Doubt, version map[int64]uint32) map[int64]*Doubt {
	found := map[int64]*Doubt{}
	for i := range list {
		d := &list[i]
		if d.Version != version[d.Rec] {
			continue
		}
		if was := found[d.Rec]; was == nil || d.Failed && !was.Failed {
			found[d.Rec] = d
		}
	}
	return found
}

// dropUnverified holds records that wait to be verified; deletes go.
func (s *DeliverStage) dropUnverified(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if len(pass) == 0 {
		return nil, pass, nil
	}
	rec, version, del := column(in, colRec).(*array.Int64), column(in, colVersion).(*array.Int64), column(in, colDelete).(*array.Boolean)
	recs, versions := make([]int64, 0, len(pass)), make(map[int64]uint32, len(pass))
	for _, i := range pass {
		if !del.Value(int(i)) {
			recs = append(recs, rec.Value(int(i)))
		}
	}
	list, err := s.Store.DoubtsAbout(ctx, recs)
	if err != nil || len(list) == 0 {
		return nil, pass, err
	}
	for _, i := range pass {
		versions[rec.Value(int(i))] = uint32(version.Value(int(i)))
	}
	stand := standing(list, versions)
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		if d := stand[rec.Value(int(i))]; d != nil && !del.Value(int(i)) {
			is := d.issue()
			is.Row = i
			issues = append(issues, is)
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// verified frees records that wait no more, or for something else.
func (s *Source) verified(ctx context.Context, list []Exception, free []bool) error {
	recs, versions := make([]int64, len(list)), make(map[int64]uint32, len(list))
	for i := range list {
		recs[i], versions[list[i].Rec] = list[i].Rec, list[i].Version
	}
	doubts, err := s.store.DoubtsAbout(ctx, recs)
	if err != nil {
		return err
	}
	stand := standing(doubts, versions)
	for i := range list {
		d := stand[list[i].Rec]
		free[i] = d == nil || d.issue().Rule != list[i].Rule
	}
	return nil
}
