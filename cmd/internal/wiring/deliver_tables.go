package wiring

import (
	"context"
	"slices"

	"banjian/connectors"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/pipelines"
)

// joinTables adds the way to tables that rows are put into by key.
func (h *House) joinTables(plan *jobs.DeliverPlan, profile *pipelines.Profile) error {
	connection := h.site.Receivers[plan.Receiver].Connection
	db, err := h.database(connection, h.site.Connections[connection])
	if err != nil {
		return err
	}
	columns, err := h.written(profile)
	if err != nil {
		return err
	}
	target, err := connectors.OpenTables(connectors.TableOptions{Name: plan.Receiver, DB: db, Zone: h.zone, Most: h.site.Connections[connection].MaxConnections, Subjects: profile.Subjects})
	if err != nil {
		return err
	}
	plan.Target = target
	plan.Ready = func(ctx context.Context) (map[string]error, error) {
		return nil, h.careful(db, func() error { return target.Check(ctx, columns) })
	}
	return nil
}

// written is the columns that are written to each table of a receiver; those of its key are
// among them.
func (h *House) written(profile *pipelines.Profile) (map[string][]string, error) {
	columns := map[string][]string{}
	for i, ps := range profile.Subjects {
		from, _ := h.schemas.Subject(ps.Subject) // looked up when the plan was made
		fields := from.Fields
		if ps.Mapping != "" {
			m, err := h.Mapping(ps.Mapping, from)
			if err != nil {
				return nil, err
			}
			fields = m.Fields(m.Subjects()[0])
		}
		for _, f := range fields {
			columns[ps.Table] = append(columns[ps.Table], f.Name)
		}
		for _, k := range ps.Key {
			if filled := []string{ps.Fill.Batch, ps.Fill.GUID, ps.Fill.Operation, ps.Fill.Time}; !slices.Contains(append(filled, columns[ps.Table]...), k) {
				return nil, profile.Fault(text.F("没有写 key 列 %s", "key column %s is not written", k), nearest.Hint(k, columns[ps.Table]), "subjects", i, "key")
			}
		}
	}
	return columns, nil
}
