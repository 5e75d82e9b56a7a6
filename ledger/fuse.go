package ledger

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

// ChangeFuse (变更保险) stops a run whose new mapping version would re-issue many records
// to the receivers, until a person has approved it.
type ChangeFuse struct {
	Max      int64 // records that may be re-issued unasked
	Approved bool
}

// fuse counts, over one run, the records that change although their source row did not.
type fuse struct {
	ChangeFuse
	before  string   // mapping version of the last run that was done; empty = nothing to compare with
	columns []string // that its rows were kept with
	count   int64
	blown   bool
}

// newFuse compares with the last run that was done.
func newFuse(ctx context.Context, store KeptStore, cfg *CollectConfig) (*fuse, error) {
	f := &fuse{ChangeFuse: cfg.Fuse}
	before, err := store.DoneMapping(ctx, cfg.Pipeline)
	if err != nil || before == "" || before == cfg.Mapping {
		return f, err
	}
	f.before = before
	newest, err := store.NewestKept(ctx, cfg.Pipeline)
	if err != nil || newest == nil {
		return f, err
	}
	rec, err := Decode(newest.Payload, cfg.Alloc)
	if err != nil {
		return f, err
	}
	defer rec.Release()
	for _, field := range rec.Schema().Fields() {
		f.columns = append(f.columns, field.Name)
	}
	return f, nil
}

// sources is what the rows' source hashes were under the mapping before; nil where the
// two read different columns, so that nobody can tell.
func (f *fuse) sources(in arrow.Record) []pipelines.Hash {
	if f.before == "" || int64(len(f.columns)) != in.NumCols() {
		return nil
	}
	for i, name := range f.columns {
		if in.ColumnName(i) != name {
			return nil
		}
	}
	return HashRows(in, f.before)
}

// changes notes that a known record changes. A row that provably changed at the source
// does not count.
func (f *fuse) changes(e *Entry, sources []pipelines.Hash, row int32) {
	if f.before == "" || !e.Known() || sources != nil && e.Source != sources[row] {
		return
	}
	f.count++
	f.blown = f.blown || !f.Approved && f.count > f.Max
}

// Blown is why the run stored nothing more, with how many records it would have
// re-issued; nil = it stored everything.
func (c *Collector) Blown() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fuse.blown {
		return nil
	}
	return fault.New(fault.Config, "collect", c.Pipeline,
		text.F("映射变了，有 %[1]d 条来源没有变化的记录会因此重新上报，超过 %[2]d 条，先停下", "the mapping changed: %[1]d records whose source did not change would be issued again, more than %[2]d; stopped", c.fuse.count, c.fuse.Max),
		text.F("确认无误后：banjian run %[1]s --approve-changes；要先看影响：banjian preview %[1]s", "if that is right: banjian run %[1]s --approve-changes; to see what changes: banjian preview %[1]s", c.Pipeline))
}
