// Command bench measures banjian: the whole way from a department's view into an
// exchange table against the plain tools that move the same rows, the ledger alone at
// two sizes, and the mapping stages alone. README.md says how to read what it prints.
//
// It starts a MariaDB of its own, builds ./cmd/banjian and runs it as its users do. It
// states whether a target is met and never fails because one is not.
//
// It may import anything; nothing imports it.
package main
