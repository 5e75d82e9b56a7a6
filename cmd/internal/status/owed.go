package status

import (
	"context"
	"time"

	"banjian/internal/text"
)

// OwedFiles is how many files the records of a pipeline wait for, and why.
type OwedFiles struct {
	Department string `json:"department"`
	Pipeline   string `json:"pipeline"`
	Why        string `json:"why"` // missing, down, store, wrong
	Files      int64  `json:"files"`
	Since      Moment `json:"since"`
	Next       Moment `json:"next_try"`
}

// owedTooLong is how long a file may be owed before somebody should look.
const owedTooLong = 72 * time.Hour

func (s *Site) owedFiles(ctx context.Context, of Scope, r *Report) error {
	if of.Receiver != "" {
		return nil
	}
	totals, err := s.Store.OwedTotals(ctx)
	for _, o := range totals {
		if source, in := of.source(s.House, o.Pipeline); in {
			r.Files = append(r.Files, OwedFiles{source, o.Pipeline, o.Why, o.Files, Moment{o.Oldest}, Moment{o.Next}})
		}
	}
	return err
}

// owedConcerns adds files that have been owed for too long.
func (r *Report) owedConcerns() {
	for _, o := range r.Files {
		if r.At.Sub(o.Since.Time) > owedTooLong {
			r.concern("owed "+o.Why, o.Since.Time, same(o.Department+" / "+o.Pipeline), text.F("欠附件 %d 个", "files owed %d", o.Files), owedHint(o.Why)).of(o.Files)
		}
	}
}

func owedHint(why string) text.Text {
	switch why {
	case "missing":
		return text.T("文件不在应在的地方，请部门补上", "not where they should be: the department is to provide them")
	case "down":
		return text.T("文件服务器或文件夹连不上，请检查网络、挂载和 attachments", "their server or folder cannot be reached: check network, mount and attachments")
	case "store":
		return text.T("本站存不下，检查 objects 的空间和权限", "they cannot be kept here: check space and rights of objects")
	case "wrong":
		return text.T("取来的文件不合要求，见问题数据；换好后自动再取", "what came was refused, see rejects; once replaced they are fetched again")
	}
	return text.Text{}
}
