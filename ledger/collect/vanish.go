package collect

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
	"banjian/pipelines"
)

// Vanishing (视图缺失) is what it means that a complete read did not come upon a record.
// The zero value: nothing.
type Vanishing struct {
	Delete bool
	Scope  []pipelines.ScopeRule // records the view can be expected to show
	Zone   *time.Location        // of Scope
	Now    func() time.Time      // nil: time.Now
}

// Absence is what a complete read said of records the view does not have any more.
type Absence struct {
	Absent     int64    `json:"absent"`         // records of the pipeline that were not there
	OutOfScope int64    `json:"out_of_scope"`   // of those, not expected to be
	Finished   int64    `json:"finished"`       // of those, of finished cases: never deleted by absence alone
	Beside     int64    `json:"beside_refused"` // of those, of a case or item with a row that was refused, which may be the row as it is now
	Replaced   int64    `json:"replaced"`       // of Deleted, at most so many are rows that changed: rows without a key
	Deleted    int64    `json:"deleted"`        // deleted, or to be deleted once a person approves
	Approved   int64    `json:"approved"`       // of Deleted, those on a list that a person approved
	Stopped    bool     `json:"stopped"`        // of the others none was deleted: the fuse wants an approval
	List       int64    `json:"list,omitempty"` // number of the list that they are on
	Which      []Absent `json:"which"`          // the first of the others
}

// Absent names one record.
type Absent struct {
	Subject string   `json:"subject"`
	Key     []string `json:"key"`
}

const (
	memberPage  = 8192 // index entries looked at together
	buryAtOnce  = 3072 // records deleted in one transaction
	absentShown = 50
)

// Vanished deletes the records that the run, which must have read every row, did not come
// upon. It is called once, after the last Write. An interrupted read never gets here, so it
// deletes nothing; each transaction is right by itself, so an interrupted deletion is
// completed by the next run. The fuse's fault is a Config fault, and then nothing is deleted.
func (c *Collector) Vanished(ctx context.Context) (pipelines.Counts, *Absence, error) {
	if c.seen == nil {
		return pipelines.Counts{}, nil, nil
	}
	c.seen.sort()
	v := &vanisher{Collector: c, found: &Absence{}, finished: map[string]bool{}}
	if c.Now == nil {
		c.Now = time.Now
	}
	var err error
	for _, s := range c.streams() {
		if err = v.stream(ctx, s); err != nil {
			return v.counts, v.found, err
		}
	}
	if v.stopped() {
		v.found.Stopped = true
		if v.found.List, err = c.keepList(ctx, ledger.ListAbsent, v.doomed); err != nil {
			return v.counts, v.found, err
		}
		return v.counts, v.found, v.tooMany()
	}
	for _, b := range v.pending {
		if err := v.bury(ctx, b.stream, b.entries); err != nil {
			return v.counts, v.found, err
		}
	}
	return v.counts, v.found, nil
}

// vanisher is one look at the index after a complete read.
type vanisher struct {
	*Collector
	found    *Absence
	stays    int64 // records that are there
	pending  []grave
	doomed   []ledger.Doomed // what nobody approved yet
	counts   pipelines.Counts
	finished map[string]bool // by local number
}

// grave is records of one stream that are to be deleted.
type grave struct {
	stream  ledger.Stream
	entries []ledger.Entry
}

func (v *vanisher) stream(ctx context.Context, s ledger.Stream) error {
	rules, err := v.rules()
	if err != nil {
		return err
	}
	for after := []byte(nil); ; {
		page, err := v.store.Members(ctx, s, v.Pipeline, after, memberPage)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].Key
		if err := v.placeStanding(ctx, s, page); err != nil {
			return err
		}
		absent := slices.DeleteFunc(page, func(e ledger.Entry) bool { return v.there(s, &e) })
		v.stays += int64(len(page) - len(absent))
		v.found.Absent += int64(len(absent))
		if absent, err = v.inScope(ctx, s, absent, rules); err != nil {
			return err
		}
		if absent, err = v.unfinished(ctx, s, absent); err != nil {
			return err
		}
		absent = v.apartFromRefused(absent)
		if err := v.take(ctx, s, absent); err != nil {
			return err
		}
	}
}

// placeStanding notes where the rows of records lie that were refused or left out in this
// run, so that a later compare misses the records when their part is read.
func (v *vanisher) placeStanding(ctx context.Context, s ledger.Stream, page []ledger.Entry) error {
	t := ledger.TouchedEntries{Stream: s}
	for i := range page {
		if leaf, ok := v.seen.leaf(&page[i], s.Subject == v.Primary); ok && page[i].Leaf != leaf {
			page[i].Leaf = leaf
			t.Entries = append(t.Entries, page[i])
		}
	}
	if len(t.Entries) == 0 || v.Dry {
		return nil
	}
	position, err := v.store.Position(ctx, v.Pipeline)
	if err != nil {
		return err
	}
	_, err = v.store.Commit(ctx, &ledger.Change{Lease: v.Lease, Run: v.Run.Num, Pipeline: v.Pipeline, Mapping: v.Mapping, Position: position, Touched: []ledger.TouchedEntries{t}})
	if errors.Is(err, ledger.ErrConflict) { // somebody else has them now
		return nil
	}
	return err
}

// there says that the run came upon the record.
func (v *vanisher) there(s ledger.Stream, e *ledger.Entry) bool {
	if v.only != nil && !(v.only[e.Leaf]) {
		return true // of a part that is as it was
	}
	if e.Run == v.Run.Num || s.Subject == v.Primary && v.seen.has(e.Rec) {
		return true
	}
	return s.Subject != v.Primary && v.seen.hasHash(e.Source)
}

// take books records to be deleted. Those that are approved go at once; others are kept in
// memory up to the fuse, and beyond it only noted for the list.
func (v *vanisher) take(ctx context.Context, s ledger.Stream, entries []ledger.Entry) error {
	v.found.Deleted += int64(len(entries))
	approved, rest := apart(v.Deletes.Approved, entries)
	v.found.Approved += int64(len(approved))
	for i := range rest {
		v.doomed = append(v.doomed, ledger.Doomed{Rec: rest[i].Rec, Version: rest[i].Version})
		if len(v.found.Which) < absentShown {
			v.found.Which = append(v.found.Which, Absent{s.Subject, ledger.DecodeKey(rest[i].Key)})
		}
	}
	switch {
	case len(rest) == 0:
	case v.unasked() <= v.Deletes.Max:
		v.pending = append(v.pending, grave{s, rest})
	default:
		v.pending = nil
	}
	if len(approved) == 0 {
		return nil
	}
	return v.bury(ctx, s, approved)
}

// unasked is the records to be deleted that nobody approved.
func (v *vanisher) unasked() int64 { return int64(len(v.doomed)) }

// unfinished leaves out records of cases that have a result.
func (v *vanisher) unfinished(ctx context.Context, s ledger.Stream, entries []ledger.Entry) ([]ledger.Entry, error) {
	if !strings.HasPrefix(s.Subject, "case/") {
		return entries, nil
	}
	var keep []ledger.Entry
	for i := range entries {
		local := ledger.FirstOfKey(entries[i].Key)
		done, asked := v.finished[local]
		if !asked {
			results, err := v.store.CaseRecords(ctx, ledger.Stream{Source: s.Source, Subject: ledger.SubjectResult}, local)
			if err != nil {
				return nil, err
			}
			done = slices.ContainsFunc(results, func(e ledger.Entry) bool { return !e.Deleted })
			if len(v.finished) > memberPage {
				clear(v.finished)
			}
			v.finished[local] = done
		}
		if done {
			v.found.Finished++
			continue
		}
		keep = append(keep, entries[i])
	}
	return keep, nil
}

// eachBatch calls f with the rows of each log batch that entries lie in and those entries,
// in the same order.
func (v *vanisher) eachBatch(ctx context.Context, entries []ledger.Entry, f func(arrow.Record, []ledger.Entry) error) error {
	slices.SortFunc(entries, func(a, b ledger.Entry) int {
		return cmp.Or(cmp.Compare(a.At.Seq, b.At.Seq), cmp.Compare(a.At.Row, b.At.Row))
	})
	for len(entries) > 0 {
		n := slices.IndexFunc(entries, func(e ledger.Entry) bool { return e.At.Seq != entries[0].At.Seq })
		if n < 0 {
			n = len(entries)
		}
		if err := v.oneBatch(ctx, entries[:n], f); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

func (v *vanisher) oneBatch(ctx context.Context, entries []ledger.Entry, f func(arrow.Record, []ledger.Entry) error) error {
	full, err := ledger.ReadBatch(ctx, v.store, entries[0].At.Seq, v.Alloc)
	if err != nil {
		return err
	}
	defer full.Release()
	rows := make([]int32, len(entries))
	for i := range rows {
		rows[i] = entries[i].At.Row
	}
	part, err := pipelines.Take(full, rows, v.Alloc)
	if err != nil {
		return err
	}
	defer part.Release()
	return f(part, entries)
}

// bury writes deleted versions of records, some at a time. A record that somebody else
// wrote meanwhile is left alone.
func (v *vanisher) bury(ctx context.Context, s ledger.Stream, entries []ledger.Entry) error {
	for part := range slices.Chunk(entries, buryAtOnce) {
		err := v.buryPart(ctx, s, part)
		for try := 0; errors.Is(err, ledger.ErrConflict) && try < conflictTries; try++ {
			if part, err = v.unmoved(ctx, s, part); err == nil {
				err = v.buryPart(ctx, s, part)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *vanisher) unmoved(ctx context.Context, s ledger.Stream, entries []ledger.Entry) ([]ledger.Entry, error) {
	keys := make([][]byte, len(entries))
	for i := range keys {
		keys[i] = entries[i].Key
	}
	now, err := v.store.Lookup(ctx, s, keys)
	if err != nil {
		return nil, err
	}
	var same []ledger.Entry
	for i := range entries {
		if now[i].Rec == entries[i].Rec && now[i].Version == entries[i].Version {
			same = append(same, entries[i])
		} else {
			v.found.Deleted--
		}
	}
	return same, nil
}

// apart divides entries into those whose delete is approved, and others.
func apart(a *ledger.Approved, entries []ledger.Entry) (approved, rest []ledger.Entry) {
	if a == nil {
		return nil, entries
	}
	for i := range entries {
		if a.Has(entries[i].Rec, entries[i].Version) {
			approved = append(approved, entries[i])
		} else {
			rest = append(rest, entries[i])
		}
	}
	return approved, rest
}
