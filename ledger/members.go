package ledger

import "context"

// StreamMembers lists the records that a stream has now.
type StreamMembers interface {
	// Members lists the records of a stream whose newest version the pipeline wrote and
	// that are not deleted, by key, behind after (nil: from the first), up to limit.
	Members(ctx context.Context, s Stream, pipeline string, after []byte, limit int) ([]Entry, error)
	CountMembers(ctx context.Context, s Stream, pipeline string) (int64, error)
	// CaseRecords lists the index entries of a case in one stream.
	CaseRecords(ctx context.Context, s Stream, localNo string) ([]Entry, error)
}
