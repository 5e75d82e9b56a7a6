package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// reading is the read-only pool. It keeps statements prepared: a receiver that is fed all
// the time asks the same few questions many times a second, and most of what each costs is
// being understood.
type reading struct {
	*sql.DB

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// mostStmts bounds the statements kept; others are prepared each time.
const mostStmts = 200

func newReading(db *sql.DB) *reading { return &reading{DB: db, stmts: map[string]*sql.Stmt{}} }

// stmt is the statement, nil if there are too many.
func (r *reading) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	s, full := r.stmts[query], len(r.stmts) >= mostStmts
	r.mu.Unlock()
	if s != nil || full {
		return s, nil
	}
	s, err := r.DB.PrepareContext(ctx, query) // may wait for a connection
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if other := r.stmts[query]; other != nil {
		return other, s.Close()
	}
	r.stmts[query] = s
	return s, nil
}

// QueryContext is that of sql.DB.
func (r *reading) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := r.stmt(ctx, query)
	if err != nil || s == nil {
		return r.DB.QueryContext(ctx, query, args...)
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext is that of sql.DB.
func (r *reading) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := r.stmt(ctx, query)
	if err != nil || s == nil {
		return r.DB.QueryRowContext(ctx, query, args...)
	}
	return s.QueryRowContext(ctx, args...)
}

// Close closes the statements too: one left open would keep the file open.
func (r *reading) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for _, s := range r.stmts {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, r.DB.Close())
}
