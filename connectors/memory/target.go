package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// RuleRefused is the rule of a row that a Target refuses.
const RuleRefused = "receiver_refused"

// Effect is one row that took effect at a Target. Effects are never changed or taken
// back: a row that is delivered twice is there twice.
type Effect struct {
	Delivery string // Delivery.ID
	Table    string
	GUID     [16]byte
	Op       pipelines.Op
	Time     time.Time
	Values   map[string]string // by column; a NULL has no entry
}

// Fault is what comes of the next deliveries. Times is how many of them it is for; 0
// is one.
type Fault struct {
	Err     error           // Deliver returns it; nil: nothing goes wrong
	Applied bool            // with Err: all rows take effect nevertheless
	Refuse  []int32         // rows that are refused
	Until   <-chan struct{} // Deliver waits until it is closed, or ctx ends (Transient)
	Times   int
}

// UnknownAfter is a commit whose reply is lost.
func UnknownAfter() Fault {
	return Fault{Applied: true, Err: trouble(fault.Unknown, text.T("提交后连接中断", "the connection broke after the commit"))}
}

// UnknownBefore is a commit that is lost itself.
func UnknownBefore() Fault {
	return Fault{Err: trouble(fault.Unknown, text.T("提交时连接中断", "the connection broke at the commit"))}
}

// Transient fails n deliveries, which may be tried again.
func Transient(n int) Fault {
	return Fault{Times: n, Err: trouble(fault.Transient, text.T("接收方暂时不可用", "the receiver is not available now"))}
}

// Blocked is a receiver that refuses the connection.
func Blocked() Fault {
	return Fault{Err: trouble(fault.Blocked, text.T("接收方拒绝登录", "the receiver refuses the login"))}
}

// Refuse refuses single rows of one delivery.
func Refuse(rows ...int32) Fault { return Fault{Refuse: rows} }

func trouble(kind fault.Kind, what text.Text) error {
	return fault.New(kind, "deliver", "memory", what, text.Text{})
}

// Target is a receiver that remembers. It is a pipelines.Target and a
// pipelines.RowLister.
type Target struct {
	// RefuseRow says for every row of every delivery whether it is refused; nil: none.
	// It is set before the first delivery.
	RefuseRow func(d *pipelines.Delivery, row int) bool

	mu      sync.Mutex
	effects []Effect
	script  []Fault
	ask     []Fault
	cleaned int // effects, from the first on, that it can no longer be asked for
	calls   int
	closed  bool
}

var (
	_ pipelines.Target    = (*Target)(nil)
	_ pipelines.RowLister = (*Target)(nil)
)

// NewTarget makes a receiver; faults come in order, one delivery after another, and
// then nothing goes wrong any more.
func NewTarget(faults ...Fault) *Target { return &Target{script: slices.Clone(faults)} }

// Next adds faults for deliveries to come.
func (t *Target) Next(faults ...Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.script = append(t.script, faults...)
}

// NextAsk adds faults for questions to come: Arrived and ArrivedRows return Err.
func (t *Target) NextAsk(faults ...Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ask = append(t.ask, faults...)
}

// NoFaults drops the faults that are still to come.
func (t *Target) NoFaults() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.script, t.ask = nil, nil
}

// Deliver stores every row that is not refused, or none.
func (t *Target) Deliver(ctx context.Context, d *pipelines.Delivery) (pipelines.Receipt, error) {
	f, err := t.take(&t.script)
	if err != nil {
		return pipelines.Receipt{}, err
	}
	if f.Until != nil {
		select {
		case <-f.Until:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return pipelines.Receipt{}, fault.Wrap(err, fault.Transient, "deliver", "memory", text.T("上报被中止", "the delivery was stopped"), text.Text{})
	}
	if d.Fence != nil {
		if err := d.Fence(); err != nil {
			return pipelines.Receipt{}, err
		}
	}
	receipt := t.judge(d, &f)
	if f.Err == nil || f.Applied {
		t.apply(d, receipt)
	}
	return receipt, f.Err
}

// take is the fault that is due in a script.
func (t *Target) take(script *[]Fault) (Fault, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return Fault{}, errClosed
	}
	t.calls++
	if len(*script) == 0 {
		return Fault{}, nil
	}
	f := (*script)[0]
	if (*script)[0].Times--; (*script)[0].Times <= 0 {
		*script = (*script)[1:]
	}
	return f, nil
}

// judge names the rows that are refused.
func (t *Target) judge(d *pipelines.Delivery, f *Fault) pipelines.Receipt {
	var r pipelines.Receipt
	for row := range d.GUIDs {
		if slices.Contains(f.Refuse, int32(row)) || t.RefuseRow != nil && t.RefuseRow(d, row) {
			r.Refused = append(r.Refused, pipelines.Issue{Row: int32(row), Rule: RuleRefused, Severity: pipelines.Reject})
		}
	}
	return r
}

func (t *Target) apply(d *pipelines.Delivery, r pipelines.Receipt) {
	refused := make([]bool, len(d.GUIDs))
	for _, is := range r.Refused {
		refused[is.Row] = true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for row := range d.GUIDs {
		if !refused[row] {
			t.effects = append(t.effects, Effect{Delivery: d.ID, Table: d.Table, GUID: d.GUIDs[row], Op: d.Ops[row], Time: d.Time, Values: valuesOf(d.Record, row)})
		}
	}
}

func valuesOf(rec arrow.Record, row int) map[string]string {
	values := make(map[string]string, rec.NumCols())
	for i, c := range rec.Columns() {
		if !c.IsNull(row) {
			values[rec.ColumnName(i)] = c.ValueStr(row)
		}
	}
	return values
}

// Arrived counts the effects of a delivery.
func (t *Target) Arrived(ctx context.Context, id, table string) (int, error) {
	guids, err := t.ArrivedRows(ctx, id, table)
	return len(guids), err
}

// ArrivedRows are the row_guids of the effects of a delivery.
func (t *Target) ArrivedRows(ctx context.Context, id, table string) ([][16]byte, error) {
	f, err := t.take(&t.ask)
	if err == nil {
		err = f.Err
	}
	if err == nil && ctx.Err() != nil {
		err = fault.Wrap(ctx.Err(), fault.Transient, "ask for delivery", "memory", text.T("询问被中止", "the question was stopped"), text.Text{})
	}
	if err != nil {
		return nil, err
	}
	var guids [][16]byte
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := t.cleaned; i < len(t.effects); i++ {
		if e := &t.effects[i]; e.Delivery == id && e.Table == table {
			guids = append(guids, e.GUID)
		}
	}
	return guids, nil
}

// CleanUp forgets what is there but for the last rows: they took effect, and questions no
// longer find them.
func (t *Target) CleanUp(last int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleaned = len(t.effects) - last
}

// Effects is everything that took effect, in order.
func (t *Target) Effects() []Effect {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.effects)
}

// Calls counts deliveries and questions.
func (t *Target) Calls() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls
}

// Close refuses everything from here on; what took effect can still be read.
func (t *Target) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	return nil
}
