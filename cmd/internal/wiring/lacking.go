package wiring

import (
	"context"

	"banjian/connectors/middleplatform/gateway"
)

// Lacking is the files of an application that its platform announced and that are not here.
// Nothing is made where nothing came in yet.
func (h *House) Lacking(ctx context.Context, flowNo string) ([]gateway.Lacking, error) {
	if flowNo == "" {
		return nil, nil
	}
	j, done, err := h.JournalIfAny(ctx)
	if err != nil || j == nil {
		return nil, err
	}
	defer done()
	var list []gateway.Lacking
	asked := map[string]bool{}
	for _, s := range h.site.Gateway.Systems {
		if asked[s.Platform()] {
			continue
		}
		asked[s.Platform()] = true
		some, err := j.LackingOf(ctx, s.Platform(), flowNo)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, nil
}
