// Package precedence reads a site's precedence.yaml (来源优先): where several systems report
// the same cases, a department's own and a vertical one, which of them counts, by item and
// region, and by which fields a case is known to be the same in both.
//
// Of several rules the one whose item is the most exact counts, then the one whose region is;
// two that are equal in both and speak of the same system are a mistake.
//
// It imports internal packages only.
package precedence
