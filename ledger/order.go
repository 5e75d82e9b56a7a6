package ledger

import (
	"bytes"
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// Rules of the order between records of a case; their sentences are in schemas.
const (
	RuleWaitsParent         = "waits_parent" // of a record that waits for its case's accept record
	ruleParentNotApplicable = "parent_not_applicable"
	// RuleRedrive marks a refused record that is to be looked at again.
	RuleRedrive        = "redrive"
	RuleNeverDelivered = "deleted_before_delivery"
	RuleNotDelivered   = "not_delivered" // its pipeline does not deliver to this receiver
	ruleBeforeStart    = "before_start"  // of what this receiver is to have
	// RuleWaitsOutcome holds a version while that of an older one is open.
	RuleWaitsOutcome  = "waits_outcome"
	ruleUpdateSkipped = "update_skipped"   // the receiver keeps the first version, by profile
	ruleNoUpdate      = "update_not_taken" // the receiver has no way to correct a record
	ruleNoDelete      = "delete_not_taken" // nor to take one back
	ruleWaitsDelete   = "waits_delete"     // a delete that a person is to approve
)

// Order is what records of one subject wait for at a receiver.
type Order struct {
	Receiver string
	Subject  string
	Parent   bool     // the case's accept record must have arrived first
	Unless   Unless   // rows that need not wait
	Needs    []string // case_no, flow_no, item_code: what a record that goes before an acceptance must have, of its own or from its application
	All      WaitAll
	One      WaitOne
	PartOf   string // the item subject that these records are parts of; empty = none
	Refers   []Ref  // records of the same source that these name by their row_guid
	OnUpdate OnUpdate
	Since    time.Time // cases accepted before are not for this receiver; zero = all are
	Rounds   bool      // the receiver knows all rounds of a case by one identity: they go in their order
	NoDelete bool      // the receiver has no way to take a record back: a delete diverges
	// AskDeletes holds deletes of records the receiver has until a person approves them;
	// Approved are those somebody did.
	AskDeletes bool
	Approved   *Approved
	After      []string    // the subjects whose records of the case must have gone before, if they can
	InOrder    string      // a time: records of a case go in its order, one after the other; empty = as they come
	OneFlow    bool        // the receiver knows a case by its flow number and item: a second case with both is refused
	Route      *Routing    // whose what a platform sent is; nil = it goes to every receiver
	Precedence *Precedence // whose word counts where several systems report a case; nil = no two do
}

// OnUpdate is what a change after delivery does at a receiver.
type OnUpdate string

const (
	Resend OnUpdate = "resend" // it goes again; the default
	Skip   OnUpdate = "skip"   // the receiver keeps what it has: not applicable
	Cannot OnUpdate = "cannot" // the receiver cannot be told: diverged, a person's matter
)

// Unless names records that do not wait for the accept record: those whose Field has
// one of the values In.
type Unless struct {
	Field string   `yaml:"field"`
	In    []string `yaml:"in"`
}

type parentState uint8

const (
	parentMissing parentState = iota
	parentDelivered
	parentNotApplicable
)

type parent struct {
	Case
	state parentState
	why   PutAside // where it is not applicable
}

// parentsOf finds what a receiver has of the cases' accept records.
func parentsOf(ctx context.Context, store DeliverStore, receiver, source string, locals []string) ([]parent, error) {
	cases, err := store.Cases(ctx, source, locals)
	if err != nil {
		return nil, err
	}
	recs := make([]int64, len(cases))
	for i := range cases {
		recs[i] = cases[i].Rec
	}
	sent, err := store.Sent(ctx, receiver, recs)
	if err != nil {
		return nil, err
	}
	parents := make([]parent, len(cases))
	var absent []int64
	for i := range cases {
		parents[i].Case = cases[i]
		if cases[i].Rec != 0 && sent[i].Delivered > 0 {
			parents[i].state = parentDelivered
		} else if cases[i].Rec != 0 {
			absent = append(absent, cases[i].Rec)
		}
	}
	aside, err := store.AsideOf(ctx, receiver, absent)
	if err != nil {
		return nil, err
	}
	for i := range parents {
		if why := aside[parents[i].Rec]; why.State == NotApplicable && parents[i].state == parentMissing {
			parents[i].state, parents[i].why = parentNotApplicable, why
		}
	}
	return parents, nil
}

// DeliverStage decides what may go to a receiver now, gives each record what it
// inherits from its case, and maps the rest. It is a pipelines.Stage.
type DeliverStage struct {
	Order
	Store   DeliverStore
	Mapping pipelines.Stage
	Open    OpenFunc // nil = never
	From    FromFunc // nil = every pipeline
	// Subjects are all that the receiver takes: what goes before the backlog goes behind
	// older records of its case in any of them.
	Subjects []string
	Alloc    memory.Allocator

	known   moments
	passing map[int64]uint32 // later rounds that may go, by record: the version, until the ledger knows it as frozen or put aside
}

// Apply expects the records of one stream as Source reads them.
func (s *DeliverStage) Apply(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
	if s.From != nil && !s.From(SharedOf(in).Pipeline) {
		return notDelivered(int(in.NumRows())), nil
	}
	issues, pass, full, err := s.inherit(ctx, in)
	if err != nil {
		return pipelines.Result{}, err
	}
	defer full.Release()
	if len(pass) == 0 {
		return pipelines.Result{Issues: issues}, nil
	}
	input := full
	if len(pass) < int(in.NumRows()) || s.InOrder != "" {
		if input, err = TakeRows(full, pass, s.Alloc); err != nil {
			return pipelines.Result{}, err
		}
		defer input.Release()
	}
	res, err := s.Mapping.Apply(ctx, input)
	if err != nil {
		return pipelines.Result{}, err
	}
	res.Renumber(pass)
	if err := s.holdBehind(&res, in); err != nil {
		res.Release()
		return pipelines.Result{}, err
	}
	res.Issues = append(res.Issues, issues...)
	return res, nil
}

// AsFrozen is the stage for members of a frozen batch: whether they may go was decided
// when they were frozen, now they only inherit from their case and are mapped.
func (s *DeliverStage) AsFrozen() pipelines.Stage {
	return pipelines.StageFunc(func(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
		parents, err := s.parents(ctx, in, SharedOf(in).Source, localsOf(in))
		if err != nil {
			return pipelines.Result{}, err
		}
		full, err := s.full(ctx, in, parents)
		if err != nil {
			return pipelines.Result{}, err
		}
		defer full.Release()
		return s.Mapping.Apply(ctx, full)
	})
}

func localsOf(in arrow.Record) []string {
	local := stringColumn(in, "local_no")
	locals := make([]string, in.NumRows())
	for i := range locals {
		locals[i] = valueAt(local, i)
	}
	return locals
}

// inherit looks up the cases of all rows. It returns the rows that must not go, those
// that may, and in with case_no and case_accepted_at set.
func (s *DeliverStage) inherit(ctx context.Context, in arrow.Record) ([]pipelines.Issue, []int32, arrow.Record, error) {
	n := int(in.NumRows())
	parents, err := s.parents(ctx, in, SharedOf(in).Source, localsOf(in))
	if err != nil {
		return nil, nil, nil, err
	}
	var issues []pipelines.Issue
	pass := make([]int32, 0, n)
	unless, own := stringColumn(in, s.Unless.Field), numbersOf(in)
	second, err := s.preceded(ctx, in, parents, own)
	if err != nil {
		return nil, nil, nil, err
	}
	for i := range n {
		if second != nil && second[i].Rule != "" {
			second[i].Row = int32(i)
			issues = append(issues, second[i])
			continue
		}
		if is, stop := s.judge(parents, i, own[i], valueAt(unless, i)); stop {
			issues = append(issues, is)
			continue
		}
		pass = append(pass, int32(i))
	}
	for _, drop := range []func(context.Context, arrow.Record, []int32) ([]pipelines.Issue, []int32, error){s.dropOvertaking, s.dropEarly, s.dropRouted, s.dropAliases, s.dropUnverified, s.dropWaiting, s.dropRounds, s.dropDeletes, s.dropUpdates, s.dropOpen, s.dropBehind} {
		var dropped []pipelines.Issue
		if dropped, pass, err = drop(ctx, in, pass); err != nil {
			return nil, nil, nil, err
		}
		issues = append(issues, dropped...)
	}
	full, err := s.full(ctx, in, parents)
	return issues, pass, full, err
}

// parents is nil where no row needs its case looked up: a first version of a first round's
// accept record carries everything itself.
func (s *DeliverStage) parents(ctx context.Context, in arrow.Record, source string, locals []string) ([]parent, error) {
	if s.Subject == SubjectAccept {
		version, _ := column(in, colVersion).(*array.Int64)
		keys, _ := column(in, colKey).(*array.Binary)
		first := true
		for i := range locals {
			first = first && version.Value(i) == 1 && inFirstRound(keys.Value(i))
		}
		if first {
			took, err := anyAdopted(ctx, s.Store, in)
			if err != nil || !took {
				return nil, err
			}
		}
	}
	parents, err := parentsOf(ctx, s.Store, s.Receiver, source, locals)
	if err == nil && s.Needs != nil {
		err = s.waiter().fill(ctx, parents, numbersOf(in))
	}
	return parents, err
}

// inFirstRound says that the last value of an accept record's key is 1.
func inFirstRound(key []byte) bool { return bytes.HasSuffix(key, []byte{1, '1'}) }

// LaterRound says that an accept record is not the first of its case, by its key.
func LaterRound(key []byte) bool { return !inFirstRound(key) && len(DecodeKey(key)) > 1 }

func (s *DeliverStage) waiter() *waiter { return &waiter{s.Store, &s.Order, s.Alloc} }

// dropWaiting puts aside what waits for other records of its case.
func (s *DeliverStage) dropWaiting(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if len(pass) == 0 || len(s.WaitsFor()) == 0 {
		return nil, pass, nil
	}
	verdicts, err := s.waiter().judge(ctx, SharedOf(in).Source, localsOf(in))
	if err != nil {
		return nil, nil, err
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		if is := verdicts[i]; is.Rule != "" {
			is.Row = i
			issues = append(issues, is)
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

func (s *DeliverStage) judge(parents []parent, row int, own numbers, unless string) (pipelines.Issue, bool) {
	if parents == nil || !s.Parent && s.Needs == nil {
		return pipelines.Issue{}, false
	}
	p := &parents[row]
	aside := func(rule, what string, then pipelines.Severity) (pipelines.Issue, bool) {
		return pipelines.Issue{Row: int32(row), Rule: rule, Args: []string{what}, Severity: then}, true
	}
	free := !s.Parent || contains(s.Unless.In, unless)
	early := p.state == parentNotApplicable && p.why.Rule == ruleBeforeStart // the whole case is
	switch {
	case p.state == parentDelivered, free && p.Rec != 0 && s.Parent && !early:
		return pipelines.Issue{}, false
	case p.state == parentNotApplicable:
		return aside(ruleParentNotApplicable, SubjectAccept, pipelines.NotApplicable)
	case free && p.Rec == 0 && s.Needs != nil && !s.enough(own, &p.Case):
		return aside(RuleWaitsApplication, subjectApplication, pipelines.Hold)
	case free && s.Needs != nil && (p.Rec != 0 || s.enough(own, &p.Case)):
		return pipelines.Issue{}, false
	}
	return aside(RuleWaitsParent, SubjectAccept, pipelines.Hold)
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v && v != "" {
			return true
		}
	}
	return false
}
