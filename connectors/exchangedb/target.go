package exchangedb

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"banjian/internal/failpoint"
	"banjian/pipelines"
)

// Target is one receiver's exchange tables. Its methods may be called concurrently;
// at most Options.Connections transactions are open at a time. Deliveries that are
// under way together reach the table in any order, so two versions of one record must
// not be among them.
type Target struct {
	opts  Options
	slots chan struct{}
	// uneven is set once a bulk or a LOAD DATA was judged wrong although INSERT took every
	// row: this server warns about sound rows.
	uneven atomic.Bool
}

var _ pipelines.Target = (*Target)(nil)

// New makes a Target; nothing is sent to the receiver yet. The Target owns
// Options.DB from here on, also when New fails. Errors are Config or Bug.
func New(o Options) (*Target, error) {
	if err := o.fill(); err != nil {
		if o.DB != nil {
			o.DB.Close()
		}
		return nil, err
	}
	o.DB.SetMaxOpenConns(o.Connections)
	o.DB.SetMaxIdleConns(o.Connections)
	o.DB.SetConnMaxIdleTime(idleTime)
	return &Target{opts: o, slots: make(chan struct{}, o.Connections)}, nil
}

// Close closes the database handle; calls under way fail.
func (t *Target) Close() error { return t.opts.DB.Close() }

// Deliver appends every row of d in one transaction, but for rows the receiver's
// database refuses: those are named in the Receipt (rule receiver_refused) and left
// out. With an Unknown error the Receipt says what was left out if it did arrive.
// Other errors leave nothing behind: Transient, Blocked, Config, Bug.
func (t *Target) Deliver(ctx context.Context, d *pipelines.Delivery) (pipelines.Receipt, error) {
	l, err := t.layout(d)
	if err != nil || l.rows == 0 {
		return pipelines.Receipt{}, err
	}
	s, err := t.open(ctx, d.Table)
	if err != nil {
		return pipelines.Receipt{}, err
	}
	defer s.release()
	ways, err := t.writers(ctx, s, l)
	if err != nil {
		return pipelines.Receipt{}, err
	}
	for _, w := range ways {
		receipt, err := t.transaction(ctx, s, l, w)
		if !errors.Is(err, errUneven) {
			return receipt, err
		}
	}
	panic("exchangedb: the last writer cannot be uneven")
}

// writer puts every row of a layout into its table, inside the open transaction of
// s, and names the rows the server will not have. errUneven asks for the next writer
// in a new transaction; any other error is the driver's own.
type writer interface {
	write(ctx context.Context, s *session, l *layout) ([]pipelines.Issue, error)
}

// writers are the ways to try, best first.
func (t *Target) writers(ctx context.Context, s *session, l *layout) ([]writer, error) {
	if s.dialect.Name != mysqlName {
		return []writer{insertWriter{statement: boundInsert{}}}, nil
	}
	fast, err := t.fastWriter(ctx, s, l)
	if err != nil {
		return nil, err
	}
	if fast == nil {
		return []writer{insertWriter{statement: &literalInsert{}}}, nil
	}
	return []writer{fast, insertWriter{statement: &literalInsert{}, afterFast: &t.uneven}}, nil
}

// fastWriter is the best way that takes all rows or none; nil where there is none, or
// where they are few.
func (t *Target) fastWriter(ctx context.Context, s *session, l *layout) (writer, error) {
	if bulk, err := t.binds(s, l); err != nil || bulk {
		return bulkWriter{}, err
	}
	if load, err := t.loads(ctx, s, l); err != nil || load {
		return loadWriter{}, err
	}
	return nil, nil
}

// transaction runs one writer between BEGIN and COMMIT.
func (t *Target) transaction(ctx context.Context, s *session, l *layout, w writer) (pipelines.Receipt, error) {
	const op = "deliver to exchange table"
	if err := s.beginDelivery(ctx, l.id); err != nil {
		s.rollback()
		return pipelines.Receipt{}, t.fault(op, l.names.logical, err)
	}
	refused, err := w.write(ctx, s, l)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		s.rollback()
		if errors.Is(err, errUneven) {
			return pipelines.Receipt{}, err
		}
		return pipelines.Receipt{}, t.fault(op, l.names.logical, err)
	}
	receipt := pipelines.Receipt{Refused: refused}
	if len(refused) == l.rows {
		s.rollback()
		return receipt, nil
	}
	failpoint.Hit(failpoint.InDeliver)
	if l.fence != nil {
		if err := l.fence(); err != nil {
			s.rollback()
			return pipelines.Receipt{}, err
		}
	}
	if err := s.commit(ctx); err != nil {
		s.rollback()
		return receipt, t.commitFault(l.names.logical, err)
	}
	return receipt, nil
}

// Arrived counts the rows of delivery id in table. The read takes locks, so it waits
// for a transaction of ours that still holds rows of this delivery; a wait longer than
// Options.LockWait is Transient.
func (t *Target) Arrived(ctx context.Context, id, table string) (int, error) {
	var count int
	err := t.locked(ctx, id, table, "COUNT(*)", func(rows *sql.Rows) error {
		var n int
		err := rows.Scan(&n)
		count += n
		return err
	})
	return count, err
}

// ArrivedRows are the row_guids of delivery id in table, in no order; like Arrived
// otherwise. It settles a delivery of which fewer rows arrived than were frozen:
// those absent were refused.
func (t *Target) ArrivedRows(ctx context.Context, id, table string) ([][16]byte, error) {
	shards, err := t.opts.shards(table)
	if err != nil {
		return nil, err
	}
	if !shards[0].guid {
		return nil, t.bugTable(table, "has no row_guid")
	}
	var guids [][16]byte
	err = t.locked(ctx, id, table, shards[0].quoted(colGUID), func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		g, _ := pipelines.RowGUID(text)
		guids = append(guids, g)
		return nil
	})
	return guids, err
}

// locked reads what of every row of a delivery under locks and always rolls back.
func (t *Target) locked(ctx context.Context, id, table, what string, each func(*sql.Rows) error) error {
	const op = "ask exchange table for delivery"
	if !batchID(id) {
		return t.bugTable(table, "is asked for a delivery by a number that is none")
	}
	shards, err := t.opts.shards(table)
	if err != nil {
		return err
	}
	s, err := t.open(ctx, table)
	if err != nil {
		return err
	}
	defer s.release()
	defer s.rollback()
	if err := s.beginRead(ctx); err != nil {
		return t.fault(op, logicalTable(table), err)
	}
	for _, n := range shards {
		if err := s.readLocked(ctx, n, id, what, t.lockWait(), each); err != nil {
			return t.fault(op, n.logical, err)
		}
	}
	return nil
}

func (s *session) readLocked(ctx context.Context, n *names, id, what string, lockWait int, each func(*sql.Rows) error) error {
	if s.way.await != nil {
		if err := s.exec(ctx, s.way.await(id, n.table, lockWait)); err != nil {
			return err
		}
	}
	rows, err := s.on().QueryContext(ctx, s.way.question(n, what), id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// question asks for the rows of a delivery in one table.
func (w *way) question(n *names, what string) string {
	return "SELECT " + what + " FROM " + n.table + " WHERE " + n.quoted(colBatch) + " = " + w.place(1) + w.share
}
