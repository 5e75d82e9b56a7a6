// Package handover delivers records as files in a folder (交换文件夹): Parquet or CSV, one file
// for each frozen batch, one folder for each subject.
//
// It imports pipelines and internal packages only, besides Arrow.
//
// # A file is there when its manifest is
//
// A batch becomes NAME, such as 20261102-170203.456-1f0c….csv, and NAME.json, its manifest,
// with rows, columns and the file's SM3. Both are written under .tmp, flushed to the disk and
// renamed, the manifest last: its renaming is the commit. Who reads takes a file when its
// manifest lies beside it, and may then move or delete both. NAME comes of the batch alone
// and a repeat of the batch has the same bytes.
//
// # A file that was taken does not come again
//
// Before the commit the batch is noted in .batches, a file of each folder that has the newest
// ten thousand. A batch that is noted arrived if its manifest lies there, or if nothing of it
// does any more: neither the file nor either manifest. So a process that dies at any step
// finds out afterwards whether it had handed the file over, even if somebody has taken it
// since. Without the note, and while anything unfinished lies there, it is written again.
package handover
