package sqldialect

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// lateConnector asks for the password at every connect, for drivers that want it before.
type lateConnector struct {
	c    Config
	with func(password string) (driver.Connector, error)
}

// late is a pool whose connections are made with the password as it is then.
func (c Config) late(with func(password string) (driver.Connector, error)) *sql.DB {
	return sql.OpenDB(lateConnector{c, with})
}

func (l lateConnector) Connect(ctx context.Context) (driver.Conn, error) {
	password, err := l.c.password(ctx)
	if err != nil {
		return nil, err
	}
	connector, err := l.with(password)
	if err != nil {
		return nil, err
	}
	return connector.Connect(ctx)
}

// Driver is asked for by nobody: database/sql connects through Connect.
func (l lateConnector) Driver() driver.Driver { return nil }
