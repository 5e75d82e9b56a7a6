package outbox

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// BreakerSpec says when a receiver that fails is left alone, and for how long.
type BreakerSpec struct {
	Failures int           // calls, or batches, in a row without an answer
	Wait     time.Duration // until the first try; twice as long after each that fails
	Most     time.Duration // but no longer than this
}

// What holds where nobody says otherwise.
const (
	breakerFailures = 10
	breakerWait     = 5 * time.Second
	breakerMost     = 10 * time.Minute
)

// breakerRecords is how many records must have gone unanswered: a few that nobody answers
// for say nothing of the receiver.
const breakerRecords = 3

// Breaker stands before a receiver: closed, everything goes; open, nothing does until a
// time; half open, one try goes alone and decides. An answer, be it a refusal, closes it. A
// receiver that refuses us as such never opens it: that is for a person to mend, not to be
// waited for. It may be used concurrently.
type Breaker struct {
	where string
	spec  BreakerSpec
	keep  func(ledger.Break)

	mu      sync.Mutex
	broken  ledger.Break
	rest    time.Time // the receiver asks for a pause until then
	asked   bool      // broken is a pause the receiver asked for
	row     int       // failures in a row
	records map[int64]bool
	trying  bool          // the one try is under way
	moved   chan struct{} // closed when any of it changes

	storing sync.Mutex
}

// NewBreaker stands as was says; keep stores it when it opens and closes.
func NewBreaker(receiver string, spec BreakerSpec, was ledger.Break, keep func(ledger.Break)) *Breaker {
	if spec.Failures <= 0 {
		spec.Failures = breakerFailures
	}
	if spec.Wait <= 0 {
		spec.Wait = breakerWait
	}
	if spec.Most <= 0 {
		spec.Most = breakerMost
	}
	spec.Most = max(spec.Most, spec.Wait)
	return &Breaker{where: receiver, spec: spec, keep: keep, broken: was, records: map[int64]bool{}, moved: make(chan struct{})}
}

// errBroken is in the fault of a call that was not made.
var errBroken = errors.New("the receiver is left alone for a while")

// Broken says that an error is that of a receiver that is left alone.
func Broken(err error) bool { return errors.Is(err, errBroken) }

// turn is leave to make one call.
type turn struct {
	alone bool // it is the one try
	old   bool // of a record that an earlier delivery left open: that it stays so may be its own fault
}

// enter waits for a turn. It waits as long as the receiver asked for, within
// throttlePatience, or ledger.BreakPatience for a try; beyond, the fault is Transient. done ends it.
func (b *Breaker) enter(ctx context.Context, done <-chan struct{}) (turn, error) {
	if b == nil {
		return turn{}, nil
	}
	for {
		t, wait, moved, err := b.look(time.Now())
		if err != nil || wait == 0 && moved == nil {
			return t, err
		}
		if err := await(ctx, done, wait, moved); err != nil {
			return turn{}, err
		}
	}
}

// await ends after a time, 0 = after any, or when something moved; its error is that of whoever
// stops the run.
func await(ctx context.Context, done <-chan struct{}, wait time.Duration, moved <-chan struct{}) error {
	var over <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-done:
		return context.Canceled
	case <-over:
	case <-moved:
	}
	return nil
}

// Ask puts a question to the receiver whose answer says only that it can be reached.
func (b *Breaker) Ask(ctx context.Context, ask func() error) error {
	t, err := b.enter(ctx, nil)
	if err != nil {
		return err
	}
	err = ask()
	b.leave(t, 0, cmp.Or(err, pipelines.ErrNotTried))
	return err
}

// look is a turn, or how long to wait for it and what may end that sooner.
func (b *Breaker) look(now time.Time) (turn, time.Duration, <-chan struct{}, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if rest := b.rest.Sub(now); rest > 0 {
		return turn{}, rest, b.moved, nil
	}
	if b.broken.At.IsZero() {
		return turn{}, 0, nil, nil
	}
	switch left := b.broken.Left(now); {
	case left > ledger.BreakPatience:
		return turn{}, 0, nil, b.fault(left)
	case left > 0:
		return turn{}, left, b.moved, nil
	case b.trying:
		return turn{}, 0, b.moved, nil
	}
	b.trying = true
	return turn{alone: true}, 0, nil, nil
}

// fault says that nothing goes; b.mu is held.
func (b *Breaker) fault(left time.Duration) error {
	f := fault.New(fault.Transient, "deliver", "", b.broken.Why.What, b.broken.Why.Hint)
	f.After = left
	return &brokenOff{f}
}

// brokenOff is an errBroken with its fault.
type brokenOff struct{ error }

func (e *brokenOff) Unwrap() []error { return []error{e.error, errBroken} }

// leave gives a turn back with what came of it. rec is the record that was called for, 0
// for a batch.
func (b *Breaker) leave(t turn, rec int64, err error) {
	if b == nil {
		return
	}
	if b.learn(t, rec, err, time.Now()) {
		b.store()
	}
}

// learn says whether what is stored changes.
func (b *Breaker) learn(t turn, rec int64, err error, now time.Time) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.wake()
	if t.alone {
		b.trying = false
	}
	after, failed := fault.AfterOf(err), fault.Is(err, fault.Transient) || fault.Is(err, fault.Unknown)
	switch {
	case err != nil && (errors.Is(err, pipelines.ErrNotTried) || errors.Is(err, context.Canceled)):
		return false
	case !failed && b.asked && !t.alone: // it was under way before the pause was told
		return false
	case !failed: // it answered, be it that it refuses us
		changed = !b.broken.At.IsZero()
		b.broken, b.row, b.asked = ledger.Break{}, 0, false
		clear(b.records)
		return changed
	case after > 0:
		return b.pause(t, after, err, now)
	case t.alone && t.old && fault.Is(err, fault.Unknown) && b.another(rec):
		return false
	case t.alone:
		b.broken.Until, b.broken.Times = now.Add(b.waitAfter(b.broken.Times)), b.broken.Times+1
		b.broken.Why = b.reason(err)
		return true
	case !b.broken.At.IsZero(): // it was under way when others failed
		return false
	}
	b.row++
	b.records[rec] = true
	if b.row < b.spec.Failures || rec != 0 && fault.Is(err, fault.Unknown) && len(b.records) < breakerRecords {
		return false
	}
	b.broken = ledger.Break{At: now, Until: now.Add(b.waitAfter(0)), Times: 1, Why: b.reason(err)}
	clear(b.records)
	return true
}

// another says that a try says too little yet: one record more is to tell.
func (b *Breaker) another(rec int64) bool {
	b.records[rec] = true
	if len(b.records) < breakerRecords {
		return true
	}
	clear(b.records)
	return false
}

// pause is what the receiver asks for; a long one is kept.
func (b *Breaker) pause(t turn, after time.Duration, err error, now time.Time) (changed bool) {
	if until := now.Add(after); until.After(b.rest) {
		b.rest = until
	}
	if after <= throttlePatience && !t.alone {
		return false
	}
	if b.broken.At.IsZero() {
		b.broken.At = now
	}
	b.asked = true
	if until := now.Add(after); until.After(b.broken.Until) {
		b.broken.Until = until
	}
	b.broken.Why = ledger.ReasonOf(err)
	if after > throttlePatience {
		b.rest = time.Time{} // nobody waits for it here
	}
	return true
}

// waitAfter is how long nothing goes after so many tries that failed.
func (b *Breaker) waitAfter(times int) time.Duration {
	return min(b.spec.Wait<<min(times, 20), b.spec.Most)
}

func (b *Breaker) reason(err error) ledger.Reason {
	zh, en := fault.Say(err, text.ZH), fault.Say(err, text.EN)
	n := max(b.row, b.spec.Failures)
	why := ledger.Reason{What: text.F("连续 %[1]d 次没有成功：%[2]s", "%[1]d failures in a row: %[3]s", n, zh, en), Hint: fault.HintOf(err)}
	more := text.F("到时自动试一次，通了就照常；已经修好：banjian receivers resume %s", "one try goes by itself when it is time, and all else once that is answered; if it is mended: banjian receivers resume %s", b.where)
	if why.Hint.IsZero() {
		why.Hint = more
	} else {
		why.Hint = text.T(why.Hint.ZH+"；"+more.ZH, why.Hint.EN+"; "+more.EN)
	}
	return why
}

// store hands on what changed; of several changes at a time the last.
func (b *Breaker) store() {
	b.storing.Lock()
	defer b.storing.Unlock()
	b.mu.Lock()
	broken := b.broken
	b.mu.Unlock()
	b.keep(broken)
	failpoint.Hit(failpoint.AfterBreak)
}

// wake has those look again who wait; b.mu is held.
func (b *Breaker) wake() {
	close(b.moved)
	b.moved = make(chan struct{})
}

// Closed says that everything goes.
func (b *Breaker) Closed() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken.At.IsZero()
}
