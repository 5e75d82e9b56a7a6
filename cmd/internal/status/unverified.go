package status

import (
	"context"
	"time"

	"banjian/internal/text"
)

// Unverified is how many records of a pipeline wait for a service.
type Unverified struct {
	Department string `json:"department"`
	Pipeline   string `json:"pipeline"`
	Service    string `json:"service"`
	Failed     bool   `json:"failed"` // it said that they are not so; else nothing yet
	Records    int64  `json:"records"`
	Since      Moment `json:"since"`
}

// silentTooLong is how long a service may give no answer before somebody should look.
const silentTooLong = 24 * time.Hour

func (s *Site) unverified(ctx context.Context, of Scope, r *Report) error {
	if of.Receiver != "" {
		return nil
	}
	totals, err := s.Store.DoubtTotals(ctx)
	for _, d := range totals {
		if source, in := of.source(s.House, d.Pipeline); in {
			r.Unverified = append(r.Unverified, Unverified{source, d.Pipeline, d.Service, d.Failed, d.Records, Moment{d.Oldest}})
		}
	}
	return err
}

// unverifiedConcerns adds services that have given no answer for too long.
func (r *Report) unverifiedConcerns() {
	for _, u := range r.Unverified {
		if !u.Failed && r.At.Sub(u.Since.Time) > silentTooLong {
			r.concern("unverified "+u.Service, u.Since.Time, same(u.Department+" / "+u.Pipeline), text.F("核验服务 %s 没有答复，%d 条记录在等", "%s gives no answer, records wait: %d", u.Service, u.Records),
				text.T("banjian doctor 看网关和密钥，banjian verification ask 试问一次", "banjian doctor looks at gateway and keys, banjian verification ask asks once")).of(u.Records)
		}
	}
}
