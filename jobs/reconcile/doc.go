// Package reconcile (对账) lays department, ledger and receiver side by side, every record by
// its identity and a digest of its content, not only by number.
//
// At a receiver what is compared is what the ledger has a receipt of: with its tables read
// back (pipelines.Holder), with answers to questions, or with a list that its people exported
// (Listing). At a department every row is judged by a collect that stores nothing (Origin,
// Survey), so that what is told is what a run would do.
//
// Memory is bounded by the records of one subject (about 70 bytes each, four at the source),
// not by their content. It imports pipelines, ledger and internal packages only, changes
// nothing, and tells personal values nowhere: a difference is named by its key, and columns
// that differ by their headings.
package reconcile
