package site

import (
	"slices"

	"banjian/internal/text"
)

// Heartbeat (心跳) is a time that the server that is written to keeps writing: at a standby
// it tells how far that is behind.
type Heartbeat struct {
	View   string `yaml:"view"`   // view or table
	Column string `yaml:"column"` // of it: the time
}

// wrongStandby is what is wrong with what a connection says of replication, and at which key.
func (c *Connection) wrongStandby(name string) (what, hint text.Text, key string) {
	database := slices.Contains(databaseKinds, c.Kind)
	switch h := c.Heartbeat; {
	case c.Role != "" && (!database || c.Role != "primary" && c.Role != "standby"):
		return text.F("连接 %s 的 role 不能是 %q", "connection %s: role cannot be %q", name, c.Role), text.T("数据库连接可写 primary 或 standby", "a database connection takes primary or standby"), "role"
	case h != nil && (!database || h.View == "" || h.Column == "" || c.Role == "primary"):
		return text.F("连接 %s 的 heartbeat 要有 view 和 column，且只用于备库", "connection %s: heartbeat has view and column, and is for standbys", name),
			text.T("例如 heartbeat: {view: v_heartbeat, column: ts}", "for instance heartbeat: {view: v_heartbeat, column: ts}"), "heartbeat"
	}
	return text.Text{}, text.Text{}, ""
}
