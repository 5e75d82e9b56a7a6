package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// How soon a receiver that could not be fed is tried again without being asked to, and
// how often one that is left alone is looked at.
const (
	feedAgain   = time.Minute
	feedAtLeast = 10 * time.Minute // apart, once it has failed for long
	restLook    = time.Minute
)

// A turn is how long a receiver is fed under one lease and one plan: it ends when nothing
// came for a while, or when others have waited long enough. Between two turns they have
// time to take the lease.
const (
	turnIdle   = 5 * time.Second
	turnAtMost = 20 * time.Second
	turnGap    = 300 * time.Millisecond
)

// logLook is how often the ledger is looked at for what another process collected.
const logLook = time.Second

// feeders feed the receivers while serve runs, each in a goroutine of its own and at its
// own pace: a slow or silent one delays neither the others nor the jobs.
type feeders struct {
	app   *app
	house *house
	store ledger.Store

	wg    sync.WaitGroup
	mu    sync.Mutex               // guards the app's rests
	asked map[string]chan struct{} // by receiver; set by start
}

func newFeeders(a *app, h *house, store ledger.Store) *feeders {
	return &feeders{app: a, house: h, store: store, asked: map[string]chan struct{}{}}
}

// start has every receiver of the site fed when it is asked for, until ctx ends. It is called
// before ask is.
func (f *feeders) start(ctx context.Context) {
	for _, receiver := range f.house.Receivers() {
		asked := make(chan struct{}, 1)
		f.asked[receiver] = asked
		f.wg.Go(func() { f.serve(ctx, receiver, asked) })
	}
}

// ask has a receiver fed soon, whatever becomes of who asks; asking several times while it is
// being fed is asking once.
func (f *feeders) ask(receiver string) {
	select {
	case f.asked[receiver] <- struct{}{}:
	default:
	}
}

// all has the receivers of pipelines fed; none named = all of the site's.
func (f *feeders) all(pipelines []string) error {
	specs, err := f.house.Pipelines(pipelines)
	if err != nil {
		return err
	}
	for _, r := range receiversOf(specs) {
		f.ask(r)
	}
	return nil
}

// serve feeds one receiver whenever asked, and by itself after a failure that may pass.
func (f *feeders) serve(ctx context.Context, receiver string, asked <-chan struct{}) {
	var again <-chan time.Time
	pause, said := feedAgain, ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
		case <-again:
		}
		again = nil
		feed, err := f.mayFeed(ctx, receiver)
		switch {
		case err == nil && !feed:
			again = time.After(restLook)
			continue
		case err == nil:
			err = f.feed(ctx, receiver, asked)
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			pause, said = feedAgain, ""
			continue
		}
		if line := fault.Say(err, f.app.lang); !fault.Is(err, fault.Config) || line != said { // what is wrong in the site is told once
			f.app.report(err)
			said = line
		}
		if mayPass(err) {
			again = time.After(againAfter(err, pause))
			pause = min(2*pause, feedAtLeast)
		}
	}
}

// mayPass says that a failure may be over by itself: the receiver or the way to it was
// out of order, or another process is feeding it.
func mayPass(err error) bool {
	return fault.Is(err, fault.Transient) || fault.Is(err, fault.Unknown) || ledger.FedElsewhere(err)
}

// againAfter is how long to wait: no less than the receiver asks for.
func againAfter(err error, pause time.Duration) time.Duration {
	return max(pause, fault.AfterOf(err))
}

func (f *feeders) mayFeed(ctx context.Context, receiver string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.app.rests.feed(ctx, f.app, f.house, f.store, receiver, time.Now())
}

// watch has receivers fed that another process collected something for: what this one
// collects wakes them by itself, and at once.
func (f *feeders) watch(ctx context.Context) {
	_, last, err := f.store.Wrote(ctx, -1)
	for sleep(ctx, logLook) {
		var wrote []string
		if err == nil {
			wrote, last, err = f.store.Wrote(ctx, last)
		} else {
			_, last, err = f.store.Wrote(ctx, -1) // not missed: every turn reads to the end of the log
		}
		for _, s := range f.house.Specs() {
			if !slices.Contains(wrote, s.Pipeline) {
				continue
			}
			for _, r := range s.Deliver {
				f.ask(r)
			}
		}
	}
}

// feed gives a receiver everything that is there for it, and what comes during the turn.
func (f *feeders) feed(ctx context.Context, receiver string, asked <-chan struct{}) error {
	table := f.house.Routes().Table()
	plan, err := f.app.deliverPlan(ctx, f.house, f.store, receiver)
	if err != nil {
		return err
	}
	defer plan.Close()
	plan.Leave = leave(f.house, f.store, receiver)
	began, over := time.Now(), false
	plan.Again = func(ctx context.Context, moved bool) bool {
		if over = time.Since(began) > turnAtMost || f.house.Routes().Table() != table; over {
			return false
		}
		if !moved {
			select {
			case <-ctx.Done():
				return false
			case <-time.After(turnIdle):
				return false
			case <-asked:
			}
		}
		feed, err := f.mayFeed(ctx, receiver)
		over = err != nil || !feed || f.house.Routes().Table() != table
		return !over
	}
	defer func() {
		if over { // more may be there
			sleep(ctx, turnGap)
			f.ask(receiver)
		}
	}()
	runner := f.app.runner(f.store)
	err = runner.Deliver(ctx, plan, jobs.NewCollecting())
	var went int64
	for _, s := range f.house.Specs() {
		if slices.Contains(s.Deliver, receiver) {
			went += runner.Tally.Counts(s.Pipeline, receiver, 0).Released
		}
	}
	if went > 0 || runner.Tally.News(receiver) {
		more := text.Text{}
		if runner.Tally.News(receiver) {
			more = text.T("，有新的挂起或问题数据", ", with new holds or rejects")
		}
		f.app.note(text.F("%s 上报 %s：%d 条%[4]s", "%s %s: %d record{|s} delivered%[5]s", time.Now().In(f.house.Zone()).Format(time.DateTime), receiver, went, more.ZH, more.EN))
	}
	return err
}

// wait ends when every receiver has been left in peace; ctx of start has ended.
func (f *feeders) wait() { f.wg.Wait() }
