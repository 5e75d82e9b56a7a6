package exchangedb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"time"

	"banjian/internal/sqldialect"
)

// strictMode makes the server refuse what it would otherwise change; it also turns
// backslash escapes on and ANSI quotes off.
const strictMode = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// session is one connection on loan, set up for our kind of writing.
type session struct {
	conn      *sql.Conn
	slots     <-chan struct{}
	way       *way
	dialect   *sqldialect.Dialect
	tx        *sql.Tx // of a driver that must begin it itself
	inTx      bool
	broken    bool // the transaction's end is not known: the connection must not be used again
	backslash bool // the server reads \ in literals as an escape
	maxPacket int  // bytes of one statement the server takes
}

// open waits for a free slot and sets a connection up. Every setting is read back:
// between us and the server there may be a proxy with a mind of its own.
func (t *Target) open(ctx context.Context, table string) (*session, error) {
	const op = "connect to exchange database"
	select {
	case t.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, t.fault(op, logicalTable(table), ctx.Err())
	}
	s := &session{slots: t.slots, way: wayOf(t.opts.Dialect.Name), dialect: t.opts.Dialect}
	conn, err := t.opts.DB.Conn(ctx)
	if err != nil {
		<-t.slots
		return nil, t.fault(op, logicalTable(table), err)
	}
	s.conn = conn
	if err := t.setUp(ctx, s); err != nil {
		s.broken = true
		s.release()
		return nil, t.fault(op, logicalTable(table), err)
	}
	return s, nil
}

func (t *Target) setUp(ctx context.Context, s *session) error {
	if s.way.setUp != nil {
		for _, q := range s.way.setUp(t.opts.Zone, t.lockWait()) {
			if _, err := s.conn.ExecContext(ctx, q); err != nil {
				return err
			}
		}
	}
	if s.dialect.Name != mysqlName {
		return nil
	}
	var mode string
	row := s.conn.QueryRowContext(ctx, "SELECT @@SESSION.sql_mode, @@max_allowed_packet")
	if err := row.Scan(&mode, &s.maxPacket); err != nil {
		return err
	}
	if !strings.Contains(mode, "STRICT_ALL_TABLES") {
		return errNotStrict
	}
	s.backslash = !strings.Contains(mode, "NO_BACKSLASH_ESCAPES")
	return nil
}

// lockWait is how many whole seconds a lock is waited for.
func (t *Target) lockWait() int { return max(1, int(t.opts.LockWait/time.Second)) }

// on is the connection, or the transaction a driver keeps on it.
func (s *session) on() sqldialect.Session {
	if s.tx != nil {
		return s.tx
	}
	return s.conn
}

func (s *session) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.on().ExecContext(ctx, query, args...)
	return err
}

func (s *session) begin(ctx context.Context) error { return s.start(ctx, s.way.begin) }

// beginDelivery starts the transaction of a delivery, which a question for it will wait for.
func (s *session) beginDelivery(ctx context.Context, id string) error {
	if err := s.begin(ctx); err != nil || s.way.mine == nil {
		return err
	}
	return s.exec(ctx, s.way.mine(id))
}

// beginRead starts a transaction whose reads wait for writers: on SQLite by taking the
// write lock, on MySQL by reading with locks, elsewhere by way.await.
func (s *session) beginRead(ctx context.Context) error { return s.start(ctx, s.way.begins()...) }

func (s *session) start(ctx context.Context, statements ...string) (err error) {
	if s.way.driverTx {
		// The transaction outlives ctx: commit decides about its end, see there.
		if s.tx, err = s.conn.BeginTx(context.WithoutCancel(ctx), nil); err == nil {
			s.inTx = true
		}
		return err
	}
	s.inTx = true
	for _, q := range statements {
		if err := s.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// commit asks for the commit and waits for the answer even if ctx ends meanwhile: an
// answer spares an Unknown.
func (s *session) commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	err := s.end(ctx, "COMMIT")
	s.inTx = err != nil
	return err
}

// end ends the transaction one way or the other.
func (s *session) end(ctx context.Context, how string) error {
	tx := s.tx
	switch s.tx = nil; {
	case tx == nil:
		return s.exec(ctx, how)
	case how == "COMMIT":
		return tx.Commit()
	}
	return tx.Rollback()
}

// rollback ends the transaction, if need be by giving the connection up.
func (s *session) rollback() {
	if !s.inTx {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackWait)
	defer cancel()
	s.broken = s.end(ctx, "ROLLBACK") != nil || s.broken
	s.inTx = false
}

// release gives the connection back, or closes it when it cannot be trusted.
func (s *session) release() {
	s.rollback()
	if s.broken {
		// An error from Raw would be the one we hand in.
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = s.conn.Close() // a closed connection is what is wanted
	<-s.slots
}
