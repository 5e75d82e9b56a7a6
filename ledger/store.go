package ledger

import (
	"context"
	"errors"
	"time"

	"banjian/pipelines"
)

// ErrConflict is returned by Commit when an index entry is no longer what the change
// was computed from; nothing was written. Look up again and recompute.
var ErrConflict = errors.New("ledger: record changed meanwhile")

// Stream is the records of one subject from one source system.
type Stream struct {
	Source  string // source_id
	Subject string // case/accept
}

// Place is where the payload of a record version lies in the log.
type Place struct {
	Seq int64 // log batch; sequence numbers grow in commit order
	Row int32
}

// Entry is what the index knows of one record: its newest version.
type Entry struct {
	Key     []byte         // natural key after source_id, see EncodeKey
	Rec     int64          // number of the record, 1 and up; 0 = not known
	Version uint32         // 1 and up
	Record  pipelines.Hash // of the canonical record
	Source  pipelines.Hash // of the mapped source columns and the mapping version
	GUID    [16]byte       // row_guid, stored at first sight
	At      Place
	Run     int64 // the run that wrote the newest version
	Deleted bool
	Leaf    uint32 // the part of the view its row lies in (pipelines.Leaves), and 1; 0 = not known
}

// Known says whether the record is in the index and was not deleted.
func (e *Entry) Known() bool { return e.Rec != 0 && !e.Deleted }

// Index finds records by key. The result has one entry per key, in the order asked;
// Rec is 0 where the key is not known.
type Index interface {
	Lookup(ctx context.Context, s Stream, keys [][]byte) ([]Entry, error)
	// ReserveRecords hands out n consecutive record numbers and returns the first.
	ReserveRecords(ctx context.Context, n int) (int64, error)
}

// LogBatch is records of one stream that changed together.
type LogBatch struct {
	Stream  Stream
	Payload []byte   // Arrow IPC stream, see Encode
	Entries []Entry  // one per payload row: the index after the change (At.Seq is filled in by Commit)
	Before  []Place  // where the previous version of each row lies; Seq 0 = none
	Cases   []Case   // accept records only: what the case becomes
	Flows   []string // results only: the flow number each brings of its own, one per entry; nil = none does
}

// Case (办件) is what the children of a case need to know of it.
type Case struct {
	Source     string
	LocalNo    string
	CaseNo     string // frozen at the first delivery to any receiver
	FlowNo     string
	ItemCode   string
	Rec        int64 // its accept record
	Round      int64
	AcceptedAt int64 // Unix seconds, 0 = unknown
	Again      bool  // the case may be known already: a later version or round
	Deleted    bool  // so are its other rounds
}

// Reject (问题数据) is one finding that refused a source row. It is unique by
// pipeline, receiver, key, rule and source hash.
type Reject struct {
	ID       int64
	Pipeline string
	Receiver string // empty: refused at collection
	Subject  string
	Key      []byte // see EncodeKey; for a row whose key could not be computed RowKey of its source hash
	Field    string
	Also     []string // further fields of the row that the rule refused; Args are the first one's
	Rule     string
	Args     []string
	Source   pipelines.Hash
	KeptRow  int32 // row in the kept source batch of the same change; -1 = not in it
	Kept     int64 // that batch; 0 = not kept
	Run      int64 // first seen in
	At       time.Time
	State    string // open, closed
	ClosedAt time.Time
}

// Change is what one collected batch does to the ledger, all or nothing.
type Change struct {
	Lease    Lease
	Run      int64
	Pipeline string
	Slot     string // under which the position is kept; empty = Pipeline
	Changes  bool   // a later row of a key settles what an earlier one left, in the same run too
	Mapping  string // version of the mapping
	Position pipelines.Position
	Batches  []LogBatch
	Touched  []TouchedEntries // same record, new source hash
	Rejects  []Reject
	Fields   bool      // it is about single fields, of a file or a verification: what else a row was refused for stays
	Passed   [][]byte  // keys with open rejects that passed now; closes those not seen in this run
	Mended   []Finding // of these alone, where a row that is right in that passed; one of a verification stays while anything of the row is in doubt
	Owed     []Owed    // files that records of it refer to and that are not there yet; replaces what was known of the record in the same version or an older one
	Paid     []Paid    // versions of records, or older ones, that wait for no file any more
	Doubts   []Doubt   // records of it that could not be verified; replaces what was known of record and field in the same version or an older one
	Sure     []Settled // doubts about these versions, or older ones, that are settled
	Kept     []byte    // source columns of the batch (贴源), Arrow IPC; empty = none
	KeptRows int
	Counts   pipelines.Counts
}

// Finding names a reject of a collection, as Reject does.
type Finding struct {
	Key    []byte
	Rule   string
	Source pipelines.Hash
}

// TouchedEntries are index entries of one stream whose source hash alone changed, or of
// which the part of the view was not known; both are replaced.
type TouchedEntries struct {
	Stream  Stream
	Entries []Entry
}

// Collects is the collecting half of a store.
type Collects interface {
	// Commit writes the change in one transaction and returns how many of its rejects
	// were not known before. ErrConflict: nothing written. fault.Blocked: the lease
	// is no longer ours.
	Commit(ctx context.Context, c *Change) (newRejects int64, err error)
	// Position is the last one committed for the pipeline; empty = none.
	Position(ctx context.Context, pipeline string) (pipelines.Position, error)
	// Slots lists the positions of a pipeline's parts, by part.
	Slots(ctx context.Context, pipeline string) ([]Slot, error)
	// OpenRejects lists key, rule and source hash of the pipeline's open rejects, those
	// of receivers left out.
	OpenRejects(ctx context.Context, pipeline string) ([]Reject, error)
}

// Slot is where one part of a pipeline's source was read to.
type Slot struct {
	Part     int
	Position pipelines.Position
	Run      int64
	At       time.Time // of the commit
}

// LogEntry is one log batch as read back.
type LogEntry struct {
	Seq      int64
	Stream   Stream
	Pipeline string
	Run      int64
	Payload  []byte
	Dead     []int32 // rows that a newer version replaced, ascending
}

// Log reads the log.
type Log interface {
	// Next is the first batch of the stream after seq, nil when there is none.
	Next(ctx context.Context, s Stream, seq int64) (*LogEntry, error)
	// At is the batch of that number, nil if it is gone.
	At(ctx context.Context, seq int64) (*LogEntry, error)
	// Streams lists the streams of a subject, oldest first.
	Streams(ctx context.Context, subject string) ([]Stream, error)
	// Wrote lists the pipelines that batches after seq are of, by whatever process, and the
	// number of the last batch there is; before any, -1, that number alone. It is cheap
	// enough to be asked every second.
	Wrote(ctx context.Context, seq int64) (pipelines []string, last int64, err error)
}

// Cases finds cases by the local number of one source; unknown ones have Rec 0.
type Cases interface {
	Cases(ctx context.Context, source string, localNos []string) ([]Case, error)
	// CaseMembers lists the records of cases in one stream, by key: those whose key begins
	// with one of the numbers. Deleted records are left out, and of an Entry all but Key, Rec,
	// Version and At.
	CaseMembers(ctx context.Context, s Stream, numbers []string) ([]Entry, error)
	// LaterRounds leaves of the local numbers of a source those of cases that may have more
	// accept records than that of round 1.
	LaterRounds(ctx context.Context, source string, localNos []string) ([]string, error)
}

// Sent is what a receiver has of a record.
type Sent struct {
	Frozen    uint32 // highest version that was ever part of a frozen batch, 0 = none
	Delivered uint32 // highest version with a receipt
	Taken     bool   // what it has was taken over from an earlier program: nothing of ours was frozen
}

// State of a record at a receiver that is not simply delivered.
type State string

const (
	Held          State = "held"           // 挂起
	Rejected      State = "rejected"       // refused by the receiver's mapping, or by the receiver
	NotApplicable State = "not_applicable" // 不适用
	Diverged      State = "diverged"       // 不一致: the receiver holds an older version and this one may not go
)

// Exception is one record that is in such a state at a receiver.
type Exception struct {
	Receiver string
	Rec      int64
	Version  uint32
	State    State
	Rule     string
	Field    string
	Args     []string
	Stream   Stream
	Key      []byte
	At       Place
	Run      int64
	Pipeline string
	Since    time.Time
}

// Member is one record of a frozen batch.
type Member struct {
	Rec     int64
	Version uint32
	At      Place
	Op      pipelines.Op
	Delete  bool
}

// Frozen (冻结批次) is a delivery batch whose members no longer change.
type Frozen struct {
	ID       string
	Receiver string
	Stream   Stream
	Table    string
	At       time.Time
	Members  []Member
	Tried    time.Time // when the last attempt began that may have arrived; zero = none may have
	Partly   bool      // other members of it have their outcome already
	Answered bool      // the receiver sent rows of it back, so it arrived
	Digests  []uint64  // of the members' rows at the receiver, see pipelines.Holder; nil = not known
}

// Freeze moves records of one stream from the log into a frozen batch and
// exceptions, and the receiver's offset with them, in one transaction (invariant 1).
type Freeze struct {
	Lease      Lease
	Batch      *Frozen // nil when every row became an exception; Op of its members is filled in
	Receiver   string
	Stream     Stream
	Offset     int64 // 0 = does not move (rows came from exceptions)
	Ahead      int64 // log batch of rows that went before the backlog; 0 = they did not
	Exceptions []Exception
	Rejects    []Reject
}

// Settlement stores what became of the members of a frozen batch, and closes it unless
// some are Left.
type Settlement struct {
	Lease   Lease
	Batch   *Frozen
	Refused []Exception // members the receiver refused; the others are delivered
	Rejects []Reject
	Watch   bool // the receiver says by batch what it has taken over, see Watches
	// Left are members whose outcome is still open: the batch stays open with them alone.
	Left []Member
	// Parents are the local numbers of cases whose accept record the receiver now has in
	// a new version: what it was not given of their other records is looked at again.
	Parents []string
	// Rounds are the local numbers of cases of which it now has a later round: that one speaks
	// for the case, so what was left out because of another is looked at again.
	Rounds []string
	// Told is what was acknowledged, message by message, of records that go by call.
	Told []Heard
}

// Deliveries is the delivering half of a store.
type Deliveries interface {
	Freeze(ctx context.Context, f *Freeze) (newRejects int64, err error)
	Settle(ctx context.Context, s *Settlement) (newRejects int64, err error)
	// Attempt notes when an attempt at an open batch begins, zero: that certainly nothing of it
	// was written, and forgets what had been noted of its outcome.
	Attempt(ctx context.Context, l Lease, batch string, at time.Time) error
	// Unsettled lists the receiver's frozen batches that are open, oldest first, with the
	// members that are.
	Unsettled(ctx context.Context, receiver string) ([]*Frozen, error)
}

// Receivers tells where receivers stand.
type Receivers interface {
	Offset(ctx context.Context, receiver string, s Stream) (int64, error)
	Sent(ctx context.Context, receiver string, recs []int64) ([]Sent, error)
	Exceptional
	// Redrive marks what a receiver, or the mapping to it, refused, so that the next
	// delivery tries it again; rule empty = whatever the reason, but for RuleGivenUp. It says
	// how many.
	Redrive(ctx context.Context, receiver, rule string) (int64, error)
	// RedriveOf does so for what these rejects are about, whatever the reason.
	RedriveOf(ctx context.Context, receiver string, list []Reject) (int64, error)
}

// Exceptional tells what is put aside at receivers.
type Exceptional interface {
	// Exceptions reads up to limit exceptions of one subject in a state, by rec, after rec.
	Exceptions(ctx context.Context, q ExceptionQuery) ([]Exception, error)
	// AsideOf is why records are put aside at a receiver, by record; the others are left out.
	AsideOf(ctx context.Context, receiver string, recs []int64) (map[int64]PutAside, error)
	// Asides are the sources that have records of a subject put aside for these reasons.
	Asides(ctx context.Context, receiver, subject string, of []Aside) (map[Aside][]string, error)
}

// ExceptionQuery selects exceptions; empty fields select all.
type ExceptionQuery struct {
	Receiver string
	Source   string // of the subject
	Subject  string
	State    State
	Rule     string
	Recs     []int64
	After    int64 // rec
	Limit    int
}

// Aside is a reason for which records of a stream are put aside at a receiver.
type Aside struct {
	State State
	Rule  string
}

// PutAside is why a record is put aside at a receiver in a version.
type PutAside struct {
	Aside
	Version uint32
	Args    []string
}

// Store is everything a store does.
type Store interface {
	Index
	Collects
	Log
	Cases
	Deliveries
	Pasts
	Receivers
	Leases
	Holdings
	Runs
	Reports
	Schedules
	StreamMembers
	SumStore
	ShapeStore
	Corrections
	DeleteLists
	Debts
	Doubts
	Returns
	Watches
	Aliases
	Adoptions
	PieceReceipts
	Outcomes
	Backlogs
	ToldReceipts
	Acknowledgements
	Close() error
}
