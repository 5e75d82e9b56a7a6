package ledger

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// Rules of what a platform sent at a receiver whose department a table of routes decides.
const (
	ruleOtherDepartment = "other_department"
	ruleNoRoute         = "no_route"    // and another receiver holds it
	ruleWaitsRoute      = "waits_route" // held here until there is one
)

// Routing (路由) says whose what a platform sent is: by the item, region and date of its
// application, the first submission of it, so that all that follows goes to the same
// department. A record whose application is not there yet waits for it.
type Routing struct {
	Version uint64 // of the table: under another one all is looked at again
	Keeper  bool   // this receiver holds what is nobody's
	// Of tells of an application; role is that of a joint case, empty of others.
	Of func(a Application) (whose Whose, role string)

	marked
}

// Application is what routes go by.
type Application struct {
	ItemCode, ParentItem, Region string
	AppliedAt                    time.Time
}

// Whose says for whom a record is.
type Whose uint8

const (
	Ours Whose = iota
	Theirs
	Nobodys
)

// routeFields are the canonical fields of an application that routes go by.
var routeFields = []string{"item_code", "parent_item_code", "item_region", "applied_at"}

// Begin looks whether the table changed since the receiver was last fed.
func (r *Routing) Begin(ctx context.Context, store Schedules, receiver string) error {
	return r.begin(ctx, store, "routes of "+receiver, r.Version)
}

// End remembers the table once everything was looked at under it.
func (r *Routing) End(ctx context.Context, store Schedules) error { return r.end(ctx, store) }

// routed is where one record goes.
type routed struct {
	issue pipelines.Issue // why it does not go; no rule = it goes
	role  string
}

// route decides for records of one source, by flow number.
func (w *waiter) route(ctx context.Context, source string, flowNos []string) ([]routed, error) {
	s := Stream{source, subjectApplication}
	entries, err := w.store.CaseMembers(ctx, s, flowNos)
	if err != nil {
		return nil, err
	}
	first := map[string]Entry{}
	for _, e := range entries {
		if no := FirstOfKey(e.Key); first[no].Rec == 0 || NumberOfKey(e.Key) < NumberOfKey(first[no].Key) {
			first[no] = e
		}
	}
	var asked []Entry
	var numbers []string
	for no, e := range first {
		asked, numbers = append(asked, e), append(numbers, no)
	}
	values, err := Values(ctx, w.store, asked, routeFields, w.alloc)
	if err != nil {
		return nil, err
	}
	byFlow := map[string]routed{}
	for i, no := range numbers {
		byFlow[no] = w.order.Route.decide(values[i])
	}
	list := make([]routed, len(flowNos))
	for i, no := range flowNos {
		to, known := byFlow[no]
		if !known {
			to.issue = pipelines.Issue{Rule: RuleWaitsApplication, Args: []string{subjectApplication}, Severity: pipelines.Hold}
		}
		list[i] = to
	}
	return list, nil
}

// decide is where an application goes, by the values of routeFields.
func (r *Routing) decide(v []string) routed {
	a := Application{ItemCode: v[0], ParentItem: v[1], Region: v[2]}
	for _, layout := range []string{"2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z", "2006-01-02 15:04:05Z", time.RFC3339, "2006-01-02 15:04:05"} {
		if at, err := time.Parse(layout, v[3]); err == nil {
			a.AppliedAt = at
			break
		}
	}
	whose, role := r.Of(a)
	switch {
	case whose == Ours:
		return routed{role: role}
	case whose == Theirs:
		return routed{issue: pipelines.Issue{Rule: ruleOtherDepartment, Severity: pipelines.NotApplicable}}
	case r.Keeper:
		return routed{issue: pipelines.Issue{Rule: ruleWaitsRoute, Args: []string{a.ItemCode, a.Region}, Severity: pipelines.Hold}}
	}
	return routed{issue: pipelines.Issue{Rule: ruleNoRoute, Args: []string{a.ItemCode, a.Region}, Severity: pipelines.NotApplicable}}
}

// dropRouted leaves out what is another department's, or nobody's yet.
func (s *DeliverStage) dropRouted(ctx context.Context, in arrow.Record, pass []int32) ([]pipelines.Issue, []int32, error) {
	if s.Route == nil || len(pass) == 0 {
		return nil, pass, nil
	}
	where, err := s.waiter().route(ctx, SharedOf(in).Source, flowsOf(in))
	if err != nil {
		return nil, nil, err
	}
	var issues []pipelines.Issue
	keep := pass[:0:0]
	for _, i := range pass {
		if is := where[i].issue; is.Rule != "" {
			is.Row = i
			issues = append(issues, is)
			continue
		}
		keep = append(keep, i)
	}
	return issues, keep, nil
}

func flowsOf(in arrow.Record) []string {
	flow := stringColumn(in, "flow_no")
	flows := make([]string, in.NumRows())
	for i := range flows {
		flows[i] = valueAt(flow, i)
	}
	return flows
}

// withRole sets what the department is in a joint case, and the number of one that has none
// of its own: the flow number.
func (s *DeliverStage) withRole(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
	where, err := s.waiter().route(ctx, SharedOf(rec).Source, flowsOf(rec))
	if err != nil {
		return nil, err
	}
	role, group := array.NewStringBuilder(s.Alloc), array.NewStringBuilder(s.Alloc)
	defer role.Release()
	defer group.Release()
	own, flow := stringColumn(rec, "group_no"), stringColumn(rec, "flow_no")
	for i := range where {
		number := valueAt(own, i)
		if where[i].role == "" {
			role.AppendNull()
		} else {
			role.Append(where[i].role)
			if number == "" {
				number = valueAt(flow, i)
			}
		}
		if number == "" {
			group.AppendNull()
		} else {
			group.Append(number)
		}
	}
	fields := append([]arrow.Field{}, rec.Schema().Fields()...)
	cols := append([]arrow.Array{}, rec.Columns()...)
	for name, b := range map[string]*array.StringBuilder{"group_role": role, "group_no": group} {
		col := b.NewArray()
		defer col.Release()
		fields, cols = setColumn(fields, cols, name, col)
	}
	meta := rec.Schema().Metadata()
	return array.NewRecord(arrow.NewSchema(fields, &meta), cols, rec.NumRows()), nil
}

// rerouted says which records put aside by the table may go, or are put aside for another
// reason now.
func (s *Source) rerouted(ctx context.Context, source string, list []Exception, flowNos []string) ([]bool, error) {
	free := make([]bool, len(list))
	if list[0].Rule != RuleWaitsApplication && !s.Order.Route.again {
		return free, nil
	}
	where, err := (&waiter{s.store, &s.Order, s.Alloc}).route(ctx, source, flowNos)
	for i := range where {
		free[i] = where[i].issue.Rule != list[i].Rule
	}
	return free, err
}
