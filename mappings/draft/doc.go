// Package draft writes the first version of a mapping, its test and its pipeline from
// what a department's view looks like: the names of its columns, their comments, and
// what kind of values a sample of its rows holds.
//
// Every column is weighed for every field in logarithms of odds: how much its name sounds
// like the field (an exact name, full pinyin, initials, or parts of one in the order of a
// known title), how much its comment does, and whether its values have the shape the field
// wants. One assignment then pairs all columns and fields so that the sum is greatest; a
// column that fits what no canonical field holds, such as the time a row was created, stays
// without one. The confidence of a pair is its share of the odds among the fields that are
// still free. Departments of testdata/departments tell how well that works.
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
