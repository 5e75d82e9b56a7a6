// Package collect is the half of the ledger that takes in (归集): it knows rows again,
// compares what the mapping made of the others with the index, and writes what changed,
// what was refused and the position in one transaction (Collector). A complete read also
// says what vanished; approvals, fuses, owed files and doubts of a pipeline's records are
// settled here, and kept source rows are read once more (KeptSource).
//
// It knows nothing of receivers. What is stored, and under which names, is package
// ledger's; it imports that, pipelines and internal packages only. Invariants 1, 3, 5 and 7
// of pipelines are kept here; ../DESIGN.md has the format and the failure cases.
package collect
