// Package ledgertest holds what every store of the ledger must do, as tests. SQLite
// passes them; any other store must pass them unchanged.
//
// A store treats payloads as bytes, so these tests write small ones of their own. It
// imports ledger, pipelines and internal packages only.
package ledgertest
