// Package connectortest holds what every connector must do, as tests it runs against
// itself: Source for what rows are read from, Target for what they are delivered to. A
// harness of two or three functions says how to make a small outside world and how to
// look at it another way than through the connector.
//
// Elements are numbered from 0. After every run the suite counts: each element must
// have come through, and none more often than the contract allows. Records come from a
// checked allocator, and no goroutine may be left.
//
// It imports pipelines and internal packages only.
package connectortest
