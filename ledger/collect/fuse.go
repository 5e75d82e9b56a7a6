package collect

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
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
	earlier []earlier
	count   int64
	blown   bool
}

// earlier is a mapping version that records may still stem from.
type earlier struct {
	mapping string
	columns []string // that its rows were kept with; nil = not known any more
}

func newFuse(ctx context.Context, store Decided, cfg *Config) (*fuse, error) {
	f := &fuse{ChangeFuse: cfg.Fuse}
	list, err := store.Earlier(ctx, cfg.Pipeline, cfg.Mapping)
	if err != nil {
		return f, err
	}
	for i := range list {
		e := earlier{mapping: list[i].Mapping}
		if list[i].Payload != nil {
			rec, err := ledger.Decode(list[i].Payload, cfg.Alloc)
			if err != nil {
				return f, err
			}
			for _, field := range rec.Schema().Fields() {
				e.columns = append(e.columns, field.Name)
			}
			rec.Release()
		}
		f.earlier = append(f.earlier, e)
	}
	return f, nil
}

// batch is the rows of one batch as the fuse looks at them.
func (f *fuse) batch(in arrow.Record) *fuseBatch { return &fuseBatch{fuse: f, in: in} }

// fuseBatch knows what the rows' source hashes were under earlier mappings, once asked.
type fuseBatch struct {
	*fuse
	in     arrow.Record
	hashes [][]pipelines.Hash // by earlier mapping; nil: it read other columns, nobody can tell
}

// changes notes that a known record changes. A row that provably changed at the source
// does not count.
func (b *fuseBatch) changes(e *ledger.Entry, row int32) {
	if len(b.earlier) == 0 || !e.Known() {
		return
	}
	for _, h := range b.before() {
		if h == nil || h[row] == e.Source {
			b.count++
			b.blown = b.blown || !b.Approved && b.count > b.Max
			return
		}
	}
}

// duplicate says that a row was refused under an earlier mapping because another row had its
// key: a mapping that changed makes of it no newer version of the other.
func (b *fuseBatch) duplicate(o *openRejects, key []byte, row int32) bool {
	return len(b.earlier) > 0 && o.has(key) && slices.ContainsFunc(b.before(), func(h []pipelines.Hash) bool { return h != nil && o.duplicate(key, h[row]) })
}

func (b *fuseBatch) before() [][]pipelines.Hash {
	if b.hashes == nil {
		b.hashes = make([][]pipelines.Hash, len(b.earlier))
		for i := range b.earlier {
			if b.earlier[i].reads(b.in) {
				b.hashes[i] = pipelines.HashRows(b.in, b.earlier[i].mapping)
			}
		}
	}
	return b.hashes
}

// reads says whether the mapping read these columns, in this order.
func (e *earlier) reads(in arrow.Record) bool {
	if int64(len(e.columns)) != in.NumCols() {
		return false
	}
	for i, name := range e.columns {
		if in.ColumnName(i) != name {
			return false
		}
	}
	return true
}

// modeFlags are what a run is told again to do the same.
var modeFlags = map[string]string{"remap": " --remap", "full": " --mode full", "compare": " --mode compare"}

// Blown is why the run stored nothing more, with how many records it would have
// re-issued; nil = it stored everything.
func (c *Collector) Blown() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.marks.blown {
		return c.tooManyMarked()
	}
	if !c.fuse.blown {
		return nil
	}
	return fault.New(fault.Config, "collect", c.Pipeline,
		text.F("映射变了，有 %[1]d 条来源没有变化的记录会因此重新上报，超过 %[2]d 条，先停下", "the mapping changed: %[1]d records whose source did not change would be issued again, more than %[2]d; stopped", c.fuse.count, c.fuse.Max),
		text.F("确认无误后：banjian run %[1]s%[2]s --approve-changes；要先看影响：banjian preview %[1]s", "if that is right: banjian run %[1]s%[2]s --approve-changes; to see what changes: banjian preview %[1]s", c.Pipeline, modeFlags[c.Run.Mode]))
}
