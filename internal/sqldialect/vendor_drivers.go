package sqldialect

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Products whose own drivers a site may add to its build: a file of three lines in this
// folder, a build tag and a blank import (docs/dialects.zh-CN.md). Such a driver makes
// itself known to database/sql under the name of the product, which is all the hook there
// is.
const (
	DM         = "dm"
	KingbaseES = "kingbase"
	OpenGauss  = "opengauss"
)

// dmDialect serves 达梦 DM8, whose own driver a site adds. Its statements are those of
// Oracle; ” may or may not be NULL there. Not run against a real server.
var dmDialect = func() Dialect {
	d := oracleDialect
	d.Name = DM
	d.Placeholder = questionMark
	d.Session = func(zone string) []string { return []string{"SET TIME ZONE '" + zone + "'"} }
	d.Columns = strings.NewReplacer(":1", "?", ":2", "?").Replace(d.Columns)
	d.classify = func(error) *verdict { return nil }
	d.open = func(c Config) (*sql.DB, error) {
		u := url.URL{Scheme: DM, Host: c.address(5236), RawQuery: url.Values{"schema": {c.Database}, "appName": {"banjian"}}.Encode()}
		return openVendor(c, DM, func(password string) string {
			u := u
			u.User = url.UserPassword(c.User, password)
			return u.String()
		})
	}
	return d
}()

// hasDriver says that this build has the driver of a product.
func hasDriver(name string) bool { return slices.Contains(sql.Drivers(), name) }

// openVendor opens a product by the driver a site added.
func openVendor(c Config, name string, dsn func(password string) string) (*sql.DB, error) {
	if !hasDriver(name) {
		return nil, fault.New(fault.Config, "open connection", c.Where(),
			text.F("这个程序里没有 %s 的驱动", "this program has no driver for %s", name),
			text.T("按 docs/dialects.zh-CN.md 用厂商驱动自行编译", "build it with the vendor's driver, see docs/dialects.md"))
	}
	probe, err := sql.Open(name, dsn(""))
	if err != nil {
		return nil, fault.New(fault.Config, "open connection", c.Where(), text.T("连接设置不完整或有误", "the connection's settings are incomplete or wrong"), text.Text{})
	}
	d := probe.Driver()
	_ = probe.Close() // nothing was dialled
	return c.late(func(password string) (driver.Connector, error) {
		if with, ok := d.(driver.DriverContext); ok {
			return with.OpenConnector(dsn(password))
		}
		return plainConnector{d, dsn(password)}, nil
	}), nil
}

// plainConnector connects by a driver that has no connectors.
type plainConnector struct {
	d   driver.Driver
	dsn string
}

func (p plainConnector) Connect(context.Context) (driver.Conn, error) { return p.d.Open(p.dsn) }
func (p plainConnector) Driver() driver.Driver                        { return p.d }

// vendorPostgres opens Kingbase or openGauss by the vendor's driver, which takes what
// libpq takes; openGauss asks it for a password hash that PostgreSQL does not know.
func vendorPostgres(c Config) (*sql.DB, error) {
	sslmode := "disable"
	if c.TLS {
		sslmode = "verify-full sslrootcert=" + quotedValue(c.CAFile)
	}
	return openVendor(c, strings.ToLower(c.Kind), func(password string) string {
		return fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=%s sslmode=%s client_encoding=UTF8 timezone=%s datestyle='ISO, YMD' application_name=banjian",
			quotedValue(c.Host), portOr(c.Port, 5432), quotedValue(c.User), quotedValue(password), quotedValue(c.Database), sslmode, quotedValue(postgresZone(c.Zone)))
	})
}

func quotedValue(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
