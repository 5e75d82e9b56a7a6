package site

import (
	"path/filepath"

	"banjian/internal/text"
)

// wrongFolder is what is wrong with what only a folder has, and at which key.
func (c *Connection) wrongFolder(name string) (what text.Text, key string) {
	for _, k := range []struct{ key, dir string }{{"archive", c.Archive}, {"rejected", c.Rejected}} {
		switch {
		case k.dir == "":
		case c.Kind != "folder":
			return text.F("连接 %s 不是 folder，不写 %s", "connection %s is no folder: %s does not belong there", name, k.key), k.key
		case !filepath.IsLocal(k.dir) || filepath.Clean(k.dir) == ".":
			return text.F("连接 %s 的 %s 要在 path 之下", "connection %s: %s lies below path", name, k.key), k.key
		}
	}
	if c.Kind == "folder" && c.Path == "" {
		return text.F("连接 %s 缺少 path", "connection %s lacks path", name), "kind"
	}
	return text.Text{}, ""
}
