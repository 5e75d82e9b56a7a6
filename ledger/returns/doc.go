// Package returns reads what a receiver sends back after it took it (异常回传): a Reader
// makes a Return of each row of the receiver's table, a Sink finds the record it is about,
// in the batch it was sent in or by its name, and stores both with the position.
//
// What becomes of the record is the store's decision (ledger.Returns). It imports package
// ledger, pipelines and internal packages only.
package returns
