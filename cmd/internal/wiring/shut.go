package wiring

import (
	"slices"

	"banjian/connectors/exchangedb"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/mappings"
)

// shut is the subjects that have no table at a receiver.
func (h *House) shut(plan *jobs.DeliverPlan, absent []exchangedb.Absent) (map[string]error, error) {
	shut := map[string]error{}
	for _, a := range absent {
		for i := range plan.Subjects {
			s := &plan.Subjects[i]
			if s.Table != a.Table {
				continue
			}
			shut[s.Order.Subject] = nil
			sent, err := h.sends(plan.Receiver, s.Order.Subject)
			if err != nil {
				return nil, err
			}
			if sent {
				shut[s.Order.Subject] = fault.Wrap(a.Err, fault.Config, "deliver", "", text.F("%s 留在台账里待报，其余照常上报", "%s waits in the ledger, all else is delivered", s.Order.Subject), fault.HintOf(a.Err))
			}
		}
	}
	return shut, nil
}

// sends says whether a pipeline of the site fills a subject for a receiver.
func (h *House) sends(receiver, subject string) (bool, error) {
	specs, err := h.Pipelines(nil)
	for i := 0; i < len(specs) && err == nil; i++ {
		if !slices.Contains(specs[i].Deliver, receiver) {
			continue
		}
		var m *mappings.Mapping
		if m, err = h.Mapping(specs[i].Mapping, nil); err == nil && slices.Contains(m.Subjects(), subject) {
			return true, nil
		}
	}
	return false, err
}
