package sqlview

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// What a server is declared to be (Options.Role); empty: it is asked.
const (
	RolePrimary = "primary" // it is written to, whatever it looks like
	RoleStandby = "standby" // another one feeds it
)

// Heartbeat (心跳) is a time that the server that is written to keeps writing and that comes
// to a standby with everything else.
type Heartbeat struct {
	View   string // view or table, or schema.view
	Column string // of its newest row; a time in the connection's zone
}

// Lag (落后) is how far a server is behind the one that is written to.
type Lag struct {
	Standby bool
	Known   bool
	By      time.Duration
	Means   string // heartbeat, server or declared: what it is known by
	Denied  bool   // the account may not ask the server
}

// slack is added to what a server counts in whole seconds.
const slack = time.Second

// behind finds the lag. It is asked after the clock and before the snapshot: what the server
// has then is in the snapshot, too.
func (s *session) behind(ctx context.Context) (Lag, error) {
	l, err := s.measured(ctx)
	if err != nil {
		return l, err
	}
	if s.o.Lag > 0 && (!l.Known || l.By < s.o.Lag) {
		l.Standby, l.Known, l.By, l.Means = true, true, s.o.Lag, "declared"
	}
	return l, nil
}

func (s *session) measured(ctx context.Context) (Lag, error) {
	if s.o.Heartbeat != (Heartbeat{}) {
		return s.beat(ctx)
	}
	l := Lag{Standby: s.o.Role == RoleStandby}
	ask := s.d.Standby()
	if s.o.Role == RolePrimary {
		return l, nil
	}
	if ask.Reached != nil {
		return s.reached(ctx, l, ask.Reached(s.o.DB.Zone))
	}
	if ask.Signs != "" {
		rows, err := s.conn.QueryContext(ctx, ask.Signs)
		s.asking(1)()
		if err == nil {
			l.Standby = rows.Next() || l.Standby
			err = errors.Join(rows.Err(), rows.Close())
		}
		if err != nil {
			if err = s.notAsked(ctx, err); err != nil {
				return l, err
			}
		}
	}
	return s.status(ctx, l, ask.Status, ask.Behind)
}

// reached asks a server that tells the moment it has come to.
func (s *session) reached(ctx context.Context, l Lag, q string) (Lag, error) {
	defer s.asking(1)()
	rows, err := s.conn.QueryContext(ctx, q)
	if err != nil { // a relative of the product that has no such functions
		_, _ = s.conn.ExecContext(ctx, "ROLLBACK")
		return l, s.notAsked(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		l.Standby = true
		var at sql.NullString
		if err := rows.Scan(&at); err != nil {
			return l, s.fault(err, "ask replication")
		}
		if t, err := time.ParseInLocation("2006-01-02 15:04:05.999999", at.String, s.zone); at.Valid && err == nil {
			l.Known, l.By, l.Means = true, max(0, s.now.Sub(t)), "server"
		}
	}
	return l, s.d.Fault(rows.Err(), "ask replication", s.o.where())
}

// status asks a server that counts seconds: of several that feed it the one farthest ahead
// counts.
func (s *session) status(ctx context.Context, l Lag, statements, columns []string) (Lag, error) {
	for _, q := range statements {
		rows, err := s.conn.QueryContext(ctx, q)
		s.asking(1)()
		if err != nil {
			if err = s.notAsked(ctx, err); err != nil {
				return l, err
			}
			l.Denied = true
			continue
		}
		l.Denied = false
		return s.seconds(l, rows, columns)
	}
	return l, nil
}

func (s *session) seconds(l Lag, rows *sql.Rows, columns []string) (Lag, error) {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return l, s.fault(err, "ask replication")
	}
	at := slices.IndexFunc(names, func(n string) bool { return slices.Contains(columns, n) })
	cells, dest := make([]sql.RawBytes, len(names)), make([]any, len(names))
	for i := range cells {
		dest[i] = &cells[i]
	}
	first := true
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return l, s.fault(err, "ask replication")
		}
		l.Standby = true
		n, err := -1, error(nil)
		if at >= 0 && cells[at] != nil {
			n, err = strconv.Atoi(string(cells[at]))
		}
		if n < 0 || err != nil {
			l.Known, first = false, false // it is stopped, or nobody knows
			continue
		}
		l.Known, l.By, l.Means = first || l.Known, max(l.By, time.Duration(n)*time.Second+slack), "server"
		first = false
	}
	return l, s.d.Fault(rows.Err(), "ask replication", s.o.where())
}

// notAsked passes over a question that the server does not know or the account may not ask;
// a connection that was lost, or a stop, is an error.
func (s *session) notAsked(ctx context.Context, err error) error {
	err = s.fault(err, "ask replication")
	if ctx.Err() != nil || fault.Is(err, fault.Transient) || fault.Is(err, fault.Blocked) {
		return err
	}
	return nil
}

// beat reads the heartbeat.
func (s *session) beat(ctx context.Context) (Lag, error) {
	l := Lag{Standby: true}
	view, err := s.d.QuoteView(s.o.Heartbeat.View)
	if err != nil {
		return l, err
	}
	column, err := s.d.QuoteName(s.o.Heartbeat.Column)
	if err != nil {
		return l, err
	}
	rows, err := s.query(ctx, "SELECT "+column+" FROM "+view+" WHERE 1 = 0")
	if err != nil {
		return l, err
	}
	types, err := rows.ColumnTypes()
	_ = rows.Close()
	if err != nil {
		return l, s.fault(err, "ask column types")
	}
	err = s.each(ctx, "SELECT "+s.d.Plain("MAX("+column+")", types[0].DatabaseTypeName())+" FROM "+view, nil, func(r *sql.Rows) error {
		var at sql.NullString
		if err := r.Scan(&at); err != nil || !at.Valid {
			return err
		}
		f, ok := timeForm(at.String, s.zone)
		if !ok {
			return fault.New(fault.Config, "read heartbeat", s.o.DB.Where(), text.F("%s 的 %s 不是时间", "%[2]s of %[1]s is no time", s.o.Heartbeat.View, s.o.Heartbeat.Column),
				text.T("heartbeat 的列应是主库定时写入的时间", "the column of a heartbeat is a time that the server that is written to keeps writing"))
		}
		t, err := time.ParseInLocation(f.layout, at.String, f.zone)
		l.Known, l.By, l.Means = err == nil, max(0, s.now.Sub(t)), "heartbeat"
		return err
	})
	return l, err
}

// unknownLag refuses to read what changed from a standby of which nobody knows how far it is
// behind: rows that were committed late would be passed over. A lookback covers them.
func (s *session) unknownLag() error {
	if !s.lag.Standby || s.lag.Known || s.o.Lookback > 0 {
		return nil
	}
	what := text.T("这是备库，不知道落后主库多少，又没有写 lookback：迟到的行会漏掉", "this is a standby, nobody knows how far it is behind, and there is no lookback: rows that were committed late would be missed")
	return fault.New(fault.Config, "ask replication", s.o.where(), what, s.lagHint())
}

func (s *session) lagHint() text.Text {
	zh, en := "在管道里写 lookback（不短于主库上最长的事务，如 15m）或 lag（最多落后多久），或在连接里写 heartbeat；确实不是备库则在连接里写 role: primary",
		"write lookback in the pipeline, no shorter than the longest transaction, such as 15m, or lag, how far it may be behind; or heartbeat at the connection; if it is no standby, role: primary there"
	if g := s.d.Standby().Grant; g != "" && s.lag.Denied {
		zh, en = zh+"；也可请 DBA 授权查看复制状态："+g, en+"; or have the DBA let the account see the state of replication: "+g
	} else if g != "" {
		zh, en = "复制是否停了？请 DBA 查看。"+zh, "has replication stopped? Ask the DBA. Or "+en
	}
	return text.T(zh, en)
}
