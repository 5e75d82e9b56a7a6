package sqltable

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"banjian/internal/failpoint"
	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Target is the tables of one receiver. Its methods may be called concurrently; at most
// Options.Connections transactions are open at a time.
type Target struct {
	opts   Options
	slots  chan struct{}
	commit func(ctx context.Context, c *sql.Conn) error
}

var (
	_ pipelines.Target = (*Target)(nil)
	_ pipelines.Asker  = (*Target)(nil)
)

// New makes a Target; nothing is sent to the receiver yet. The Target owns Options.DB from
// here on, also when New fails. Errors are Config or Bug.
func New(o Options) (*Target, error) {
	if err := o.fill(); err != nil {
		if o.DB != nil {
			_ = o.DB.Close()
		}
		return nil, err
	}
	o.DB.SetMaxOpenConns(o.Connections)
	o.DB.SetMaxIdleConns(o.Connections)
	o.DB.SetConnMaxIdleTime(idleTime)
	return &Target{opts: o, slots: make(chan struct{}, o.Connections), commit: commit}, nil
}

// Close closes the database handle; calls under way fail.
func (t *Target) Close() error { return t.opts.DB.Close() }

// Deliver puts every row of d in, or removes it, in one transaction, but for rows the
// database refuses: those are named in the Receipt (rule receiver_refused) and left out.
// With an Unknown error the Receipt says what was left out if it did arrive. Other errors
// leave nothing behind: Transient, Blocked, Config, Bug.
func (t *Target) Deliver(ctx context.Context, d *pipelines.Delivery) (pipelines.Receipt, error) {
	l, err := t.layout(d)
	if err != nil || len(d.Ops) == 0 {
		return pipelines.Receipt{}, err
	}
	s, err := t.session(ctx, d.Table)
	if err != nil {
		return pipelines.Receipt{}, err
	}
	defer s.release()
	receipt, err := s.write(ctx, l)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return pipelines.Receipt{}, t.fault(err, "deliver to table", d.Table)
	}
	failpoint.Hit(failpoint.InDeliver)
	if d.Fence != nil {
		if err := d.Fence(); err != nil {
			return pipelines.Receipt{}, err
		}
	}
	if len(receipt.Refused) == len(d.Ops) {
		return receipt, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	if err := t.commit(ctx, s.conn); err != nil {
		s.broken = true
		return receipt, t.commitFault(err, d.Table)
	}
	s.inTx = false
	return receipt, nil
}

func commit(ctx context.Context, c *sql.Conn) error {
	_, err := c.ExecContext(ctx, "COMMIT")
	return err
}

// Arrived cannot be told from a delivery's number alone, unless the table has a column for
// it (Fill.Batch): without one it is always 0, and the same delivery is sent again, to no
// further effect. See Has.
func (t *Target) Arrived(ctx context.Context, id, table string) (int, error) {
	with, ok := t.opts.Tables[table]
	if !ok || with.Fill.Batch == "" {
		return 0, nil
	}
	name, err := t.opts.Dialect.QuoteView(table)
	if err != nil {
		return 0, err
	}
	var n int
	query := "SELECT COUNT(*) FROM " + name + " WHERE " + t.opts.Dialect.Quote(with.Fill.Batch) + " = " + t.opts.Dialect.Placeholder(1)
	err = t.opts.DB.QueryRowContext(ctx, query, id).Scan(&n)
	return n, t.fault(err, "ask table for delivery", table)
}

// fault is a driver's error as a fault, for everything before COMMIT.
func (t *Target) fault(err error, op, table string) error {
	return t.opts.Dialect.Fault(err, op, t.where(table))
}

// commitFault is the error of a COMMIT. Only a server that says so has rolled back;
// whatever else went wrong, the rows may be there.
func (t *Target) commitFault(err error, table string) error {
	const op = "commit delivery"
	if sqldialect.RolledBack(err) {
		return fault.New(fault.Transient, op, t.where(table), text.T("接收方回滚了事务", "the receiver rolled the transaction back"), text.Text{})
	}
	return fault.New(fault.Unknown, op, t.where(table),
		text.T("提交的答复没有收到，不知道行是否已写入", "the answer to the commit was lost; whether the rows are there is not known"),
		text.T("将按键和版本核实；重发同一批不会产生第二次效果", "key and version tell; sending the same batch again has no second effect"))
}

func (t *Target) where(table string) string { return t.opts.Name + "/" + table }

// session is one connection on loan, within a transaction.
type session struct {
	t      *Target
	conn   *sql.Conn
	inTx   bool
	broken bool // the transaction's end is not known: the connection must not be used again
}

// beginnings is how a transaction begins.
var beginnings = map[string][]string{
	"mysql": {"SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
		"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION"},
	"postgres": {"BEGIN"},
	"sqlite":   {"BEGIN IMMEDIATE"},
}

// session waits for a free slot and begins a transaction.
func (t *Target) session(ctx context.Context, table string) (*session, error) {
	const op = "connect to tables"
	select {
	case t.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, t.fault(ctx.Err(), op, table)
	}
	s := &session{t: t}
	var err error
	if s.conn, err = t.opts.DB.Conn(ctx); err != nil {
		<-t.slots
		return nil, t.fault(err, op, table)
	}
	s.inTx = true
	for _, q := range beginnings[t.opts.Dialect.Name] {
		if err := s.exec(ctx, q); err != nil {
			s.release()
			return nil, t.fault(err, op, table)
		}
	}
	return s, nil
}

func (s *session) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.conn.ExecContext(ctx, query, args...)
	return err
}

// release rolls back what was not committed and gives the connection back, or closes it
// when it cannot be trusted.
func (s *session) release() {
	if s.inTx && !s.broken {
		ctx, cancel := context.WithTimeout(context.Background(), rollbackWait)
		s.broken = s.exec(ctx, "ROLLBACK") != nil
		cancel()
	}
	if s.broken {
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // the error would be the one we hand in
	}
	_ = s.conn.Close() // a closed connection is what is wanted
	<-s.t.slots
}
