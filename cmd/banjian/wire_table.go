package main

import (
	"context"

	"banjian/connectors"
	"banjian/internal/fault"
	"banjian/jobs"
	"banjian/pipelines"
)

// joinTables adds the way to tables that rows are put into by key.
func (h *house) joinTables(plan *jobs.DeliverPlan, profile *pipelines.Profile) error {
	connection := h.site.Receivers[plan.Receiver].Connection
	db, err := h.database(connection, h.site.Connections[connection])
	if err != nil {
		return err
	}
	target, err := connectors.OpenTables(connectors.TableOptions{Name: plan.Receiver, DB: db, Zone: h.zone, Most: h.site.Connections[connection].MaxConnections, Subjects: profile.Subjects})
	if err != nil {
		return err
	}
	plan.Target = target
	plan.Ready = func(ctx context.Context) (map[string]error, error) {
		if err := h.guard.Blocked(db.Where()); err != nil { // refused once is enough: the account would be locked
			return nil, err
		}
		err := target.Check(ctx, nil)
		if fault.Is(err, fault.Blocked) {
			h.guard.Block(db.Where(), err)
		}
		return nil, err
	}
	return nil
}
