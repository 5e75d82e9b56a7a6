package pipelines

import "context"

// HeldRow is a row as a receiver has it.
type HeldRow struct {
	GUID   [16]byte // row_guid
	Digest uint64   // of its content, see Holder
	Op     Op       // with which it was written
	Taken  bool     // the receiver has processed it
	// Name tells a row that has no row_guid: what names it and where it stands; nil where it
	// has one. It is called before the next row or never.
	Name func() (key []string, where string)
}

// Holder is implemented by targets whose contents can be read back, for reconciling (对账).
// A digest is over what a row says, in the receiver's own words, and not over what differs
// from one delivery of it to the next; equal digests of different rows do not happen
// by chance (64 bits of SHA-256).
type Holder interface {
	// Digests are those of the rows of d once they are there; nil where the table's rows
	// cannot be told apart. The operations of d are not known yet; d is not kept.
	Digests(d *Delivery) ([]uint64, error)
	// Holds goes through what the receiver has in a table, in the order in which it was
	// written: the last row of a row_guid stands. Errors: Transient, Blocked, Config.
	Holds(ctx context.Context, table string, each func(HeldRow) error) error
}
