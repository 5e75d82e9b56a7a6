// Package memory is a source and a target that live in memory: the smallest complete
// connector, to be read first by whoever writes another, and what tests of the engine
// run against.
//
// A View stands for a department's view and a Source for one run over it; a Target
// stands for a receiver and remembers every effect a delivery had, in order, so that a
// test counts what was lost and what happened twice. Both do what a script says:
// errors at a batch or after so many rows, waiting until released, changes between two
// reads; refused rows, outcomes nobody knows, a receiver that refuses everything.
//
// A connector proves itself by the suites in connectortest; this one does so in its own
// tests. It imports pipelines and internal packages only.
package memory
