package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"banjian/pipelines"
)

// RuleReturned is the rule of a record that a receiver had taken and sent back. Its
// arguments are the receiver's kind of fault, its words, the batch and the table they
// were read from.
const RuleReturned = "receiver_returned"

// ReturnState is what a returned row means for the record it is about.
type ReturnState string

const (
	Returned     ReturnState = "returned" // 退回: the newest version the receiver was given is refused
	ReturnedLate ReturnState = "replaced" // 已更新: the receiver was given it anew since; nothing to do
	ReturnedElse ReturnState = "other"    // 别的批次: the record is known, its batch is none of ours
	ReturnedWild ReturnState = "unknown"  // 对不上: nothing that this ledger sent
)

// Return (异常回传) is one row that a receiver sent back, in its own words.
type Return struct {
	ID       int64
	Receiver string
	From     string    // the receiver's table it was read from, such as dn_audit_abnormal
	Row      string    // what names it there
	Table    string    // the table it had been sent to, as we call it; empty = the receiver's name is none we know
	Named    string    // the refused row as the receiver names it: its row_guid, or the key of a table without one
	Batch    string    // that it had been sent in
	Kind     string    // of fault
	Words    string    // what is wrong, fit to be kept and shown
	At       time.Time // by the receiver's clock
	Seen     time.Time // by ours, when it was first read
	State    ReturnState

	Stream  Stream // of the record, as the rest; Rec 0 = none was found
	Key     []byte
	Rec     int64
	Version uint32 // that was sent in the batch; 0 = not known
	Place   Place
	Run     int64
	Source  string // pipeline that collected that version
	Before  uint32 // highest older version the receiver has and did not send back; 0 = none
}

// reject is the finding a person sees. Each returned row is one of its own.
func (r *Return) reject() Reject {
	sum := sha256.Sum256([]byte(r.Batch + "\x00" + r.From + "\x00" + r.Row))
	var h pipelines.Hash
	copy(h[:], sum[:12])
	binary.BigEndian.PutUint32(h[12:], r.Version)
	return Reject{Pipeline: r.Source, Receiver: r.Receiver, Subject: r.Stream.Subject, Key: r.Key, Rule: RuleReturned,
		Args: []string{r.Kind, r.Words, r.Batch, r.From}, Source: h, Run: r.Run, KeptRow: -1}
}

// Refusal is the returned row as what keeps its record from the receiver, and as what a
// person sees.
func (r *Return) Refusal() (Exception, Reject) {
	rej := r.reject()
	return Exception{Receiver: r.Receiver, Rec: r.Rec, Version: r.Version, State: Rejected, Rule: RuleReturned, Args: rej.Args,
		Stream: r.Stream, Key: r.Key, At: r.Place, Run: r.Run, Pipeline: r.Source, Since: r.Seen}, rej
}

// Take is returned rows as they were read, with the position behind them.
type Take struct {
	Lease    Lease
	Name     string // under which the position is kept
	Position pipelines.Position
	Receiver string
	Rows     []Return // none that is known
}

// ReturnQuery selects returned rows; empty fields select all.
type ReturnQuery struct {
	Receiver string
	State    ReturnState
	Rec      int64
	Subject  string // with Key, instead of Rec
	Key      []byte
	Since    time.Time // seen then or later
	Limit    int
}

// ReturnTotals counts what one receiver sent back.
type ReturnTotals struct {
	All     int64 // rows ever read
	Open    int64 // findings that wait to be mended
	Other   int64 // of batches that are none of ours
	Unknown int64 // of records that are none of ours
	Newest  time.Time
}

// Batches finds delivery batches by number.
type Batches interface {
	// Batch is the receiver's batch of that number, nil if there is none.
	Batch(ctx context.Context, receiver, id string) (*Frozen, error)
}

// Returns keeps what receivers send back after they took it.
type Returns interface {
	Batches
	// FindGUIDs finds records of a stream by row_guid; it reads the whole stream.
	FindGUIDs(ctx context.Context, s Stream, guids [][16]byte) ([]Entry, error)
	// KnownReturns says which rows of a receiver's table were read before.
	KnownReturns(ctx context.Context, receiver, from string, rows []string) (map[string]bool, error)
	// TakeReturns stores rows and the position in one transaction. It decides the State of
	// each row with a record: what a receiver has and sent back it no longer has, and is
	// refused there. It says how many records were newly refused.
	TakeReturns(ctx context.Context, t *Take) (refused int64, err error)
	Returns(ctx context.Context, q ReturnQuery) ([]Return, error)
	ReturnTotals(ctx context.Context, receiver string) (ReturnTotals, error)
}
