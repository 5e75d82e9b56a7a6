package wiring

import (
	"slices"

	"banjian/ledger"
	"banjian/pipelines"
	"banjian/pipelines/routing"
)

// routingOf is whose what platforms send is, as a receiver sees it; nil where the site has no
// routes.yaml, or the table does not name the receiver.
func (h *House) routingOf(receiver string) *ledger.Routing {
	t := h.routes.Table()
	if t == nil || !t.Routed(receiver) {
		return nil
	}
	return &ledger.Routing{Version: t.Version(), Keeper: t.Keeper() == receiver, Of: func(a ledger.Application) (ledger.Whose, string) {
		switch role := t.RoleOf(receiver, a.ItemCode, a.ParentItem, a.Region, a.AppliedAt); role {
		case routing.Sole:
			return ledger.Ours, ""
		case routing.Lead, routing.Member:
			return ledger.Ours, string(role)
		case routing.Other:
			return ledger.Theirs, ""
		}
		return ledger.Nobodys, ""
	}}
}

// routeOf is the routing of a subject that platforms send; nil of any other.
func routeOf(r *ledger.Routing, subject string) *ledger.Routing {
	if slices.ContainsFunc(pipelines.InboxKinds, func(kind string) bool { return subject == "case/"+kind }) {
		return r
	}
	return nil
}
