package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// Rules of the order between records of a case; their sentences are in schemas.
const (
	ruleWaitsParent         = "waits_parent"
	ruleParentNotApplicable = "parent_not_applicable"
	// RuleRedrive marks a refused record that is to be looked at again.
	RuleRedrive        = "redrive"
	ruleNeverDelivered = "deleted_before_delivery"
)

// Order is what records of one subject wait for at a receiver.
type Order struct {
	Receiver string
	Subject  string
	Parent   bool   // the case's accept record must have arrived first
	Unless   Unless // rows that need not wait
}

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
	excluded, err := notApplicable(ctx, store, receiver, absent)
	if err != nil {
		return nil, err
	}
	for i := range parents {
		if parents[i].state == parentMissing && excluded[parents[i].Rec] {
			parents[i].state = parentNotApplicable
		}
	}
	return parents, nil
}

// recsAtOnce bounds the numbers in one query.
const recsAtOnce = 256

func notApplicable(ctx context.Context, store DeliverStore, receiver string, recs []int64) (map[int64]bool, error) {
	found := map[int64]bool{}
	for len(recs) > 0 {
		n := min(len(recs), recsAtOnce)
		list, err := store.Exceptions(ctx, ExceptionQuery{Receiver: receiver, State: NotApplicable, Recs: recs[:n]})
		if err != nil {
			return nil, err
		}
		for i := range list {
			found[list[i].Rec] = true
		}
		recs = recs[n:]
	}
	return found, nil
}

// DeliverStage decides what may go to a receiver now, gives each record what it
// inherits from its case, and maps the rest. It is a pipelines.Stage.
type DeliverStage struct {
	Order
	Store   DeliverStore
	Mapping pipelines.Stage
	Alloc   memory.Allocator
}

// Apply expects the records of one stream as Source reads them.
func (s *DeliverStage) Apply(ctx context.Context, in arrow.Record) (pipelines.Result, error) {
	issues, pass, full, err := s.inherit(ctx, in)
	if err != nil {
		return pipelines.Result{}, err
	}
	defer full.Release()
	if len(pass) == 0 {
		return pipelines.Result{Issues: issues}, nil
	}
	input := full
	if len(pass) < int(in.NumRows()) {
		if input, err = take(full, pass, s.Alloc); err != nil {
			return pipelines.Result{}, err
		}
		defer input.Release()
	}
	res, err := s.Mapping.Apply(ctx, input)
	if err != nil {
		return pipelines.Result{}, err
	}
	toInput(&res, pass)
	res.Issues = append(res.Issues, issues...)
	return res, nil
}

// inherit looks up the cases of all rows. It returns the rows that must not go, those
// that may, and in with case_no and case_accepted_at set.
func (s *DeliverStage) inherit(ctx context.Context, in arrow.Record) ([]pipelines.Issue, []int32, arrow.Record, error) {
	local := stringColumn(in, "local_no")
	n := int(in.NumRows())
	locals := make([]string, n)
	for i := range locals {
		locals[i] = valueAt(local, i)
	}
	source := sharedOf(in).source
	parents, err := s.parents(ctx, in, source, locals)
	if err != nil {
		return nil, nil, nil, err
	}
	var issues []pipelines.Issue
	pass := make([]int32, 0, n)
	unless := stringColumn(in, s.Unless.Field)
	for i := range n {
		if is, stop := s.judge(parents, i, valueAt(unless, i)); stop {
			issues = append(issues, is)
			continue
		}
		pass = append(pass, int32(i))
	}
	dropped, pass, err := s.dropDeletes(ctx, in, pass)
	if err != nil {
		return nil, nil, nil, err
	}
	return append(issues, dropped...), pass, withCase(in, parents, s.Alloc), nil
}

// parents is nil where no row needs its case looked up: a first version of an accept
// record carries everything itself.
func (s *DeliverStage) parents(ctx context.Context, in arrow.Record, source string, locals []string) ([]parent, error) {
	if s.Subject == subjectAccept {
		version, _ := column(in, colVersion).(*array.Int64)
		first := true
		for i := range locals {
			first = first && version.Value(i) == 1
		}
		if first {
			return nil, nil
		}
	}
	return parentsOf(ctx, s.Store, s.Receiver, source, locals)
}

func (s *DeliverStage) judge(parents []parent, row int, unless string) (pipelines.Issue, bool) {
	if !s.Parent || parents == nil {
		return pipelines.Issue{}, false
	}
	p := &parents[row]
	if p.state == parentDelivered || p.Rec != 0 && contains(s.Unless.In, unless) {
		return pipelines.Issue{}, false
	}
	if p.state == parentNotApplicable {
		return pipelines.Issue{Row: int32(row), Rule: ruleParentNotApplicable, Args: []string{subjectAccept}, Severity: pipelines.NotApplicable}, true
	}
	return pipelines.Issue{Row: int32(row), Rule: ruleWaitsParent, Args: []string{subjectAccept}, Severity: pipelines.Hold}, true
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v && v != "" {
			return true
		}
	}
	return false
}

// dropDeletes leaves out deletes of records this receiver never had.
func (s *DeliverStage) dropDeletes(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	deleted, _ := column(in, colDelete).(*array.Boolean)
	rec, _ := column(in, colRec).(*array.Int64)
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
	var issues []pipelines.Issue
	var keep []int32
	at := 0
	for _, i := range pass {
		if deleted.Value(int(i)) {
			at++
			if sent[at-1].Frozen == 0 {
				issues = append(issues, pipelines.Issue{Row: i, Rule: ruleNeverDelivered, Severity: pipelines.NotApplicable})
				continue
			}
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

// withCase sets case_no and case_accepted_at from the cases; parents nil: case_no
// stays as it is and case_accepted_at is the record's own.
func withCase(in arrow.Record, parents []parent, alloc memory.Allocator) arrow.Record {
	fields := append([]arrow.Field{}, in.Schema().Fields()...)
	cols := append([]arrow.Array{}, in.Columns()...)
	n := int(in.NumRows())
	if parents != nil {
		no := caseNumbers(in, parents, alloc)
		defer no.Release()
		fields, cols = setColumn(fields, cols, "case_no", no)
		at := array.NewTimestampBuilder(alloc, &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"})
		defer at.Release()
		for i := range parents {
			if parents[i].AcceptedAt == 0 {
				at.AppendNull()
			} else {
				at.Append(arrow.Timestamp(parents[i].AcceptedAt))
			}
		}
		accepted := at.NewArray()
		defer accepted.Release()
		fields, cols = setColumn(fields, cols, "case_accepted_at", accepted)
	} else if own := column(in, "accepted_at"); own != nil {
		fields, cols = setColumn(fields, cols, "case_accepted_at", own)
	}
	meta := in.Schema().Metadata()
	return array.NewRecord(arrow.NewSchema(fields, &meta), cols, int64(n))
}

func caseNumbers(in arrow.Record, parents []parent, alloc memory.Allocator) arrow.Array {
	own := stringColumn(in, "case_no")
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	for i := range parents {
		no := parents[i].CaseNo
		if no == "" {
			no = valueAt(own, i)
		}
		if no == "" {
			b.AppendNull()
		} else {
			b.Append(no)
		}
	}
	return b.NewArray()
}

func setColumn(fields []arrow.Field, cols []arrow.Array, name string, col arrow.Array) ([]arrow.Field, []arrow.Array) {
	for i := range fields {
		if fields[i].Name == name {
			fields[i].Type, cols[i] = col.DataType(), col
			return fields, cols
		}
	}
	return append(fields, arrow.Field{Name: name, Type: col.DataType(), Nullable: true}), append(cols, col)
}
