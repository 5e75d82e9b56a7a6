package main

import (
	"banjian/connectors/kafka"
	"banjian/internal/site"
)

// brokers is a Kafka connection of the site. Its password is fetched when it is dialled.
func brokers(name string, c site.Connection) kafka.Connection {
	return kafka.Connection{Name: name, Brokers: c.Brokers, TLS: c.TLS, CAFile: c.CAFile, ServerName: c.ServerName,
		Mechanism: c.SASL, User: c.User, Password: c.Password.Value, Registry: c.Registry}
}
