package collect

import (
	"context"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/ledger"
	"banjian/pipelines"
)

// Config is one pipeline's way into the ledger.
type Config struct {
	Pipeline string
	Slot     string              // under which the position is kept; empty = Pipeline
	Changes  bool                // rows are changes in order: a later one of a key replaces an earlier one
	Source   string              // source_id
	Primary  string              // subject whose key names the source row
	Keys     map[string][]string // natural key fields of each subject, source_id left out
	Mapping  string              // version of the mapping; part of the source hash
	Stage    pipelines.Stage     // the mapping
	// KeyOf computes the primary subject's key fields alone, so that unchanged rows are
	// known before they are mapped; NULL where a value does not come out.
	KeyOf func(arrow.Record) (arrow.Record, error)
	Fuse  ChangeFuse
	// Vanishing is what a record means that a complete read does not come upon; only a run
	// that reads every row has one.
	Vanishing
	Deletes DeleteFuse
	// Keyless says that rows have no key of their own, so that a changed row is a record that
	// vanished and another that came (pipelines.NoKey).
	Keyless  bool
	Marked   *pipelines.SoftDelete // where the department marks rows as deleted; nil = nowhere
	Keep     bool                  // keep mapped source columns for a re-mapping
	Verified map[string][]string   // fields of each subject that are verified; nil = none
	Dry      bool                  // Write counts and stores nothing
	Lease    ledger.Lease
	Run      ledger.Run
	Alloc    memory.Allocator
}

// Collector maps what changed and writes it to the ledger. It is the pipelines.Stage
// and the pipelines.Sink of one collect run; Apply and Write may be called from two
// goroutines, each from one.
type Collector struct {
	Config
	store Store

	open  *openRejects
	seen  *seen  // nil: nothing is deleted by absence
	stood *seen  // records whose own row was read in this run as the index knows it
	only  []bool // by Entry.Leaf: the parts of the view that are read; nil = all
	fuse  *fuse  // guarded by mu, as is marks
	marks marks
	born  int64 // records that came to be; guarded by mu
	mends corrections
	ahead ahead // of changes

	refused ledger.Kinds // by a dry run

	mu    sync.Mutex // Apply prepares while Write commits
	first int64      // next record number of the reserved block
	left  int64
}

// New prepares a run; it reads the pipeline's open rejects.
func New(ctx context.Context, store Store, cfg Config) (*Collector, error) {
	if cfg.Alloc == nil {
		cfg.Alloc = memory.DefaultAllocator
	}
	rejects, err := store.OpenRejects(ctx, cfg.Pipeline)
	if err != nil {
		return nil, err
	}
	f, err := newFuse(ctx, store, &cfg)
	if err != nil {
		return nil, err
	}
	c := &Collector{Config: cfg, store: store, open: newOpenRejects(rejects), fuse: f, marks: marks{spec: cfg.Marked, known: -1}, stood: newSeen(false)}
	if c.mends, err = readCorrections(ctx, store, cfg.Pipeline); err != nil {
		return nil, err
	}
	if cfg.Vanishing.Delete {
		if c.seen = newSeen(len(cfg.Keys) > 1); cfg.Keyless {
			c.seen.refused = map[string]bool{}
		}
	}
	return c, nil
}

// Apply maps the rows of in that the ledger does not know as they are. The result's
// Memo is the ready change, so that the writer has nothing left to compute.
func (c *Collector) Apply(ctx context.Context, whole arrow.Record) (pipelines.Result, error) {
	res, err := c.apply(ctx, whole)
	if err == nil {
		res.Spent = c.spent(res.Memo.(*prepared).known)
	}
	if err == nil && c.Changes {
		c.ahead.mapped(res.Memo.(*prepared).known.first)
	}
	return res, err
}

// spent says that a change could be computed again from the mapped records alone.
func (c *Collector) spent(known *recognised) bool {
	return len(c.fuse.earlier) == 0 && known.leaves == nil && !c.Changes
}

func (c *Collector) apply(ctx context.Context, whole arrow.Record) (pipelines.Result, error) {
	beside, in := besideOf(whole)
	defer in.Release()
	mended, rows, err := c.mends.apply(in, c.Alloc)
	if err != nil {
		return pipelines.Result{}, err
	}
	defer mended.Release()
	known, err := c.recognise(ctx, in, mended, rows, beside)
	if err != nil {
		return pipelines.Result{}, err
	}
	part := func(rec arrow.Record) (arrow.Record, error) {
		if len(known.changed) < int(rec.NumRows()) {
			return pipelines.Take(rec, known.changed, c.Alloc)
		}
		rec.Retain()
		return rec, nil
	}
	input, err := part(mended)
	if err != nil {
		return pipelines.Result{}, err
	}
	defer input.Release()
	res := pipelines.Result{Unchanged: int(in.NumRows()) - len(known.changed) - known.other, Sources: known.hashes}
	if len(known.changed) == 0 && known.other == 0 {
		if c.seen != nil {
			c.seen.note(known, nil)
		}
		change := &ledger.Change{}
		c.place(change, known)
		res.Memo = &prepared{known: known, change: change, counts: pipelines.Counts{Read: in.NumRows(), Unchanged: in.NumRows()}}
		return res, nil
	}
	if len(known.changed) > 0 {
		mapped, err := c.mapRead(ctx, input)
		if err != nil {
			return pipelines.Result{}, err
		}
		mapped.Renumber(known.changed)
		res.Outputs, res.Issues, res.Filtered, res.Owed, res.Unsure = mapped.Outputs, mapped.Issues, mapped.Filtered, mapped.Owed, mapped.Unsure
		if err := c.deletesByKey(ctx, known, &res); err != nil {
			res.Release()
			return pipelines.Result{}, err
		}
	}
	res.Filtered += beside.empty()
	unread, err := beside.unread()
	if err != nil {
		res.Release()
		return pipelines.Result{}, err
	}
	res.Issues = append(res.Issues, unread...)
	memo, err := c.prepare(ctx, in, &res, known)
	if err != nil {
		res.Release()
		return pipelines.Result{}, err
	}
	if c.seen != nil {
		c.seen.note(known, memo)
	}
	if c.Keep && len(known.changed) > 0 {
		if memo.change.Kept, err = c.keep(in, input, rows, part); err != nil {
			res.Release()
			return pipelines.Result{}, err
		}
		memo.change.KeptRows = len(known.changed)
	}
	res.Memo = memo
	return res, nil
}

// recognised is what is known of the rows of one batch before they are mapped.
type recognised struct {
	hashes  []pipelines.Hash // source hash of every row
	keys    [][]byte         // natural key of the primary subject, nil where it does not come out
	entries []ledger.Entry   // what the index has under it
	changed []int32          // rows that are not known as they are
	placed  []int32          // of the others, those whose part of the view was not known
	leaves  []int64          // the part of every row; nil = not told
	marked  []bool           // rows that the department marked as deleted; nil = none
	other   int              // messages that are no rows
	old     map[int32][]byte // of corrected rows, the key they were refused under
	first   map[string]int   // of changes: the first row of each key
}

// isMarked says that the department marked the row as deleted.
func (r *recognised) isMarked(row int32) bool { return r.marked != nil && r.marked[row] }

// recognise finds rows by what they hold as read, and their records by their keys as
// corrected.
func (c *Collector) recognise(ctx context.Context, in, mended arrow.Record, rows []int32, b beside) (*recognised, error) {
	leaves := b.leaves
	r := &recognised{hashes: pipelines.HashRows(in, c.Mapping), leaves: leaves, marked: b.marked(), other: b.others()}
	b.rehash(r.hashes)
	var err error
	if b.gone == nil {
		if r.marked, err = c.marks.of(in); err != nil {
			return nil, err
		}
	}
	if r.keys, err = c.keysOf(mended); err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		if err := r.noteOld(c, in, rows); err != nil {
			return nil, err
		}
	}
	var again []bool
	if c.Changes {
		again, r.first = repeated(r.keys)
		if err := c.ahead.wait(ctx, r.first); err != nil {
			return nil, err
		}
	}
	if r.entries, err = c.store.Lookup(ctx, ledger.Stream{Source: c.Source, Subject: c.Primary}, r.keys); err != nil {
		return nil, err
	}
	r.changed = make([]int32, 0, len(r.keys))
	c.mu.Lock() // what is open changes while changes are written
	defer c.mu.Unlock()
	for i := range r.keys {
		if b.isOther(i) {
			continue
		}
		if r.entries[i].Rec == 0 || r.entries[i].Source != r.hashes[i] || c.open.worse(r.keys[i]) || again != nil && again[i] {
			r.changed = append(r.changed, int32(i))
		} else if leaves != nil && r.entries[i].Leaf != r.leaf(int32(i)) {
			if len(c.Keys) > 1 { // the records beside it are found by mapping it
				r.changed = append(r.changed, int32(i))
			} else {
				r.placed = append(r.placed, int32(i))
			}
		}
		if e := &r.entries[i]; !c.Changes && e.Known() && e.Source == r.hashes[i] {
			c.stood.add(e.Rec)
		}
	}
	return r, nil
}
