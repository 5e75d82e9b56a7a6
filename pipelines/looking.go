package pipelines

import "context"

// Found is what a receiver says when it is asked for one record.
type Found uint8

const (
	FoundUnclear Found = iota // its answer does not tell
	FoundNone
	FoundSome // it has the record; whether as it was sent nobody can tell
	FoundSame
	FoundOther // it has the record otherwise than it was sent
)

// Looker is implemented by callers that can be asked for single records, for reconciling.
type Looker interface {
	// Looks says whether records of a table can be asked for.
	Looks(table string) bool
	// Look asks for one row of d, of which Table and Record count; it keeps to the pace of
	// calls and may be used concurrently. Asking has no effect. Errors are those of Call but
	// for Unknown.
	Look(ctx context.Context, d *Delivery, row int) (Found, error)
}
