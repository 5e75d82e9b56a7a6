package ledger

import (
	"strings"
	"sync"

	"banjian/pipelines"
)

// Tally counts what becomes of records at receivers during one command. Counts are
// kept per pipeline and receiver; a record of a run that is not one of the command's
// is older and only ever counted as released.
type Tally struct {
	mu     sync.Mutex
	runs   map[int64]bool
	counts map[TallyKey]*pipelines.ReceiverCounts
	news   map[string]bool // receivers at which a record was newly held or refused
}

// TallyKey is one line of the summary.
type TallyKey struct{ Pipeline, Receiver string }

// NewTally starts empty.
func NewTally() *Tally {
	return &Tally{runs: map[int64]bool{}, counts: map[TallyKey]*pipelines.ReceiverCounts{}, news: map[string]bool{}}
}

// Current says that run belongs to the command.
func (t *Tally) Current(run int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[run] = true
}

// Delivered is the State of a record that needs nothing more.
const Delivered State = ""

// Move books one record that came from a state (empty: new in the log) to another.
func (t *Tally) Move(pipeline, receiver string, run int64, was, now State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.at(TallyKey{pipeline, receiver})
	if now != was && (now == Held || now == Rejected || now == Diverged) {
		t.news[strings.Clone(receiver)] = true
	}
	if !t.runs[run] {
		if now == Delivered {
			c.Released++
		}
		return
	}
	if p := slot(c, was); p != nil && was != Delivered {
		*p--
	}
	if p := slot(c, now); p != nil {
		*p++
	}
}

// Compared books a record that was left out because another system's word counts.
func (t *Tally) Compared(pipeline, receiver string, run int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.runs[run] {
		t.at(TallyKey{pipeline, receiver}).Compared++
	}
}

// Trouble says that something at a receiver is for a person now.
func (t *Tally) Trouble(receiver string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.news[strings.Clone(receiver)] = true
}

// News says whether a record, of this command's runs or older, was newly held or
// refused at a receiver.
func (t *Tally) News(receiver string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.news[receiver]
}

func (t *Tally) at(k TallyKey) *pipelines.ReceiverCounts {
	c := t.counts[k]
	if c == nil {
		c = &pipelines.ReceiverCounts{}
		t.counts[TallyKey{strings.Clone(k.Pipeline), k.Receiver}] = c
	}
	return c
}

func slot(c *pipelines.ReceiverCounts, s State) *int64 {
	switch s {
	case Delivered:
		return &c.Delivered
	case Held, Diverged:
		return &c.Held
	case Rejected:
		return &c.Rejected
	case NotApplicable:
		return &c.NotApplicable
	}
	return nil // unknown outcomes are pending, which is what remains
}

// Counts is the line of a pipeline and receiver; what was neither delivered nor put
// aside is pending.
func (t *Tally) Counts(pipeline, receiver string, records int64) pipelines.ReceiverCounts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := *t.at(TallyKey{pipeline, receiver})
	c.Compared = min(c.Compared, c.NotApplicable) // some may have gone since
	c.Pending = records - c.Delivered - c.Held - c.Rejected - c.NotApplicable
	return c
}
