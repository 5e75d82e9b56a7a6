package pipelines

import (
	"context"
	"strconv"
	"strings"
)

// Columns that a source of messages adds behind the mapped ones. They are not part of a
// row.
const (
	// GoneColumn is text: Gone in a row that says that its record was deleted, else NULL.
	GoneColumn = "_gone"
	// MessageColumn is text: NULL in a row; empty for a message with nothing to collect,
	// which counts as filtered; for one that could not be read a MessageNote, a reject.
	MessageColumn = "_message"
)

// Gone is what GoneColumn has of a deleted row.
const Gone = "1"

// RuleBadMessage (无法解析的消息) is the rule that a message which could not be read is
// refused by; its arguments are topic, partition, offset and why.
const RuleBadMessage = "bad_message"

// MessageNote packs the place of a message that could not be read, and why.
func MessageNote(why, topic, partition, offset string) string {
	return strings.Join([]string{topic, partition, offset, why}, "\x1f")
}

// MessageArgs is what MessageNote packed.
func MessageArgs(note string) []string { return strings.Split(note, "\x1f") }

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
