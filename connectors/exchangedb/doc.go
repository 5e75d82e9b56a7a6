// Package exchangedb delivers to the national exchange tables (国家交换库, UP_ tables)
// of a resource-sharing centre: a pipelines.Target over a MySQL-family or SQLite
// database.
//
// The tables are append-only: a poller on the other side reads rows in ID order and
// marks them, so nothing here ever updates, deletes or creates anything. A delivery
// is one transaction on one connection; its rows carry cd_batch = Delivery.ID, and
// that is the only proof of arrival the receiver offers.
//
// It may import pipelines, schemas and internal packages.
//
// # What holds
//
//   - All rows of a delivery are committed together, in the order of the delivery,
//     or none is. COMMIT is sent only after every row was acknowledged, so a
//     transaction whose COMMIT may be under way holds locks on all its rows, and
//     Arrived, which reads with a lock, waits for it.
//   - A row the receiver's database will not take (too long, a character it cannot
//     store, a constraint) is left out and named in the Receipt; the other rows go in
//     the same transaction. Values are never cut: a row the server stored changed, with
//     a warning, is refused as well. When the COMMIT of such a delivery is lost, the
//     Receipt comes back together with the Unknown error. A delivery whose receipt
//     was lost altogether is known by ArrivedRows: what is absent was refused.
//   - Receiver-only columns (ID, update_time, Cd_source, is_sync) are never named.
//   - No fault carries the server's own sentence, since that quotes values
//     (invariant 8 of pipelines); it carries the error number.
//
// # Ways to write
//
// MariaDB takes a delivery as one INSERT with arrays of parameters, where the connection
// offers it (internal/arraybind); other servers of its protocol by LOAD DATA LOCAL where
// they allow it, else by multi-row INSERT in literals; SQLite and the rest by bound
// parameters. LOAD DATA turns errors into warnings, and neither fast way names a row: they
// count only when as many rows were stored as sent and the server has no warning to give;
// otherwise the transaction is rolled back and the delivery goes by INSERT, which names the
// row. The file content of LOAD DATA comes from a reader handler under a random name; no
// file of this machine can be asked for.
//
// The order is that of what a row costs (BenchmarkDeliver's setting: MariaDB 10.11, 34
// columns, four indexes, 4,096 rows a delivery, two connections): LOAD DATA 17 µs of the
// server's CPU and 1.6 of ours; literals, 500 rows a statement, 25 and 3.3; a prepared
// statement of 200 rows, 23 and 5.5; array binding carries a fifth more rows a second than
// LOAD DATA. A server with innodb_autoinc_lock_mode = 1 loads one delivery per table at a
// time.
package exchangedb
