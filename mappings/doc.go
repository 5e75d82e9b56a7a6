// Package mappings is the mapping language (映射): one file says how the columns of a
// department's view become canonical records, or how canonical records become rows of
// a receiver's table. A file is parsed, checked and compiled against the schemas, bound
// to the physical columns of a source, and run on whole Arrow columns.
//
//	File    ← Parse    strict YAML; every node knows file:line:column
//	Mapping ← Compile  typed against schemas; immutable, shared
//	Program ← Bind     column indexes and physical types; one goroutine
//	Result  ← Apply    output records, findings, filtered rows
//
// It imports schemas and internal packages, never pipelines: what it returns is Arrow
// and schemas.Issue alone. cmd joins the two. DESIGN.md beside this file describes the
// language.
//
// Invariants:
//
//   - Nothing is coerced silently: a value that does not fit is a Reject, a counted
//     Blank, or a counted Warn where else: gives a constant.
//   - Every input row is in exactly one of: outputs, refused, filtered. A row that
//     yields several records is refused as a whole.
//   - What becomes of a row depends on that row alone, whatever the batch around it.
//   - An empty text is NULL, in columns, in expressions and in what comes out.
//   - An Issue's arguments never hold a value of a personal field.
//   - Whoever makes an Arrow record or array releases it; input is only borrowed.
package mappings
