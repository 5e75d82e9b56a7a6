// Package kafka reads topics, and knows how a cluster is reached; topic writes to them. What
// kafka-go cannot do (reading committed records only) is done with franz-go, behind the
// same interface. It imports pipelines and internal packages only, besides Arrow and the
// two clients.
//
// Source reads one partition, at offsets that the ledger keeps, and gives what its messages
// hold as rows of text columns, as a view would. kafka-go does not tell committed records of
// transactions from aborted ones: a partition in which a transactional batch turns up is
// read on through franz-go, committed records alone.
//
// The position of a partition is the offset behind the last message taken; the sink stores
// it with what it covers. What the consumer group has committed only shows others how far we
// are, and is never read. An offset that is no longer there (retention), or not yet (the
// topic was made anew), is a Gone fault: nothing is skipped unasked.
//
// A message becomes no row (a tombstone, a change of the table's layout, another table),
// one, or several (Canal; an update that changes the key is a delete of the old key and a
// row with the new one). Behind the mapped columns stand pipelines.GoneColumn and
// pipelines.MessageColumn, which say what is not a plain row: one that was deleted, a
// message that holds nothing to collect, one that could not be read and where it lies.
// Nothing that was in a message ever stands there.
package kafka
