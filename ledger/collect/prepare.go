package collect

import (
	"bytes"
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/pipelines"
)

// Rules this package itself refuses rows by; their sentences are in schemas.
const (
	ruleKeyNull      = "key_null"
	ruleDuplicateKey = "duplicate_key"
)

// recordBlock is how many record numbers are reserved at a time.
const recordBlock = 1 << 16

// prepared is a change ready to be written, and what it counts.
type prepared struct {
	change  *ledger.Change
	counts  pipelines.Counts
	known   *recognised
	fused   int64           // how many of its changes the fuse counted
	marked  int64           // how many of its deletes by mark the fuse counted
	doomed  []ledger.Doomed // all of them
	born    int64           // records it makes that were not there
	refused []bool          // rows
	moved   []bool          // rows that change something
	stands  []bool          // rows that were refused or left out: what was made of them before still stands
}

// outputPlan is one output with what the index knows of its rows.
type outputPlan struct {
	stream  ledger.Stream
	out     *pipelines.Output
	keys    [][]byte
	entries []ledger.Entry
	hashes  []pipelines.Hash

	replaced []bool // by a later row of the same key; nil = none
	owed     map[int32]*pipelines.Owed
	unsure   map[int32][]*pipelines.Unsure
}

// prepare compares mapped records with the index and builds the change.
func (c *Collector) prepare(ctx context.Context, whole arrow.Record, res *pipelines.Result, known *recognised) (*prepared, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, in := besideOf(whole)
	defer in.Release()
	refused := refusedRows(res, int(in.NumRows()))
	issues, before := res.Issues, c.fuse.batch(in)
	plans := make([]outputPlan, len(res.Outputs))
	for i := range res.Outputs {
		p, err := c.plan(ctx, &res.Outputs[i], known)
		if err != nil {
			return nil, err
		}
		p.owed, p.unsure = owedOf(res.Owed, i), unsureOf(res.Unsure, i)
		plans[i] = p
		if c.Changes {
			issues = append(issues, keyless(&plans[i], refused)...)
			plans[i].replaced = replaced(&plans[i], refused)
			continue
		}
		issues = append(issues, c.identityIssues(&p, res.Sources, before, refused)...)
	}
	p := &prepared{known: known, change: &ledger.Change{Lease: c.Lease, Run: c.Run.Num, Pipeline: c.Pipeline, Mapping: c.Mapping}}
	p.counts = pipelines.Counts{Read: in.NumRows(), Filtered: int64(res.Filtered), Unchanged: int64(res.Unchanged)}
	c.place(p.change, known)
	moved, counted := make([]bool, in.NumRows()), c.fuse.count
	for i := range plans {
		if err := c.addBatch(ctx, p, &plans[i], res.Sources, before, refused, moved); err != nil {
			return nil, err
		}
	}
	c.born += p.born
	p.refused, p.moved = refused, moved
	p.fused, p.marked = c.fuse.count-counted, 0
	for _, d := range p.doomed {
		if !c.Deletes.Approved.Has(d.Rec, d.Version) {
			p.marked++
		}
	}
	if err := c.countMarked(ctx, p.marked); err != nil {
		return nil, err
	}
	c.addRejects(p, issues, res.Sources)
	c.countRows(p, plans, issues, refused, moved)
	p.change.Counts = p.counts
	return p, nil
}

// plan computes keys and record hashes of an output and finds its records.
func (c *Collector) plan(ctx context.Context, out *pipelines.Output, known *recognised) (outputPlan, error) {
	p := outputPlan{stream: ledger.Stream{Source: c.Source, Subject: out.Subject}, out: out, hashes: pipelines.HashRows(out.Record, out.Subject)}
	var err error
	if p.keys, err = ledger.Keys(out.Record, c.Keys[out.Subject]); err != nil {
		return p, err
	}
	if known.entries != nil && out.Subject == c.Primary && sameKeys(p.keys, out.Rows, known.keys) {
		p.entries = make([]ledger.Entry, len(p.keys))
		for i, row := range out.Rows {
			p.entries[i] = known.entries[row]
		}
		return p, nil
	}
	p.entries, err = c.store.Lookup(ctx, p.stream, p.keys)
	return p, err
}

func sameKeys(keys [][]byte, rows []int32, known [][]byte) bool {
	for i, row := range rows {
		if !bytes.Equal(keys[i], known[row]) {
			return false
		}
	}
	return true
}

// identityIssues refuses rows without a key, and all but the first of several rows
// that claim the same one within a run; a row that was read and is known as it is goes
// before all others, whichever run it came with.
func (c *Collector) identityIssues(p *outputPlan, sources []pipelines.Hash, before *fuseBatch, refused []bool) []pipelines.Issue {
	var issues []pipelines.Issue
	refuse := func(row int32, rule string) {
		if !refused[row] {
			refused[row] = true
			issues = append(issues, pipelines.Issue{Row: row, Rule: rule})
		}
	}
	order := keyOrder(p.keys)
	var previous []byte
	for _, i := range order {
		row, key := p.out.Rows[i], p.keys[i]
		if refused[row] {
			continue
		}
		e := &p.entries[i]
		switch {
		case key == nil:
			refuse(row, ruleKeyNull)
		case previous != nil && bytes.Equal(key, previous),
			e.Rec != 0 && e.Source != sources[row] && (e.Run == c.Run.Num || c.stood.has(e.Rec)),
			c.open.duplicate(key, sources[row]) || before.duplicate(c.open, key, row):
			refuse(row, ruleDuplicateKey)
		default:
			previous = key
		}
	}
	return issues
}

// keyOrder is the positions of keys sorted by key, then by position; nil keys first.
func keyOrder(keys [][]byte) []int32 {
	order := make([]int32, len(keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if d := bytes.Compare(keys[a], keys[b]); d != 0 {
			return d
		}
		return int(a - b)
	})
	return order
}

// addBatch puts the changed rows of one output into the change.
func (c *Collector) addBatch(ctx context.Context, p *prepared, plan *outputPlan, sources []pipelines.Hash, before *fuseBatch, refused, moved []bool) error {
	b := ledger.LogBatch{Stream: plan.stream}
	touched := ledger.TouchedEntries{Stream: plan.stream}
	var rows []int32
	for i, row := range plan.out.Rows {
		if refused[row] {
			continue
		}
		if plan.replaced != nil && plan.replaced[i] {
			moved[row] = true
			continue
		}
		e, marked := plan.entries[i], p.known.isMarked(row)
		if e.Known() && e.Record == plan.hashes[i] && !marked || marked && !e.Known() {
			if leaf := p.known.leaf(row); e.Rec != 0 && (e.Source != sources[row] || leaf != 0 && e.Leaf != leaf) {
				e.Source, e.Key, e.Leaf = sources[row], plan.keys[i], leaf
				touched.Entries = append(touched.Entries, e)
			}
			c.owe(p, plan, i, e.Rec, e.Version, marked)
			c.doubt(p, plan, i, &e, marked, e.Rec == 0)
			continue
		}
		before.changes(&e, row)
		next := ledger.Entry{Key: plan.keys[i], Rec: e.Rec, Version: e.Version + 1, Record: plan.hashes[i], Source: sources[row],
			GUID: e.GUID, At: ledger.Place{Row: int32(len(rows))}, Run: c.Run.Num, Deleted: marked, Leaf: p.known.leaf(row)}
		if e.Rec == 0 {
			next.GUID = ledger.GUID(plan.stream, next.Key)
			var err error
			if next.Rec, err = c.nextRecord(ctx); err != nil {
				return err
			}
		}
		if !e.Known() && !marked {
			p.born++
		}
		if e.Run != c.Run.Num {
			p.counts.Records++
		}
		if marked {
			p.counts.Deleted++
			p.doomed = append(p.doomed, ledger.Doomed{Rec: e.Rec, Version: e.Version})
		}
		moved[row] = true
		c.owe(p, plan, i, next.Rec, next.Version, marked)
		c.doubt(p, plan, i, &next, marked, e.Rec == 0)
		rows = append(rows, int32(i))
		b.Entries = append(b.Entries, next)
		b.Before = append(b.Before, e.At)
	}
	if len(touched.Entries) > 0 {
		p.change.Touched = append(p.change.Touched, touched)
	}
	if len(rows) == 0 {
		return nil
	}
	return c.encodeBatch(p, &b, plan.out.Record, rows)
}

func (c *Collector) encodeBatch(p *prepared, b *ledger.LogBatch, rec arrow.Record, rows []int32) error {
	part, err := pipelines.Take(rec, rows, c.Alloc)
	if err != nil {
		return err
	}
	defer part.Release()
	if b.Stream.Subject == ledger.SubjectAccept {
		b.Cases = casesOf(b.Stream.Source, part, b.Entries)
	}
	if b.Stream.Subject == ledger.SubjectResult {
		b.Flows = flowsOf(part)
	}
	if b.Payload, err = ledger.EncodeVersions(part, b.Entries, c.Alloc); err != nil {
		return err
	}
	p.change.Batches = append(p.change.Batches, *b)
	return nil
}

func (c *Collector) nextRecord(ctx context.Context) (int64, error) {
	if c.Dry { // no number is used up by what is not stored
		c.first--
		return c.first, nil
	}
	if c.left == 0 {
		first, err := c.store.ReserveRecords(ctx, recordBlock)
		if err != nil {
			return 0, err
		}
		c.first, c.left = first, recordBlock
	}
	n := c.first
	c.first++
	c.left--
	return n, nil
}

// addRejects stores one reject for every finding that refuses a row, and closes
// those of keys that passed.
func (c *Collector) addRejects(p *prepared, issues []pipelines.Issue, sources []pipelines.Hash) {
	keptAt := map[int32]int32{}
	if len(issues) > 0 {
		for i, row := range p.known.changed {
			keptAt[row] = int32(i)
		}
	}
	for _, is := range issues {
		if is.Severity != pipelines.Reject {
			continue
		}
		key := p.known.keys[is.Row]
		if key == nil {
			key = ledger.RowKey(sources[is.Row])
		}
		at, kept := keptAt[is.Row]
		if !kept {
			at = -1
		}
		p.change.Rejects = append(p.change.Rejects, ledger.Reject{Pipeline: c.Pipeline, Subject: c.Primary, Key: key, Field: is.Field,
			Rule: is.Rule, Args: is.Args, Source: sources[is.Row], KeptRow: at, Run: c.Run.Num})
	}
}

// countRows books every input row exactly once (invariant 3).
func (c *Collector) countRows(p *prepared, plans []outputPlan, issues []pipelines.Issue, refused, moved []bool) {
	p.stands = make([]bool, len(refused))
	for row := range refused {
		switch {
		case refused[row]:
			p.counts.Rejected++
			p.stands[row] = true
		case moved[row]:
			p.counts.Collected++
		case p.known.isMarked(int32(row)) && p.known.entries != nil && p.known.entries[row].Rec == 0:
			p.counts.Filtered++ // deleted before it was ever seen
		}
	}
	c.standing(p, plans, refused)
	// A mapped row that made nothing new is as unchanged as one that was not mapped.
	p.counts.Unchanged = p.counts.Read - p.counts.Filtered - p.counts.Rejected - p.counts.Collected
	for _, is := range issues {
		if refused[is.Row] {
			continue
		}
		switch is.Severity {
		case pipelines.Blank:
			p.counts.Blanked++
		case pipelines.Warn:
			p.counts.Warned++
		}
	}
	if c.Changes {
		c.settle(p, plans, refused)
		return
	}
	for i := range plans {
		if plans[i].stream.Subject != c.Primary {
			continue
		}
		for j, row := range plans[i].out.Rows {
			if !refused[row] && c.open.has(plans[i].keys[j]) {
				p.change.Passed = append(p.change.Passed, plans[i].keys[j])
			}
			if old := p.known.old[row]; !refused[row] && old != nil && c.open.has(old) {
				p.change.Passed = append(p.change.Passed, old)
			}
		}
	}
}

// standing marks mapped rows that made no record.
func (c *Collector) standing(p *prepared, plans []outputPlan, refused []bool) {
	made := make([]bool, len(refused))
	for i := range plans {
		for _, row := range plans[i].out.Rows {
			made[row] = true
		}
	}
	for _, row := range p.known.changed {
		p.stands[row] = p.stands[row] || !made[row] || c.Dry
	}
}

func refusedRows(res *pipelines.Result, n int) []bool {
	refused := make([]bool, n)
	for _, is := range res.Issues {
		if is.Severity == pipelines.Reject {
			refused[is.Row] = true
		}
	}
	return refused
}
