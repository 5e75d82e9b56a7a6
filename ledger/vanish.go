package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/pipelines"
)

// VanishStore is what finding and deleting vanished records needs of a store.
type VanishStore interface {
	Log
	Cases
	// Members lists the records of a stream whose newest version the pipeline wrote and
	// that are not deleted, by key, behind after (nil: from the first), up to limit.
	Members(ctx context.Context, s Stream, pipeline string, after []byte, limit int) ([]Entry, error)
	CountMembers(ctx context.Context, s Stream, pipeline string) (int64, error)
	CaseRecords(ctx context.Context, s Stream, localNo string) ([]Entry, error)
	SaveDeletes(ctx context.Context, l Lease, d *DeleteList) error
}

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
	memberPage    = 8192 // index entries looked at together
	buryAtOnce    = 3072 // records deleted in one transaction
	absentShown   = 50
	subjectResult = "case/result" // whose record finishes a case
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
		if v.found.List, err = c.keepList(ctx, ListAbsent, v.doomed); err != nil {
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
	doomed   []Doomed // what nobody approved yet
	counts   pipelines.Counts
	finished map[string]bool // by local number
}

// grave is records of one stream that are to be deleted.
type grave struct {
	stream  Stream
	entries []Entry
}

func (v *vanisher) stream(ctx context.Context, s Stream) error {
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
		absent := slices.DeleteFunc(page, func(e Entry) bool { return v.there(s, &e) })
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
func (v *vanisher) placeStanding(ctx context.Context, s Stream, page []Entry) error {
	t := TouchedEntries{Stream: s}
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
	_, err = v.store.Commit(ctx, &Change{Lease: v.Lease, Run: v.Run.Num, Pipeline: v.Pipeline, Mapping: v.Mapping, Position: position, Touched: []TouchedEntries{t}})
	if errors.Is(err, ErrConflict) { // somebody else has them now
		return nil
	}
	return err
}

// there says that the run came upon the record.
func (v *vanisher) there(s Stream, e *Entry) bool {
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
func (v *vanisher) take(ctx context.Context, s Stream, entries []Entry) error {
	v.found.Deleted += int64(len(entries))
	approved, rest := v.Deletes.Approved.apart(entries)
	v.found.Approved += int64(len(approved))
	for i := range rest {
		v.doomed = append(v.doomed, Doomed{rest[i].Rec, rest[i].Version})
		if len(v.found.Which) < absentShown {
			v.found.Which = append(v.found.Which, Absent{s.Subject, DecodeKey(rest[i].Key)})
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
func (v *vanisher) unfinished(ctx context.Context, s Stream, entries []Entry) ([]Entry, error) {
	if !strings.HasPrefix(s.Subject, "case/") {
		return entries, nil
	}
	var keep []Entry
	for i := range entries {
		local := FirstOfKey(entries[i].Key)
		done, asked := v.finished[local]
		if !asked {
			results, err := v.store.CaseRecords(ctx, Stream{s.Source, subjectResult}, local)
			if err != nil {
				return nil, err
			}
			done = slices.ContainsFunc(results, func(e Entry) bool { return !e.Deleted })
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

// scopeRule is a rule of the scope at the time of the run.
type scopeRule struct {
	pipelines.ScopeRule
	since int64 // Unix seconds
	timed bool
}

func (v *vanisher) rules() ([]scopeRule, error) {
	var list []scopeRule
	for _, r := range v.Scope {
		zone := v.Zone
		if zone == nil {
			zone = time.FixedZone("UTC+8", 8*3600)
		}
		from, timed, err := r.From(v.Now(), zone)
		if err != nil {
			return nil, err
		}
		list = append(list, scopeRule{r, from.Unix(), timed})
	}
	return list, nil
}

// inScope leaves out records that the view need not show.
func (v *vanisher) inScope(ctx context.Context, s Stream, entries []Entry, rules []scopeRule) ([]Entry, error) {
	if len(rules) == 0 || len(entries) == 0 {
		return entries, nil
	}
	var keep []Entry
	err := v.eachBatch(ctx, entries, func(rec arrow.Record, part []Entry) error {
		in := make([]bool, len(part))
		for i := range in {
			in[i] = true
		}
		for _, r := range rules {
			if err := v.meet(ctx, s, rec, r, in); err != nil {
				return err
			}
		}
		for i := range part {
			if in[i] {
				keep = append(keep, part[i])
			} else {
				v.found.OutOfScope++
			}
		}
		return nil
	})
	return keep, err
}

// meet clears in where a row does not meet the rule. When a case was accepted is known of
// all its records.
func (v *vanisher) meet(ctx context.Context, s Stream, rec arrow.Record, r scopeRule, in []bool) error {
	col := column(rec, r.Field)
	if col == nil && r.Field == "accepted_at" && r.timed {
		cases, err := v.store.Cases(ctx, s.Source, localsOf(rec))
		for i := range cases {
			in[i] = in[i] && cases[i].AcceptedAt >= r.since
		}
		return err
	}
	for i := range in {
		in[i] = in[i] && col != nil && col.IsValid(i) && r.meets(col, i)
	}
	return nil
}

func (r scopeRule) meets(col arrow.Array, row int) bool {
	if !r.timed {
		if c, ok := col.(*array.String); ok {
			return slices.Contains(r.In, c.Value(row))
		}
		return slices.Contains(r.In, col.ValueStr(row))
	}
	switch c := col.(type) {
	case *array.Timestamp:
		return int64(c.Value(row)) >= r.since
	case *array.Date32:
		return c.Value(row).ToTime().Unix() >= r.since
	}
	return false
}

// eachBatch calls f with the rows of each log batch that entries lie in and those entries,
// in the same order.
func (v *vanisher) eachBatch(ctx context.Context, entries []Entry, f func(arrow.Record, []Entry) error) error {
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Or(cmp.Compare(a.At.Seq, b.At.Seq), cmp.Compare(a.At.Row, b.At.Row)) })
	for len(entries) > 0 {
		n := slices.IndexFunc(entries, func(e Entry) bool { return e.At.Seq != entries[0].At.Seq })
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

func (v *vanisher) oneBatch(ctx context.Context, entries []Entry, f func(arrow.Record, []Entry) error) error {
	batch, err := v.store.At(ctx, entries[0].At.Seq)
	if err != nil {
		return err
	}
	if batch == nil || batch.Payload == nil {
		return goneBatch(entries[0].At.Seq)
	}
	full, err := Decode(batch.Payload, v.Alloc)
	if err != nil {
		return err
	}
	defer full.Release()
	rows := make([]int32, len(entries))
	for i := range rows {
		rows[i] = entries[i].At.Row
	}
	part, err := take(full, rows, v.Alloc)
	if err != nil {
		return err
	}
	defer part.Release()
	return f(part, entries)
}

// bury writes deleted versions of records, some at a time. A record that somebody else
// wrote meanwhile is left alone.
func (v *vanisher) bury(ctx context.Context, s Stream, entries []Entry) error {
	for part := range slices.Chunk(entries, buryAtOnce) {
		err := v.buryPart(ctx, s, part)
		for try := 0; errors.Is(err, ErrConflict) && try < conflictTries; try++ {
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

func (v *vanisher) unmoved(ctx context.Context, s Stream, entries []Entry) ([]Entry, error) {
	keys := make([][]byte, len(entries))
	for i := range keys {
		keys[i] = entries[i].Key
	}
	now, err := v.store.Lookup(ctx, s, keys)
	if err != nil {
		return nil, err
	}
	var same []Entry
	for i := range entries {
		if now[i].Rec == entries[i].Rec && now[i].Version == entries[i].Version {
			same = append(same, entries[i])
		} else {
			v.found.Deleted--
		}
	}
	return same, nil
}
