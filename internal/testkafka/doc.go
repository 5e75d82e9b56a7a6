// Package testkafka starts the servers that tests of streams run against: an Apache
// Kafka (KRaft, one node) and a Kafka Connect with Debezium, both from the jars that
// scripts/kafka.sh fetches. They listen on 127.0.0.1 on free ports, keep their files in a
// folder of their own, and are ended by their process id.
//
// Only tests import it. A test that finds no jars is skipped, and says so.
package testkafka
