package status

import (
	"context"
	"slices"
	"time"
)

// silentSystem is a system whose word counts and that has told nothing for longer than it
// may, while one compared with it has.
type silentSystem struct {
	First, Second string
	since         time.Time
}

// silentSystems looks at when the streams of systems last changed.
func (s *Site) silentSystems(ctx context.Context, of Scope, r *Report) error {
	ranks := s.House.Ranks()
	if ranks == nil || of != (Scope{}) {
		return nil
	}
	streams, err := s.Store.Standings(ctx, "", s.Now)
	if err != nil {
		return err
	}
	newest := map[string]time.Time{}
	for _, one := range streams {
		if one.Newest.After(newest[one.Stream.Source]) {
			newest[one.Stream.Source] = one.Newest
		}
	}
	for i := range ranks.Cases {
		rule := &ranks.Cases[i]
		for _, second := range rule.Compare {
			first := newest[rule.From]
			one := silentSystem{rule.From, second, first}
			if newest[second].After(first) && s.Now.Sub(first) > rule.SilentAfter() && !slices.Contains(r.silent, one) {
				r.silent = append(r.silent, one)
			}
		}
	}
	return nil
}
