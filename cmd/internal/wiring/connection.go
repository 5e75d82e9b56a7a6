package wiring

import (
	"context"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// database is a connection of the site as the dialects take it. Secrets are fetched
// when the database is dialled, not before.
func (h *House) database(name string, c site.Connection) (sqldialect.Config, error) {
	if !c.DSN.IsZero() {
		dsn, err := h.site.Fetch(c.DSN, "connections", name, "dsn")
		if err != nil {
			return sqldialect.Config{}, err
		}
		cfg, err := sqldialect.ParseDSN(dsn)
		cfg.Name, cfg.Zone = name, h.site.Zone
		return cfg, err
	}
	cfg := sqldialect.Config{Name: name, Kind: c.Kind, Host: c.Host, Port: c.Port, User: c.User, Database: c.Database, Zone: h.site.Zone,
		TLS: c.TLS, CAFile: c.CAFile, ServerName: c.ServerName}
	if c.Kind == "sqlite" {
		cfg.Path = h.site.Path(c.Path)
	}
	password := h.fetching(c.Password, "connections", name, "password")
	cfg.Password = func(context.Context) (string, error) { return password() }
	return cfg, nil
}

// fetching fetches a secret of the site's file when it is called.
func (h *House) fetching(secret site.Secret, path ...any) func() (string, error) {
	return func() (string, error) { return h.site.Fetch(secret, path...) }
}

// Connection is one of the site's, by name, and the database behind it.
func (h *House) Connection(connection string) (none sqldialect.Config, conn site.Connection, err error) {
	conn, ok := h.site.Connections[connection]
	if !ok {
		var known []string
		for name := range h.site.Connections {
			known = append(known, name)
		}
		slices.Sort(known)
		hint := nearest.Hint(connection, known)
		switch {
		case len(known) == 0:
			hint = text.T("banjian.yaml 的 connections 里还没有连接，先写上部门的数据库", "there is none under connections in banjian.yaml yet: define the department's database")
		case hint.IsZero():
			hint = text.F("banjian.yaml 的 connections 里有：%s", "connections of banjian.yaml: %s", strings.Join(known, ", "))
		}
		return none, conn, fault.New(fault.Config, "find connection", connection, text.T("没有这个连接", "there is no such connection"), hint)
	}
	db, err := h.database(connection, conn)
	return db, conn, err
}

// careful asks a database that refuses a login no second time: the account would be locked.
func (h *House) careful(db sqldialect.Config, ask func() error) error {
	if err := h.guard.Blocked(db.Where()); err != nil {
		return err
	}
	err := ask()
	if fault.Is(err, fault.Blocked) {
		h.guard.Block(db.Where(), err)
	}
	return err
}
