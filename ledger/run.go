package ledger

import (
	"context"
	"time"

	"banjian/pipelines"
)

// Lease excludes a second run of the same thing; Epoch fences: a write under an old
// epoch is refused.
type Lease struct {
	Name  string
	Owner string // host, process and start time, so that a dead owner can be told
	Epoch int64
}

// Leases are taken for a while, renewed, and given back.
type Leases interface {
	// Acquire takes the lease for ttl; fault.Blocked names the owner when it is taken.
	Acquire(ctx context.Context, name string, ttl time.Duration) (Lease, error)
	// Renew extends it; fault.Blocked when somebody else has it now.
	Renew(ctx context.Context, l Lease, ttl time.Duration) error
	Release(ctx context.Context, l Lease) error
	// Owned asks whether it is still ours: fault.Blocked when somebody else has it now.
	Owned(ctx context.Context, l Lease) error
}

// Holdings tells who works.
type Holdings interface {
	// Holds is the names of the leases that somebody alive holds.
	Holds(ctx context.Context) ([]string, error)
}

// Run (运行) is one collect of one pipeline.
type Run struct {
	Num      int64  // 1 and up, in order of start
	ID       string // 20260102T150405-000012, UTC
	Pipeline string
	Mode     string
	Mapping  string
	Started  time.Time
	Ended    time.Time // zero while running
	State    string    // running, done, partial, failed
	Counts   pipelines.Counts
	Error    string // text.Packed: both languages; empty = it ended well
	Whole    bool   // every row of the view was read; not stored
	Compared bool   // the whole view was compared with the ledger, read or hashed, though its deletes may wait for a person
}

// Runs keeps the history.
type Runs interface {
	StartRun(ctx context.Context, pipeline, mode, mapping string) (Run, error)
	EndRun(ctx context.Context, r Run) error
	PastRuns
}

// PastRuns reads it.
type PastRuns interface {
	// RunsSince is the runs behind the last one that was started before that time, newest
	// first. No older run is looked at, though a clock that was ahead made it look younger.
	RunsSince(ctx context.Context, since time.Time) ([]Run, error)
	// LastRuns is the newest run of each pipeline.
	LastRuns(ctx context.Context) ([]Run, error)
	// LastRun is the newest run of a pipeline, LastCompared the newest that is Compared; Num
	// 0: there is none.
	LastRun(ctx context.Context, pipeline string) (Run, error)
	LastCompared(ctx context.Context, pipeline string) (Run, error)
}

// RejectQuery selects rejects; empty fields select all.
type RejectQuery struct {
	ID       int64
	Pipeline string
	Rule     string
	State    string
	Key      []byte

	Pipelines []string // any of these; nil = all
	Receiver  string
	Run       int64  // first seen in
	KeyPrefix []byte // keys that begin with it: those of one case
	Limit     int
}

// Reports are read by people, and hold what they decide.
type Reports interface {
	ReceiverStates
	Overviews
	Histories
	Decisions
	Kepts
	Findings
	CaseNumbers
	StreamMembers
	AllStreams(ctx context.Context) ([]Stream, error)
	// Prune drops what nobody needs any more; see DESIGN.md.
	Prune(ctx context.Context, keepSourceSince time.Time) (int64, error)
}

// Findings are the rejects, and the source rows they are about.
type Findings interface {
	Rejects(ctx context.Context, q RejectQuery) ([]Reject, error)
	Kept(ctx context.Context, seq int64) ([]byte, error)
}

// CaseNumbers finds cases by what people and platforms call them.
type CaseNumbers interface {
	// FindCases finds cases by any of their numbers.
	FindCases(ctx context.Context, number string) ([]Case, error)
	// CasesOfFlow finds cases by flow number alone. IndexFlows makes an index for it, once: a
	// site whose gateway nobody calls does not pay for one with each accept record.
	CasesOfFlow(ctx context.Context, flowNo string) ([]Case, error)
	// ResultsOfFlow finds results that bring the flow number of their own, by the same index.
	ResultsOfFlow(ctx context.Context, flowNo string) ([]Entry, error)
	IndexFlows(ctx context.Context) error
}

// Schedules remembers when each job was last due, so that a missed time is noticed
// after a stop.
type Schedules interface {
	Due(ctx context.Context, job string) (time.Time, error) // zero: never
	SetDue(ctx context.Context, job string, at time.Time) error
}
