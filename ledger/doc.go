// Package ledger is the memory (台账) between the two halves of the work: what was
// collected, in order, and what each receiver has of it.
//
// It holds a log of Arrow batches (what changed), an index of records (newest
// version and two hashes), and per receiver offsets, exceptions, frozen batches and
// receipts. The store underneath is SQLite (package sqlite); any other must pass
// ledgertest unchanged. DESIGN.md describes the format and the failure cases.
//
// The collect half is Collector, a pipelines.Stage that skips unchanged rows and the
// pipelines.Sink after it; the deliver half is Source, DeliverStage and Outbox. It imports
// pipelines, schemas and internal packages only.
package ledger
