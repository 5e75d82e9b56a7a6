package sqlview

import (
	"context"
	"database/sql"
	"time"

	"banjian/internal/pace"
	"banjian/pipelines"
)

// How long a statement may run at the server where nobody says: those that ask as long as
// the driver waits for an answer, the one that reads as long as the longest first load.
const (
	defaultAsk  = 10 * time.Minute
	defaultRead = 12 * time.Hour
)

// gentle keeps a run light on its server: what was read is paid for before more is, and a
// server that gets slow is left alone for a while and asked for less.
type gentle struct {
	own, shared *pace.Limiter
	backoff     pace.Backoff
	rows        int // of a full page
	cut         int // pages are one cut-th
	pause       time.Duration
	owed        struct{ rows, bytes int64 }
}

func newGentle(o Options) *gentle {
	return &gentle{own: pace.NewLimiter(o.Speed), shared: o.Guard.limiter(o.DB.Where(), o.Shared), rows: o.BatchRows, cut: 1}
}

// shared is the limiter of a connection and the speed it was made for.
type shared struct {
	speed   pace.Speed
	limiter *pace.Limiter
}

// limiter is the one of a connection; another speed makes a new one.
func (g *Guard) limiter(connection string, speed pace.Speed) *pace.Limiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	have := g.speeds[connection]
	if have == nil || have.speed != speed {
		have = &shared{speed, pace.NewLimiter(speed)}
		g.speeds[connection] = have
	}
	return have.limiter
}

// wait passes the time until the next page may be read.
func (g *gentle) wait(ctx context.Context) error {
	if g.pause > 0 {
		enough := time.NewTimer(g.pause)
		defer enough.Stop()
		select {
		case <-enough.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, l := range []*pace.Limiter{g.own, g.shared} {
		if err := l.Pay(ctx, g.owed.rows, g.owed.bytes); err != nil {
			return err
		}
	}
	g.owed.rows, g.owed.bytes = 0, 0
	return nil
}

// page is how many rows the next page has at most.
func (g *gentle) page() int { return max(g.rows/g.cut, 1) }

// asks is called before a page is read; what it gives, when it has come.
func (g *gentle) asks(s *session) (came func(rows int, bytes int64)) {
	start := time.Now()
	return func(rows int, bytes int64) {
		took := time.Since(start)
		g.owed.rows, g.owed.bytes = int64(rows), bytes
		g.pause, g.cut = g.backoff.Next(rows, took)
		s.load.Add(pipelines.Load{Rows: int64(rows), Bytes: bytes})
		s.busy += took
	}
}

// asking counts statements; what it gives is called when they are done.
func (s *session) asking(statements int) func() {
	start := time.Now()
	return func() {
		s.busy += time.Since(start)
		s.load.Queries += int64(statements)
	}
}

// cost is what the session cost so far.
func (s *session) cost() pipelines.Load {
	l := s.load
	l.BusyMS = s.busy.Milliseconds()
	return l
}

// limit has the server stop every statement from here on that runs longer.
func (s *session) limit(ctx context.Context, given, otherwise time.Duration) error {
	if given == 0 {
		given = otherwise
	}
	return s.exec(ctx, s.d.Limit(given))
}

// read runs the statement of a run.
func (s *session) read(ctx context.Context, st *statement) (*sql.Rows, error) {
	if err := s.limit(ctx, s.o.Timeout, defaultRead); err != nil {
		return nil, err
	}
	return s.query(ctx, st.sql, st.args...)
}

// Load is what the run cost the department's server. See pipelines.Loader.
func (s *Source) Load() pipelines.Load {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.s != nil {
		return s.s.cost()
	}
	return s.load
}
