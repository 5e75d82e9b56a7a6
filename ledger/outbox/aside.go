package outbox

import (
	"context"

	"banjian/ledger"
	"banjian/pipelines"
)

// setAside turns issues into exceptions and rejects. The first finding that stops a
// row names its state.
func (o *Outbox) setAside(f *ledger.Freeze, w *pipelines.Write, rows []ledger.Row, counts *pipelines.Counts) {
	stopped := make([]bool, len(rows))
	put := func(row int32, state ledger.State, is pipelines.Issue) {
		if stopped[row] {
			return
		}
		stopped[row] = true
		r := &rows[row]
		f.Exceptions = append(f.Exceptions, ledger.Exception{Receiver: o.Receiver, Rec: r.Member.Rec, Version: r.Member.Version, State: state,
			Rule: is.Rule, Field: is.Field, Args: is.Args, Stream: f.Stream, Key: r.Key, At: r.Member.At, Run: r.Run, Pipeline: r.Pipeline, Since: o.Now()})
	}
	for _, is := range w.Result.Issues {
		switch is.Severity {
		case pipelines.Reject:
			put(is.Row, ledger.Rejected, is)
			f.Rejects = append(f.Rejects, o.reject(&rows[is.Row], is))
		case pipelines.Hold:
			put(is.Row, ledger.Held, is)
		case pipelines.NotApplicable:
			put(is.Row, ledger.NotApplicable, is)
		case pipelines.Blank:
			counts.Blanked++
		case pipelines.Warn:
			counts.Warned++
		}
	}
	for _, out := range w.Result.Outputs {
		for _, row := range out.Rows {
			stopped[row] = true
		}
	}
	for row := range rows {
		if !stopped[row] {
			put(int32(row), ledger.NotApplicable, pipelines.Issue{Rule: "filtered"})
		}
	}
}

// reject is a refusal at this receiver; the version stands in for the source hash.
func (o *Outbox) reject(r *ledger.Row, is pipelines.Issue) ledger.Reject {
	return ledger.Reject{Pipeline: r.Pipeline, Receiver: o.Receiver, Subject: o.Subject, Key: r.Key, Field: is.Field, Rule: is.Rule, Args: is.Args, Source: ledger.VersionHash(r.Member.Version), Run: r.Run}
}

// holdFlying holds newer versions of records under way, or that have arrived since they were
// judged: whether a receiver that takes a record once may have them is known when it has
// answered.
func (o *Outbox) holdFlying(ctx context.Context, res *pipelines.Result, rows []ledger.Row) error {
	if !o.Once || len(res.Outputs) == 0 {
		return nil
	}
	out := &res.Outputs[0]
	recs := make([]int64, len(out.Rows))
	for i, row := range out.Rows {
		recs[i] = rows[row].Member.Rec
	}
	var keep, keepRows []int32
	o.mu.Lock()
	flying := make([]bool, len(recs))
	for i, rec := range recs {
		flying[i] = o.flying[rec] > 0
	}
	o.mu.Unlock()
	sent, err := o.store.Sent(ctx, o.Receiver, recs) // behind flying: what lands in between has its receipt
	if err != nil {
		return err
	}
	for i, row := range out.Rows {
		if flying[i] || sent[i].Delivered > 0 {
			res.Issues = append(res.Issues, pipelines.Issue{Row: row, Rule: ledger.RuleWaitsOutcome, Severity: pipelines.Hold})
			continue
		}
		keep, keepRows = append(keep, int32(i)), append(keepRows, row)
	}
	if len(keep) == len(out.Rows) {
		return nil
	}
	rec, err := ledger.TakeRows(out.Record, keep, o.Alloc)
	if err != nil {
		return err
	}
	out.Record.Release()
	out.Record, out.Rows = rec, keepRows
	return nil
}

// diverge finds records left out now that went to the receiver in an older version: it
// holds what is no longer so, and a person must settle that with it.
func (o *Outbox) diverge(ctx context.Context, f *ledger.Freeze) error {
	var recs []int64
	var at []int
	for i := range f.Exceptions {
		if f.Exceptions[i].State == ledger.NotApplicable {
			recs, at = append(recs, f.Exceptions[i].Rec), append(at, i)
		}
	}
	if len(recs) == 0 {
		return nil
	}
	sent, err := o.store.Sent(ctx, o.Receiver, recs)
	if err != nil {
		return err
	}
	lacks, err := ledger.Lacking(ctx, o.store, o.Receiver, recs, sent)
	if err != nil {
		return err
	}
	for i := range recs {
		e := &f.Exceptions[at[i]]
		switch {
		case lacks[i]:
		case e.Rule == ledger.RuleNeverDelivered: // frozen after the delete was judged: it is judged anew
			e.State, e.Rule = ledger.Held, ledger.RuleWaitsOutcome
		case !ledger.Aside{State: e.State, Rule: e.Rule}.KeepsOlder():
			e.State = ledger.Diverged
		}
	}
	return nil
}
