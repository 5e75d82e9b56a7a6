package jobs

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/ledger/returns"
	"banjian/pipelines"
)

// FeedbackPlan is how it is found out what a receiver did with what it was given.
type FeedbackPlan struct {
	Receiver string
	Tables   []FeedbackTable
	Subjects func(table string) []string // what goes to one of its tables
	Watch    pipelines.Watcher           // nil = it does not mark what it has taken over
	Purge    time.Duration               // age from which it may have cleaned rows up
}

// FeedbackTable is one table in which rows come back.
type FeedbackTable struct {
	Name   string
	Open   func(ctx context.Context, at pipelines.Position) (pipelines.Source, error)
	Reader returns.Reader
}

// FeedbackReport is what was found.
type FeedbackReport struct {
	Read    int64 // rows of tables in which rows come back, repeats included
	New     int64 // of these, not seen before
	Refused int64 // records newly refused by them
	Looked  int64 // batches whose rows were looked at
	Missing int64 // rows that are not there and ought to be, in these
	Failed  map[string]error
}

// FeedbackLease is the name of the lease under which a receiver is listened to.
func FeedbackLease(receiver string) string { return "feedback:" + receiver }

// Where the position of a table is kept.
func feedbackSlot(receiver, table string) string { return "returns:" + receiver + ":" + table }

// Feedback reads what a receiver sent back and looks at what it has taken over. A table
// that cannot be read keeps nothing else from being: it is told in the report.
func (r *Runner) Feedback(ctx context.Context, plan *FeedbackPlan) (rep FeedbackReport, err error) {
	rep.Failed = map[string]error{}
	err = r.underLease(ctx, FeedbackLease(plan.Receiver), leaseTTL, func(ctx context.Context, lease *hold) error {
		for i := range plan.Tables {
			t := &plan.Tables[i]
			if err := r.readBack(ctx, plan, t, lease.Lease, &rep); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				rep.Failed[t.Name] = err
			}
		}
		if plan.Watch == nil {
			return nil
		}
		return r.watch(ctx, plan, &rep)
	})
	return rep, err
}

// readBack reads what one table has beyond its position.
func (r *Runner) readBack(ctx context.Context, plan *FeedbackPlan, t *FeedbackTable, lease ledger.Lease, rep *FeedbackReport) error {
	sink := &returns.Sink{Store: r.Store, Receiver: plan.Receiver, Name: feedbackSlot(plan.Receiver, t.Name), Lease: lease,
		Read: t.Reader.Read, Subjects: plan.Subjects, Now: time.Now, Alloc: r.Alloc}
	at, err := sink.Load(ctx)
	if err != nil {
		return err
	}
	source, err := t.Open(ctx, at)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	defer source.Close()
	p := pipelines.Pipeline{Name: sink.Name, Source: source, Stage: asItIs, Sink: sink, Log: r.Log}
	counts, err := p.Run(ctx)
	rep.Read, rep.New, rep.Refused = rep.Read+counts.Read, rep.New+counts.Collected, rep.Refused+sink.Refused
	return err
}

// asItIs maps nothing: the sink reads the input.
var asItIs = pipelines.StageFunc(func(context.Context, arrow.Record) (pipelines.Result, error) { return pipelines.Result{}, nil })

// How many batches are looked at together, and in one go.
const (
	watchTogether = 200
	watchMost     = 20_000
)

// watch looks at batches that were not wholly taken over when they were looked at last.
func (r *Runner) watch(ctx context.Context, plan *FeedbackPlan, rep *FeedbackReport) error {
	began := time.Now()
	for done := 0; done < watchMost; done += watchTogether {
		list, err := r.Store.Untaken(ctx, plan.Receiver, watchTogether)
		if err != nil {
			return err
		}
		fresh := list[:0]
		for _, w := range list {
			if w.Looked.Before(began) {
				fresh = append(fresh, w)
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		if err := r.look(ctx, plan, fresh, rep); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) look(ctx context.Context, plan *FeedbackPlan, list []ledger.Watched, rep *FeedbackReport) error {
	byTable := map[string][]string{}
	for i := range list {
		byTable[list[i].Table] = append(byTable[list[i].Table], list[i].Batch)
	}
	now := time.Now()
	for table, ids := range byTable {
		found, err := plan.Watch.Uptakes(ctx, table, ids)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			rep.Failed[table] = err
		}
		for i := range list {
			w := &list[i]
			if w.Table != table {
				continue
			}
			if w.Looked = now; err == nil { // others have their turn, whatever came of these
				w.See(found[w.Batch], now, plan.Purge)
				rep.Looked, rep.Missing = rep.Looked+1, rep.Missing+w.Missing
			}
		}
	}
	return r.Store.SetWatched(ctx, list)
}
