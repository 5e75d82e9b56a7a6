package site

import (
	"path/filepath"
	"regexp"

	"banjian/internal/pace"
	"banjian/internal/text"
)

// wrongFolder is what is wrong with what only a folder has, and at which key.
func (c *Connection) wrongFolder(name string) (what text.Text, key string) {
	for _, k := range []struct{ key, dir string }{{"archive", c.Archive}, {"rejected", c.Rejected}} {
		switch {
		case k.dir == "":
		case !c.Drop():
			return text.F("连接 %s 不是 folder 或 sftp，不写 %s", "connection %s is no folder and no sftp: %s does not belong there", name, k.key), k.key
		case !filepath.IsLocal(k.dir) || filepath.Clean(k.dir) == ".":
			return text.F("连接 %s 的 %s 要在 path 之下", "connection %s: %s lies below path", name, k.key), k.key
		}
	}
	for _, k := range []struct {
		key   string
		there bool
	}{{"hours", c.Hours != "" && c.Attachments == nil}, {"speed", c.Speed != pace.Speed{}}, {"statement_timeout", c.StatementTimeout != 0}, {"charset", c.Charset != ""}} {
		if c.Drop() && k.there {
			return text.F("连接 %[1]s 是 %[2]s，%[3]s 只用于数据库", "connection %[1]s is of kind %[2]s: %[3]s is for databases", name, c.Kind, k.key), k.key
		}
	}
	if c.Drop() && c.Path == "" {
		return text.F("连接 %s 缺少 path", "connection %s lacks path", name), "kind"
	}
	return text.Text{}, ""
}

// Drop says that it is where a department drops files.
func (c *Connection) Drop() bool { return c.Kind == "folder" || c.Kind == "sftp" }

// hostKey is a host key as .pub files have it, or its fingerprint.
var hostKey = regexp.MustCompile(`^(SHA256:[A-Za-z0-9+/]{43}=?|(ssh|ecdsa|sk)-\S+ AAAA[A-Za-z0-9+/]+=*( .*)?)$`)

// wrongSFTP is what is wrong with what only an SFTP server has, and at which key.
func (c *Connection) wrongSFTP(name string) (what text.Text, key string) {
	if c.Kind != "sftp" {
		for _, k := range []struct {
			key   string
			there bool
		}{{"host_keys", len(c.HostKeys) > 0}, {"known_hosts", c.KnownHosts != ""}, {"private_key", !c.PrivateKey.IsZero()}, {"passphrase", !c.Passphrase.IsZero()}} {
			if k.there {
				return text.F("连接 %[1]s 不是 sftp，不写 %[2]s", "connection %[1]s is no sftp: %[2]s does not belong there", name, k.key), k.key
			}
		}
		return text.Text{}, ""
	}
	switch {
	case c.Host == "" || c.User == "":
		return text.F("连接 %s 要有 host 和 user", "connection %s needs host and user", name), "kind"
	case c.Password.IsZero() && c.PrivateKey.IsZero():
		return text.F("连接 %s 要有 password 或 private_key", "connection %s needs password or private_key", name), "kind"
	case !c.Passphrase.IsZero() && c.PrivateKey.IsZero():
		return text.F("连接 %s 有 passphrase，却没有 private_key", "connection %s has a passphrase, but no private_key", name), "passphrase"
	case (len(c.HostKeys) == 0) == (c.KnownHosts == ""):
		return text.F("连接 %s 要写 host_keys 或 known_hosts，二选一", "connection %s has host_keys or known_hosts", name), "kind"
	}
	for _, k := range c.HostKeys {
		if !hostKey.MatchString(k) {
			return text.F("连接 %s 的 host_keys 里 %q 不是主机公钥或其 SHA256 指纹", "connection %s: %q under host_keys is no host key and no SHA256 fingerprint of one", name, k), "host_keys"
		}
	}
	return text.Text{}, ""
}
