package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/internal/text"
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

// mustHave says which receivers there are when name is none of them.
func (h *house) mustHave(a *app, name string) error {
	if _, ok := h.Site().Receivers[name]; ok {
		return nil
	}
	known := strings.Join(h.Receivers(), a.t("、", ", "))
	if known == "" {
		return usageError{fmt.Errorf("%s", a.t("本站点没有接收方", "this site has no receivers"))}
	}
	return usageError{fmt.Errorf(a.t("本站点没有接收方 %q；有：%s", "this site has no receiver %q; it has: %s"), name, known)}
}

// rest is why a receiver is left alone now.
type rest struct {
	since time.Time // paused by a person
	until time.Time // in a maintenance window, or left alone after failures
	why   string

	broken text.Text // why it is left alone after failures
}

// resting says whether a receiver is to be left alone.
func (h *house) resting(s ledger.ReceiverState, receiver string, now time.Time) (*rest, error) {
	if !s.PausedAt.IsZero() {
		return &rest{since: s.PausedAt, why: s.PausedWhy}, nil
	}
	w, err := h.Windows(receiver)
	if err != nil {
		return nil, err
	}
	if until, why, in := w.Open(now); in {
		return &rest{until: until, why: why}, nil
	}
	if s.Break.Left(now) > ledger.BreakPatience { // what is shorter a delivery waits for
		return &rest{until: s.Break.Until, broken: s.Break.Why.What}, nil
	}
	return nil, nil
}

// sentence says it for people.
func (r *rest) sentence(receiver string, zone *time.Location) text.Text {
	if !r.broken.IsZero() {
		return text.F("接收方 %[1]s 到 %[2]s 之前不再推送：%[3]s；记录留在台账里待报", "receiver %[1]s is left alone until %[2]s: %[4]s; records wait in the ledger", receiver, shortTime(r.until, zone), r.broken.ZH, r.broken.EN)
	}
	t := text.F("接收方 %s 在维护，到 %s；记录留在台账里待报", "receiver %s is in maintenance until %s; records wait in the ledger", receiver, shortTime(r.until, zone))
	if r.until.IsZero() {
		t = text.F("接收方 %s 自 %s 起暂停；记录留在台账里待报", "receiver %s is paused since %s; records wait in the ledger", receiver, shortTime(r.since, zone))
	}
	if r.why != "" {
		t.ZH, t.EN = t.ZH+"（"+r.why+"）", t.EN+" ("+r.why+")"
	}
	return t
}

// leave says whether a receiver that is being fed is to be left alone now. What cannot be
// found out changes nothing. Its own failures the delivery sees by itself.
func (h *house) leave(store ledger.ReceiverStates, receiver string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		states, err := stateOfEach(ctx, store)
		if err != nil {
			return false
		}
		why, err := h.resting(states[receiver], receiver, time.Now())
		return err == nil && why != nil && why.broken.IsZero()
	}
}

// rests remembers what was said, so that serve says once that a receiver is left alone.
// The zero value is ready; it serves one goroutine.
type rests struct{ said map[string]rest }

// feed says whether a receiver may be fed now. The first time it may not, why is told.
func (r *rests) feed(ctx context.Context, a *app, h *house, store ledger.ReceiverStates, receiver string, now time.Time) (bool, error) {
	states, err := stateOfEach(ctx, store)
	if err != nil {
		return false, err
	}
	why, err := h.resting(states[receiver], receiver, now)
	if err != nil {
		return false, err
	}
	if r.said == nil {
		r.said = map[string]rest{}
	}
	if why == nil {
		delete(r.said, receiver)
		return true, nil
	}
	if r.said[receiver] != *why {
		r.said[receiver] = *why
		a.note(why.sentence(receiver, h.Zone()))
	}
	return false, nil
}

// stateOfEach is what the ledger knows of receivers, by name.
func stateOfEach(ctx context.Context, store ledger.ReceiverStates) (map[string]ledger.ReceiverState, error) {
	list, err := store.ReceiverStates(ctx)
	states := make(map[string]ledger.ReceiverState, len(list))
	for _, s := range list {
		states[s.Name] = s
	}
	return states, err
}

// shortTime is a time as people read it, a dash for none.
func shortTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// age is how long ago something was, in its two largest units.
func (a *app) age(d time.Duration) string {
	d = max(d, 0)
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0:
		return fmt.Sprintf(a.t("%d 天 %d 小时", "%dd %dh"), days, hours)
	case hours > 0:
		return fmt.Sprintf(a.t("%d 小时 %d 分", "%dh %dm"), hours, minutes)
	}
	return fmt.Sprintf(a.t("%d 分", "%dm"), minutes)
}

// since is the age of a moment, a dash for none.
func (a *app) since(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return a.age(now.Sub(t))
}
