package ledger

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/google/uuid"
)

// Adoption (接管) is a record that takes over the row_guid, and an acceptance the case
// number, that an earlier exchange program gave it at a receiver.
type Adoption struct {
	Stream    Stream
	Key       []byte
	Rec       int64
	GUID      [16]byte // theirs
	Spelled   string   // as they write it; empty = as we do
	CaseNo    string   // theirs; empty = the case keeps its own
	Table     string   // it was found in
	WasGUID   [16]byte // filled in by Adopt, as the rest
	WasCaseNo string
	At        time.Time
	Known     bool         // it had been taken over before
	Refused   AdoptRefusal // why it was not taken over; empty = it was
}

// AdoptedGUID is a row_guid that was taken over.
type AdoptedGUID struct {
	GUID    [16]byte
	Spelled string // as the earlier program wrote it; empty = as we do
}

// Text is the row_guid as the receiver has it.
func (g AdoptedGUID) Text() string {
	if g.Spelled != "" {
		return g.Spelled
	}
	return uuid.UUID(g.GUID).String()
}

// AdoptRefusal is why a record does not take an identity over.
type AdoptRefusal string

const (
	AdoptSent   AdoptRefusal = "sent"    // the receiver was given it under our row_guid
	AdoptOther  AdoptRefusal = "adopted" // it has taken over another row_guid
	AdoptNumber AdoptRefusal = "number"  // another receiver has seen it under another case number
	AdoptTaken  AdoptRefusal = "taken"   // another record has that row_guid
	AdoptGone   AdoptRefusal = "changed" // the record is no longer there
)

// Adopting is identities to take over at one receiver.
type Adopting struct {
	Receiver string
	Dry      bool // judge only
	List     []Adoption
}

// Adoptions keeps identities that were taken over. A record that was adopted counts as one
// the receiver has: the first that goes of it is U, and its children need not wait.
type Adoptions interface {
	// Adopt takes identities over in one transaction and fills in List. What was taken over
	// before as it is now stays so: it may be called again.
	Adopt(ctx context.Context, a *Adopting) error
	// AdoptedGUIDs is the row_guid of those of some records that were adopted.
	AdoptedGUIDs(ctx context.Context, recs []int64) (map[int64]AdoptedGUID, error)
	// Adoptions lists what one receiver's tables gave to some records.
	Adoptions(ctx context.Context, receiver string, recs []int64) ([]Adoption, error)
}

// anyAdopted says whether the case of any of the records may have taken over a number.
func anyAdopted(ctx context.Context, store Adoptions, in arrow.Record) (bool, error) {
	rec, _ := column(in, colRec).(*array.Int64)
	guids, err := store.AdoptedGUIDs(ctx, rec.Int64Values())
	return len(guids) > 0, err
}
