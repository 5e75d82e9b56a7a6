// Package pipelines is the engine: one loop that reads batches, maps them and
// writes them, used by collect (归集: department → ledger) and by deliver (上报:
// ledger → receiver) alike.
//
// It knows Arrow records, positions and counts; it knows no database, no mapping
// language and no code set. It imports internal packages only.
//
// # Invariants
//
// Code that enforces one of these cites it by number.
//
//  1. A position is saved only together with what it covers.
//  2. Positions never go back by themselves.
//  3. Every row read is accounted for.
//  4. A repeat has the effect of one delivery, whatever the batch boundaries.
//  5. Order within one key is kept.
//  6. Nothing is coerced silently.
//  7. A shutdown finishes or abandons the batch in hand, never half of it.
//  8. Personal data never reaches a log line, a metric label or an error message.
package pipelines
