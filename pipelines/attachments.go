package pipelines

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/filekind"
	"banjian/internal/pace"
	"banjian/internal/text"
)

// Attachments (附件) is what is to be known of the files that rows refer to. The reference
// itself, a path or an address, is what the mapping puts into the canonical file field.
// Name, Size, MD5, SM3 and Version are columns of the source.
type Attachments struct {
	From    string    `yaml:"from"`     // the connection whose attachments: says where files are; default: the pipeline's own
	Bytes   string    `yaml:"bytes"`    // a binary column that holds the files themselves; the mapping reads it as if it held references
	Name    string    `yaml:"name"`     // what people call it; its ending says what it must be. Default: the record's own name, else the end of the reference
	Size    string    `yaml:"size"`     // bytes it must have
	MD5     string    `yaml:"md5"`      // that it must have; default: the record's attach_md5
	SM3     string    `yaml:"sm3"`      // the same
	Version string    `yaml:"version"`  // changes when the file behind an address is replaced
	MaxSize pace.Size `yaml:"max_size"` // of a file; default: as the connection says
	Types   []string  `yaml:"types"`    // kinds that are taken; default: as the connection says
}

// Columns are the source columns named, each once.
func (a *Attachments) Columns() []string {
	if a == nil {
		return nil
	}
	var list []string
	for _, c := range []string{a.Name, a.Size, a.MD5, a.SM3, a.Version} {
		if c != "" && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

func (s *Spec) checkAttachments() error {
	if s.Attachments == nil {
		return nil
	}
	var found fault.List
	if s.Attachments.Bytes != "" && s.From.View == "" && s.From.Query == "" && (s.From.Table == "" || s.From.Topic != "") {
		found.Add(s.Fault(text.F("管道 %s：attachments.bytes 只用于数据库的视图、表和查询", "pipeline %s: attachments.bytes is for views, tables and queries of databases", s.Pipeline),
			text.T("去掉 bytes，列里放路径或网址", "drop bytes and have the column hold paths or addresses"), "attachments", "bytes"))
	}
	if s.Attachments.Bytes != "" && s.Attachments.Version != "" {
		found.Add(s.Fault(text.F("管道 %s：文件在 bytes 列里，不用 version", "pipeline %s: files are in the column bytes names, version does not belong there", s.Pipeline), text.Text{}, "attachments", "version"))
	}
	for i, k := range s.Attachments.Types {
		if !slices.Contains(filekind.Kinds(), k) {
			found.Add(s.Fault(text.F("管道 %s 的 attachments.types 里 %q 不认识", "pipeline %s: attachments.types: %q is not known", s.Pipeline, k), filekind.Hint(), "attachments", "types", i))
		}
	}
	return found.Err()
}

// Owed (欠件) is a file that a row of an output refers to and that could not be had yet.
// The record goes on without it; whoever keeps the record asks for the file again.
type Owed struct {
	Output int   // which of the outputs
	Row    int32 // of its record
	Field  string
	Ref    string // how to ask again; nobody else reads it
	Why    string // missing, down, store
}

// Filler asks again for the files that records owe. refs has one for each row of rec. It
// gives rec with what came, which the caller releases, and by row what is wrong with a file
// (severity Reject) and what is owed still; all others came.
type Filler interface {
	Fill(ctx context.Context, rec arrow.Record, field string, refs []string) (arrow.Record, []Issue, []Owed, error)
}
