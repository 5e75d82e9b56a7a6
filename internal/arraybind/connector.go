package arraybind

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"net"
	"reflect"
	"unsafe"

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
			*made = &wire{Conn: c, peer: c}
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
	if w.secured {
		if w.peer = encrypted(made); w.peer == nil {
			w.agreed = false
		}
	}
	return &Conn{driverConn: whole, wire: w}, nil
}

// encrypted is the TLS connection that the driver made over the wire and checked, nil where
// it cannot be found. The driver does not hand it out; it is the field the driver speaks on.
func encrypted(c driver.Conn) net.Conn {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	f := v.Elem().FieldByName("netConn")
	if !f.IsValid() || f.Type() != reflect.TypeFor[net.Conn]() {
		return nil
	}
	secure, ok := (*(*net.Conn)(unsafe.Pointer(f.UnsafeAddr()))).(*tls.Conn)
	if !ok || !secure.ConnectionState().HandshakeComplete {
		return nil
	}
	return secure
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
