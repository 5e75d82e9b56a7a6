// Package dictionary lays out the data dictionary (数据字典) of a mapping: what every field
// of the canonical record is made from, in words a department can check and sign, with its
// code sets, masked examples and how often it is empty.
//
// It makes sheets of text cells; whoever calls it writes them into a workbook. It imports
// mappings and schemas, and knows no database.
//
// Invariant: a personal value stands in no cell, only its mask.
package dictionary
