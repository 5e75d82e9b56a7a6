// Package compare lays what two systems tell of the same cases side by side (来源比对), case
// by case and field by field; it only reads. Which systems, and by what their cases are
// known again, is a rule of precedence (ledger.Precedence).
//
// It imports package ledger, pipelines and internal packages only.
package compare
