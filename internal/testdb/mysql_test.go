package testdb

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestDataSurviveKill9AndRestart(t *testing.T) {
	t.Run("mariadb", func(t *testing.T) { surviveKill9(t, MySQL(t)) })
	t.Run("postgres", func(t *testing.T) { surviveKill9(t, Postgres(t)) })
}

func surviveKill9(t *testing.T, s *Server) {
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
	t.Run("mariadb", func(t *testing.T) { usedAsItIs(t, MySQL(t)) })
	t.Run("postgres", func(t *testing.T) { usedAsItIs(t, Postgres(t)) })
}

func usedAsItIs(t *testing.T, own *Server) {
	s, err := given(own.DSN(""))
	if err != nil {
		t.Fatal(err)
	}
	if s.process != nil || s.Port != own.Port {
		t.Fatalf("%+v", s)
	}
	s.Exec(t, s.CreateDatabase(t), "CREATE TABLE t (a INT)")
}
