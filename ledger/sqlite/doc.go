// Package sqlite keeps the ledger in one SQLite file: WAL, synchronous FULL, one
// writer goroutine that owns the only writing connection and commits what is waiting
// together, and a pool of read-only connections. Several processes may open the file;
// leases, not this package, decide who works on what.
//
// It imports ledger, pipelines and internal packages only.
package sqlite
