package wiring

import (
	"time"

	"banjian/connectors"
	"banjian/connectors/sqlview"
	"banjian/internal/site"
	"banjian/mappings"
	"banjian/pipelines"
)

// sourceOptions is what a department's view is opened with; key is the source columns that
// feed the natural key.
func (h *House) sourceOptions(spec pipelines.Spec, m *mappings.Mapping, key []string) (connectors.SourceOptions, error) {
	from := spec.From
	conn := h.site.Connections[from.Connection]
	db, err := h.database(from.Connection, conn)
	o := connectors.SourceOptions{DB: db, From: from, Columns: from.SourceColumns(readBy(&spec, m)), Key: from.SourceColumns(key), Charset: conn.Charset,
		Hours: conn.Hours, Most: conn.MaxConnections, Guard: h.guard, Zone: h.zone, Speed: conn.Speed, Timeout: time.Duration(conn.StatementTimeout)}
	o.Role, o.Beat = conn.Role, heartbeat(conn)
	if from.Files != "" {
		o.Drop = h.drop(from.Connection, conn)
	}
	return o, err
}

// Look is how a connection is looked at beside being read: with its cap, its hours and its
// charset.
func (h *House) Look(connection string) (sqlview.Options, error) {
	db, conn, err := h.Connection(connection)
	return sqlview.Options{DB: db, Guard: h.guard, MaxConnections: conn.MaxConnections, Hours: conn.Hours, Zone: h.zone, Charset: conn.Charset, Role: conn.Role, Heartbeat: heartbeat(conn)}, err
}

// heartbeat is what tells how far the connection's server is behind.
func heartbeat(c site.Connection) sqlview.Heartbeat {
	if c.Heartbeat == nil {
		return sqlview.Heartbeat{}
	}
	return sqlview.Heartbeat(*c.Heartbeat)
}

// View is what a pipeline opens its view with.
func (h *House) View(spec pipelines.Spec) (connectors.SourceOptions, error) {
	m, err := h.Mapping(spec.Mapping, nil)
	if err != nil {
		return connectors.SourceOptions{}, err
	}
	named := spec // rows without a key are named in it
	if err := h.nameRows(&named, m); err != nil {
		return connectors.SourceOptions{}, err
	}
	key, err := m.KeyColumns(m.Subjects()[0], named.From.Key)
	if err != nil {
		return connectors.SourceOptions{}, err
	}
	return h.sourceOptions(spec, m, key)
}
