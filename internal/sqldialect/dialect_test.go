package sqldialect

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func TestNamesFollowAStrictGrammar(t *testing.T) {
	for _, name := range []string{"a", "V_办件$1", "姓名", "_x", "1a", strings.Repeat("长", 64)} {
		if err := CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "a b", "a`b", "a.b", "a;b", "a-b", "a\x00", "a'", "*", "\xff", "（", strings.Repeat("a", 65)} {
		if err := CheckName(name); !fault.Is(err, fault.Config) {
			t.Errorf("%q was accepted", name)
		}
	}
}

func TestViewsMayHaveASchema(t *testing.T) {
	for view, want := range map[string]string{"v": "`v`", "gjj.v_办件": "`gjj`.`v_办件`"} {
		if got, err := mysqlDialect.QuoteView(view); got != want || err != nil {
			t.Errorf("%s: %s %v", view, got, err)
		}
	}
	for _, view := range []string{"", ".", "a.", ".a", "a.b.c", "a.b`"} {
		if _, err := sqliteDialect.QuoteView(view); !fault.Is(err, fault.Config) {
			t.Errorf("%q was accepted", view)
		}
	}
}

func FuzzQuotedNameStaysOneName(f *testing.F) {
	f.Add("a`; DROP TABLE b")
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) == nil && (strings.ContainsAny(name, "`'\"\\;. \x00") || !utf8.ValidString(name)) {
			t.Fatalf("accepted %q", name)
		}
		q := backticks(name)
		if strings.Count(q, "`")%2 != 0 {
			t.Fatal(q)
		}
	})
}

func TestDSN(t *testing.T) {
	for raw, want := range map[string]Config{
		"u:p@w/x?d@tcp(10.0.0.1:3307)/gjj":                                  {Kind: "mysql", Host: "10.0.0.1", Port: 3307, User: "u", Database: "gjj"},
		"u@tcp(db)/gjj?timeout=3s&tls=true&parseTime=false&charset=utf8mb4": {Kind: "mysql", Host: "db", Port: 3306, User: "u", Database: "gjj", TLS: true, ConnectTimeout: 3 * time.Second},
		"mysql://u:p@tcp([::1]:3306)/":                                      {Kind: "mysql", Host: "::1", Port: 3306, User: "u"},
		"sqlite:部门/a b.db":                                                  {Kind: "sqlite", Path: "部门/a b.db"},
		"./x.db":                                                            {Kind: "sqlite", Path: "./x.db"},
	} {
		got, err := ParseDSN(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got.Password != nil {
			if p, _ := got.Password(context.Background()); !strings.Contains(raw, ":"+p+"@") {
				t.Errorf("%s: password %q", raw, p)
			}
		}
		got.Password = nil
		if got.Kind != want.Kind || got.Host != want.Host || got.Port != want.Port || got.User != want.User || got.Database != want.Database ||
			got.Path != want.Path || got.TLS != want.TLS || got.ConnectTimeout != want.ConnectTimeout {
			t.Errorf("%s: %+v", raw, got)
		}
	}
}

func TestDSNThatLoosensIsRefused(t *testing.T) {
	for _, param := range []string{"allowAllFiles=true", "allowCleartextPasswords=1", "multiStatements=true", "interpolateParams=true", "parseTime=true",
		"charset=latin1", "tls=skip-verify", "tls=preferred", "allowFallbackToPlaintext=true", "allowOldPasswords=true", "sql_mode=''", "strict=true", "timeout=x"} {
		_, err := ParseDSN("user:canary-secret@tcp(h:1)/d?timeout=1s&" + param)
		if !fault.Is(err, fault.Config) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", param, err)
		}
	}
	for _, raw := range []string{"", "sqlite:", "u:p@unix(/tmp/s)/d", "u:p@tcp(h:x)/d", "u:p@tcp(h:1", "x.db?mode=rw"} {
		if _, err := ParseDSN(raw); !fault.Is(err, fault.Config) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func FuzzDSNNeverPanicsOrLoosens(f *testing.F) {
	f.Add("u:p@tcp(h:3306)/d?multiStatements=true")
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := ParseDSN(raw)
		if err != nil {
			if !fault.Is(err, fault.Config) {
				t.Fatal(err)
			}
			return
		}
		if !slices.Contains(Kinds(), c.Kind) {
			t.Fatal(c.Kind)
		}
	})
}

func TestErrorsAreClassifiedAndCarryNoValues(t *testing.T) {
	my := func(n uint16, message string) error { return &mysql.MySQLError{Number: n, Message: message} }
	for _, c := range []struct {
		err  error
		kind fault.Kind
		says string
	}{
		{my(1045, "Access denied for user 'u'@'h' (using password: YES)"), fault.Blocked, "refuses the login"},
		{my(1044, "Access denied for user 'u'@'h' to database 'd'"), fault.Blocked, "refuses the login"},
		{my(1698, "Access denied for user 'root'@'localhost'"), fault.Blocked, "refuses the login"},
		{my(1049, "Unknown database 'gjj'"), fault.Config, "gjj"},
		{my(1146, "Table 'gjj.v_accept' doesn't exist"), fault.Config, "gjj.v_accept"},
		{my(1054, "Unknown column 'slbh' in 'SELECT'"), fault.Config, "slbh"},
		{my(1356, "View 'gjj.v' references invalid table(s)"), fault.Config, "gjj.v"},
		{my(1142, "SELECT command denied to user 'r'@'h' for table `gjj`.`v`"), fault.Config, "SELECT on gjj.v"},
		{my(1142, "INSERT command denied to user 'r'@'h' for table 'v'"), fault.Config, "INSERT on v"},
		{my(1205, "Lock wait timeout exceeded"), fault.Transient, "lock"},
		{my(1213, "Deadlock found"), fault.Transient, "deadlock"},
		{my(2013, "Lost connection"), fault.Transient, "lost"},
		{my(1040, "Too many connections"), fault.Transient, "to spare"},
		{my(1062, "Duplicate entry 'canary' for key 'PRIMARY'"), fault.Data, "unique"},
		{my(1366, "Incorrect string value: 'canary' for column `d`.`t`.`xm` at row 1"), fault.Data, "d.t.xm"},
		{my(1406, "Data too long for column 'xm' at row 1"), fault.Data, "xm"},
		{my(1292, "Truncated incorrect datetime value: 'canary'"), fault.Data, "does not fit"},
		{my(1064, "You have an error near 'canary'"), fault.Bug, "reported"},
		{driver.ErrBadConn, fault.Transient, "lost"},
		{mysql.ErrInvalidConn, fault.Transient, "lost"},
		{io.ErrUnexpectedEOF, fault.Transient, "lost"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")}, fault.Transient, "cannot be reached"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, fault.Transient, "cannot be reached"},
		{&net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}, fault.Transient, "lost"},
		{context.Canceled, fault.Transient, "stopped"},
		{context.DeadlineExceeded, fault.Transient, "stopped"},
		{mysql.ErrNoTLS, fault.Config, "does not encrypt"},
		{mysql.ErrCleartextPassword, fault.Config, "way to log in"},
		{&tls.CertificateVerificationError{Err: errors.New("canary")}, fault.Config, "not verified"},
		{errors.New("canary"), fault.Bug, "classified"},
	} {
		got := mysqlDialect.Fault(c.err, "test", "gjj")
		for _, lang := range []text.Lang{text.EN, text.ZH} {
			if said := fault.Say(got, lang) + fault.HintOf(got).In(lang); strings.Contains(said, "canary") {
				t.Errorf("%v leaks: %s", c.err, said)
			}
		}
		if fault.KindOf(got) != c.kind || !strings.Contains(got.Error(), c.says) {
			t.Errorf("%v: %v %v, want %v with %q", c.err, fault.KindOf(got), got, c.kind, c.says)
		}
		if !errors.Is(got, c.err) {
			t.Errorf("%v is no longer in the chain", c.err)
		}
	}
	if mysqlDialect.Fault(nil, "", "") != nil {
		t.Error("nil became a fault")
	}
}

func TestSQLiteErrorsAreClassified(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	open := func(readOnly bool) func(q string) error {
		db, err := Config{Kind: "sqlite", Path: path, ReadOnly: readOnly}.Open()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return func(q string) error {
			_, err := db.Exec(q)
			return sqliteDialect.Fault(err, "test", "x")
		}
	}
	check := func(err error, kind fault.Kind, says string) {
		t.Helper()
		if !fault.Is(err, kind) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v (%v), want %v with %q", err, fault.KindOf(err), kind, says)
		}
	}
	check(open(true)("SELECT 1"), fault.Config, "cannot be opened")
	exec := open(false)
	if err := exec("CREATE TABLE t (a INT UNIQUE CHECK (a < 9))"); err != nil {
		t.Fatal(err)
	}
	check(exec("SELECT a FROM nothere"), fault.Config, "nothere")
	check(exec("SELECT nothere FROM t"), fault.Config, "nothere")
	check(exec(`SELECT "nothere" FROM t`), fault.Config, "nothere") // never a string literal
	check(exec("INSERT INTO t VALUES (10)"), fault.Data, "constraint")
	check(exec("SELECT 'canary' FROM FROM"), fault.Bug, "reported")
	check(open(true)("INSERT INTO t VALUES (1)"), fault.Config, "read-only")
}

func TestZones(t *testing.T) {
	for zone, want := range map[string]int{"+08:00": 28800, "-03:30": -12600, "+00:00": 0} {
		loc, err := ZoneOf(zone)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := time.Unix(0, 0).In(loc).Zone(); got != want {
			t.Errorf("%s: %d", zone, got)
		}
	}
	for _, zone := range []string{"", "8", "Asia/Shanghai", "+15:00", "+08:60", "+08:00'"} {
		if _, err := ZoneOf(zone); !fault.Is(err, fault.Config) {
			t.Errorf("%q was accepted", zone)
		}
	}
}

func TestKinds(t *testing.T) {
	for decl, want := range map[string]Kind{"BIGINT": Int, "INTEGER": Int, "UNSIGNED BIG INT": Int, "DOUBLE PRECISION": Float, "REAL": Float, "BLOB": Binary,
		"DECIMAL(10,2)": Decimal, "datetime": Datetime, "DATE": Date, "TIME": Time, "TIMESTAMP": Datetime, "VARCHAR(20)": Text, "": Text, "BOOLEAN": Text} {
		if got := sqliteKind(decl); got != want {
			t.Errorf("sqlite %q: %s, want %s", decl, got, want)
		}
	}
	for name, want := range map[string]Kind{"BIGINT": Int, "UNSIGNED BIGINT": Decimal, "BIT": Decimal, "YEAR": Int, "TIMESTAMP": Datetime, "JSON": Text,
		"VARBINARY": Binary, "ENUM": Text, "NULL": Text, "GEOMETRY": Binary} {
		if got := mysqlKind(name); got != want {
			t.Errorf("mysql %q: %s, want %s", name, got, want)
		}
	}
}

func TestUnknownDialectListsTheKnown(t *testing.T) {
	_, err := ByName("access")
	if !fault.Is(err, fault.Config) || !strings.Contains(fault.HintOf(err).EN, "mysql, sqlite") {
		t.Fatal(err)
	}
	if d, err := ByName("MariaDB"); err != nil || d.Name != "mysql" {
		t.Fatal(err)
	}
}

func TestUnusableCAFileIsRefused(t *testing.T) {
	_, err := Config{Kind: "mysql", Host: "h", TLS: true, CAFile: "/nonexistent"}.Open()
	if !fault.Is(err, fault.Config) {
		t.Fatal(err)
	}
}
