package ledger

import (
	"github.com/apache/arrow/go/v17/arrow"

	"banjian/pipelines"
)

// HashRows is pipelines.HashRows: the hashes the index stores are made by it.
func HashRows(rec arrow.Record, seed string) []pipelines.Hash { return pipelines.HashRows(rec, seed) }
