package main

import (
	"context"
	"testing"
	"time"

	"banjian/connectors/middleplatform/gateway"
	"banjian/jobs"
	"banjian/pipelines"
)

// alone makes a plan one of a single part, as a stream has, that is read again and again.
func alone(plan *jobs.CollectPlan) *jobs.CollectPlan {
	one := *plan
	one.Parts = &jobs.Parts{
		Starts: func(context.Context) (map[int]pipelines.Position, error) {
			return map[int]pipelines.Position{0: ""}, nil
		},
		Join: func(context.Context) (pipelines.Member, error) { return gateway.Sole{}, nil },
		Plan: func(int, bool) (*jobs.CollectPlan, error) {
			part := *plan
			return &part, nil
		},
	}
	return &one
}

// A receiver goes on being fed when the stream ends, or is paused, that asked for it first.
func TestAReceiverIsFedAfterTheStreamThatAskedFirstHasEnded(t *testing.T) {
	w := newTroubled(t, embedded(t))
	a, h, store, out := serving(t, w.dir)
	specs, err := h.Pipelines([]string{"provident-fund-accept"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := h.CollectPlan(specs[0])
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	feed := newFeeders(a, h, store)
	defer feed.wait()
	defer stop()
	feed.start(ctx)
	s := &streams{app: a, house: h, store: store, feed: feed}

	first, end := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() { followed <- s.follow(first, alone(plan)) }()
	for w.count("up_pro_accept") == 0 && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	end()
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := w.says("run", "provident-fund-step", "--collect-only", "--site", w.dir); code != exitDone && code != exitNews {
		t.Fatalf("exited %d: %s", code, errOut)
	}
	feed.ask("national")
	for w.count("up_pro_process") == 0 && ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Errorf("national was not fed\n%s", out)
	}
}
