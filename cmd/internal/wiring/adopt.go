package wiring

import (
	"context"
	"slices"

	"banjian/connectors"
	"banjian/connectors/exchangedb"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/pipelines"
)

// AdoptPlan joins a receiver's tables, as an earlier exchange program left them, with the
// records that would go there. match has sets of columns by table, instead of those of the
// profile. The receiver is asked how it spells them. The caller closes the plan.
func (h *House) AdoptPlan(ctx context.Context, receiver string, match map[string][][]string) (*jobs.AdoptPlan, error) {
	profile := h.profiles[receiver]
	if profile == nil || profile.Kind != pipelines.KindExchange {
		return nil, fault.New(fault.Config, "adopt", receiver, text.T("只有交换库（kind: exchange）里有可接管的标识", "only exchange tables (kind: exchange) hold identities to take over"), text.Text{})
	}
	deliver, err := h.DeliverPlan(receiver)
	if err != nil {
		return nil, err
	}
	plan := &jobs.AdoptPlan{DeliverPlan: deliver, Zone: h.zone}
	target := deliver.Target.(*exchangedb.Target)
	for i, ps := range profile.Subjects {
		sets := ps.Adopt
		if own, ok := match[ps.Table]; ok {
			sets = own
		}
		sent, err := h.sends(receiver, ps.Subject)
		if err == nil && sent && len(sets) > 0 {
			err = h.addAdopt(ctx, plan, target, i, sets)
		}
		if err != nil {
			deliver.Close()
			return nil, err
		}
	}
	return plan, nil
}

// addAdopt adds the way to one table; one that is not there holds nothing.
func (h *House) addAdopt(ctx context.Context, plan *jobs.AdoptPlan, target *exchangedb.Target, subject int, sets [][]string) error {
	name := plan.Subjects[subject].Table
	table := jobs.AdoptTable{Subject: subject, Sets: sets}
	layout, _ := h.schemas.Table(name)
	table.GUID = layout == nil || layout.Column("row_guid") != nil
	table.CaseNo = plan.Subjects[subject].Order.Subject == ledger.SubjectAccept
	columns := []string{"id", "cd_operation"}
	for _, set := range append(slices.Clone(sets), []string{"row_guid"}, []string{"project_no"}) {
		for _, c := range set {
			if !slices.Contains(columns, c) && (layout == nil || layout.Column(c) != nil) {
				columns = append(columns, c)
			}
		}
	}
	for _, set := range sets {
		for _, c := range set {
			if !slices.Contains(columns, c) {
				return fault.New(fault.Config, "adopt", name, text.F("表 %s 没有列 %s", "table %s has no column %s", name, c), text.F("banjian schema ddl %s 列出它的列", "banjian schema ddl %s lists its columns", name))
			}
		}
	}
	shards, err := target.SpellAll(ctx, name, columns)
	if err != nil || len(shards) == 0 {
		return err
	}
	for _, spelled := range shards {
		open, err := h.openAdopt(plan.Receiver, spelled, columns)
		if err != nil {
			return err
		}
		table.Open = append(table.Open, open)
	}
	plan.Tables = append(plan.Tables, table)
	return nil
}

// openAdopt reads a table whole, its columns called as the mapping calls them.
func (h *House) openAdopt(receiver string, spelled exchangedb.Spelled, columns []string) (func(context.Context) (pipelines.Source, error), error) {
	connection := h.site.Receivers[receiver].Connection
	db, err := h.database(connection, h.site.Connections[connection])
	if err != nil {
		return nil, err
	}
	var physical []string
	back := map[string]string{}
	for _, c := range columns {
		if p := spelled.Columns[c]; p != "" {
			physical, back[p] = append(physical, p), c
		}
	}
	o := connectors.SourceOptions{DB: db, Columns: physical, Most: h.site.Connections[connection].MaxConnections, Guard: h.guard, Zone: h.zone,
		From: pipelines.From{Table: spelled.Table, Mode: "full"}}
	return func(ctx context.Context) (pipelines.Source, error) {
		source, err := connectors.OpenSource(ctx, o, "")
		return renamedSource{source, back}, err
	}, nil
}
