package wiring

import (
	"context"

	"banjian/connectors"
	"banjian/jobs"
	"banjian/pipelines"
)

// joinFiles adds the way to a folder that files are handed over in.
func (h *House) joinFiles(plan *jobs.DeliverPlan, profile *pipelines.Profile) error {
	o := connectors.HandoverOptions{Name: plan.Receiver, Dir: h.site.Path(h.site.Connections[h.site.Receivers[plan.Receiver].Connection].Path), Profile: profile, Zone: h.zone}
	for i := range plan.Subjects {
		plan.Subjects[i].Table = profile.Subjects[i].Folder
	}
	target := connectors.OpenHandover(o)
	plan.Target = target
	plan.Ready = func(ctx context.Context) (map[string]error, error) {
		_, err := target.Check(ctx)
		return nil, err
	}
	return nil
}
