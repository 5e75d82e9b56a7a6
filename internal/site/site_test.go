package site_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/site"
)

const good = `site: 某市
connections:
  gjj: {kind: mysql, host: 10.0.0.1, user: reader, password: {env: GJJ_PASSWORD}, database: gjj}
  exchange: {kind: sqlite, path: data/exchange.db}
receivers:
  national: {system: national, environment: test, kind: exchange, connection: exchange, profile: national-2020, data_source: "144"}
`

// write makes a site of one file.
func write(t *testing.T, data string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, site.FileName), []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestASiteIsReadWithItsDefaults(t *testing.T) {
	dir := write(t, good)
	s, err := site.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Dir != dir || s.Zone != "+08:00" || s.Ledger.Path != "data/ledger.db" || len(s.Connections) != 2 || s.Receivers["national"].DataSource != "144" {
		t.Errorf("got %+v", s)
	}
	if n := s.Connections["gjj"].MaxConnections; n != site.DefaultConnections {
		t.Errorf("%d connections where none are named", n)
	}
	if s.Path("data/x") != filepath.Join(dir, "data/x") || s.Path("/x") != "/x" {
		t.Errorf("paths %s and %s", s.Path("data/x"), s.Path("/x"))
	}
	if s.Folder("jobs") != nil {
		t.Error("a folder that is not there")
	}
	if err := os.Mkdir(filepath.Join(dir, "jobs"), 0o700); err != nil {
		t.Fatal(err)
	}
	if s.Folder("jobs") == nil {
		t.Error("a folder that is there is not found")
	}
}

func TestAMistakeInASiteIsAConfigFault(t *testing.T) {
	for _, c := range []struct{ name, from, to, says string }{
		{"an unknown key", "site: 某市", "site: 某市\nconnectons: {}", "banjian.yaml:2:1"},
		{"a literal password", "{env: GJJ_PASSWORD}", "hunter2", "secret never stands"},
		{"an unknown kind", "kind: sqlite", "kind: access", "access"},
		{"a file without path", "path: data/exchange.db", "host: x", "path"},
		{"a server without user", "user: reader, ", "", "user"},
		{"a receiver of an unknown kind", "kind: exchange", "kind: post", "post"},
		{"a receiver without profile", "profile: national-2020, ", "", "profile"},
		{"a receiver without environment", "environment: test, ", "", "banjian.yaml:6:14: receiver national lacks environment"},
		{"a receiver that is nothing", "system: national, environment: test, ", "", "receiver national lacks system, environment"},
		{"a receiver of a connection that is not there", "connection: exchange", "connection: nowhere", "nowhere"},
		{"a data source of four characters", `"144"`, `"1445"`, "three characters"},
		{"fewer connections than none", "database: gjj", "database: gjj, max_connections: -1", "cannot be negative"},
		{"widths in inches", `"144"`, `"144", widths: inches`, `widths cannot be "inches"`},
		{"a connection in an unknown charset", "database: gjj", "database: gjj, charset: gb2132", `charset cannot be "gb2132"`},
		{"a role nobody has", "database: gjj", "database: gjj, role: master", `role cannot be "master"`},
		{"a heartbeat of no column", "database: gjj", "database: gjj, heartbeat: {view: v}", "view and column"},
		{"a heartbeat of what is no standby", "database: gjj", "database: gjj, role: primary, heartbeat: {view: v, column: c}", "for standbys"},
		{"hours without minutes", "database: gjj", "database: gjj, hours: 20-6", `hours "20-6"`},
		{"an unknown charset", `"144"`, `"144", charset: big5`, `charset cannot be "big5"`},
	} {
		_, err := site.Load(write(t, strings.Replace(good, c.from, c.to, 1)))
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", c.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the message shows the password: %v", c.name, err)
		}
	}
	if _, err := site.Load(t.TempDir()); !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() {
		t.Errorf("no file: %v", err)
	}
}

func TestTheNearestSiteUpwardsIsFound(t *testing.T) {
	dir := write(t, good)
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{dir, deep} {
		if got, err := site.Find(from); err != nil || got != dir {
			t.Errorf("from %s: %s, %v", from, got, err)
		}
	}
	if _, err := site.Find(t.TempDir()); !fault.Is(err, fault.Config) {
		t.Errorf("outside: %v", err)
	}
}

func TestASecretIsFetchedByReferenceAndNeverPrinted(t *testing.T) {
	const value = "hunter2"
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(value+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BANJIAN_TEST_SECRET", value)
	for _, s := range []site.Secret{{Env: "BANJIAN_TEST_SECRET"}, {File: file}, {Command: []string{"printf", value + "\n"}}} {
		got, err := s.Value()
		if err != nil || got != value {
			t.Errorf("%s: %q, %v", s, got, err)
		}
		if shown := fmt.Sprintf("%s %v %+v %#v", s, s, s, s); s.Command == nil && strings.Contains(shown, value) || s.IsZero() {
			t.Errorf("it prints as %s", shown)
		}
	}
	if got, err := (site.Secret{}).Value(); got != "" || err != nil {
		t.Errorf("no reference: %q, %v", got, err)
	}
	for _, s := range []site.Secret{{Env: "BANJIAN_TEST_NOT_SET"}, {File: file + "x"}, {Command: []string{"false"}}, {Command: []string{"/no/such/program", value}}} {
		_, err := s.Value()
		if !fault.Is(err, fault.Config) || fault.HintOf(err).IsZero() || strings.Contains(err.Error(), value) {
			t.Errorf("%s: got %v", s, err)
		}
	}
}
