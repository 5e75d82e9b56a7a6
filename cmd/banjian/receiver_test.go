package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"banjian/connectors/exchangedb/exchangetest"
	"banjian/internal/sqldialect"
	"banjian/internal/testdb"
)

// served is a demo site whose exchange database is reached at another address.
func served(t *testing.T, address string, w *world) *troubled {
	t.Helper()
	tr := newTroubled(t, w)
	source, exchange := w.flags[len(w.flags)-3], w.flags[len(w.flags)-1]
	cfg, err := sqldialect.ParseDSN(exchange)
	if err != nil {
		t.Fatal(err)
	}
	w.keepSecrets(demoOptions{source: source, exchange: fmt.Sprintf("root:@tcp(%s)/%s", address, cfg.Database)})
	return tr
}

// wantOnceEach says that no effect arrived twice, as the receiver's program sees it.
func (w *troubled) wantOnceEach() {
	w.t.Helper()
	for table := range subjectOfTable {
		c := &exchangetest.Consumer{DB: w.exchange, Table: table}
		if err := c.Poll(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if len(c.Duplicates) > 0 {
			w.t.Errorf("%s: %d rows, %d records, %d duplicate effects", table, c.Rows, len(c.Records), len(c.Duplicates))
		}
	}
}

func TestReceiverCutOffInMidBatchGetsEverythingOnceItIsBack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED: -short: a receiver that is away is tried for half a minute")
	}
	server := testdb.MySQL(t)
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "exchange", testdb.FreeAddress(t), fmt.Sprintf("%s:%d", server.Host, server.Port))
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	w := served(t, proxy.Listen, onMariaDB(t))
	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"name":"cut","type":"limit_data","stream":"upstream","attributes":{"bytes":60000}}`)); err != nil {
		t.Fatal(err)
	}
	code, sums, errOut := w.run()
	if code != exitFailed {
		t.Errorf("exited %d, want %d", code, exitFailed)
	}
	wantOnce(t, errOut, []string{`error: national`})
	for name, s := range sums {
		if s.State != "partial" || s.Error == "" {
			t.Errorf("%s: state %s, error %q", name, s.State, s.Error)
		}
	}
	if err := proxy.Toxics.RemoveToxic(context.Background(), "cut"); err != nil {
		t.Fatal(err)
	}
	w.mustRun()
	w.wantForetold()
	w.wantOnceEach()
}

func TestReceiverThatIsDownFromTheStartIsSaidAtOnceAndCollectingGoesOn(t *testing.T) {
	address := testdb.FreeAddress(t)
	w := onMariaDB(t)
	tr := newTroubled(t, w)
	right := os.Getenv(demoExchangeEnv)
	t.Setenv(demoExchangeEnv, "root:@tcp("+address+")/x")
	for lang, want := range map[string][]string{"zh": {`错误: national.*连不上`, `怎么办: .*端口`}, "en": {`error: national.*cannot be reached`, `what to do: .*port`}} {
		code, _, errOut := tr.says("run", "--all", "--lang", lang, "--site", tr.dir)
		if code != exitFailed {
			t.Errorf("exited %d, want %d", code, exitFailed)
		}
		wantOnce(t, errOut, want)
	}
	os.Setenv(demoExchangeEnv, right)
	sums := tr.mustRun()
	if s := sums["provident-fund-accept"]; s.Collected != 0 || s.Receivers["national"].Released == 0 {
		t.Errorf("collected %d, released %d: collecting should have been done before", s.Collected, s.Receivers["national"].Released)
	}
	tr.wantForetold()
	tr.wantOnceEach()
}

// commitCutter passes bytes between us and a server, and breaks the connection right
// after the n-th COMMIT has been carried out, before its answer gets back.
type commitCutter struct {
	net.Listener
	server  string
	left    atomic.Int64 // commits until the cut
	cut     atomic.Int64 // how often
	stays   atomic.Bool  // after the cut nobody gets through
	refuses atomic.Bool
}

func newCommitCutter(t *testing.T, s *testdb.Server, nth int64) *commitCutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &commitCutter{Listener: l, server: net.JoinHostPort(s.Host, strconv.Itoa(s.Port))}
	c.left.Store(nth)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go c.serve(client)
		}
	}()
	return c
}

func (c *commitCutter) serve(client net.Conn) {
	defer client.Close()
	if c.refuses.Load() {
		return
	}
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	var dropping atomic.Bool
	go func() {
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil || dropping.Load() {
				return // the answer to COMMIT is lost
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil || c.refuses.Load() {
			return
		}
		if bytes.HasSuffix(buf[:n], []byte("\x03COMMIT")) && c.left.Add(-1) == 0 {
			dropping.Store(true)
			c.refuses.Store(c.stays.Load())
			c.cut.Add(1)
		}
		if _, err := io.Copy(server, bytes.NewReader(buf[:n])); err != nil {
			return
		}
	}
}

func TestCommitWhoseAnswerIsLostIsSettledByAskingAndNothingComesTwice(t *testing.T) {
	for _, nth := range []int64{1, 2, 4} {
		t.Run(strconv.FormatInt(nth, 10), func(t *testing.T) {
			c := newCommitCutter(t, testdb.MySQL(t), nth)
			w := served(t, c.Addr().String(), onMariaDB(t))
			w.mustRun()
			if c.cut.Load() != 1 {
				t.Errorf("cut %d commits, want 1", c.cut.Load())
			}
			w.wantForetold()
			w.wantOnceEach()
		})
	}
}

func TestCommitOfUnknownOutcomeIsSettledByTheNextRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED: -short: a receiver that is away is tried for half a minute")
	}
	c := newCommitCutter(t, testdb.MySQL(t), 1)
	w := served(t, c.Addr().String(), onMariaDB(t))
	c.stays.Store(true)
	code, sums, errOut := w.run()
	if code != exitFailed || !strings.Contains(errOut, "national") {
		t.Errorf("exited %d: %s", code, errOut)
	}
	if s := sums["provident-fund-accept"]; s.Receivers["national"].Pending == 0 {
		t.Errorf("an unknown outcome counts as pending: %+v", s.Receivers)
	}
	c.refuses.Store(false)
	sums = w.mustRun()
	if n := sums["provident-fund-accept"].Receivers["national"].Released; n == 0 {
		t.Error("the settled records were not counted as released")
	}
	w.wantForetold()
	w.wantOnceEach()
}

func TestServerKilledInMidRunGetsEverythingAfterItsRestart(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED: -short: a receiver that is away is tried for half a minute")
	}
	server, err := testdb.Start(t.TempDir())
	if err != nil {
		t.Skipf("SKIPPED: no MariaDB: %v", err)
	}
	t.Cleanup(server.Stop)
	w := &world{t: t, dir: t.TempDir()}
	exchange := server.DSN(server.CreateDatabase(t))
	w.flags = []string{"--exchange", exchange}
	tr := newTroubled(t, w)
	w.keepSecrets(demoOptions{exchange: exchange})
	tr.exchange = open(t, exchange)
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		deadline := time.Now().Add(10 * time.Second)
		for n := 0; n == 0 && time.Now().Before(deadline); { // the first rows have arrived
			_ = tr.exchange.QueryRow("SELECT COUNT(*) FROM up_pro_accept").Scan(&n)
		}
		server.Kill9(t)
	}()
	code, _, errOut := tr.run()
	<-killed
	server.Restart(t)
	if code == exitUsage {
		t.Errorf("exited %d: %s", code, errOut)
	}
	t.Logf("exit %d", code)
	tr.mustRun()
	tr.wantForetold()
	tr.wantOnceEach()
}

// A wrong password must be tried once: a second and third attempt lock the account.
func TestWrongPasswordIsTriedOnceAndBlocksTheConnection(t *testing.T) {
	server := testdb.MySQL(t)
	w := newTroubled(t, onMariaDB(t))
	cfg, err := sqldialect.ParseDSN(os.Getenv(demoSourceEnv))
	if err != nil {
		t.Fatal(err)
	}
	user := "ro" + strconv.Itoa(os.Getpid())
	server.Exec(t, "", "CREATE USER "+user+"@'%' IDENTIFIED BY 'right-one'", "GRANT SELECT ON "+cfg.Database+".* TO "+user+"@'%'")
	t.Cleanup(func() { server.Exec(t, "", "DROP USER "+user+"@'%'") })
	w.edit("banjian.yaml", "gjj: {kind: mysql, dsn: {env: "+demoSourceEnv+"}}",
		fmt.Sprintf("gjj: {kind: mysql, host: %s, port: %d, user: %s, database: %s, password: {env: BANJIAN_TEST_PASSWORD}}", server.Host, server.Port, user, cfg.Database))
	t.Setenv("BANJIAN_TEST_PASSWORD", "wrong-one")
	for lang, want := range map[string][]string{"zh": {`错误: .*数据库拒绝登录`, `怎么办: .*口令`}, "en": {`error: .*refuses the login`, `what to do: .*password`}} {
		before := refusedLogins(t, server)
		code, _, errOut := w.says("run", "--all", "--lang", lang, "--site", w.dir)
		if code != exitUsage { // the password of the site's file is wrong
			t.Errorf("exited %d, want %d", code, exitUsage)
		}
		if n := refusedLogins(t, server) - before; n != 1 {
			t.Errorf("%d logins were tried, want 1", n)
		}
		wantOnce(t, errOut, want)
		if strings.Contains(errOut, "wrong-one") {
			t.Errorf("the password is shown: %s", errOut)
		}
	}
	t.Setenv("BANJIAN_TEST_PASSWORD", "right-one")
	w.mustRun()
	w.wantForetold()
}

// The same holds for a receiver, however often serve comes back to it.
func TestReceiversWrongPasswordIsTriedOnceByServe(t *testing.T) {
	server := testdb.MySQL(t)
	w := newTroubled(t, onMariaDB(t))
	cfg, err := sqldialect.ParseDSN(os.Getenv(demoExchangeEnv))
	if err != nil {
		t.Fatal(err)
	}
	right := os.Getenv(demoExchangeEnv)
	t.Setenv(demoExchangeEnv, fmt.Sprintf("root:wrong-one@tcp(%s:%d)/%s", server.Host, server.Port, cfg.Database))
	w.write("jobs/every-minute.yaml", "job: often\nschedule: \"@every 1s\"\n")
	before := refusedLogins(t, server)
	var errOut output
	c := w.product(&errOut, "serve", "--site", w.dir, "--lang", "en")
	for until := time.Now().Add(patience); strings.Count(errOut.String(), "job often") < 3 && time.Now().Before(until); {
		time.Sleep(50 * time.Millisecond)
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	if code := exitOf(t, c); code != exitDone {
		t.Errorf("exited %d", code)
	}
	if n := strings.Count(errOut.String(), "job often"); n < 2 {
		t.Fatalf("the job ran %d times\n%s", n, &errOut)
	}
	if n := refusedLogins(t, server) - before; n != 1 {
		t.Errorf("%d logins were tried, want 1\n%s", n, &errOut)
	}
	if !strings.Contains(errOut.String(), "refuses the login") || strings.Contains(errOut.String(), "wrong-one") {
		t.Errorf("said %s", &errOut)
	}
	t.Setenv(demoExchangeEnv, right)
	w.mustRun()
	w.wantForetold()
	w.wantOnceEach()
}

// refusedLogins is how many logins the server has refused so far.
func refusedLogins(t *testing.T, s *testdb.Server) int {
	t.Helper()
	var name string
	var n int
	if err := s.Open(t, "").QueryRow("SHOW GLOBAL STATUS LIKE 'Access_denied_errors'").Scan(&name, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
