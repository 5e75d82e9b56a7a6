// Package sqlview reads a department's (部门) view, table or SELECT over database/sql:
// only the mapped columns, over one careful connection, in one consistent read-only
// snapshot a run, and never twice without need.
//
// It imports pipelines and internal packages.
//
// # Incremental
//
// A run is one statement over one snapshot. Its rows come in this order, told apart by
// the database itself, in its own collation and types:
//
//	no cursor   NULL, or a value that stands for none ('' or 0000-00-00): read every run
//	lookback    from the watermark less lookback up to the watermark: read again, for
//	            rows that were committed late
//	fresh       behind the watermark, up to the source's clock less settle (and less lag, on a standby)
//	(settling)  newer than that, up to 5 minutes ahead of the clock: counted, left for later
//	future      further ahead: read every run, never a reason to move the watermark
//
// The clock is the source's own and is read just before the snapshot is opened, so that
// no row at or below the upper bound can appear after it, except by a late commit.
//
// The position is the greatest cursor read (the watermark, in the source's own words)
// and, until a run is over, the cursor and key of the last row read. An interrupted
// run is taken up at that place or at lookback before the newest row its snapshot had,
// whichever is earlier: a row that was committed late while nobody read is either newer
// than the first or within the second. Bounds are inclusive, so equal cursors are read
// again rather than lost. A repeat has no effect (invariant 4); a gap would never be
// noticed.
//
// The very first run over a large view is not sorted: the source would sort everything
// before it gave the first row. It has no place in the middle; if it is interrupted, the
// next run begins again and is sorted, so that it gets further every time.
//
// # First loads in ranges
//
// With Splits a first load of many rows is read in ranges of the key, side by side within
// the connection's cap. Bounds come from the server's own histogram of a table, where it has
// one, or from a sample that the server sorts, so a range is one in the database's own order,
// and each row meets the condition of exactly one. A range is a unit of work with a position
// of its own (pipelines.Split): it is committed, or read again from its beginning.
// Each range has a snapshot of its own, later than the clock the watermark is taken from:
// what changes meanwhile is behind the watermark and is read by the next run. As the ranges
// are no picture of one moment, nothing is missed in them.
//
// # Rows without a key
//
// Nth has the rows that are equal in some columns numbered from 1. These columns are read
// once before, in the same snapshot, so that rows with equals can be held back until all of
// them came; they are numbered in the order of the hashes of what they hold. Neither the
// order of reading nor batches change a number. What does: when one of several equal rows
// changes, or one comes or leaves, the others may change places; what the records hold
// together is right all the same. RowID names a row by the hash of all its columns. Both
// need every row, so an incremental read refuses them.
//
// A full read has no order and no place in the middle: it is complete or starts again.
// With a cursor named it leaves the watermark an incremental run goes on from.
package sqlview
