package sqlview

import (
	"context"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/testdb"
)

// pair is a server that is written to and one it feeds, which is read from by an account of
// its own.
type pair struct {
	*department
	primary, standby *testdb.Server
	name             string
}

// onStandby runs tests on one pair of servers, each with a department and an account of its own.
func onStandby(t *testing.T, start func(string) (*testdb.Server, error), tests map[string]func(*pair)) {
	primary := testdb.Own(t, start)
	standby := primary.Standby(t)
	for name, run := range tests {
		t.Run(name, func(t *testing.T) { run(newPair(t, primary, standby)) })
	}
}

func newPair(t *testing.T, primary, standby *testdb.Server) *pair {
	name := primary.CreateDatabase(t)
	p := &pair{primary: primary, standby: standby, name: name}
	s := source{primary.Config(name), primary.Open(t, name)}
	p.department = newDepartment(t, s, "DATETIME(6)")
	p.o.DB = standby.Config(name)
	if s.cfg.Kind == "mysql" {
		p.does("CREATE TABLE blocker (a INT PRIMARY KEY)")
		p.does("INSERT INTO blocker VALUES (1)")
		p.does("CREATE TABLE beat (ts DATETIME(6))")
		p.does("INSERT INTO beat VALUES (NOW(6))")
		p.o.DB.User, p.o.DB.Password = "r_"+name, nil
		primary.Exec(t, "", "CREATE USER "+p.account(), "GRANT SELECT ON "+name+".* TO "+p.account())
	}
	p.o.Lookback, p.o.Settle = 0, 10*time.Second // long enough for what is committed late below
	p.does("INSERT INTO c VALUES (1, 'old', NOW(6) - INTERVAL 1 HOUR)")
	p.caughtUp()
	return p
}

func (p *pair) account() string { return "r_" + p.name + "@'127.0.0.1'" }

// mayAsk lets the account see the state of replication.
func (p *pair) mayAsk() {
	p.Helper()
	p.primary.Exec(p, "", "GRANT SLAVE MONITOR ON *.* TO "+p.account())
	p.caughtUp()
}

func (p *pair) caughtUp() { p.Helper(); p.primary.CaughtUp(p, p.standby) }

// overtakes makes a row that is committed late: it is older than one that was committed
// before it, by less than settle. between is called when the first is there.
func (p *pair) overtakes(between func()) {
	p.Helper()
	late := p.begins("INSERT INTO c VALUES (3, 'late', NOW(6) - INTERVAL 35 SECOND)")
	if _, err := late.Exec("UPDATE blocker SET a = 1"); err != nil {
		p.Fatal(err)
	}
	p.does("INSERT INTO c VALUES (4, 'soon', NOW(6) - INTERVAL 30 SECOND)")
	p.caughtUp()
	between()
	p.commits(late)
}

// reads tries to collect, and says whether it may.
func (p *pair) reads() error {
	p.Helper()
	got, err := readSome(p, p.o, p.at, -1)
	if err == nil {
		for _, line := range got.rows {
			p.have[line[:1]] = line[2:]
		}
		if len(got.positions) > 0 {
			p.at = got.last()
		}
	}
	return err
}

func TestAStandbyLosesNoRow(t *testing.T) {
	t.Run("mariadb", func(t *testing.T) {
		onStandby(t, testdb.Start, map[string]func(*pair){
			"its replication stands still": standsStill,
			"it is behind":                 isBehind,
			"the account may not ask":      mayNotAsk,
		})
	})
	t.Run("postgres", func(t *testing.T) {
		onStandby(t, testdb.StartPostgres, map[string]func(*pair){"it tells what it has replayed": tellsWhatItHas})
	})
}

// The thread that applies what came is stopped between two rows.
func standsStill(p *pair) {
	t := p.TB
	p.mayAsk()
	if err := p.reads(); err != nil || p.have["1"] != "old" {
		t.Fatal(err, p.have)
	}
	p.overtakes(func() { p.standby.Exec(t, "", "STOP SLAVE SQL_THREAD") })
	wantFault(t, p.reads(), fault.Config, "nobody knows how far it is behind", "has replication stopped", "write lookback")
	p.standby.Exec(t, "", "START SLAVE SQL_THREAD")
	p.caughtUp()
	if err := p.reads(); err != nil {
		t.Fatal(err)
	}
	p.lostNothing()

	// A declared lookback covers what comes late.
	p.does("DELETE FROM c WHERE id > 1")
	delete(p.have, "3")
	delete(p.have, "4")
	p.o.Lookback = 5 * time.Minute
	p.overtakes(func() { p.standby.Exec(t, "", "STOP SLAVE SQL_THREAD") })
	if err := p.reads(); err != nil || p.have["4"] != "soon" || p.have["3"] != "" {
		t.Fatal(err, p.have)
	}
	p.standby.Exec(t, "", "START SLAVE SQL_THREAD")
	p.caughtUp()
	if err := p.reads(); err != nil {
		t.Fatal(err)
	}
	p.lostNothing()
}

// Replication runs, but waits for a lock: what the server says of itself moves the bound.
func isBehind(p *pair) {
	t := p.TB
	p.mayAsk()
	root := p.standby.Open(t, p.name)
	holds, err := root.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holds.Exec("SELECT a FROM blocker WHERE a = 1 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	// The event bears the time it was made at: 40 seconds ago.
	conn, err := p.db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, q := range []string{"INSERT INTO c VALUES (4, 'soon', NOW(6) - INTERVAL 30 SECOND)", "SET timestamp = UNIX_TIMESTAMP() - 40", "BEGIN", "DELETE FROM blocker", "INSERT INTO c VALUES (3, 'late', NOW(6) + INTERVAL 5 SECOND)", "COMMIT"} {
		if _, err := conn.ExecContext(context.Background(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	p.waitsFor(func(l Lag) bool { return l.Known && l.By > 30*time.Second })
	if err := p.reads(); err != nil || p.have["4"] != "" || p.have["1"] != "old" {
		t.Fatal(err, p.have)
	}
	if err := holds.Rollback(); err != nil {
		t.Fatal(err)
	}
	p.caughtUp()
	p.waitsFor(func(l Lag) bool { return l.Known && l.By < 10*time.Second })
	if err := p.reads(); err != nil {
		t.Fatal(err)
	}
	p.lostNothing()
}

// waitsFor asks for the lag until it is as wanted.
func (p *pair) waitsFor(is func(Lag) bool) {
	p.Helper()
	var last Lag
	for end := time.Now().Add(patience); time.Now().Before(end); {
		v, err := Visit(context.Background(), p.o)
		if err != nil {
			p.Fatal(err)
		}
		if last = v.Lag; is(last) {
			return
		}
		time.Sleep(50 * time.Millisecond) // for the server's own status
	}
	p.Fatalf("lag %+v", last)
}

// Without the right a lookback, or a heartbeat, is needed.
func mayNotAsk(p *pair) {
	t := p.TB
	wantFault(t, p.reads(), fault.Config, "nobody knows how far it is behind", "GRANT SLAVE MONITOR")
	whole := p.o
	whole.Mode = Compare
	relies := p.o
	relies.Lookback = time.Minute
	if got := readAll(t, whole, ""); len(got.rows) != 1 || len(readAll(t, relies, got.last()).rows) != 1 {
		t.Errorf("a compare reads all and leaves no watermark: %v", got)
	}
	for what, change := range map[string]func(*Options){
		"a lookback":   func(o *Options) { o.Lookback = time.Minute },
		"a lag":        func(o *Options) { o.Lag = time.Minute },
		"no standby":   func(o *Options) { o.Role = RolePrimary },
		"a heartbeat":  func(o *Options) { o.Heartbeat = Heartbeat{View: "beat", Column: "ts"} },
		"whole number": func(o *Options) { o.Cursor = []string{"id"} },
	} {
		o := p.o
		change(&o)
		if got := readAll(t, o, ""); len(got.rows) != 1 {
			t.Errorf("%s: %v", what, got.rows)
		}
	}
	p.o.Heartbeat = Heartbeat{View: "beat", Column: "ts"}
	if err := p.reads(); err != nil {
		t.Fatal(err)
	}
	p.does("UPDATE beat SET ts = NOW(6) - INTERVAL 40 SECOND") // what was there 40 seconds ago
	p.overtakes(func() { p.standby.Exec(t, "", "STOP SLAVE SQL_THREAD") })
	if err := p.reads(); err != nil || p.have["4"] != "" {
		t.Fatal(err, p.have)
	}
	p.does("UPDATE beat SET ts = NOW(6)")
	p.standby.Exec(t, "", "START SLAVE SQL_THREAD")
	p.caughtUp()
	if err := p.reads(); err != nil {
		t.Fatal(err)
	}
	p.lostNothing()
	p.o.Heartbeat.Column = "nichts"
	wantFault(t, p.reads(), fault.Config, "nichts")
}

func tellsWhatItHas(p *pair) {
	t := p.TB
	if err := p.reads(); err != nil || p.have["1"] != "old" {
		t.Fatal(err, p.have)
	}
	v, err := Visit(context.Background(), p.o)
	if err != nil || !v.Lag.Standby || !v.Lag.Known || v.Lag.Means != "server" {
		t.Fatalf("%+v, %v", v, err)
	}
	p.standby.Exec(t, "", "SELECT pg_wal_replay_pause()")
	p.does("INSERT INTO c VALUES (2, 'unseen', NOW(6) - INTERVAL 30 SECOND)")
	paused := time.Now()
	p.waitsFor(func(l Lag) bool { return l.Known && l.By > time.Since(paused) && l.By > 200*time.Millisecond })
	if err := p.reads(); err != nil || p.have["2"] != "" {
		t.Fatal(err, p.have)
	}
	p.standby.Exec(t, "", "SELECT pg_wal_replay_resume()")
	p.caughtUp()
	p.waitsFor(func(l Lag) bool { return l.Known && l.By < 15*time.Second })
	if err := p.reads(); err != nil {
		t.Fatal(err)
	}
	p.lostNothing()
}
