package collect

import (
	"slices"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// How long until a service is asked about a record again: soon if it could not say; daily
// if it said no, since a register is mended too.
const (
	doubtSoon = 5 * time.Minute
	doubtNo   = 24 * time.Hour
	doubtPage = 256
)

// unsureOf is what could not be verified of the rows of one output; nil = nothing.
func unsureOf(list []pipelines.Unsure, output int) map[int32][]*pipelines.Unsure {
	var found map[int32][]*pipelines.Unsure
	for i := range list {
		if list[i].Output != output {
			continue
		}
		if found == nil {
			found = map[int32][]*pipelines.Unsure{}
		}
		found[list[i].Row] = append(found[list[i].Row], &list[i])
	}
	return found
}

// doubt notes what could not be verified of a version of a record, and that its other
// fields are sure; of a record that is fresh nothing was in doubt.
func (c *Collector) doubt(p *prepared, plan *outputPlan, row int, e *ledger.Entry, deleted, fresh bool) {
	fields := c.Verified[plan.stream.Subject]
	if fields == nil {
		return
	}
	list := plan.unsure[int32(row)]
	for _, f := range fields {
		if !fresh && (deleted || !slices.ContainsFunc(list, func(u *pipelines.Unsure) bool { return u.Field == f })) {
			p.change.Sure = append(p.change.Sure, ledger.Settled{DoubtOf: ledger.DoubtOf{Rec: e.Rec, Field: f}, Version: e.Version})
		}
	}
	if deleted || len(list) == 0 {
		return
	}
	now := c.now()
	p.counts.Unverified++
	for _, u := range list {
		d := ledger.Doubt{DoubtOf: ledger.DoubtOf{Rec: e.Rec, Field: u.Field}, Pipeline: c.Pipeline, Stream: plan.stream, Version: e.Version, Key: plan.keys[row], Row: p.known.keys[plan.out.Rows[row]],
			Service: u.Service, Failed: u.Rule != ruleUnknown, Rule: u.Rule, Since: now, Tries: 1}
		d.Next = now.Add(doubtAgain(d.Failed))
		p.change.Doubts = append(p.change.Doubts, d)
	}
}

// ruleUnknown is the finding of a service that could not say.
const ruleUnknown = "verify_unknown"

func doubtAgain(failed bool) time.Duration {
	if failed {
		return doubtNo
	}
	return doubtSoon
}
