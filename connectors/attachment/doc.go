// Package attachment fetches the files (附件) that rows of a department refer to: a path
// below a folder that is declared, an address of a host that is declared, or bytes out of
// a column; checks them, and keeps each content once (internal/objects).
//
// What a row says is not to be trusted. A path never leaves its folder, by .. or by a
// link. An address leads to a declared host and no other, nor does what that answers; the
// address it resolves to is looked at when it is dialled, and is never one of this machine
// unless that very address was declared. Size and time are bounded, the content is held
// against the name, and nothing is unpacked.
//
// A file that is not there yet, or whose host cannot be reached, is a Transient fault: it is
// owed. A file that is wrong is a Wrong: the row is refused. A place that was down a few
// times in a row is left alone for a while.
//
// Stage does this for the rows of a batch, between their mapping and the ledger; Fill for
// records that go without.
//
// It imports pipelines and internal packages.
package attachment
