package main

import (
	"context"
	"path"
	"time"

	"banjian/cmd/internal/doctor"
	"banjian/connectors"
	"banjian/internal/text"
	"banjian/pipelines"
)

// examineDrop looks whether a folder of files can be reached and listed.
func (h *house) examineDrop(ctx context.Context, name string, specs []pipelines.Spec) []doctor.Line {
	r := &doctor.Report{About: name}
	began := time.Now()
	folder, err := connectors.OpenDrop(ctx, h.Drop(name, h.Site().Connections[name]))
	if err != nil {
		r.Wrong("", "connect", err)
		return r.Lines
	}
	defer folder.Close()
	r.Add("", "connect", doctor.OK, text.F("%s 内应答", "answered in %s", time.Since(began).Round(time.Millisecond)), text.Text{})
	for _, s := range specs {
		if s.From.Connection != name || s.From.Files == "" {
			continue
		}
		list, err := folder.List(ctx, path.Dir(s.From.Files))
		if err != nil {
			r.Wrong(s.Pipeline, "files", err)
			continue
		}
		n := 0
		for _, e := range list {
			if ok, _ := path.Match(path.Clean(s.From.Files), e.Name); ok {
				n++
			}
		}
		r.Add(s.Pipeline, "files", doctor.OK, text.F("文件夹里有 %d 个文件，%d 个叫 %s", "%d files lie there, %d of them named %s", len(list), n, s.From.Files), text.Text{})
	}
	return r.Lines
}
