package main

import (
	"context"
	"fmt"
	"time"

	"banjian/ledger"
)

// owedFiles is how many files the records of a pipeline wait for, and why.
type owedFiles struct {
	Department string `json:"department"`
	Pipeline   string `json:"pipeline"`
	Why        string `json:"why"` // missing, down, store, wrong
	Files      int64  `json:"files"`
	Since      string `json:"since"`
	Next       string `json:"next_try"`
	since      time.Time
}

// owedTooLong is how long a file may be owed before somebody should look.
const owedTooLong = 72 * time.Hour

func (h *house) owedFiles(ctx context.Context, store ledger.Debts, f statusFilter) ([]owedFiles, error) {
	if f.receiver != "" {
		return nil, nil
	}
	totals, err := store.OwedTotals(ctx)
	var list []owedFiles
	for _, o := range totals {
		source, known := h.SourceOf(o.Pipeline)
		if f.department != "" && (!known || source != f.department) {
			continue
		}
		list = append(list, owedFiles{source, o.Pipeline, o.Why, o.Files, rfc3339(o.Oldest), rfc3339(o.Next), o.Oldest})
	}
	return list, err
}

// owedLong adds files that have been owed for too long.
func (s *statusReport) owedLong(a *app, add func(since time.Time, where, what, hint string)) {
	whys := map[string]string{
		"missing": a.t("文件不在应在的地方，请部门补上", "not where they should be: the department is to provide them"),
		"down":    a.t("文件服务器或文件夹连不上，请检查网络、挂载和 attachments", "their server or folder cannot be reached: check network, mount and attachments"),
		"store":   a.t("本站存不下，检查 objects 的空间和权限", "they cannot be kept here: check space and rights of objects"),
		"wrong":   a.t("取来的文件不合要求，见问题数据；换好后自动再取", "what came was refused, see rejects; once replaced they are fetched again"),
	}
	for _, o := range s.Files {
		if s.now.Sub(o.since) > owedTooLong {
			add(o.since, o.Department+" / "+o.Pipeline, fmt.Sprintf(a.t("欠附件 %d 个", "files owed %d"), o.Files), whys[o.Why])
		}
	}
}
