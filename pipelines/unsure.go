package pipelines

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// Unsure (待核验) is a record of an output that a service outside could not verify, or found
// not to be so, and that is collected all the same: receivers are not given it before it is.
type Unsure struct {
	Output  int   // which of the outputs
	Row     int32 // of its record
	Field   string
	Service string
	Rule    string
	Args    []string
}

// Rechecker asks again about records that were collected unsure.
type Rechecker interface {
	// Recheck verifies, of each row of rec, which has canonical columns of the subject, the
	// field named. One finding a row; no Rule: it is right, or nobody asks any more. Unknown
	// says that the service gave no answer; Severity is what the mapping makes of it.
	Recheck(ctx context.Context, subject string, rec arrow.Record, fields []string) ([]Rechecked, error)
}

// Rechecked is what came of asking again about one row.
type Rechecked struct {
	Issue
	Unknown bool
}
