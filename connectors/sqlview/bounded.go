package sqlview

import (
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

var _ pipelines.Cutter = (*Source)(nil)

// bounded says that a person asked for a part, or for something again.
func (o Options) bounded() bool { return o.Limit > 0 || !o.Since.IsZero() }

// checkBounds says whether Limit and Since go with the rest.
func (o Options) checkBounds() error {
	switch {
	case o.Limit < 0:
		return bad("limit 不能为负", "limit cannot be negative")
	case o.Limit > 0 && o.numbered():
		return bad("没有键的行不能只读一部分：相同的行要全部数过才有编号", "rows without a key cannot be read in part: they are numbered among all that are equal")
	case !o.Since.IsZero() && o.Mode != Incremental:
		return bad("since 只用于增量读取（mode: incremental）", "since is for incremental reads (mode: incremental)")
	}
	return nil
}

// reachBack finds how the column writes the moment from which rows are read again. It never
// lies behind that moment: a column that is coarser has it rounded down.
func (s *session) reachBack(w *window) error {
	if s.o.Since.IsZero() || s.o.Mode != Incremental {
		return nil
	}
	if !w.form.timed() {
		return fault.New(fault.Config, "read again", s.o.where()+" "+strings.Join(s.o.Cursor, ", "),
			text.T("这一列不是时间，不能从某个时刻起重读", "this column holds no times: nothing can be read again from a moment on"),
			text.T("要重读，用 --mode full 全部读一遍；没有变化的行不会再上报", "read everything again with --mode full; rows that did not change are not delivered again"))
	}
	since := w.form.write(s.o.Since)
	w.since = &since
	return nil
}

// underWay refuses to be bounded while a first load in ranges is not complete.
func (s *Source) underWay() error {
	return fault.New(fault.Config, "read in part", s.o.where(),
		text.T("分段的首次归集还没有完成，这时不能只读一部分，也不能从某个时刻起重读", "a first load in ranges is under way: it cannot be read in part, nor anything again"),
		text.T("先不带 --limit、--since 运行一次，读完它", "run once without --limit and --since, which completes it"))
}

// Cut says that rows are left because the limit was reached. See pipelines.Cutter.
func (s *Source) Cut() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.more && s.bound.Reached()
}
