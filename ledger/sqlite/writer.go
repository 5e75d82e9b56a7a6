package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/bits"
	"strings"
	"sync"

	"banjian/ledger"
)

// groupMost bounds how many waiting jobs share one transaction, and so one fsync.
const groupMost = 16

// writer owns the writing connection. Jobs run one after another; those that wait
// are committed together, each in a savepoint of its own.
type writer struct {
	conn  *sql.Conn
	jobs  chan *job
	quit  chan struct{}
	done  chan struct{}
	once  sync.Once
	stmts map[string]*sql.Stmt
	bulk  map[string]driver.Stmt // of many, which goes past database/sql
}

type job struct {
	run  func(*tx) error
	err  error
	done chan struct{}
}

func startWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, jobs: make(chan *job, groupMost), quit: make(chan struct{}), done: make(chan struct{}), stmts: map[string]*sql.Stmt{}, bulk: map[string]driver.Stmt{}}
	go w.loop()
	return w, nil
}

var (
	errStopped = errors.New("ledger is closed")
	errBroken  = errors.New("a change could not be taken back by itself; all that were to be stored with it were")
)

// do runs fn inside a transaction and returns when it is durable, or not written. It
// is not interrupted half-way: ctx only bounds the wait for its turn (invariant 7).
func (w *writer) do(ctx context.Context, fn func(*tx) error) error {
	j := &job{run: fn, done: make(chan struct{})}
	select {
	case <-w.quit:
		return errStopped
	default:
	}
	select {
	case w.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return errStopped
	}
	select {
	case <-j.done:
		return j.err
	case <-w.done:
	}
	select {
	case <-j.done: // it was the last one
		return j.err
	default:
		return errStopped
	}
}

func (w *writer) stop() {
	w.once.Do(func() { close(w.quit) })
	<-w.done
}

func (w *writer) loop() {
	defer close(w.done)
	defer w.conn.Close()
	defer func() {
		for _, s := range w.stmts { // a statement left open would keep the file open
			s.Close()
		}
		for _, s := range w.bulk {
			s.Close()
		}
	}()
	for {
		select {
		case j := <-w.jobs:
			w.group(j)
		case <-w.quit:
			for {
				select {
				case j := <-w.jobs:
					w.group(j)
				default:
					return
				}
			}
		}
	}
}

// group runs first and whatever waits behind it in one transaction.
func (w *writer) group(first *job) {
	batch := []*job{first}
	ctx := context.Background()
	t := &tx{w: w, ctx: ctx}
	err := t.exec("BEGIN IMMEDIATE")
	if err == nil {
		// The first job needs no savepoint: if it fails, nothing else was written yet.
		if first.err = first.run(t); first.err != nil {
			_ = t.exec("ROLLBACK")
			close(first.done)
			return
		}
		for len(batch) < groupMost && !t.broken {
			next := w.waiting()
			if next == nil {
				break
			}
			batch = append(batch, next)
			next.err = w.inSavepoint(t, next)
		}
		if err = errBroken; !t.broken {
			err = t.exec("COMMIT")
		}
	}
	if err != nil {
		_ = t.exec("ROLLBACK")
	}
	for _, j := range batch {
		if j.err == nil {
			j.err = err
		}
		close(j.done)
	}
}

func (w *writer) waiting() *job {
	select {
	case j := <-w.jobs:
		return j
	default:
		return nil
	}
}

func (w *writer) inSavepoint(t *tx, j *job) error {
	if err := t.exec("SAVEPOINT job"); err != nil {
		return err
	}
	err := j.run(t)
	if err == nil {
		err = t.exec("RELEASE job")
		t.broken = err != nil
		return err
	}
	// A full disk may have rolled back everything already; then nothing more may run.
	if back := t.exec("ROLLBACK TO job"); back != nil {
		t.broken = true
		return err
	}
	if back := t.exec("RELEASE job"); back != nil {
		t.broken = true
	}
	return err
}

// tx is the open transaction of the writing connection.
type tx struct {
	w      *writer
	ctx    context.Context
	broken bool
}

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(t.ctx, query)
	if err == nil {
		t.w.stmts[query] = s
	}
	return s, err
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.change(query, args...)
	return err
}

// change runs a statement and says how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (t *tx) row(query string, args ...any) rowScanner {
	s, err := t.stmt(query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRowContext(t.ctx, args...)
}

// each calls take for every row of a query.
func (t *tx) each(query string, args []any, take func(scan func(...any) error) error) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(t.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

type rowScanner interface{ Scan(dest ...any) error }

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// rowsAtOnce is how many keys or rows one statement carries.
const rowsAtOnce = 128

// oneOf is "(?,?,…)" for the values of a list, one at least, and args with them. Statements
// come in few lengths, so that they stay prepared (see reading): the last value is repeated.
func oneOf[T any](list []T, args ...any) (string, []any) {
	n := roundUp(len(list))
	for i := range n {
		args = append(args, list[min(i, len(list)-1)])
	}
	return tuples(1, n), args
}

// underPrefix is the start of a query over the records of one stream whose key begins with one
// of these local numbers, and its arguments but for the stream.
func underPrefix(numbers []string, columns string) (string, []any) {
	n := roundUp(len(numbers))
	args := make([]any, 0, 2*n+1)
	for _, number := range numbers {
		from := ledger.EncodeKey(number)
		args = append(args, from, behind(from))
	}
	for len(args) < 2*n {
		args = append(args, []byte{}) // nothing lies between a key and itself
	}
	return "WITH want(low, high) AS (VALUES " + tuples(n, 2) + ") SELECT " + columns + " FROM want CROSS JOIN records WHERE stream=? AND key>=low AND key<high", args
}

// roundUp is the next power of two.
func roundUp(n int) int { return 1 << bits.Len(uint(n-1)) }

// tuples is "(?,?),(?,?)" for n rows of width values.
func tuples(n, width int) string {
	one := "(" + strings.Repeat("?,", width-1) + "?)"
	return strings.Repeat(one+",", n-1) + one
}
