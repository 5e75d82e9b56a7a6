package testdb

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestDataSurviveKill9AndRestart(t *testing.T) {
	s := MySQL(t)
	name := s.CreateDatabase(t)
	s.Exec(t, name, "CREATE TABLE t (a VARCHAR(20))", "INSERT INTO t VALUES ('张三')")
	s.Kill9(t)
	if s.ping() == nil {
		t.Fatal("the server still answers")
	}
	s.Restart(t)
	var got string
	if err := s.Open(t, name).QueryRow("SELECT a FROM t").Scan(&got); err != nil || got != "张三" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestSharedServerIsStartedOnce(t *testing.T) {
	first, again := MySQL(t), MySQL(t)
	if first != again {
		t.Fatal("two servers")
	}
}

func TestServerOfTheEnvironmentIsUsedAsItIs(t *testing.T) {
	own := MySQL(t)
	s, err := given(own.DSN(""))
	if err != nil {
		t.Fatal(err)
	}
	if s.process != nil || s.Port != own.Port {
		t.Fatalf("%+v", s)
	}
	s.Exec(t, s.CreateDatabase(t), "CREATE TABLE t (a INT)")
}
