package pipelines

import (
	"context"
	"strconv"
	"strings"
)

// GoneColumn is a column of text that a source of messages adds behind the mapped ones, and
// no part of a row: Gone in one that says that its record was deleted, else NULL.
const GoneColumn = "_gone"

// Gone is what GoneColumn has of a deleted row.
const Gone = "1"

// Slot is the name under which the position of one part of a source is kept, and its
// lease taken.
func Slot(pipeline string, part int) string { return pipeline + "#" + strconv.Itoa(part) }

// PartOf is the part a slot is of; ok is false for a pipeline without parts.
func PartOf(slot string) (part int, ok bool) {
	_, n, cut := strings.Cut(slot, "#")
	part, err := strconv.Atoi(n)
	return part, cut && err == nil
}

// Member (成员) takes part in reading a source whose parts are shared out among several.
type Member interface {
	// Next waits until the member was given its parts. The share before must have been
	// returned.
	Next(ctx context.Context) (Share, error)
	Close() error
}

// Share is the parts a member was given.
type Share interface {
	Parts() []int
	Done() <-chan struct{}      // closed when they are to be returned
	Show(part int, at Position) // a hint for others how far it was read
	Return()                    // nothing is read of them any more
}
