package sqldialect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"banjian/internal/fault"
)

// vendorDriver stands in for a driver a site added; it takes down how it is opened.
type vendorDriver struct{ dsn *string }

var errNobodyHome = errors.New("nobody home")

func (v vendorDriver) Open(dsn string) (driver.Conn, error) {
	*v.dsn = dsn
	return nil, errNobodyHome
}

func TestAVendorsDriverIsFoundByItsName(t *testing.T) {
	secret := func(context.Context) (string, error) { return `p'w\@:1`, nil }
	_, err := Config{Kind: "dm", Host: "h"}.Open()
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "no driver for dm") {
		t.Fatalf("without the driver: %v", err)
	}
	var dm, gauss string
	sql.Register(DM, vendorDriver{&dm})
	sql.Register(OpenGauss, vendorDriver{&gauss})
	for _, c := range []struct {
		config Config
		got    *string
		want   string
	}{
		{Config{Kind: "dm", Host: "10.0.0.9", User: "ro", Password: secret, Database: "GJJ"}, &dm, `dm://ro:p%27w%5C%40%3A1@10.0.0.9:5236?appName=banjian&schema=GJJ`},
		{Config{Kind: "opengauss", Host: "g", User: "ro", Password: secret, Database: "gjj"}, &gauss,
			`host='g' port=5432 user='ro' password='p\'w\\@:1' dbname='gjj' sslmode=disable client_encoding=UTF8 timezone='<+08:00>-08:00' datestyle='ISO, YMD' application_name=banjian`},
	} {
		db, err := c.config.Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(); !errors.Is(err, errNobodyHome) {
			t.Errorf("%s: %v", c.config.Kind, err)
		}
		if *c.got != c.want {
			t.Errorf("%s is opened with\n%s\nwant\n%s", c.config.Kind, *c.got, c.want)
		}
		_ = db.Close()
	}
	if _, err := (Config{Kind: "kingbase", Host: "127.0.0.1", Port: 1}).Open(); err != nil { // speaks PostgreSQL's protocol without a driver of its own
		t.Error(err)
	}
}

func TestAddressesOfOtherServers(t *testing.T) {
	for raw, want := range map[string]Config{
		"postgres://u:p%40w@10.0.0.1:5433/gjj?sslmode=verify-full": {Kind: "postgres", Host: "10.0.0.1", Port: 5433, User: "u", Database: "gjj", TLS: true},
		"postgresql://u@db/gjj":     {Kind: "postgres", Host: "db", User: "u", Database: "gjj"},
		"oracle://ro:p@h:1521/ORCL": {Kind: "oracle", Host: "h", Port: 1521, User: "ro", Database: "ORCL"},
		"sqlserver://ro:p@h/gjj":    {Kind: "sqlserver", Host: "h", User: "ro", Database: "gjj"},
		"kingbase://ro:p@h/gjj":     {Kind: "kingbase", Host: "h", User: "ro", Database: "gjj"},
	} {
		got, err := ParseDSN(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got.Password = nil; got.Kind != want.Kind || got.Host != want.Host || got.Port != want.Port || got.User != want.User || got.Database != want.Database || got.TLS != want.TLS {
			t.Errorf("%s: %+v", raw, got)
		}
	}
	for _, raw := range []string{"postgres://u:canary@h/d?sslmode=require", "postgres://u:canary@h:x/d", "postgres://u:can%ary@h/d", "access://u:canary@h/d", "postgres:///d", "postgres://u:canary@h/d?options=-c"} {
		if _, err := ParseDSN(raw); !fault.Is(err, fault.Config) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func TestErrorsOfOtherServersAreClassified(t *testing.T) {
	for _, c := range otherErrors {
		err := c.dialect.Fault(c.err, "test", "x")
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error()+fault.HintOf(err).EN, c.says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v: %v (%v), want %v with %q", c.err, err, fault.KindOf(err), c.kind, c.says)
		}
	}
}
