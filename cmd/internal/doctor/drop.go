package doctor

import (
	"context"
	"path"
	"time"

	"banjian/internal/text"
)

// drop looks whether a folder of files can be reached and listed.
func (s *Site) drop(ctx context.Context, name string) []Line {
	r := &Report{About: name}
	began := time.Now()
	folder, err := s.House.OpenDrop(ctx, name)
	if err != nil {
		r.Wrong("", "connect", err)
		return r.Lines
	}
	defer folder.Close()
	r.Add("", "connect", OK, text.F("%s 内应答", "answered in %s", time.Since(began).Round(time.Millisecond)), text.Text{})
	for _, spec := range s.Specs {
		if spec.From.Connection != name || spec.From.Files == "" {
			continue
		}
		list, err := folder.List(ctx, path.Dir(spec.From.Files))
		if err != nil {
			r.Wrong(spec.Pipeline, "files", err)
			continue
		}
		n := 0
		for _, e := range list {
			if ok, _ := path.Match(path.Clean(spec.From.Files), e.Name); ok {
				n++
			}
		}
		r.Add(spec.Pipeline, "files", OK, text.F("文件夹里有 %d 个文件，%d 个叫 %s", "%d files lie there, %d of them named %s", len(list), n, spec.From.Files), text.Text{})
	}
	return r.Lines
}
