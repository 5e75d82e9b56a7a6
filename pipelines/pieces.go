package pipelines

import "context"

// Joiner is implemented by callers that take several records of a delivery in one call, or
// whose calls about one case go one after the other.
type Joiner interface {
	// Join divides rows of d into chains of calls, the same ones whenever it is asked about
	// the same rows. A call of a chain is made when the one before it was answered; chains do
	// not wait for each other. nil: each row goes by itself, in any order.
	Join(d *Delivery, rows []int) [][]Together
	// CallTogether sends rows that Join put together in one call, as Call does with one.
	// There may be a refusal for each; with an error nothing is known of any.
	CallTogether(ctx context.Context, d *Delivery, rows Together) ([]Issue, error)
}

// Together is rows of a delivery that go in one call.
type Together []int

// Pieces (分片) is how a file that is too large for one call is divided. The zero value: it is
// not.
type Pieces struct {
	Count int
	Size  int64  // bytes of each but the last
	MD5   string // of the whole file, in hexadecimal
}

// PieceKeeper remembers which pieces of the files of a delivery's rows were acknowledged, so
// that after a stop or a lost answer the next one goes, of the same division. It may be used
// concurrently for different rows.
type PieceKeeper interface {
	// Pieces is how the file of a row was divided when its first piece went, and how many
	// were acknowledged; the zero value before.
	Pieces(ctx context.Context, row int) (p Pieces, done int, err error)
	// Keep stores it, before the first piece goes and with each acknowledgement. An error
	// ends the call where it stands: the run is being stopped, or somebody else delivers now.
	Keep(ctx context.Context, row int, p Pieces, done int) error
}
