package reconcile

import (
	"context"
	"slices"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
	"banjian/ledger/collect"
	"banjian/pipelines"
)

// Plan is one receiver to be laid beside the ledger.
type Plan struct {
	Receiver string
	Subjects []Subject
	Holder   pipelines.Holder           // nil: the receiver cannot be read back, the ledger is told alone
	Listing  *Listing                   // the Holder, where it is a list that the receiver exported
	Asking   *Asking                    // instead of a Holder: the receiver is asked for each record
	From     func(pipeline string) bool // whether what a pipeline collects is for the receiver; nil = all is
	Source   string                     // only of this department system; empty = of all
	Sides    []*Side                    // what was found of the departments
	Days
	Keeps time.Duration // after which the receiver may have cleared away what it has processed; 0 = never
	Now   time.Time
	Named int // differences told one by one; the others are counted
}

// Subject is one kind of record of a Plan.
type Subject struct {
	Name  string // case/accept
	Table string // at the receiver
	Day   string // the field on whose day a record is counted; empty = on none
}

// Store is what reconciling reads of a ledger.
type Store interface {
	ledger.Adoptions
	collect.Store
	ledger.Log
	ledger.Pasts
	ledger.Receivers
	ledger.Findings
}

// Line counts the records of one day, department system, subject and receiver.
//
// Collected = Delivered + Held + Refused + NotApplicable + Pending + Diverged. Of what was
// delivered, in this version or an older one, Missing is not at the receiver, Altered is
// there otherwise than it was delivered, and Cleared was processed there and cleared away.
type Line struct {
	Day           string    `json:"day"` // 2006-01-02; empty: the records bear no day
	Source        string    `json:"source"`
	Subject       string    `json:"subject"`
	Receiver      string    `json:"receiver"`  // empty: the department and the ledger alone
	AtSource      *AtSource `json:"at_source"` // nil: the department was not asked
	Collected     int64     `json:"collected"` // records in the ledger, for the receiver
	Rejected      int64     `json:"rejected"`  // rows refused at collection that wait to be mended
	Delivered     int64     `json:"delivered"`
	Acknowledged  int64     `json:"acknowledged"` // the receiver has processed the row
	Held          int64     `json:"held"`
	Refused       int64     `json:"refused"` // by the mapping to the receiver, or by it
	NotApplicable int64     `json:"not_applicable"`
	Pending       int64     `json:"pending"`
	Diverged      int64     `json:"diverged"`
	Missing       int64     `json:"missing"`
	Altered       int64     `json:"altered"`
	Cleared       int64     `json:"cleared"`
	Extra         int64     `json:"extra"` // rows that were never delivered, on a line without day and source
}

// AtSource counts the rows of the department's view. A line for each receiver has the same.
//
// Rows = Known + LeftOut + Refused + Waiting + Uncollected + Outdated.
type AtSource struct {
	Rows        int64 `json:"rows"`
	Known       int64 `json:"known"`       // the ledger has what they say
	LeftOut     int64 `json:"left_out"`    // by a filter of the mapping, or deleted before they were ever seen
	Refused     int64 `json:"refused"`     // with a reject, open or waived
	Waiting     int64 `json:"waiting"`     // new or changed, and the next run reads them
	Uncollected int64 `json:"uncollected"` // missing in the ledger, and the next run does not read them
	Outdated    int64 `json:"outdated"`    // otherwise in the ledger, and the next run does not read them
	Gone        int64 `json:"gone"`        // in the ledger and no longer in the view
}

// Kind of a difference.
const (
	Missing = "missing"
	Altered = "altered"
	Extra   = "extra"

	Uncollected = "uncollected" // of AtSource, as the following
	Outdated    = "outdated"
	Gone        = "gone"
)

// Difference is one record that is not at the receiver as the ledger says, or not in the
// ledger as the department's view says.
type Difference struct {
	Kind     string    `json:"kind"`
	Agreed   bool      `json:"agreed,omitempty"` // it is no fault: the pipeline keeps what leaves the view
	Receiver string    `json:"receiver,omitempty"`
	Pipeline string    `json:"pipeline,omitempty"` // whose view was read
	Subject  string    `json:"subject"`
	Table    string    `json:"table,omitempty"`
	Source   string    `json:"source,omitempty"`
	Key      []string  `json:"key,omitempty"` // the natural key after source_id
	GUID     string    `json:"row_guid,omitempty"`
	Version  uint32    `json:"version,omitempty"` // delivered
	Batch    string    `json:"batch,omitempty"`   // it went in
	Where    string    `json:"where,omitempty"`   // its row in the receiver's list: 受理.xlsx:17
	Fields   []string  `json:"fields,omitempty"`  // of that row, that are otherwise
	At       time.Time `json:"at,omitzero"`
}

// Timely is how soon accepts of one department system were delivered.
type Timely struct {
	Source   string  `json:"source"`
	Receiver string  `json:"receiver"`
	Accepts  int64   `json:"accepts"`    // whose day is over, those not for the receiver left out
	Within   int64   `json:"within_24h"` // delivered within 24 hours of the acceptance
	Share    float64 `json:"share"`
}

// Report is the receivers beside the ledger.
type Report struct {
	Lines       []Line       `json:"lines"`
	Differences []Difference `json:"differences"`
	More        int64        `json:"more"` // differences beyond those named
	Timely      []Timely     `json:"timely"`
	Unasked     []Unasked    `json:"unasked"`

	Numbers []NumbersCount `json:"numbers,omitempty"`
}

// Unasked is a source or a receiver that was not read, and why.
type Unasked struct {
	Pipeline string    `json:"pipeline,omitempty"`
	Receiver string    `json:"receiver,omitempty"`
	Failed   bool      `json:"failed"` // it can be asked, but not now
	Why      text.Text `json:"-"`
	Said     string    `json:"why"` // Why, in the reader's language
}

// Empty is a report without anything in it.
func Empty() *Report {
	return &Report{Lines: []Line{}, Differences: []Difference{}, Timely: []Timely{}, Unasked: []Unasked{}}
}

// Differs says whether any row is missing, altered or too much on either side.
func (r *Report) Differs() bool {
	return r.More > 0 || slices.ContainsFunc(r.Differences, func(d Difference) bool { return !d.Agreed })
}

// name takes one difference up, or counts it if there are enough of them.
func (r *Report) name(d Difference, most int) {
	switch {
	case len(r.Differences) < most:
		r.Differences = append(r.Differences, d)
	case !d.Agreed:
		r.More++
	}
}

// Run lays one receiver beside the ledger and adds it to the report.
func Run(ctx context.Context, store Store, p *Plan, report *Report) error {
	for _, s := range p.Subjects {
		w := &sheet{plan: p, subject: s, report: report}
		if err := w.fill(ctx, store); err != nil {
			return err
		}
		if err := w.compare(ctx); err != nil {
			return err
		}
		if err := w.name(ctx, store); err != nil {
			return err
		}
		w.sum()
	}
	return nil
}
