package memory

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Caller is a receiver that is told one record a call and remembers. The same content
// of a record told again has no effect but is counted. It is a pipelines.Caller.
type Caller struct {
	answer  func(d *pipelines.Delivery, row int) Fault
	turn    chan struct{} // held by the one whose call is answered; may be waited for on a test's clock
	mu      sync.Mutex
	effects []Effect
	last    map[[16]byte]int // number of a record's last effect
	repeats int
	calls   int
}

var _ pipelines.Caller = (*Caller)(nil)

// NewCaller makes a receiver. answer decides what comes of each call and is asked by one
// goroutine at a time; nil: nothing goes wrong.
func NewCaller(answer func(d *pipelines.Delivery, row int) Fault) *Caller {
	return &Caller{answer: answer, turn: make(chan struct{}, 1), last: map[[16]byte]int{}}
}

// AskedCaller is a Caller that may be asked what it has, or that takes the same twice.
type AskedCaller struct {
	*Caller
	CanAsk bool // it knows; otherwise its answer does not tell
	Twice  bool // the same record again is a second effect
	Down   func() error

	asked int
}

// Inquire says whether the row took effect in its version.
func (c *AskedCaller) Inquire(_ context.Context, d *pipelines.Delivery, row int) (pipelines.Arrival, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.CanAsk {
		return pipelines.ArrivalUnclear, nil
	}
	c.asked++
	if c.Down != nil {
		if err := c.Down(); err != nil {
			return pipelines.ArrivalUnclear, err
		}
	}
	if n, known := c.last[d.GUIDs[row]]; known && maps.Equal(c.effects[n].Values, valuesOf(d.Record, row)) {
		return pipelines.Arrived, nil
	}
	return pipelines.NotArrived, nil
}

// Repeats says whether the same counts once.
func (c *AskedCaller) Repeats(string) bool { return !c.Twice }

// Call takes the row, again as well where the same counts twice.
func (c *AskedCaller) Call(ctx context.Context, d *pipelines.Delivery, row int) (*pipelines.Issue, error) {
	if c.Twice {
		c.mu.Lock()
		delete(c.last, d.GUIDs[row])
		c.mu.Unlock()
	}
	return c.Caller.Call(ctx, d, row)
}

// Asked is how many questions came.
func (c *AskedCaller) Asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// Refused is the answer that refuses a record's content.
func Refused() Fault { return Fault{Refuse: []int32{0}} }

// Call takes the row unless the answer says otherwise.
func (c *Caller) Call(_ context.Context, d *pipelines.Delivery, row int) (*pipelines.Issue, error) {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	var f Fault
	if c.answer != nil {
		f = c.answer(d, row)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if f.Err != nil && !f.Applied {
		return nil, f.Err
	}
	if len(f.Refuse) > 0 {
		return &pipelines.Issue{Row: int32(row), Rule: RuleRefused, Args: []string{"other"}}, f.Err
	}
	c.take(Effect{Delivery: d.ID, Table: d.Table, GUID: d.GUIDs[row], Op: d.Ops[row], Time: d.Time, Values: valuesOf(d.Record, row)})
	return nil, f.Err
}

func (c *Caller) take(e Effect) {
	if n, known := c.last[e.GUID]; known && maps.Equal(c.effects[n].Values, e.Values) {
		c.repeats++
		return
	}
	c.last[e.GUID] = len(c.effects)
	c.effects = append(c.effects, e)
}

// Effects is everything that took effect, in order.
func (c *Caller) Effects() []Effect {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.effects)
}

// Calls is how many calls came, and how many of them told what was known.
func (c *Caller) Calls() (calls, repeats int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls, c.repeats
}

// Close does nothing.
func (c *Caller) Close() error { return nil }

// Overloaded is an answer that asks to come back after a pause; nothing is taken.
func Overloaded(pause time.Duration) Fault {
	err := fault.New(fault.Transient, "call", "memory", text.T("接收方要求稍后再来", "the receiver asks to come back later"), text.Text{})
	err.After = pause
	return Fault{Err: err}
}
