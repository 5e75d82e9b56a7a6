package gateway

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
)

// kind is what is fetched.
type kind interface {
	// due is what may be asked for now, and when the next may.
	due(ctx context.Context, l *line, most int) ([]errand, time.Time, error)
}

// line fetches one kind of thing for one system.
type line struct {
	fetcher *Fetcher
	system  *Origin
	atOnce  int
	what    kind
	asker   *middleplatform.Asker

	broken map[string]int // how often in a row the call for an errand broke off
	row    int            // calls that broke off since one had an answer
	well   bool           // nothing is written down of an outage: not known at first, it may be of a run before
}

func newLine(f *Fetcher, s *Origin, atOnce int, what kind) *line {
	return &line{fetcher: f, system: s, atOnce: atOnce, what: what, broken: map[string]int{}}
}

// errand is one thing to fetch. run's error says that no answer came: what an answer says
// of it alone it has written down itself.
type errand interface {
	run(ctx context.Context, l *line) error
	// later has it not asked for before a time.
	later(ctx context.Context, j *Journal, due time.Time) error
	key() string
}

// keep fetches what is due, and rests while the platform cannot be asked.
func (f *Fetcher) keep(ctx context.Context, l *line) {
	defer l.shut()
	pause := time.Duration(0)
	for ctx.Err() == nil {
		changed := f.o.Journal.Changed()
		most := l.atOnce
		if pause > 0 {
			most = 1 // one call tells whether it is over
		}
		list, next, err := l.what.due(ctx, l, most)
		if err == nil && len(list) == 0 {
			f.o.Wait(ctx, min(lookAtLeast, max(next.Sub(f.o.Now()), 0)), changed)
			continue
		}
		if err == nil {
			err = l.all(ctx, list)
		}
		if ctx.Err() != nil {
			return
		}
		pause = l.rest(ctx, err, pause)
	}
}

// all runs errands side by side. Its error concerns the platform as a whole.
func (l *line) all(ctx context.Context, list []errand) error {
	if l.asker == nil {
		var err error
		if l.asker, err = l.system.Open(); err != nil {
			return err
		}
	}
	failed := make([]error, len(list))
	var g errgroup.Group
	for i, one := range list {
		g.Go(func() error {
			failed[i] = one.run(ctx, l)
			return nil
		})
	}
	_ = g.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return l.judge(ctx, list, failed)
}

// judge has each errand whose call broke off rest, longer each time. What the platform says
// of all calls, that it refuses us or is to be left alone, and several broken calls with no
// answer between them, is its error.
func (l *line) judge(ctx context.Context, list []errand, failed []error) error {
	var whole, last error
	answered := false
	for i, one := range list {
		switch err := failed[i]; {
		case err == nil:
			answered = true
			delete(l.broken, one.key())
			continue
		case fault.Is(err, fault.Config): // of the platform, or of how it answers about this one alone: the next call is for another
			whole = err
		case !fault.Is(err, fault.Transient), fault.AfterOf(err) > 0:
			whole = err
			continue
		default:
			last = err
			l.row++
		}
		if err := l.putOff(ctx, one, failed[i]); err != nil {
			return err
		}
	}
	if answered {
		l.row = 0
	}
	if whole == nil && l.row >= brokenInARow {
		whole = last
	}
	return whole
}

// putOff has an errand rest, longer each time.
func (l *line) putOff(ctx context.Context, one errand, why error) error {
	rest := growing(brokenFirst, brokenMost, int64(l.broken[one.key()]))
	l.broken[one.key()]++
	l.fetcher.o.Log.Debug("call broke off", "system", l.system.Name, "pause", rest, "error", why)
	return one.later(ctx, l.fetcher.o.Journal, l.fetcher.o.Now().Add(rest))
}

// rest waits after an outage, longer each time, and remembers it for status; it gives the
// pause, 0 when there is none.
func (l *line) rest(ctx context.Context, err error, pause time.Duration) time.Duration {
	j := l.fetcher.o.Journal
	if err == nil && l.row > 0 {
		return pause // one call more broke off: nothing tells that it is over
	}
	if err == nil {
		if !l.well {
			l.note(j.outageOver(ctx, l.system.Name))
			l.well = true
		}
		if pause > 0 {
			clear(l.broken)
		}
		return 0
	}
	l.well = false
	pause = max(min(2*pause, outageMost), outageFirst, min(fault.AfterOf(err), 24*time.Hour))
	l.fetcher.o.Log.Warn("platform cannot be asked", "system", l.system.Name, "pause", pause, "error", err)
	l.note(j.outage(ctx, l.system.Name, err))
	if !fault.Is(err, fault.Transient) {
		l.shut() // keys and addresses are read again
	}
	l.fetcher.o.Wait(ctx, pause, nil)
	return pause
}

func (l *line) note(err error) {
	if err != nil {
		l.fetcher.o.Log.Error("journal not written", "system", l.system.Name, "error", err)
	}
}

func (l *line) shut() {
	if l.asker != nil {
		_ = l.asker.Close() // idle connections
		l.asker = nil
	}
}
