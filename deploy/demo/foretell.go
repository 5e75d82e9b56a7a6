package demo

import (
	"bufio"
	"encoding/json"
	"io"
)

// verdict is what becomes of a row in one place; the zero verdict is the simple course
// of things: collected, or delivered.
type verdict struct{ dirt, outcome, rule, field string }

// record is one source row with what becomes of it.
type record struct {
	table    int
	key      []string
	dirty    bool
	here     verdict            // at collecting
	at       map[string]verdict // at receivers
	national func() map[string]any
	message  func() Message // nil where the platform takes no such records
}

// foretold is the ledger of expectations, written while the rows are.
type foretold struct {
	lines, national, platform *json.Encoder
	flush                     []*bufio.Writer
	sum                       *Summary
}

func newForetold(o Options, w Writers) *foretold {
	f := &foretold{sum: &Summary{Summary: true, Cases: o.Cases, Seed: o.Seed, Pipelines: map[string]*Tally{},
		Receivers: map[string]map[string]*ReceiverSide{National: {}, Platform: {}}, Tables: map[string]int{}, Messages: map[string]int{}}}
	for i := range tables {
		t := &tables[i]
		f.sum.Pipelines[t.pipeline] = &Tally{}
		f.sum.Receivers[National][t.pipeline] = &ReceiverSide{}
		f.sum.Tables[t.national] = 0
		if t.platform != "" {
			f.sum.Receivers[Platform][t.pipeline] = &ReceiverSide{}
			f.sum.Messages[t.platform] = 0
		}
	}
	f.lines, f.national, f.platform = f.encoder(w.Expected), f.encoder(w.National), f.encoder(w.Platform)
	return f
}

func (f *foretold) encoder(w io.Writer) *json.Encoder {
	if w == nil {
		return nil
	}
	b := bufio.NewWriter(w)
	f.flush = append(f.flush, b)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e
}

// row foretells one source row: its lines, its row and its message, and the sums.
func (f *foretold) row(x *record) error {
	t := &tables[x.table]
	if x.dirty {
		f.sum.Dirty++
	}
	if err := f.tell(x, "", x.here); err != nil || !f.sum.Pipelines[t.pipeline].add(x.here.outcome) {
		return err
	}
	for _, receiver := range receivers {
		side := f.sum.Receivers[receiver][t.pipeline]
		if side == nil {
			continue
		}
		if err := f.tell(x, receiver, x.at[receiver]); err != nil {
			return err
		}
		if !side.add(x.at[receiver].outcome) {
			continue
		}
		if err := f.arrives(x, receiver); err != nil {
			return err
		}
	}
	return nil
}

// tell writes a line, unless there is nothing to tell.
func (f *foretold) tell(x *record, receiver string, v verdict) error {
	if f.lines == nil || v.outcome == "" {
		return nil
	}
	t := &tables[x.table]
	return f.lines.Encode(Line{Pipeline: t.pipeline, View: t.view, Key: x.key, Dirt: v.dirt, Outcome: v.outcome, Rule: v.rule, Field: v.field, Receiver: receiver})
}

// arrives writes what a receiver has of a delivered record.
func (f *foretold) arrives(x *record, receiver string) error {
	t := &tables[x.table]
	if receiver == Platform {
		f.sum.Messages[t.platform]++
		if f.platform == nil {
			return nil
		}
		return f.platform.Encode(x.message())
	}
	f.sum.Tables[t.national]++
	if f.national == nil {
		return nil
	}
	return f.national.Encode(NationalRow{Table: t.national, Key: x.key, Row: x.national()})
}

// add counts a row and says whether it is collected.
func (t *Tally) add(outcome string) bool {
	t.Read++
	switch outcome {
	case Filtered:
		t.Filtered++
		return false
	case Rejected:
		t.Rejected++
		return false
	case Blanked:
		t.Blanked++
	case Warned:
		t.Warned++
	case Mended:
		t.Mended++
	}
	t.Collected++
	t.Records++
	return true
}

// add counts a record and says whether it is delivered.
func (s *ReceiverSide) add(outcome string) bool {
	switch outcome {
	case Held:
		s.Held++
	case Rejected:
		s.Rejected++
	case NotApplicable:
		s.NotApplicable++
	default:
		s.Delivered++
		return true
	}
	return false
}

// close writes the summary and whatever is buffered.
func (f *foretold) close() error {
	if f.lines != nil {
		if err := f.lines.Encode(f.sum); err != nil {
			return err
		}
	}
	for _, b := range f.flush {
		if err := b.Flush(); err != nil {
			return err
		}
	}
	return nil
}
