package pipelines

import (
	"context"
	"errors"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// Op is what a delivered row does at the receiver: cd_operation of the national
// tables.
type Op byte

const (
	OpInsert Op = 'I' // the record was never part of any frozen batch for this receiver
	OpUpdate Op = 'U' // anything later
	OpDelete Op = 'D' // a delete a person approved
)

// Delivery is one frozen batch (冻结批次) on its way to a receiver's table: its
// members and their operations were stored before the first write and do not change
// when it is repeated.
type Delivery struct {
	ID     string // 32 lower-case hexadecimal characters, unique for ever; cd_batch
	Table  string // the receiver's table or interface
	Time   time.Time
	Record arrow.Record // mapped rows, columns named as the receiver names them
	GUIDs  [][16]byte   // row_guid of each row
	// Spelled is the row_guid of rows that an earlier program wrote otherwise, by row.
	Spelled map[int]string
	Ops     []Op
	// Versions of each row's record, from 1: with the row_guid they name an event for ever.
	Versions []uint32
	Source   string       // source_id of the records
	Pieces   PieceKeeper  // of files that go in pieces; nil = none do
	Told     ToldKeeper   // of messages that were acknowledged; nil = everything goes each time
	Fence    func() error // asked right before the commit: an error means that somebody else may deliver now, roll back; nil = no question
}

// Receipt (回执) is a receiver's answer about a delivery that arrived: rows it
// refuses, if it can refuse single rows. Issue.Row counts within the delivery.
type Receipt struct {
	Refused []Issue
}

// Target is a receiver's side of a delivery. Deliver and Arrived may be called
// concurrently for different deliveries.
type Target interface {
	// Deliver writes all rows or none; ctx may end it up to the commit. Errors: Transient
	// (nothing was written, try again), Unknown (ask Arrived), Blocked (stop this
	// receiver), Config (its tables are not as described).
	Deliver(ctx context.Context, d *Delivery) (Receipt, error)
	// Arrived counts the rows of a delivery that the receiver has, after waiting for a
	// transaction of ours that may still be under way there.
	Arrived(ctx context.Context, id, table string) (int, error)
	Close() error
}

// Asker is implemented by targets that take the same delivery twice with the effect of
// once, and are asked for its rows instead of its number: a receiver's table need not have
// a place for ours.
type Asker interface {
	// Has counts the rows of d that the receiver has, in d's version or a newer one; 0 also
	// where it cannot tell.
	Has(ctx context.Context, d *Delivery) (int, error)
}

// Caller (逐条推送) is a receiver that takes one record a call and cannot be asked what
// it has. Call may be used concurrently.
type Caller interface {
	// Call sends one row of d and waits for the answer. A non-nil Issue is the receiver's
	// refusal of this row's content, in its words; its Row is row. Errors: Transient
	// (nothing was taken, try again, no earlier than fault.AfterOf says), Unknown (perhaps
	// taken: send the same again), Blocked (key, signature or clock refused: stop this
	// receiver; nothing was taken), Config (the profile does not fit this receiver).
	Call(ctx context.Context, d *Delivery, row int) (*Issue, error)
	Close() error
}

// ErrNotTried is in the error of a call that was not begun, for reasons that say nothing of
// the receiver.
var ErrNotTried = errors.New("nothing was sent")

// NotTried marks err as one of a call that was not begun, see ErrNotTried.
func NotTried(err error) error { return &notTried{err} }

type notTried struct{ error }

func (e *notTried) Unwrap() []error { return []error{e.error, ErrNotTried} }

// Arrival is what a receiver says of a record whose outcome is not known.
type Arrival uint8

const (
	ArrivalUnclear Arrival = iota // it cannot be asked about such records, or its answer does not tell
	Arrived                       // it has the record as it was sent
	NotArrived                    // it does not: sending it again is sending it once
)

// Inquirer is implemented by callers that know what may be done about a call whose outcome
// is not known.
type Inquirer interface {
	// Inquire asks for one row of d. Without a way to ask it is ArrivalUnclear and no call
	// is made. Errors are those of Call but for Unknown: asking has no effect.
	Inquire(ctx context.Context, d *Delivery, row int) (Arrival, error)
	// Repeats says whether the receiver takes the same record twice as once.
	Repeats(table string) bool
}

// RefusalKeeper is implemented by targets that remember with a delivery which of its rows
// they refused, for a receipt that was lost.
type RefusalKeeper interface {
	// RefusedRows are the refusals of a delivery that arrived, by row_guid; Issue.Row says
	// nothing.
	RefusedRows(ctx context.Context, id, table string) (map[[16]byte]Issue, error)
}

// RowLister is implemented by targets that can say which rows of a delivery arrived.
type RowLister interface {
	ArrivedRows(ctx context.Context, id, table string) ([][16]byte, error)
}

// Uptake is what a receiver did with the rows of one delivery.
type Uptake struct {
	There   int64 // rows that are in its table
	Waiting int64 // of these, not taken over yet
}

// Watcher is implemented by targets that mark in their tables what they have taken over.
type Watcher interface {
	// Uptakes looks at deliveries to one table, by ID; those of which no row is there are
	// left out.
	Uptakes(ctx context.Context, table string, ids []string) (map[string]Uptake, error)
}
