// Package exchangetest plays the receiver of the national exchange tables in tests:
// it makes the tables as a national centre has them and reads them as its program
// does, strictly, so that a row delivered twice shows.
//
// It is imported by tests and the demo only, and imports schemas.
package exchangetest
