// Package arraybind adds MariaDB's array binding to connections of the usual MySQL driver:
// one statement and the parameters of thousands of rows in one packet
// (COM_STMT_BULK_EXECUTE, MariaDB Knowledge Base, "COM_STMT_BULK_EXECUTE").
//
// The driver makes the connection, as it always does: password, character set, session. This
// package stands between it and the network and tells a server that offers array binding
// (MariaDB 10.2 and later) that its client knows it. Between two commands of the driver the
// connection is free, and Insert then speaks on it, inside the same transaction.
//
// A connection with TLS does the same inside of the driver's TLS: what the client can do is
// told before TLS begins. Compressed connections go without, and so do MySQL and proxies that
// do not offer it. Conn.Ready tells.
package arraybind
