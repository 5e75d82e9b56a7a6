// Package outbox is the end of a delivery (上报): it freezes what may go in the ledger,
// takes it to the receiver, a batch at a time or one record a call, and stores the receipts.
//
//	Outbox   Write   put aside, freeze, send           outbox.go, aside.go, deliver.go, calls.go
//	         Recover what an earlier run left open     recover.go, repeat.go, purged.go, stranded.go
//	Breaker  leaves a receiver alone that fails        breaker.go
//	Stamps   a clock that does not go back             stamp.go
//
// What is offered and what may go is decided before it, by ledger.Source and
// ledger.DeliverStage. Invariants 1, 4, 5 and 7 of package pipelines are kept here towards
// receivers: a frozen batch is stored before the first write, goes again unchanged or not at
// all, and no version of a record goes while an older one's outcome is open.
package outbox
