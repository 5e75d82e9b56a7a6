package mappings

import "slices"

// Grammar is every key the mapping language knows, by the place where it may stand.
type Grammar struct {
	File  []string // of a file
	Block []string // of an entry of a list in to:
	Rule  []string // of an entry of rules:
	Say   []string // of a rule's say:
	Item  []string // of item_code:
	Force []string // of check: {item_in_force: …}

	Filter   []string // of an entry of filter:
	Explode  []string // of explode:
	Lookup   []string // of lookup:
	Path     []string // of path:
	Deadline []string // of deadline:
	Verify   []string // of verify:

	Heads     []string // of a field: where its value comes from, exactly one
	Modifiers []string // of a field: how operations act
	Ops       []string // of a field: the operations
	Alone     []string // operations that may stand without a head
	Derived   []string // fields the system fills that a file may map all the same

	Severities []string // what a rule's then: may be
}

// Keys is the grammar as Parse and Compile have it; the slices are the caller's.
func Keys() Grammar {
	g := Grammar{File: slices.Clone(fileKeys), Block: slices.Clone(blockKeys), Rule: slices.Clone(ruleKeys), Say: slices.Clone(sayKeys), Item: slices.Clone(itemKeys), Force: slices.Clone(itemCheckKeys),
		Filter: slices.Clone(filterKeys), Explode: slices.Clone(explodeKeys), Lookup: slices.Clone(lookupKeys), Path: slices.Clone(pathKeys), Deadline: slices.Clone(deadlineKeys), Verify: slices.Clone(verifyKeys), Alone: []string{"deadline"},
		Heads: slices.Clone(heads), Modifiers: slices.Clone(modifiers), Derived: slices.Clone(derivedMapped)}
	for _, o := range ops() {
		g.Ops = append(g.Ops, o.key)
	}
	for s := range severities {
		g.Severities = append(g.Severities, s)
	}
	slices.Sort(g.Severities)
	return g
}
