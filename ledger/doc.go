// Package ledger is the memory (台账) between the two halves of the work: what was
// collected, in order, and what each receiver has of it.
//
// It holds a log of Arrow batches (what changed), an index of records (newest
// version and two hashes), and per receiver offsets, exceptions, frozen batches and
// receipts. The store underneath is SQLite (package sqlite); any other must pass
// ledgertest unchanged. DESIGN.md describes the format and the failure cases.
//
// This package has the nouns, the interfaces of a store, keys, the form of a payload, and
// what a receiver is given next: Source reads it, DeliverStage decides what may go. Package
// outbox sends it, package collect is the half that takes in; DESIGN.md lists the other rooms.
// It imports pipelines and internal packages only.
package ledger
