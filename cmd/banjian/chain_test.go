package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"banjian/connectors/exchangedb/exchangetest"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/testdb"
	"banjian/internal/testkafka"
	"banjian/schemas"
)

// LongTests is the variable that asks for the long form of tests that have one: the number
// of changes the chain carries, such as 100000. make chain sets it.
const LongTests = "BANJIAN_CHAIN"

// chainLong is the number of changes asked for, 0 = the short form.
func chainLong() int {
	n, _ := strconv.Atoi(os.Getenv(LongTests))
	return n
}

const chainMapping = `mapping: chain/accept
to: case/accept
fields:
  local_no: slbh
  round: {const: 1}
  flow_no: sblsh
  case_no: {expr: "'BJ-' + slbh"}
  catalog_code: {const: "442111666002"}
  local_task_code: {const: GJJ-0301}
  task_code: {const: 11440000553612461J2442111666002}
  item_code: {const: GJJ-0301}
  item_name: {const: 一次性待遇申领}
  item_version: {const: "6"}
  item_region: {const: "440100000000"}
  decision: {const: accept}
  accepted_at: {from: slsj, time: ["2006-01-02 15:04:05"]}
  applied_at: {from: slsj, time: ["2006-01-02 15:04:05"]}
  accept_opinion: slyj
  accept_user: {const: 张受理}
  accept_user_no: {const: "0017"}
  accept_region: {const: "440103000000"}
  accept_region_name: {const: 岭南区}
  dept_code: {const: 11440000MB2C70271K}
  dept_name: {const: 岭南市住房公积金管理中心}
  applicant_type: {const: "1"}
  applicant_name: {const: 张样例}
  applicant_id_type: {const: "111"}
  applicant_id_no: {const: 11010519491231002X}
  channel: {const: window}
  handling_type: {const: instant}
  address: slyj
`

// chain is a department's table, Debezium, Kafka, banjian, an exchange table and a platform.
type chain struct {
	t        *testing.T
	dir      string
	server   *testdb.Server
	broker   *testkafka.Broker
	connect  *testkafka.Connect
	name     string // of the database, which holds the exchange table too
	topic    string
	db       *sql.DB
	platform string // state file
	serving  *exec.Cmd
	said     *os.File

	began   time.Time
	rng     *rand.Rand
	alive   []aliveRow
	version int // of the last change: every change says a number of its own
	next    int // id
	done    int // changes
	kinds   map[string]int
}

type aliveRow struct{ id, no int }

func newChain(t *testing.T) *chain {
	c := &chain{t: t, began: time.Now(), dir: t.TempDir(), broker: testkafka.Kafka(t), rng: rand.New(rand.NewPCG(3, 5)), kinds: map[string]int{}}
	var err error
	if c.server, err = testdb.Start(t.TempDir()); err != nil { // its own: it will be killed
		t.Skipf("SKIPPED: no MariaDB: %v", err)
	}
	t.Cleanup(c.server.Stop)
	c.name = c.server.CreateDatabase(t)
	c.topic = "dept." + c.name + ".ywsl"
	c.db = open(t, c.server.DSN(c.name))
	c.server.Exec(t, c.name, "CREATE TABLE ywsl (id BIGINT PRIMARY KEY, slbh VARCHAR(20) NOT NULL UNIQUE, sblsh VARCHAR(30) NOT NULL, slsj DATETIME NOT NULL, slyj VARCHAR(60) NOT NULL)")
	cat, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	table, _ := cat.Table("up_pro_accept")
	c.server.Exec(t, c.name, exchangetest.DDL(table, "mysql", "up_pro_accept", "2020")...)
	c.broker.CreateTopic(t, c.topic, 3)
	c.change(100) // read by the connector's snapshot
	properties := testkafka.DebeziumMariaDB(c.server, c.name, "dept")
	properties["table.include.list"] = c.name + ".ywsl"
	properties["retriable.restart.connector.wait.ms"] = "500"
	properties["connect.keep.alive.interval.ms"] = "1000" // how soon a lost server is looked for
	properties["heartbeat.interval.ms"] = "0"
	c.connect = testkafka.StartConnect(t, c.broker, properties)
	c.site()
	t.Cleanup(func() { c.stop(syscall.SIGKILL) })
	return c
}

// keysOfChain open the platform's door.
var keysOfChain = middleplatform.Credentials{Key: "chain-key", Secret: "chain-secret"}

const sm4OfChain = "chainSm4Key00001"

// site starts the platform and writes the site.
func (c *chain) site() {
	c.t.Helper()
	for name, value := range map[string]string{"db": c.server.Password, "key": keysOfChain.Key, "secret": keysOfChain.Secret, "sm4": sm4OfChain} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(value), 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	c.platform = filepath.Join(c.dir, "platform.ndjson")
	sim, err := simulator.New(simulator.Options{Profile: platformProfile(c.t), Credentials: keysOfChain, SM4Key: sm4OfChain, State: c.platform})
	if err != nil {
		c.t.Fatal(err)
	}
	listening, err := sim.Listen("127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- listening.Serve(ctx) }()
	c.t.Cleanup(func() {
		stop()
		<-ended
		sim.Close()
	})
	for name, text := range map[string]string{
		"banjian.yaml": fmt.Sprintf(`site: chain
connections:
  bus: {kind: kafka, brokers: [%[1]q]}
  exchange: {kind: mysql, host: %[2]s, port: %[3]d, user: %[4]s, database: %[5]s, password: {file: %[6]s/db}}
  platform: {kind: platform, url: %[7]q, max_connections: 4, keys: [{key: {file: %[6]s/key}, secret: {file: %[6]s/secret}, sm4: {file: %[6]s/sm4}}]}
receivers:
  national: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020, data_source: "144"}
  platform: {system: platform, environment: test, kind: platform, connection: platform, profile: sd-ywzt-2024}
`, c.broker.Address, c.server.Host, c.server.Port, c.server.User, c.name, c.dir, listening.Base),
		"mappings/chain/accept.yaml": chainMapping,
		"pipelines/accept.yaml": fmt.Sprintf(`pipeline: accept
from: {connection: bus, source_id: gjj-bus, topic: %s, format: debezium, key: [local_no, round], linger: 50ms, times: {slsj: millis}}
mapping: chain/accept
deliver: [national, platform]
deletes: {max: 10000000}
`, c.topic)} {
		path := filepath.Join(c.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			c.t.Fatal(err)
		}
	}
	if code, _, errOut := command("validate", "--site", c.dir, "--lang", "en"); code != exitDone {
		c.t.Fatal(errOut)
	}
}

func (c *chain) environment() []string {
	return append(os.Environ(), asProduct+"=1")
}

// serve starts the product.
func (c *chain) serve() {
	c.t.Helper()
	if c.said == nil {
		var err error
		if c.said, err = os.Create(filepath.Join(c.dir, "said")); err != nil {
			c.t.Fatal(err)
		}
		c.t.Cleanup(func() { c.said.Close() })
	}
	c.serving = exec.Command(os.Args[0], "serve", "--site", c.dir, "--lang", "en")
	c.serving.Env, c.serving.Stdout, c.serving.Stderr = c.environment(), c.said, c.said
	c.serving.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.serving.Start(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chain) stop(s syscall.Signal) {
	if c.serving != nil {
		_ = c.serving.Process.Signal(s) // it may have ended
		_ = c.serving.Wait()
		c.serving = nil
	}
}

// kill kills the parts of the chain one after the other, with changes before, during and
// after.
func (c *chain) kill(round, changes int) {
	c.t.Helper()
	part := changes / 9
	c.change(part)
	c.broker.Kill9(c.t)
	c.change(part)
	c.broker.Restart(c.t)
	c.change(part)
	c.connect.Kill9()
	c.change(part)
	c.connect.Restart(c.t)
	c.change(part)
	if round == 0 {
		c.server.Exec(c.t, c.name, "ALTER TABLE ywsl ADD COLUMN fjs INT NOT NULL DEFAULT 0")
	}
	c.server.Exec(c.t, c.name, "UPDATE ywsl SET fjs=fjs+1 WHERE id%7=0") // what nobody maps
	c.server.Kill9(c.t)
	c.server.Restart(c.t)
	c.connect.Mend()
	c.change(part)
	c.stop(syscall.SIGKILL)
	c.change(part)
	c.serve()
	c.change(changes - 7*part)
}

// A department's changes arrive through Debezium and Kafka, once each in effect, though
// every part of the chain is killed on the way.
func TestEveryChangeOfATableArrivesOnceThoughEachPartIsKilled(t *testing.T) {
	t.Parallel()
	changes, kills := 1800, 1
	if n := chainLong(); n > 0 {
		changes, kills = n, 2
	}
	c := newChain(t)
	c.serve()
	c.arrives() // the connector's snapshot is over
	for round := range kills {
		c.kill(round, changes/kills)
	}
	c.settle()
	c.stop(syscall.SIGTERM)
	c.approve()
	c.judge()
}

// arrives waits until one more case is at the receiver: then Debezium has told all before it.
func (c *chain) arrives() {
	c.t.Helper()
	c.next++
	c.version++
	c.server.Exec(c.t, c.name, fmt.Sprintf("INSERT INTO ywsl(id, slbh, sblsh, slsj, slyj) VALUES (%d, '%s', '%s', '2026-03-04 09:30:00', '%s')", c.next, number(c.next), flow(c.next), opinion(c.version)))
	for end := time.Now().Add(c.patience()); c.count("SELECT COUNT(*) FROM up_pro_accept WHERE project_no='BJ-"+number(c.next)+"'") == 0; {
		c.connect.Mend()
		if time.Sleep(100 * time.Millisecond); time.Now().After(end) {
			said, _ := os.ReadFile(c.said.Name())
			c.t.Fatalf("a change did not arrive: %s\n%s\n%s", c.offsets(), said[max(0, len(said)-3000):], c.connect.Log())
		}
	}
}

func (c *chain) patience() time.Duration {
	return 5*time.Minute + time.Duration(c.done)*10*time.Millisecond
}

// settle waits until everything was told, read and delivered.
func (c *chain) settle() {
	c.t.Helper()
	c.arrives()
	end := time.Now().Add(c.patience())
	last := ""
	for still := 0; still < 8 && time.Now().Before(end); {
		time.Sleep(250 * time.Millisecond)
		now := fmt.Sprint(c.offsets(), c.count("SELECT COUNT(*) FROM up_pro_accept"), c.effects())
		if now != last || !c.readToTheEnd() {
			last, still = now, 0
			continue
		}
		still++
	}
}

func (c *chain) count(query string) (n int) {
	c.t.Helper()
	if err := c.db.QueryRowContext(c.t.Context(), query).Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}

// effects is how much the platform has written down.
func (c *chain) effects() int64 {
	st, err := os.Stat(c.platform)
	if err != nil {
		return 0
	}
	return st.Size()
}

// offsets is how far the topic goes, by partition.
func (c *chain) offsets() string {
	_, out, _ := command("streams", "list", "--site", c.dir, "--json")
	return out
}

func (c *chain) readToTheEnd() bool {
	n := 0
	for line := range strings.Lines(c.offsets()) {
		var p partStand
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			c.t.Fatalf("%v: %s", err, line)
		}
		if n++; p.Lag != 0 {
			return false
		}
	}
	return n > 0
}

// approve has everything delivered, and then a person approve the deletes that are held.
func (c *chain) approve() {
	c.t.Helper()
	for _, flags := range [][]string{{}, {"--approve-deletes"}} {
		run := exec.Command(os.Args[0], append([]string{"run", "--all", "--deliver-only", "--fail-on", "none", "--site", c.dir, "--lang", "en"}, flags...)...)
		run.Env = c.environment()
		if out, err := run.CombinedOutput(); err != nil {
			c.t.Fatalf("%v: %s", err, out)
		}
	}
}
