package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/status"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
)

func (a *app) receiversCommand() *cobra.Command {
	c := &cobra.Command{Use: "receivers", Short: a.t("接收方：列出、暂停、恢复、倒回、试问、看退回", "receivers: list, pause, resume, rewind, test, see what came back")}
	c.AddCommand(a.receiversListCommand(), a.receiversPauseCommand(), a.receiversResumeCommand(), a.receiversRewindCommand(), a.receiversTestCommand(), a.receiversReturnsCommand())
	return c
}

// oneReceiver takes the name of a receiver as the only argument.
func (a *app) oneReceiver() cobra.PositionalArgs {
	return a.exactly(1, text.T("写出一个接收方的名字", "name one receiver"))
}

// deliverPlan joins a receiver. What is wrong with it in the site, such as a secret that is
// not there, stops this receiver alone and is what status says of it.
func (a *app) deliverPlan(ctx context.Context, h *house, store ledger.ReceiverStates, receiver string) (*jobs.DeliverPlan, error) {
	plan, err := h.DeliverPlan(receiver)
	if err == nil {
		return plan, nil
	}
	if err := ledger.RecordDelivery(ctx, store, receiver, fault.All(err)[0], false, nil); err != nil {
		return nil, err
	}
	return nil, fault.About(err, text.F("接收方 %s 不上报，其余照常", "receiver %s is not fed, all else goes on", receiver))
}

// leave says whether a receiver that is being fed is to be left alone now. What cannot be
// found out changes nothing. Its own failures the delivery sees by itself.
func leave(h *house, store ledger.ReceiverStates, receiver string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		why, err := status.RestingNow(ctx, h, store, receiver, time.Now())
		return err == nil && why != nil && why.Broken.IsZero()
	}
}

// rests remembers what was said, so that serve says once that a receiver is left alone.
// The zero value is ready; it serves one goroutine.
type rests struct{ said map[string]status.Rest }

// feed says whether a receiver may be fed now. The first time it may not, why is told.
func (r *rests) feed(ctx context.Context, a *app, h *house, store ledger.ReceiverStates, receiver string, now time.Time) (bool, error) {
	why, err := status.RestingNow(ctx, h, store, receiver, now)
	if err != nil {
		return false, err
	}
	if r.said == nil {
		r.said = map[string]status.Rest{}
	}
	if why == nil {
		delete(r.said, receiver)
		return true, nil
	}
	if r.said[receiver] != *why {
		r.said[receiver] = *why
		a.note(why.Sentence(receiver, h.Zone()))
	}
	return false, nil
}
