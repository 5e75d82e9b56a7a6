package ledger

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/pipelines"
)

// subjectApplication is what a case has before it is accepted.
const subjectApplication = "case/application"

// Rules of waiting for other records of the case than its accept record.
const (
	ruleWaitsAll         = "waits_all"
	ruleWaitsOne         = "waits_one"
	ruleNotDue           = "not_due"
	RuleWaitsApplication = "waits_application" // of a record that lacks what its acceptance or application says
)

// WaitAll holds a record until every record of its case in Subject has a value in
// Having and has arrived in that version: a result, while a special procedure is open.
// What is not for the receiver is not waited for. An empty Subject asks for nothing.
type WaitAll struct {
	Subject string `yaml:"subject"`
	Having  string `yaml:"having"`
}

// WaitOne holds a record until one record of its case in Subject, whose Field has one
// of the values In, has arrived: a result file, for a result that was issued or
// granted. Where there are only others, it is not for the receiver. Without a Field any
// record will do. An empty Subject asks for nothing.
type WaitOne struct {
	Subject string   `yaml:"subject"`
	Field   string   `yaml:"field"`
	In      []string `yaml:"in"`
}

// WaitsFor is the subjects whose records are waited for, accept records aside.
func (o *Order) WaitsFor() []string {
	return slices.DeleteFunc(append([]string{o.All.Subject, o.One.Subject}, o.After...), func(s string) bool { return s == "" })
}

// member is a record of a case with what is asked of it.
type member struct {
	Entry
	value   string // of the field asked for
	arrived bool   // in this version
	older   bool   // in an older one, and this one will not go
	spared  bool   // it is not for the receiver
}

// waiter judges what records of one source wait for at a receiver.
type waiter struct {
	store DeliverStore
	order *Order
	alloc memory.Allocator
}

// judge is, for each local number, what a record of that case is put aside for; a zero
// Rule lets it go.
func (w *waiter) judge(ctx context.Context, source string, locals []string) ([]pipelines.Issue, error) {
	verdicts := make([]pipelines.Issue, len(locals))
	if w.order.All.Subject != "" {
		cases, err := w.members(ctx, Stream{source, w.order.All.Subject}, locals, w.order.All.Having)
		if err != nil {
			return nil, err
		}
		for i, local := range locals {
			if slices.ContainsFunc(cases[local], func(m member) bool { return !m.spared && (m.value == "" || !m.arrived) }) {
				verdicts[i] = pipelines.Issue{Rule: ruleWaitsAll, Args: []string{w.order.All.Subject}, Severity: pipelines.Hold}
			}
		}
	}
	for _, subject := range w.order.After {
		trailing, err := w.trailing(ctx, Stream{source, subject}, locals)
		if err != nil {
			return nil, err
		}
		for i, local := range locals {
			if verdicts[i].Rule == "" && trailing[local] {
				verdicts[i] = pipelines.Issue{Rule: ruleWaitsAll, Args: []string{subject}, Severity: pipelines.Hold}
			}
		}
	}
	if w.order.One.Subject != "" {
		cases, err := w.members(ctx, Stream{source, w.order.One.Subject}, locals, w.order.One.Field)
		if err != nil {
			return nil, err
		}
		for i, local := range locals {
			if verdicts[i].Rule == "" {
				verdicts[i] = w.one(cases[local])
			}
		}
	}
	return verdicts, nil
}

// one judges what a record waits for by the records one of which must have arrived.
func (w *waiter) one(list []member) pipelines.Issue {
	due := 0
	for _, m := range list {
		if w.order.One.Field != "" && !contains(w.order.One.In, m.value) || m.spared {
			continue
		}
		if m.arrived || m.older {
			return pipelines.Issue{}
		}
		due++
	}
	is := pipelines.Issue{Rule: ruleWaitsOne, Args: []string{w.order.One.Subject}, Severity: pipelines.Hold}
	if due == 0 && len(list) > 0 {
		is.Rule, is.Severity = ruleNotDue, pipelines.NotApplicable
	}
	return is
}

// standing is what the receiver has of each entry, and what is put aside there, by record.
func (w *waiter) standing(ctx context.Context, entries []Entry) ([]Sent, map[int64]PutAside, error) {
	recs := make([]int64, len(entries))
	for i := range entries {
		recs[i] = entries[i].Rec
	}
	sent, err := w.store.Sent(ctx, w.order.Receiver, recs)
	if err != nil {
		return nil, nil, err
	}
	aside, err := w.store.AsideOf(ctx, w.order.Receiver, recs)
	return sent, aside, err
}

// members finds the records of cases in one stream, by local number; a stream nobody
// collects has none.
func (w *waiter) members(ctx context.Context, s Stream, locals []string, field string) (map[string][]member, error) {
	entries, err := w.store.CaseMembers(ctx, s, locals)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	sent, aside, err := w.standing(ctx, entries)
	if err != nil {
		return nil, err
	}
	values, err := Values(ctx, w.store, entries, []string{field}, w.alloc)
	if err != nil {
		return nil, err
	}
	found := map[string][]member{}
	for i := range entries {
		local := FirstOfKey(entries[i].Key)
		state, had := aside[entries[i].Rec].State, sent[i].Delivered > 0
		found[local] = append(found[local], member{Entry: entries[i], value: values[i][0], arrived: sent[i].Delivered >= entries[i].Version,
			older: had && (state == NotApplicable || state == Diverged), spared: !had && state == NotApplicable})
	}
	return found, nil
}

// Values reads fields of entries out of the log, as text; empty for NULL and for a
// column that is not there.
func Values(ctx context.Context, log LogAt, entries []Entry, fields []string, alloc memory.Allocator) ([][]string, error) {
	values := make([][]string, len(entries))
	bySeq := map[int64][]int{}
	for i := range entries {
		values[i] = make([]string, len(fields))
		bySeq[entries[i].At.Seq] = append(bySeq[entries[i].At.Seq], i)
	}
	for seq, at := range bySeq {
		rec, err := ReadBatch(ctx, log, seq, alloc)
		if err != nil {
			return nil, err
		}
		for f, name := range fields {
			if col := column(rec, name); col != nil {
				for _, i := range at {
					values[i][f] = textAt(col, int(entries[i].At.Row))
				}
			}
		}
		rec.Release()
	}
	return values, nil
}

func textAt(col arrow.Array, row int) string {
	if s, ok := col.(*array.String); ok {
		return string([]byte(valueAt(s, row))) // the record it lies in is given back
	}
	if col.IsNull(row) {
		return ""
	}
	return col.ValueStr(row)
}

// application is the item of an application by its flow number.
func (w *waiter) applications(ctx context.Context, flowNos []string) (items map[string]string, err error) {
	streams, err := w.store.Streams(ctx, subjectApplication)
	if err != nil {
		return nil, err
	}
	items = map[string]string{}
	for _, s := range streams {
		entries, err := w.store.CaseMembers(ctx, s, flowNos)
		if err != nil {
			return nil, err
		}
		values, err := Values(ctx, w.store, entries, []string{"item_code"}, w.alloc)
		if err != nil {
			return nil, err
		}
		for i := range entries { // by submission: the last one stands
			if item := values[i][0]; item != "" {
				items[FirstOfKey(entries[i].Key)] = item
			}
		}
	}
	return items, nil
}

// fill gives cases that were not accepted yet what their application says; numbers is
// what the records themselves have.
func (w *waiter) fill(ctx context.Context, parents []parent, numbers []numbers) error {
	var flowNos []string
	for i := range parents {
		if parents[i].Rec == 0 && numbers[i].flowNo != "" {
			flowNos = append(flowNos, numbers[i].flowNo)
		}
	}
	if len(flowNos) == 0 {
		return nil
	}
	items, err := w.applications(ctx, flowNos)
	for i := range parents {
		if item := items[numbers[i].flowNo]; parents[i].Rec == 0 && item != "" {
			parents[i].FlowNo, parents[i].ItemCode = numbers[i].flowNo, item
		}
	}
	return err
}

// numbers is what a record has of its own of what it may inherit.
type numbers struct{ caseNo, flowNo, itemCode string }

func numbersOf(in arrow.Record) []numbers {
	caseNo, flowNo, item := stringColumn(in, "case_no"), stringColumn(in, "flow_no"), stringColumn(in, "item_code")
	list := make([]numbers, in.NumRows())
	for i := range list {
		list[i] = numbers{valueAt(caseNo, i), valueAt(flowNo, i), valueAt(item, i)}
	}
	return list
}

// enough says that a record whose case was not accepted has what its receiver asks for.
func (o *Order) enough(own numbers, of *Case) bool {
	for _, need := range o.Needs {
		has := map[string]bool{"case_no": own.caseNo != "" || of.CaseNo != "", "flow_no": own.flowNo != "" || of.FlowNo != "", "item_code": own.itemCode != "" || of.ItemCode != ""}
		if !has[need] {
			return false
		}
	}
	return true
}
