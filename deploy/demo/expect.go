package demo

import (
	"bufio"
	"encoding/json"
	"io"
)

// Receiver is the receiver whose consequences are foretold.
const Receiver = "national"

// Line is one line of expected.jsonl: a row that is not simply collected and
// delivered, and what becomes of it. A row without a dirt is the consequence of
// another row of its case, or ordinary (a pending step, a refused application).
type Line struct {
	Pipeline string   `json:"pipeline"`
	View     string   `json:"view"`
	Key      []string `json:"key"` // canonical key values after source_id, integers in decimal
	Dirt     string   `json:"dirt,omitempty"`
	Outcome  string   `json:"outcome"`
	Rule     string   `json:"rule,omitempty"`
	Field    string   `json:"field,omitempty"`
	Receiver string   `json:"receiver,omitempty"` // set when it happens at delivery
}

// Summary is the last line of expected.jsonl: the sums of a first full run.
type Summary struct {
	Summary   bool                     `json:"summary"` // always true
	Cases     int                      `json:"cases"`
	Seed      uint64                   `json:"seed"`
	Dirty     int                      `json:"dirty"` // rows a dirt was put on, or whose parent it took away
	Pipelines map[string]*Tally        `json:"pipelines"`
	Receivers map[string]*ReceiverSide `json:"receivers"` // by pipeline, at Receiver
	Tables    map[string]int           `json:"tables"`    // rows of the exchange tables
}

// Tally is one pipeline's side of collecting, in source rows.
type Tally struct {
	Read      int `json:"read"`
	Filtered  int `json:"filtered"`
	Rejected  int `json:"rejected"`
	Collected int `json:"collected"`
	Records   int `json:"records"`
	Blanked   int `json:"blanked"`
	Warned    int `json:"warned"`
	Mended    int `json:"mended"`
}

// ReceiverSide is what becomes of a pipeline's records at the receiver.
type ReceiverSide struct {
	Delivered     int `json:"delivered"`
	Held          int `json:"held"`
	Rejected      int `json:"rejected"`
	NotApplicable int `json:"not_applicable"`
}

// NationalRow is one row an exchange table must hold, save the columns the sink
// writes itself. Times are UTC+8 texts, NULL columns are left out.
type NationalRow struct {
	Table string         `json:"table"`
	Key   []string       `json:"key"` // of the canonical record, after source_id
	Row   map[string]any `json:"row"` // string or int
}

// Writers receive what is expected, as JSON lines; nil means not wanted.
type Writers struct {
	Expected io.Writer // Line and, last, Summary
	National io.Writer // NationalRow
}

// ledger of expectations, written while the rows are.
type foretold struct {
	lines, national *json.Encoder
	flush           []*bufio.Writer
	sum             *Summary
}

func newForetold(o Options, w Writers) *foretold {
	f := &foretold{sum: &Summary{Summary: true, Cases: o.Cases, Seed: o.Seed,
		Pipelines: map[string]*Tally{}, Receivers: map[string]*ReceiverSide{}, Tables: map[string]int{}}}
	for i := range tables {
		f.sum.Pipelines[tables[i].pipeline] = &Tally{}
		f.sum.Receivers[tables[i].pipeline] = &ReceiverSide{}
		f.sum.Tables[tables[i].national] = 0
	}
	f.lines, f.national = f.encoder(w.Expected), f.encoder(w.National)
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

// row foretells one source row: its line, unless there is nothing to tell, and the
// sums. national is the row it becomes at the receiver.
func (f *foretold) row(table int, l Line, national func() map[string]any) error {
	t := &tables[table]
	l.Pipeline, l.View = t.pipeline, t.view
	if !f.count(t.pipeline, &l) {
		national = nil
	}
	if national != nil {
		f.sum.Tables[t.national]++
		if f.national != nil {
			if err := f.national.Encode(NationalRow{Table: t.national, Key: l.Key, Row: national()}); err != nil {
				return err
			}
		}
	}
	if l.Outcome == "" || f.lines == nil {
		return nil
	}
	return f.lines.Encode(l)
}

// count adds a row to the sums and says whether it is delivered.
func (f *foretold) count(pipeline string, l *Line) bool {
	here, there := f.sum.Pipelines[pipeline], f.sum.Receivers[pipeline]
	here.Read++
	if l.Dirt != "" {
		f.sum.Dirty++
	}
	switch {
	case l.Outcome == Filtered:
		here.Filtered++
		return false
	case l.Outcome == Rejected && l.Receiver == "":
		here.Rejected++
		return false
	}
	here.Collected++
	here.Records++
	switch l.Outcome {
	case Blanked:
		here.Blanked++
	case Warned:
		here.Warned++
	case Mended:
		here.Mended++
	case Held:
		there.Held++
		return false
	case Rejected:
		there.Rejected++
		return false
	case NotApplicable:
		there.NotApplicable++
		return false
	}
	there.Delivered++
	return true
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

// ReadExpected reads expected.jsonl back. Lines are held in memory: about one for
// every ten rows.
func ReadExpected(r io.Reader) ([]Line, *Summary, error) {
	var lines []Line
	d := json.NewDecoder(r)
	for {
		var either struct {
			Line
			Summary
		}
		switch err := d.Decode(&either); {
		case err == io.EOF:
			return lines, nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, nil, err
		case either.Summary.Summary:
			return lines, &either.Summary, nil
		}
		lines = append(lines, either.Line)
	}
}
