package jobs

import (
	"context"
	"sync"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// idle is how long delivery waits for collects to add something.
const idle = 20 * time.Millisecond

// DeliverPlan is one receiver ready to be fed.
type DeliverPlan struct {
	Receiver string
	Subjects []SubjectPlan // parents first
	Target   pipelines.Target
	Ready    func(context.Context) error // asks the receiver whether it is as described; nil = no question
	Workers  int
}

// SubjectPlan is one subject at a receiver.
type SubjectPlan struct {
	Order   ledger.Order
	Table   string
	Columns []string        // canonical columns that the mapping reads; nil = all
	Stage   pipelines.Stage // mapping from canonical to the receiver's table
}

// Collecting tells delivery what is still being collected in this process.
type Collecting struct {
	mu     sync.Mutex
	active map[string]int
}

// NewCollecting starts with the subjects of the collects that will run.
func NewCollecting(subjects ...string) *Collecting {
	c := &Collecting{active: map[string]int{}}
	for _, s := range subjects {
		c.active[s]++
	}
	return c
}

// Done says that one collect of these subjects has ended.
func (c *Collecting) Done(subjects ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range subjects {
		if c.active[s]--; c.active[s] <= 0 {
			delete(c.active, s)
		}
	}
}

// Any says whether anything is still collected; with a subject, whether that is.
func (c *Collecting) Any(subjects ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(subjects) == 0 {
		return len(c.active) > 0
	}
	for _, s := range subjects {
		if c.active[s] > 0 {
			return true
		}
	}
	return false
}

// Deliver feeds a receiver from the ledger until it has everything that is there and
// nothing more is being collected. Subjects that wait for accept records are left
// alone while those are still being collected, so that few records need be held.
func (r *Runner) Deliver(ctx context.Context, plan *DeliverPlan, collecting *Collecting) error {
	// Another process that feeds the receiver takes our records along; it is waited for.
	return r.underLease(ctx, "deliver:"+plan.Receiver, leaseTTL, func(ctx context.Context, lease *hold) error {
		if plan.Ready != nil {
			if err := plan.Ready(ctx); err != nil {
				return err
			}
		}
		for {
			more := collecting.Any()
			accepts := collecting.Any("case/accept")
			moved := int64(0)
			for i := range plan.Subjects {
				if plan.Subjects[i].Order.Parent && accepts {
					continue
				}
				n, err := r.deliverSubject(ctx, plan, &plan.Subjects[i], lease, collecting)
				if err != nil {
					return err
				}
				moved += n
			}
			if moved > 0 {
				continue
			}
			if !more {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(idle):
			}
		}
	})
}

// deliverSubject offers one subject's new and releasable records, as long as the
// subject is being collected, and returns how many rows it looked at.
func (r *Runner) deliverSubject(ctx context.Context, plan *DeliverPlan, sp *SubjectPlan, lease *hold, collecting *Collecting) (int64, error) {
	out := ledger.NewOutbox(r.Store, ledger.OutboxConfig{Receiver: plan.Receiver, Subject: sp.Order.Subject, Table: sp.Table, Target: plan.Target,
		Workers: plan.Workers, Lease: lease.Lease, Fence: lease.fence, Tally: r.Tally, Log: r.Log, Alloc: r.Alloc})
	stage := &ledger.DeliverStage{Order: sp.Order, Store: r.Store, Mapping: sp.Stage, Alloc: r.Alloc}
	if err := out.Recover(ctx, stage); err != nil {
		return 0, err
	}
	source := ledger.NewSource(r.Store, ledger.SourceConfig{Receiver: plan.Receiver, Subject: sp.Order.Subject, Columns: columnsOf(sp), Alloc: r.Alloc,
		Tail: func() bool { return collecting.Any(sp.Order.Subject) }})
	defer source.Close()
	p := pipelines.Pipeline{Name: plan.Receiver + "/" + sp.Order.Subject, Source: source, Stage: stage, Sink: out, Log: r.Log}
	counts, err := p.Run(ctx)
	if closed := out.Close(context.WithoutCancel(ctx)); err == nil || ctx.Err() == nil && closed != nil {
		err = closed
	}
	return counts.Read, err
}

// columnsOf is the canonical columns that mapping and order read.
func columnsOf(sp *SubjectPlan) []string {
	if sp.Columns == nil || sp.Order.Unless.Field == "" {
		return sp.Columns
	}
	return append([]string{sp.Order.Unless.Field}, sp.Columns...)
}
