package site_test

import (
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/site"
)

func TestBrokersAreNamedAndSignedInToWholly(t *testing.T) {
	for _, c := range []struct{ connection, want string }{
		{"{kind: kafka, brokers: ['10.0.0.1:9092', 'k2:9092']}", ""},
		{"{kind: kafka, brokers: ['k:9093'], tls: true, sasl: scram-sha-512, user: banjian, password: {env: P}, registry: 'https://registry:8081'}", ""},
		{"{kind: kafka}", "lacks brokers"},
		{"{kind: kafka, brokers: [k]}", "is not host:port"},
		{"{kind: kafka, brokers: ['k:99999']}", "is not host:port"},
		{"{kind: kafka, brokers: ['k:1'], sasl: gssapi, user: u, password: {env: P}}", "is not known"},
		{"{kind: kafka, brokers: ['k:1'], sasl: scram-sha-256}", "all of sasl, user and password"},
		{"{kind: kafka, brokers: ['k:1'], user: u, password: {env: P}}", "all of sasl, user and password"},
		{"{kind: kafka, brokers: ['k:1'], sasl: plain, user: u, password: {env: P}}", "needs tls"},
		{"{kind: kafka, brokers: ['k:1'], registry: registry}", "is no URL"},
		{"{kind: kafka, brokers: ['k:1'], registry: 'https://r:1', registry_user: u, registry_password: {env: P}}", ""},
		{"{kind: kafka, brokers: ['k:1'], registry: 'https://r:1', registry_user: u}", "registry_password"},
		{"{kind: kafka, brokers: ['k:1'], registry: 'http://r:1', registry_user: u, registry_password: {env: P}}", "needs https"},
		{"{kind: sqlite, path: a.db, brokers: ['k:1']}", "does not belong there"},
		{"{kind: sqlite, path: a.db, group: g}", "does not belong there"},
	} {
		_, err := site.Load(write(t, "site: a\nconnections:\n  k: "+c.connection+"\n"))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.connection, err)
		case c.want != "" && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.connection, err, c.want)
		}
	}
}

func TestAReceiverTakesAConnectionOfItsKind(t *testing.T) {
	const connections = "site: a\nconnections:\n  k: {kind: kafka, brokers: ['k:1']}\n  d: {kind: sqlite, path: a.db}\nreceivers:\n  r: {system: s, environment: test, profile: p, "
	for receiver, fits := range map[string]bool{
		"kind: topic, connection: k}":                        true,
		"kind: topic, connection: d}":                        false,
		"kind: exchange, connection: k, data_source: '144'}": false,
		"kind: exchange, connection: d, data_source: '144'}": true,
		"kind: platform, connection: k}":                     false,
	} {
		if _, err := site.Load(write(t, connections+receiver)); (err == nil) != fits {
			t.Errorf("%s: %v", receiver, err)
		}
	}
}
