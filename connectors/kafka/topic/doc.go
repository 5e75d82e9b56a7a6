// Package topic delivers to topics of a Kafka. What kafka-go cannot do (transactions) is
// done with franz-go, behind the same interface.
//
// A topic as a receiver is Target: a frozen batch of the ledger becomes messages whose key is
// the key of the record, so that the versions of one record stay in one partition, in order.
// Every message names its event (row_guid and version), which never changes when it is sent
// again. Without transactions delivery is at least once, and who reads drops events it
// knows; with them a batch is written whole, together with its number in a control topic
// that is asked after a commit nobody answered, and who reads committed records only sees
// every event once.
package topic
