// Package reconcile (对账) lays the ledger and a receiver side by side: every record by
// its row_guid and the digest of its row, not only by number.
//
// What is compared is what the ledger has a receipt of. Memory is bounded by the records of
// one subject (about 70 bytes each), not by their content. It imports pipelines, ledger and
// internal packages only.
package reconcile
