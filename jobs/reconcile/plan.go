package reconcile

import (
	"context"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// Plan is one receiver to be laid beside the ledger.
type Plan struct {
	Receiver string
	Subjects []Subject
	Holder   pipelines.Holder           // nil: the receiver cannot be read back, the ledger is told alone
	From     func(pipeline string) bool // whether what a pipeline collects is for the receiver; nil = all is
	Source   string                     // only of this department system; empty = of all
	Since    time.Time                  // days counted, both included; zero = no bound
	Until    time.Time
	Zone     *time.Location // of days
	Keeps    time.Duration  // after which the receiver may have cleared away what it has processed; 0 = never
	Now      time.Time
	Named    int // differences told one by one; the others are counted
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
	ledger.Log
	ledger.Pasts
	ledger.Receivers
}

// Line counts the records of one day, department system, subject and receiver.
//
// Records = Delivered + Held + Rejected + NotApplicable + Pending + Diverged. Of what was
// delivered, in this version or an older one, Missing is not at the receiver, Altered is
// there otherwise than it was delivered, and Cleared was processed there and cleared away.
type Line struct {
	Day           string `json:"day"` // 2006-01-02; empty: the records bear no day
	Source        string `json:"source"`
	Subject       string `json:"subject"`
	Receiver      string `json:"receiver"`
	Records       int64  `json:"records"`
	Delivered     int64  `json:"delivered"`
	Acknowledged  int64  `json:"acknowledged"` // the receiver has processed the row
	Held          int64  `json:"held"`
	Rejected      int64  `json:"rejected"` // by the mapping to the receiver, or by it
	NotApplicable int64  `json:"not_applicable"`
	Pending       int64  `json:"pending"`
	Diverged      int64  `json:"diverged"`
	Missing       int64  `json:"missing"`
	Altered       int64  `json:"altered"`
	Cleared       int64  `json:"cleared"`
	Extra         int64  `json:"extra"` // rows that were never delivered, on a line without day and source
}

// Kind of a difference.
const (
	Missing = "missing"
	Altered = "altered"
	Extra   = "extra"
)

// Difference is one record that is not at the receiver as the ledger says.
type Difference struct {
	Kind     string    `json:"kind"`
	Receiver string    `json:"receiver"`
	Subject  string    `json:"subject"`
	Table    string    `json:"table"`
	Source   string    `json:"source,omitempty"`
	Key      []string  `json:"key,omitempty"` // the natural key after source_id
	GUID     string    `json:"row_guid"`
	Version  uint32    `json:"version,omitempty"` // delivered
	Batch    string    `json:"batch,omitempty"`   // it went in
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
}

// Differs says whether any row is missing, altered or too much.
func (r *Report) Differs() bool { return len(r.Differences) > 0 || r.More > 0 }

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
