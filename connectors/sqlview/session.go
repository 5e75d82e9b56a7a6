package sqlview

import (
	"context"
	"database/sql"
	"time"

	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/pipelines"
)

// session is the one connection of a run, within its snapshot.
type session struct {
	o       Options
	d       *sqldialect.Dialect
	db      *sql.DB
	conn    *sql.Conn
	stmts   []*sql.Stmt
	tx      *sql.Tx // nil: the snapshot is a statement's alone
	from    string
	first   bool                   // no run was ever begun
	only    *string                // condition of the rows that are read; nil: of all
	within  func(p *params) string // the same, of a range of the key
	now     time.Time              // the source's clock, just before the snapshot
	lag     Lag                    // of a run with a cursor
	zone    *time.Location
	release func()
	load    pipelines.Load
	busy    time.Duration // of load
}

// connect opens the connection and its snapshot. A refused login is remembered by the
// guard.
func connect(ctx context.Context, o Options) (s *session, err error) {
	s = &session{o: o}
	if s.d, err = o.DB.Dialect(); err != nil {
		return nil, err
	}
	if s.from, err = fromSQL(s.d, o); err != nil {
		return nil, err
	}
	if s.zone, err = sqldialect.ZoneOf(o.DB.Zone); err != nil {
		return nil, err
	}
	name := o.DB.Where()
	if s.release, err = o.Guard.Acquire(ctx, name, o.MaxConnections); err != nil {
		return nil, err
	}
	if err = o.Guard.Blocked(name); err == nil {
		err = s.begin(ctx)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) begin(ctx context.Context) (err error) {
	if s.db, err = s.o.open(s.o.DB); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	if err = s.dial(ctx); err != nil {
		err = s.d.Fault(err, "connect", s.o.DB.Where())
		if fault.Is(err, fault.Blocked) {
			s.o.Guard.Block(s.o.DB.Where(), err)
		}
		return err
	}
	if err := s.exec(ctx, s.d.Session(s.o.DB.Zone)); err != nil {
		return err
	}
	if err := s.limit(ctx, s.o.Timeout, defaultAsk); err != nil {
		return err
	}
	if err := s.checkCharset(ctx); err != nil {
		return err
	}
	if s.now, err = s.clock(ctx); err != nil {
		return err
	}
	if len(s.o.Cursor) > 0 {
		if s.lag, err = s.behind(ctx); err != nil {
			return err
		}
	}
	if s.d.InTransaction {
		if s.tx, err = s.conn.BeginTx(ctx, nil); err != nil {
			return s.fault(err, "prepare session")
		}
	}
	return s.exec(ctx, s.d.Snapshot)
}

// dial connects. A server counts a connection for a moment longer than we have it, so one
// that has none to spare is asked again for a second.
func (s *session) dial(ctx context.Context) (err error) {
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		if s.conn, err = s.db.Conn(ctx); err == nil || !s.d.Full(err) || pause > time.Second {
			return err
		}
		enough := time.NewTimer(pause)
		select {
		case <-enough.C:
		case <-ctx.Done():
			enough.Stop()
			return ctx.Err()
		}
	}
}

func (s *session) exec(ctx context.Context, statements []string) error {
	defer s.asking(len(statements))()
	for _, q := range statements {
		if _, err := s.conn.ExecContext(ctx, q); err != nil {
			return s.fault(err, "prepare session")
		}
	}
	return nil
}

func (s *session) checkCharset(ctx context.Context) error {
	if s.d.Charset == "" {
		return nil
	}
	var got string
	defer s.asking(1)()
	if err := s.conn.QueryRowContext(ctx, s.d.Charset).Scan(&got); err != nil {
		return s.fault(err, "ask charset")
	}
	if got == s.d.CharsetWanted {
		return nil
	}
	return fault.New(fault.Config, "check charset", s.o.DB.Where(),
		text.F("连接的字符集是 %s，应为 %s", "the connection's charset is %s, not %s", got, s.d.CharsetWanted),
		text.T("检查服务器的 init_connect 或中间代理的设置", "look at the server's init_connect, or a proxy in between"))
}

func (s *session) clock(ctx context.Context) (time.Time, error) {
	var now string
	defer s.asking(1)()
	if err := s.conn.QueryRowContext(ctx, s.d.Clock(s.o.DB.Zone)).Scan(&now); err != nil {
		return time.Time{}, s.fault(err, "ask the clock")
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05.999999", now, s.zone)
	if err != nil {
		return t, fault.New(fault.Bug, "ask the clock", s.o.DB.Where(),
			text.T("数据库给出的时间无法识别", "the database's time cannot be read"), text.Text{})
	}
	return t, nil
}

func (s *session) fault(err error, op string) error { return s.d.Fault(err, op, s.o.where()) }

// query runs a statement through a prepared one, always: with and without parameters
// the server then writes values the same way, and a row has the same hash.
func (s *session) query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	defer s.asking(1)()
	stmt, err := s.conn.PrepareContext(ctx, q)
	if err != nil {
		return nil, s.fault(err, "prepare statement")
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		_ = stmt.Close() // the error that counts is the query's
		return nil, s.fault(err, "run statement")
	}
	s.stmts = append(s.stmts, stmt)
	return rows, nil
}

// each calls take for every row of a small result.
func (s *session) each(ctx context.Context, q string, args []any, take func(*sql.Rows) error) error {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return err
	}
	defer s.asking(0)()
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return s.fault(err, "read row")
		}
	}
	if err := rows.Err(); err != nil {
		return s.fault(err, "read row")
	}
	return nil
}

// close ends snapshot and connection; it may be called again.
func (s *session) close() {
	for _, stmt := range s.stmts { // one left open would keep SQLite's file locked
		_ = stmt.Close()
	}
	s.stmts = nil
	if s.tx != nil {
		_ = s.tx.Rollback()
	}
	if s.conn != nil {
		_ = s.conn.Close() // read-only: there is nothing an error here could lose
	}
	if s.db != nil {
		_ = s.db.Close()
	}
	if s.release != nil {
		s.release()
	}
}
