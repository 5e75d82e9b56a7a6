package arraybind

import (
	"context"
	"database/sql/driver"
	"net"

	"github.com/go-sql-driver/mysql"
)

// Connector makes connections of the driver on which Insert may be called through
// sql.Conn.Raw, where they are Ready. It takes cfg over.
func Connector(cfg *mysql.Config) (driver.Connector, error) {
	dial := cfg.DialFunc
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if made, ok := ctx.Value(wireKey{}).(**wire); ok && err == nil {
			*made = &wire{Conn: c}
			return *made, nil
		}
		return c, err
	}
	inner, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return &connector{inner}, nil
}

type connector struct{ driver.Connector }

type wireKey struct{}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	var w *wire
	made, err := c.Connector.Connect(context.WithValue(ctx, wireKey{}, &w))
	if err != nil {
		return nil, err
	}
	whole, ok := made.(driverConn)
	if !ok || w == nil {
		return made, nil
	}
	return &Conn{driverConn: whole, wire: w}, nil
}

// driverConn is all that database/sql asks a connection of this driver for.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

// Conn is a connection of the driver, and of array binding where it is Ready. Like every
// driver.Conn it serves one goroutine at a time.
type Conn struct {
	driverConn
	wire *wire
}

// Ready says that server and connection have agreed on array binding.
func (c *Conn) Ready() bool { return c.wire.agreed }
