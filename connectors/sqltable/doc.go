// Package sqltable delivers into tables of somebody else's by their key: a department's
// inbox, a theme library (主题库). It is a pipelines.Target over MySQL and MariaDB,
// PostgreSQL or SQLite.
//
// It may import pipelines and internal packages.
//
// # What holds
//
//   - All rows of a delivery are committed together or none is. A row the database will
//     not take is left out and named in the Receipt; the others go in the same
//     transaction. Values are never cut.
//   - A row goes over another of the same key. Where the table has a version column, only
//     over one with a smaller version or none: an older version that comes late changes
//     nothing, whoever else writes.
//   - Nothing of ours lies at the receiver but what the profile names: the version column,
//     and what Fill lists.
//   - The same delivery again has the effect of one. So an outcome that is not known is
//     settled by asking for key and version (Has), or simply by sending again.
//   - A delete removes the row or sets a flag, as the profile says. After a removal the row
//     has no version left to guard it: where several write, have a flag.
//   - No fault carries the server's own sentence, since that quotes values.
package sqltable
