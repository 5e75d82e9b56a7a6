// Package house holds the tests that keep the house as it is drawn: which package
// may import which, where outside modules may be used, and the marks every file must
// or must not carry. The tables in rules_test.go are the drawing; a change of them is
// a change of the architecture and belongs into docs/decisions.
//
// It is a test and nothing else; it imports nothing of the house.
package house
