// Package file reads what a department drops into a folder as files (文件): CSV, TSV, Excel
// workbooks, JSON lines and Parquet, and hands frozen batches over as files.
//
// It imports pipelines and internal packages.
//
// # One file is one run
//
// A run reads one file: the first, by name, of those that lie in the folder, are ready and
// were not taken. So two files that both have a row of one case are two versions of it, in
// the order of their names, and never duplicates of each other.
//
// A file is ready when its done-marker lies beside it, when its checksum file does, or, where
// neither is asked for, when nobody has written to it for a while (settle).
//
// A file is known by its name, size and SHA-256. All of it is hashed before the first row is
// read, so that a file that was taken before is not read again under a new time, a file that
// was changed is, and a wrong checksum is found before anything is believed. If its size or
// time differs when the last row was read, somebody wrote meanwhile: the last batch is not
// given, and the next run reads the file from its beginning.
//
// # Position
//
// The position, which the ledger stores with what it covers, has the file being read with the
// place of the next row, the files taken that still lie in the folder, and the hashes of the
// last thousand that do not. Files are moved (archive, rejected) only after a run, and only
// those the stored position has as taken: a crash between commit and move moves them next
// time, and never has them read twice.
//
// # Rows that cannot be read
//
// Every value is text. A line with too many or too few values, a broken quotation, a line
// that is no JSON object: each is a row of its own with pipelines.UnreadColumn, refused with
// its file and line. Bytes that are no character in the declared charset stay in their value
// as a mark that no check lets pass. A file that cannot be read at all is one such row.
package file
