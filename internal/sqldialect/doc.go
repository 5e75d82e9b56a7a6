// Package sqldialect holds what differs between the databases a site connects to:
// how a name is quoted, how the clock is asked, how a read-only snapshot is opened,
// which of our kinds a column is, and what an error means.
//
// A dialect is a row of a table (Dialects); adding a database is adding a row and its
// file. Config turns connection settings into a *sql.DB with everything switched off
// that lets a hostile server or a careless setting read local files, send passwords
// in clear or run several statements at once.
//
// Errors that leave this package never carry a driver's own message: drivers quote
// values in them (invariant 8). They carry the error number and, where the message
// names a table or a column, that name.
//
// It imports internal packages and the database drivers only.
package sqldialect
