package demo

import (
	"context"
	"database/sql"
	"strings"
)

// rowsPerInsert keeps a statement below the 32,766 parameters SQLite takes.
const rowsPerInsert = 400

// writer inserts rows into the department's tables, many at a time, and commits now
// and then.
type writer struct {
	ctx     context.Context
	db      *sql.DB
	tx      *sql.Tx
	pending [4]pending
	inTx    int
}

type pending struct {
	args []any
	rows int
	full *sql.Stmt // of this transaction, for rowsPerInsert rows
	id   int64
}

// rowsPerCommit bounds the transaction.
const rowsPerCommit = 40_000

func newWriter(ctx context.Context, db *sql.DB) *writer { return &writer{ctx: ctx, db: db} }

// nextID is the running id of a table's next row.
func (w *writer) nextID(table int) int64 {
	w.pending[table].id++
	return w.pending[table].id
}

func (w *writer) add(table int, row []any) error {
	p := &w.pending[table]
	p.args = append(p.args, row...)
	if p.rows++; p.rows < rowsPerInsert {
		return nil
	}
	if err := w.begin(); err != nil {
		return err
	}
	if p.full == nil {
		stmt, err := w.tx.PrepareContext(w.ctx, insertText(&tables[table], rowsPerInsert))
		if err != nil {
			return err
		}
		p.full = stmt
	}
	if _, err := p.full.ExecContext(w.ctx, p.args...); err != nil {
		return err
	}
	return w.wrote(p)
}

// flush writes what is left and commits.
func (w *writer) flush() error {
	for i := range w.pending {
		p := &w.pending[i]
		if p.rows == 0 {
			continue
		}
		if err := w.begin(); err != nil {
			return err
		}
		if _, err := w.tx.ExecContext(w.ctx, insertText(&tables[i], p.rows), p.args...); err != nil {
			return err
		}
		p.args, p.rows = p.args[:0], 0
	}
	return w.commit()
}

// abandon gives up the open transaction, if any.
func (w *writer) abandon() {
	if w.tx != nil {
		_ = w.tx.Rollback()
		w.tx = nil
	}
}

func (w *writer) begin() (err error) {
	if w.tx == nil {
		w.tx, err = w.db.BeginTx(w.ctx, nil)
	}
	return err
}

func (w *writer) wrote(p *pending) error {
	w.inTx += p.rows
	p.args, p.rows = p.args[:0], 0
	if w.inTx < rowsPerCommit {
		return nil
	}
	return w.commit()
}

func (w *writer) commit() error {
	if w.tx == nil {
		return nil
	}
	err := w.tx.Commit()
	w.tx, w.inTx = nil, 0
	for i := range w.pending {
		w.pending[i].full = nil // closed with its transaction
	}
	return err
}

func insertText(t *table, rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(t.columns)), ",") + ")"
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ",") + ") VALUES " +
		strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}
