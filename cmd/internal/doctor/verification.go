package doctor

import (
	"context"
	"time"

	"banjian/internal/text"
)

// Verification looks whether the services are reached that records are verified with
// and take our keys: each is asked for its secret, and nothing about anybody.
func (s *Site) Verification(ctx context.Context) []Line {
	if s.House.Site().Verification == nil {
		return nil
	}
	r := &Report{About: "verification"}
	client, err := s.House.Sharing()
	if err != nil {
		r.Wrong("", "gateways", err)
		return r.Lines
	}
	for _, name := range client.Services() {
		start := time.Now()
		if err := client.Probe(ctx, name); err != nil {
			r.Wrong(name, "secret", err)
			continue
		}
		r.Add(name, "secret", OK, text.F("%s 内取到服务密钥", "its secret came in %s", time.Since(start).Round(time.Millisecond)), text.Text{})
	}
	return r.Lines
}
