package exchangedb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// strictMode makes the server refuse what it would otherwise change; it also turns
// backslash escapes on and ANSI quotes off.
const strictMode = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// session is one connection on loan, set up for our kind of writing.
type session struct {
	conn      *sql.Conn
	slots     <-chan struct{}
	mysql     bool
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
	s := &session{slots: t.slots, mysql: t.opts.Dialect.Name == mysqlName}
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
	wait := max(1, int(t.opts.LockWait/time.Second))
	if !s.mysql {
		_, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", wait*1000))
		return err
	}
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf(
		"SET NAMES utf8mb4, SESSION sql_mode = '%s', SESSION time_zone = '%s', SESSION autocommit = 1, SESSION innodb_lock_wait_timeout = %d",
		strictMode, time.Now().In(t.opts.Zone).Format("-07:00"), wait))
	if err != nil {
		return err
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

func (s *session) exec(ctx context.Context, query string) error {
	_, err := s.conn.ExecContext(ctx, query)
	return err
}

func (s *session) begin(ctx context.Context) error {
	s.inTx = true
	if s.mysql {
		return s.exec(ctx, "START TRANSACTION")
	}
	return s.exec(ctx, "BEGIN IMMEDIATE")
}

// beginRead starts a transaction whose reads wait for writers: on SQLite by taking
// the write lock, on MySQL by reading with shareLock. Read-committed locks the rows
// found and no gaps, so that other deliveries go on.
func (s *session) beginRead(ctx context.Context) error {
	if s.mysql {
		if err := s.exec(ctx, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"); err != nil {
			return err
		}
	}
	return s.begin(ctx)
}

func (s *session) shareLock() string {
	if s.mysql {
		return " LOCK IN SHARE MODE"
	}
	return ""
}

// commit asks for the commit and waits for the answer even if ctx ends meanwhile: an
// answer spares an Unknown.
func (s *session) commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	err := s.exec(ctx, "COMMIT")
	s.inTx = err != nil
	return err
}

// rollback ends the transaction, if need be by giving the connection up.
func (s *session) rollback() {
	if !s.inTx {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackWait)
	defer cancel()
	s.broken = s.exec(ctx, "ROLLBACK") != nil || s.broken
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
