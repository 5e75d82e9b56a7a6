package doctor

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"banjian/internal/text"
)

// attachments looks whether the places can be reached that a connection's files come
// from, and the store they are kept in. No file is read or written.
func (s *Site) attachments(ctx context.Context, name string) []Line {
	if s.House.Site().Connections[name].Attachments == nil {
		return nil
	}
	r := &Report{About: name}
	fetcher, err := s.House.Fetcher(name)
	if err != nil {
		r.Wrong("", "attachments", err)
		return r.Lines
	}
	for _, p := range fetcher.Probe(ctx) {
		if p.Err != nil {
			r.Add("", "attachments", Fail, text.F("到不了 %s", "%s cannot be reached", p.Name),
				text.T("文件夹看挂载和权限，主机看网络、端口和防火墙；这期间的附件先欠着，恢复后自动补上", "of a folder look at the mount and rights, of a host at network, port and firewall; files are owed meanwhile and follow by themselves"))
			continue
		}
		r.Add("", "attachments", OK, text.F("%s，%s 内到达", "%s, reached in %s", p.Name, p.Took.Round(time.Millisecond)), text.Text{})
	}
	store, err := s.House.Objects()
	if err == nil {
		_, err = store.Stat(ctx, "sha256:"+strings.Repeat("0", 64)+";0;")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.Wrong("", "attachments", err)
	}
	return r.Lines
}
