package collect

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// DeleteFuse (删除保险) stops a run before it deletes many records, until a person has
// approved it: an empty or half restored view looks as if everything had been deleted.
type DeleteFuse struct {
	Max      int64            // records one run may delete unasked
	Ratio    float64          // share of the records the view stands for
	Few      int64            // so many pass whatever their share, unless they are all
	Approved *ledger.Approved // these go, and do not count
}

// stops says that so many of the known records are too many to delete unasked.
func (f DeleteFuse) stops(deletes, known int64) bool {
	switch {
	case deletes <= 0:
		return false
	case deletes > f.Max:
		return true
	case deletes <= f.Few && deletes < known:
		return false
	}
	return float64(deletes) > f.Ratio*float64(known)
}

// marks is the rows a department marked as deleted, counted against the fuse.
type marks struct {
	spec    *pipelines.SoftDelete
	count   int64 // records deleted by a mark in this run that nobody approved
	known   int64 // records of the pipeline; -1 = not counted yet
	blown   bool
	waiting []ledger.Doomed // those not deleted because it blew
}

// of says which rows of in are marked; nil = none can be.
func (m *marks) of(in arrow.Record) ([]bool, error) {
	if m.spec == nil {
		return nil, nil
	}
	col := pipelines.Column(in, m.spec.Column)
	if col == nil {
		return nil, fault.New(fault.Config, "read deletion mark", m.spec.Column, text.F("视图里没有删除标志列 %s", "the view has no column %s, which is to mark deleted rows", m.spec.Column), text.Text{})
	}
	out := make([]bool, in.NumRows())
	words, _ := col.(*array.String)
	for i := range out {
		if col.IsNull(i) {
			continue
		}
		v := ""
		if words != nil {
			v = words.Value(i)
		} else {
			v = col.ValueStr(i)
		}
		out[i] = slices.Contains(m.spec.Values, v)
	}
	return out, nil
}

// countMarked books deletes by mark; c.mu is held.
func (c *Collector) countMarked(ctx context.Context, n int64) error {
	if n == 0 {
		return nil
	}
	if c.marks.known < 0 {
		known, err := c.countMembers(ctx)
		if err != nil {
			return err
		}
		c.marks.known = known
	}
	c.marks.count += n
	c.marks.blown = c.marks.blown || c.Deletes.stops(c.marks.count, c.marks.known)
	return nil
}

func (c *Collector) countMembers(ctx context.Context) (n int64, err error) {
	for _, s := range c.streams() {
		k, err := c.store.CountMembers(ctx, s, c.Pipeline)
		if err != nil {
			return n, err
		}
		n += k
	}
	return n, nil
}

// streams is what the pipeline writes to, by subject.
func (c *Collector) streams() []ledger.Stream {
	var list []ledger.Stream
	for subject := range c.Keys {
		list = append(list, ledger.Stream{Source: c.Source, Subject: subject})
	}
	slices.SortFunc(list, func(a, b ledger.Stream) int {
		if a.Subject < b.Subject {
			return -1
		}
		return 1
	})
	return list
}

// keepList stores records that wait to be deleted and gives the number of their list.
func (c *Collector) keepList(ctx context.Context, kind string, members []ledger.Doomed) (int64, error) {
	list := ledger.NewDeleteList(c.Pipeline, kind, c.Run.Num, members)
	if c.Dry {
		return 0, nil
	}
	err := c.store.SaveDeletes(ctx, c.Lease, list)
	return list.Number, err
}

// howToApprove says how to look at a list, and that it is what is approved.
func (c *Collector) howToApprove(first text.Text, list int64) text.Text {
	mode := modeFlags[c.Run.Mode]
	if list == 0 {
		return text.T(first.ZH+"；不带 --dry-run 再跑一次，会记下名单供批准", first.EN+"; a run without --dry-run makes a list of them to be approved")
	}
	how := text.F("；逐条看：banjian deletes show %[3]d；确认无误后：banjian run %[1]s%[2]s --approve-deletes=%[3]d（只批准名单 %[3]d 上的，别的仍会先停下）",
		"; to see each: banjian deletes show %[3]d; if it is right: banjian run %[1]s%[2]s --approve-deletes=%[3]d, which approves list %[3]d and nothing else", c.Pipeline, mode, list)
	return text.T(first.ZH+how.ZH, first.EN+how.EN)
}

// waitMarked notes the records of a batch that were not deleted because the fuse blew; c.mu
// is held.
func (c *Collector) waitMarked(p *prepared) {
	c.marks.waiting = append(c.marks.waiting, p.doomed...)
}

// Stopped is Blown once the run is over; what waits for an approval is on a list then.
func (c *Collector) Stopped(ctx context.Context) error {
	c.mu.Lock()
	waiting, blown := c.marks.waiting, c.marks.blown
	c.mu.Unlock()
	if !blown || c.Changes {
		return c.Blown()
	}
	list, err := c.keepList(ctx, ledger.ListMarked, waiting)
	if err != nil {
		return err
	}
	return fault.New(fault.Config, "collect", c.Pipeline,
		text.F("部门标记删除了 %d 条台账里的记录（共 %d 条），超过一次可以不问就删除的数量，先停下", "the department marked %d of %d records as deleted, more than may be deleted unasked; stopped", c.marks.count, c.marks.known),
		c.howToApprove(text.T("先向部门核实", "ask the department"), list))
}

// tooManyMarked is why a run stores nothing more.
func (c *Collector) tooManyMarked() error {
	return fault.New(fault.Config, "collect", c.Pipeline,
		text.F("部门标记删除了 %d 条台账里的记录（共 %d 条），超过一次可以不问就删除的数量，先停下", "the department marked %d of %d records as deleted, more than may be deleted unasked; stopped", c.marks.count, c.marks.known),
		text.F("先向部门核实；确认无误后：banjian run %[1]s%[2]s --approve-deletes", "ask the department; if that is right: banjian run %[1]s%[2]s --approve-deletes", c.Pipeline, modeFlags[c.Run.Mode]))
}

func (v *vanisher) tooMany() error {
	known := v.stays + v.found.Deleted
	if v.Keyless && v.seen.keyless == 0 {
		return v.tooManyKeyless(known)
	}
	what := text.F("台账里有 %[1]d 条记录（共 %[2]d 条）在视图里找不到了，超过一次可以不问就删除的数量；这些一条也没有删除",
		"%[1]d of %[2]d records are no longer in the view, more than may be deleted unasked; none of these was deleted", v.unasked(), known)
	if v.seen.keyless > 0 && !v.Deletes.stops(v.unasked(), known) {
		what = text.F("台账里有 %[1]d 条记录在视图里找不到了，而视图里有 %[2]d 行认不出是哪一条；这些一条也没有删除",
			"%[1]d records are no longer in the view, and %[2]d of its rows do not tell which record they are; none of these was deleted", v.unasked(), v.seen.keyless)
	}
	if v.found.Approved > 0 {
		done := text.F("批准过的 %d 条已删除；另外，", "%d that were approved are deleted; beside them ", v.found.Approved)
		what = text.T(done.ZH+what.ZH, done.EN+what.EN)
	}
	return fault.New(fault.Config, "compare", v.Pipeline, what,
		v.howToApprove(text.T("先核实视图是否完整（空视图、恢复到一半、范围变了都会这样）", "see that the view is whole: one that is empty, half restored or narrower looks like this"), v.found.List))
}
