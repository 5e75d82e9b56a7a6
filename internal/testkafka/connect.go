package testkafka

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"banjian/internal/testdb"
)

// Connect is a Kafka Connect in standalone mode with one Debezium connector. Its
// position lies in a file, so that it goes on after Kill9 and Restart where it stood.
type Connect struct {
	jvm  *jvm
	rest string
}

// ConnectorName is the name of the one connector.
const ConnectorName = "department"

// StartConnect starts a worker in a folder of the test's with a connector of these
// properties ("connector.class" and so on), and ends it with the test. Keys and values
// are JSON without schemas unless the properties say otherwise.
func StartConnect(t testing.TB, b *Broker, properties map[string]string) *Connect {
	t.Helper()
	jars, err := Jars()
	if err != nil {
		skip(t, err)
	}
	dir := t.TempDir()
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", ports[0])
	worker := map[string]string{
		"bootstrap.servers":              b.Address,
		"key.converter":                  "org.apache.kafka.connect.json.JsonConverter",
		"value.converter":                "org.apache.kafka.connect.json.JsonConverter",
		"key.converter.schemas.enable":   "false",
		"value.converter.schemas.enable": "false",
		"offset.storage.file.filename":   filepath.Join(dir, "offsets"),
		"offset.flush.interval.ms":       "500",
		"listeners":                      "http://" + address,
		"plugin.path":                    dir,
		"plugin.discovery":               "only_scan",
	}
	connector := maps.Clone(properties)
	connector["name"] = ConnectorName
	writeProperties(t, filepath.Join(dir, "worker.properties"), worker)
	writeProperties(t, filepath.Join(dir, "connector.properties"), connector)
	c := &Connect{rest: "http://" + address}
	c.jvm = &jvm{dir: dir, args: append(java(jars, "512m"), "org.apache.kafka.connect.cli.ConnectStandalone",
		filepath.Join(dir, "worker.properties"), filepath.Join(dir, "connector.properties"))}
	t.Cleanup(func() { c.jvm.signal(syscall.SIGKILL) })
	c.Restart(t)
	return c
}

// Kill9 kills the worker; Restart brings it back.
func (c *Connect) Kill9() { c.jvm.signal(syscall.SIGKILL) }

// Restart starts the worker and waits until the connector's task runs.
func (c *Connect) Restart(t testing.TB) {
	t.Helper()
	if err := c.jvm.start(c.running); err != nil {
		t.Fatal(err)
	}
}

// running says that the connector and its task are at work. A task that failed stays so:
// it says why in the log.
func (c *Connect) running() bool {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get(c.rest + "/connectors/" + ConnectorName + "/status")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	var status struct {
		Tasks []struct {
			State string `json:"state"`
		} `json:"tasks"`
	}
	return err == nil && json.Unmarshal(body, &status) == nil && len(status.Tasks) == 1 && status.Tasks[0].State == "RUNNING"
}

// Mend starts a task again that failed, as whoever looks after it would: a worker leaves
// it so.
func (c *Connect) Mend() {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Post(c.rest+"/connectors/"+ConnectorName+"/restart?includeTasks=true&onlyFailed=true", "application/json", nil)
	if err == nil {
		resp.Body.Close()
	}
}

// Log is the last lines the worker wrote, and what it says of its connector.
func (c *Connect) Log() string {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get(c.rest + "/connectors/" + ConnectorName + "/status")
	if err != nil {
		return c.jvm.lastWords() + "\n" + err.Error()
	}
	defer resp.Body.Close()
	status, _ := io.ReadAll(resp.Body) // what came of it
	return c.jvm.lastWords() + "\n" + string(status)
}

func writeProperties(t testing.TB, path string, properties map[string]string) {
	t.Helper()
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		fmt.Fprintf(&b, "%s=%s\n", name, strings.ReplaceAll(properties[name], `\`, `\\`))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// DebeziumMariaDB is the properties of a connector that follows every table of a database
// into topics PREFIX.DATABASE.TABLE: a snapshot first, then the binary log.
func DebeziumMariaDB(s *testdb.Server, database, prefix string) map[string]string {
	return map[string]string{
		"connector.class":                       "io.debezium.connector.mariadb.MariaDbConnector",
		"tasks.max":                             "1",
		"database.hostname":                     s.Host,
		"database.port":                         strconv.Itoa(s.Port),
		"database.user":                         s.User,
		"database.password":                     s.Password,
		"database.server.id":                    "1970",
		"database.ssl.mode":                     "disable",
		"database.include.list":                 database,
		"topic.prefix":                          prefix,
		"schema.history.internal":               "io.debezium.storage.file.history.FileSchemaHistory",
		"schema.history.internal.file.filename": "schema-history",
		"schema.history.internal.store.only.captured.tables.ddl": "true",
		"include.schema.changes":                                 "false",
		"decimal.handling.mode":                                  "string",
		"time.precision.mode":                                    "connect",
	}
}
