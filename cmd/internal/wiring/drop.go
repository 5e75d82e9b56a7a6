package wiring

import (
	"cmp"
	"context"
	"path/filepath"

	"banjian/connectors"
	"banjian/connectors/file"
	"banjian/connectors/file/sftp"
	"banjian/internal/site"
)

// OpenDrop opens the folder or server that a department drops files at.
func (h *House) OpenDrop(ctx context.Context, connection string) (file.Folder, error) {
	return connectors.OpenDrop(ctx, h.drop(connection, h.site.Connections[connection]))
}

// drop is where a department drops files. Secrets are fetched when the server is dialled.
func (h *House) drop(name string, c site.Connection) connectors.DropOptions {
	o := connectors.DropOptions{Name: name, Path: h.site.Path(c.Path), Archive: c.Archive, Rejected: c.Rejected}
	if c.Kind != "sftp" {
		return o
	}
	o.Server = &sftp.Options{Name: name, Host: c.Host, Port: c.Port, User: c.User, HostKeys: c.HostKeys, KnownHosts: c.KnownHosts, Dir: c.Path,
		Spool: filepath.Join(filepath.Dir(h.site.Path(h.site.Ledger.Path)), "spool"), Most: cmp.Or(c.MaxConnections, 2), Guard: h.guard}
	for _, s := range []struct {
		name string
		to   *func() (string, error)
		from site.Secret
	}{{"password", &o.Server.Password, c.Password}, {"private_key", &o.Server.PrivateKey, c.PrivateKey}, {"passphrase", &o.Server.Passphrase, c.Passphrase}} {
		if !s.from.IsZero() {
			*s.to = h.fetching(s.from, "connections", name, s.name)
		}
	}
	return o
}
