// Package draft writes the first version of a mapping, its test and its pipeline from
// what a department's view looks like: the names of its columns, their comments, and
// what kind of values a sample of its rows holds.
//
// What departments call things is data (data/*.tsv), not code. The package imports
// schemas and internal packages; it knows no database and no file system.
//
// Invariants:
//
//   - A guess is a proposal: every line of a draft says why it was guessed, and what could
//     not be guessed is listed, never filled with something that only looks right.
//   - A value of the sample reaches a file only as a key of map:, and only if its field is
//     a code that is not personal and the list is short. Test rows are made of invented
//     values.
//   - A code is never guessed from a bare digit, only from words.
package draft
