package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"banjian/cmd/internal/status"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

// readFeedback finds out what a receiver did with what it was given, and says so; it counts
// the records that are newly refused.
func (a *app) readFeedback(ctx context.Context, h *house, store ledger.Store, receiver string) (int64, error) {
	way, err := h.FeedbackPlan(ctx, receiver)
	if err != nil {
		return 0, err
	}
	defer way.Close()
	rep, err := a.runner(store).Feedback(ctx, way.FeedbackPlan)
	a.tellFeedback(receiver, way.Absent, rep)
	return rep.Refused, errors.Join(err, failures(rep.Failed))
}

// tellFeedback says what was found, to people.
func (a *app) tellFeedback(receiver string, absent []string, rep jobs.FeedbackReport) {
	if rep.New > 0 {
		a.note(text.F("%s 退回 %d 行，其中 %d 条记录转为问题数据：banjian rejects list --receiver %s --rule receiver_returned",
			"%s sent %d row{|s} back, records newly rejected %d: banjian rejects list --receiver %s --rule receiver_returned", receiver, rep.New, rep.Refused, receiver))
	}
	if rep.Missing > 0 {
		a.note(text.F("%s 的表里少了 %d 行：还没到清理的时候，却已不在", "%s: %d row{|s} {is|are} gone from its tables before they can have been cleaned up", receiver, rep.Missing))
	}
	if len(absent) > 0 {
		a.log().Info("tables in which rows come back are not there", "receiver", receiver, "tables", fmt.Sprint(absent))
	}
}

// failures is what kept single tables from being read.
func failures(byTable map[string]error) error {
	var found fault.List
	for _, t := range slices.Sorted(maps.Keys(byTable)) {
		found.Add(byTable[t])
	}
	return found.Err()
}

// listeners look at what receivers did with what they were given, while serve runs.
type listeners struct {
	app   *app
	house *house
	store ledger.Store
}

// start begins to listen to every receiver whose site wants it, until ctx ends; wait ends
// when all have stopped.
func (l *listeners) start(ctx context.Context) (wait func()) {
	done := make(chan struct{})
	n := 0
	for _, receiver := range l.house.Receivers() {
		if f := l.house.Feedback(receiver); f != nil {
			n++
			go func() {
				defer func() { done <- struct{}{} }()
				l.listen(ctx, receiver, f.Interval())
			}()
		}
	}
	return func() {
		for range n {
			<-done
		}
	}
}

// listen looks now and then; a receiver that is left alone is left alone here too.
func (l *listeners) listen(ctx context.Context, receiver string, every time.Duration) {
	for {
		why, err := status.RestingNow(ctx, l.house, l.store, receiver, time.Now())
		if err == nil && why == nil {
			_, err = l.app.readFeedback(ctx, l.house, l.store, receiver)
		}
		if err != nil && ctx.Err() == nil {
			l.app.report(err)
		}
		if !sleep(ctx, every) {
			return
		}
	}
}
