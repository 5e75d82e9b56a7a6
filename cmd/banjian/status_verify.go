package main

import (
	"context"
	"fmt"
	"time"

	"banjian/ledger"
)

// unverified is how many records of a pipeline wait for a service.
type unverified struct {
	Department string `json:"department"`
	Pipeline   string `json:"pipeline"`
	Service    string `json:"service"`
	Failed     bool   `json:"failed"` // it said that they are not so; else nothing yet
	Records    int64  `json:"records"`
	Since      string `json:"since"`
	since      time.Time
}

// silentTooLong is how long a service may give no answer before somebody should look.
const silentTooLong = 24 * time.Hour

func (h *house) unverified(ctx context.Context, store ledger.Doubts, f statusFilter) ([]unverified, error) {
	if f.receiver != "" {
		return nil, nil
	}
	totals, err := store.DoubtTotals(ctx)
	var list []unverified
	for _, d := range totals {
		source, known := h.SourceOf(d.Pipeline)
		if f.department != "" && (!known || source != f.department) {
			continue
		}
		list = append(list, unverified{source, d.Pipeline, d.Service, d.Failed, d.Records, rfc3339(d.Oldest), d.Oldest})
	}
	return list, err
}

// silentLong adds services that have given no answer for too long.
func (s *statusReport) silentLong(a *app, add func(since time.Time, where, what, hint string)) {
	for _, u := range s.Unverified {
		if !u.Failed && s.now.Sub(u.since) > silentTooLong {
			add(u.since, u.Department+" / "+u.Pipeline, fmt.Sprintf(a.t("核验服务 %s 没有答复，%d 条记录在等", "%s gives no answer, records wait: %d"), u.Service, u.Records),
				a.t("banjian doctor 看网关和密钥，banjian verification ask 试问一次", "banjian doctor looks at gateway and keys, banjian verification ask asks once"))
		}
	}
}
