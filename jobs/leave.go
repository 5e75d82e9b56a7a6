package jobs

import (
	"context"
	"errors"
	"time"

	"banjian/ledger"
	"banjian/ledger/outbox"
)

// leaveLook is how often it is asked whether a receiver that is being fed is to be left
// alone.
const leaveLook = time.Second

// errLeft ends a delivery whose receiver is to be left alone now.
var errLeft = errors.New("the receiver is to be left alone")

// untilLeft ends its context when leave says so; stop ends it too.
func untilLeft(ctx context.Context, leave func(context.Context) bool) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancelCause(ctx)
	if leave == nil {
		return ctx, func() { stop(nil) }
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for wait(ctx, leaveLook) {
			if leave(ctx) {
				stop(errLeft)
				return
			}
		}
	}()
	return ctx, func() { stop(nil); <-over }
}

// wasLeft says that err is only that the delivery was ended for its receiver's sake.
func wasLeft(ctx context.Context, err error) bool {
	return errors.Is(context.Cause(ctx), errLeft) && errors.Is(err, context.Canceled)
}

// breaker stands before the plan's receiver as the ledger has it, and is kept there.
func (r *Runner) breaker(ctx context.Context, plan *DeliverPlan) (*outbox.Breaker, error) {
	list, err := r.Store.ReceiverStates(ctx)
	if err != nil {
		return nil, err
	}
	var was ledger.Break
	for i := range list {
		if list[i].Name == plan.Receiver {
			was = list[i].Break
		}
	}
	return outbox.NewBreaker(plan.Receiver, plan.Breaker, was, func(b ledger.Break) {
		err := r.Store.SetReceiverState(context.WithoutCancel(ctx), plan.Receiver, func(s *ledger.ReceiverState) { s.Break = b })
		switch {
		case err != nil:
			r.Log.Error("breaker not stored", "receiver", plan.Receiver, "error", err)
		case b.At.IsZero():
			r.Log.Info("receiver answers again", "receiver", plan.Receiver)
		default:
			r.Log.Info("receiver left alone", "receiver", plan.Receiver, "until", b.Until, "tries", b.Times)
		}
	}), nil
}
