package pipelines

import (
	"github.com/apache/arrow/go/v17/arrow"
)

// Position is where a source stands, in the source's own words; the engine stores
// it and hands it back but never reads it. The empty position is the beginning.
type Position string

// Hash is the first 128 bits of a SHA-256.
type Hash [16]byte

// Batch is rows as they were read. Whoever holds it releases Record.
type Batch struct {
	Record   arrow.Record
	Position Position // of the source after these rows
	Bytes    int64    // as read from the outside, for limits and the summary
}

// Severity says what becomes of a row an Issue was found in.
type Severity uint8

const (
	Reject        Severity = iota // 问题数据: the source row is refused whole
	Blank                         // 置空: an optional value was emptied and counted
	Warn                          // noted and counted
	Hold                          // 挂起: waits for something, tried again later
	NotApplicable                 // 不适用: this receiver does not take the record
)

var severityNames = [...]string{"reject", "blank", "warn", "hold", "not_applicable"}

func (s Severity) String() string { return severityNames[s] }

// Issue is one finding about one row of a Stage's input. Args are widths, codes and
// expected characters, never a personal value (invariant 8).
type Issue struct {
	Row      int32
	Field    string
	Rule     string
	Args     []string
	Severity Severity
}

// Output is the records of one subject that a Stage made of its input. Rows[i] is
// the input row that output row i came from; it never decreases.
type Output struct {
	Subject string
	Record  arrow.Record
	Rows    []int32
}

// Result is what a Stage made of one input record. Every input row is in exactly one
// of: an output (several are possible), rejected, held, not applicable, unchanged or
// filtered. A row with an Issue of severity Reject, Hold or NotApplicable has no
// output row at all: an exploded row is refused whole.
type Result struct {
	Outputs   []Output
	Issues    []Issue
	Filtered  int      // input rows a filter of the mapping left out
	Unchanged int      // input rows whose source hash the sink already knows
	Sources   []Hash   // source hash of every input row; nil when the stage has none
	Owed      []Owed   // files that outputs refer to and that could not be had yet
	Unsure    []Unsure // records that could not be verified; they stay in their outputs
	Memo      any      // what the stage wants its sink to have; the engine passes it on
	Spent     bool     // the sink needs no more of the input than how many rows it had
}

// Renumber says that the input was some rows of a batch: row numbers become the batch's.
func (r *Result) Renumber(rows []int32) {
	for i := range r.Outputs {
		for j, row := range r.Outputs[i].Rows {
			r.Outputs[i].Rows[j] = rows[row]
		}
	}
	for i := range r.Issues {
		r.Issues[i].Row = rows[r.Issues[i].Row]
	}
}

// Release gives back the output records.
func (r *Result) Release() {
	for i := range r.Outputs {
		r.Outputs[i].Record.Release()
	}
	r.Outputs = nil
}
