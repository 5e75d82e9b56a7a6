package status

import (
	"slices"
	"strconv"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// concern adds one thing that needs a person; of one kind and where there is one.
func (r *Report) concern(kind string, since time.Time, where, what, hint text.Text) *Concern {
	r.Trouble = append(r.Trouble, &Concern{Since: Moment{since}, Where: Words{Text: where}, What: Words{Text: what}, Hint: Words{Text: hint}, New: true, mark: ledger.Acknowledged{Concern: kind + " " + where.In(text.EN)}})
	return r.Trouble[len(r.Trouble)-1]
}

// same is a text that needs no translation.
func same(s string) text.Text { return text.T(s, s) }

// concerns lists what needs a person, oldest first.
func (s *Site) concerns(r *Report, of Scope) {
	r.Trouble = []*Concern{}
	s.runConcerns(r)
	s.rejectConcerns(r)
	r.owedConcerns()
	r.unverifiedConcerns()
	for _, one := range r.Receivers {
		s.receiverConcerns(r, one, of)
	}
	r.inboxConcerns()
	for _, one := range r.silent {
		r.concern("silent "+one.Second, one.since, same(one.First), text.F("自那以后没有新数据，与它比对的 %s 却有", "nothing new since, while %s, which is compared with it, has", one.Second), same("banjian precedence")).after(one.since)
	}
	slices.SortStableFunc(r.Trouble, func(x, y *Concern) int {
		switch {
		case x.Since.IsZero() || y.Since.IsZero():
			return last(x.Since) - last(y.Since)
		}
		return x.Since.Compare(y.Since.Time)
	})
	r.NeedsPerson = len(r.Trouble) > 0
}

// last is 1 for what stands last: nobody knows since when it is.
func last(m Moment) int {
	if m.IsZero() {
		return 1
	}
	return 0
}

// runConcerns is about pipelines that failed, are late or were not compared.
func (s *Site) runConcerns(r *Report) {
	short := func(m Moment) string { return ShortTime(m.Time, s.House.Zone()) }
	for _, p := range r.Pipelines {
		where := same(p.Department + " / " + p.Pipeline)
		switch p.State {
		case Failed:
			r.concern("failed", p.LastRun.Time, where, text.F("失败：%[1]s（最近一次成功 %[3]s）", "failed: %[2]s (last good %[3]s)", p.Error.In(text.ZH), p.Error.In(text.EN), short(p.LastGood)), text.Text{}).after(p.LastGood.Time).is(p.Error.In(text.EN))
		case Late:
			r.concern("late "+p.Job, p.LateSince.Time, where, text.F("迟了：任务 %s 应在 %s 运行，最近一次成功 %s", "late: job %s was due %s, last good %s", p.Job, short(p.LateSince), short(p.LastGood)),
				text.T("banjian serve 在运行吗？或 banjian run "+p.Pipeline, "is banjian serve running? or banjian run "+p.Pipeline)).after(p.LateSince.Time)
		}
	}
	for _, p := range r.Pipelines {
		if !p.CompareOverdue.IsZero() {
			compare := "banjian run " + p.Pipeline + " --mode compare"
			r.concern("not compared", p.CompareOverdue.Time, same(p.Department+" / "+p.Pipeline), text.F("整张视图早该比对了，最近一次 %s", "its whole view should have been compared, last was %s", short(p.LastCompared)),
				text.T("现在比对："+compare, "to do it now: "+compare)).after(p.CompareOverdue.Time)
		}
	}
	for _, l := range r.deletes {
		source, _ := s.House.SourceOf(l.Pipeline)
		r.concern("deletes "+strconv.FormatInt(l.Number, 10), l.At, same(source+" / "+l.Pipeline), text.F("待批准的删除 %d 条，名单 %d", "deletes to be approved: %d, list %d", l.Records, l.Number), same("banjian deletes show "+strconv.FormatInt(l.Number, 10))).of(l.Records)
	}
}

// rejectConcerns is about rejects that are open.
func (s *Site) rejectConcerns(r *Report) {
	for i, one := range r.rejects {
		where, list := one.Pipeline, "banjian rejects list --pipeline "+one.Pipeline
		if source, known := s.House.SourceOf(one.Pipeline); known {
			where = source + " / " + one.Pipeline
		}
		if one.Receiver != "" {
			where, list = where+" → "+one.Receiver, list+" --receiver "+one.Receiver
		}
		var blocking text.Text
		if n := r.blocked[i]; n > 0 {
			blocking = text.F("（其中的受理挡住 %d 条记录）", " (the acceptances among them hold back %d records)", n)
		}
		var again text.Text
		if one.Outdated > 0 {
			again = text.F("其中 %d 条是改映射之前退回的，按现在的映射再映射一遍：banjian rejects redrive --pipeline %s", "%d of them were refused before the mapping changed; to map them again: banjian rejects redrive --pipeline %s", one.Outdated, one.Pipeline)
		}
		r.concern("rejects", one.Oldest, same(where), text.F("未决问题数据 %[1]d 条%[2]s：%[4]s", "open rejects %[1]d%[3]s: %[4]s", one.Open, blocking.ZH, blocking.EN, list), again).of(one.Open).after(one.Newest)
	}
}

// receiverConcerns is about a receiver that cannot be fed, and about what stays there.
func (s *Site) receiverConcerns(r *Report, one *Receiver, of Scope) {
	where := same(one.Receiver)
	if one.InTrouble() {
		r.concern("receiver", one.Since.Time, where, one.StateText(s.House.Zone()), one.Hint.Text).after(one.LastGood.Time).is(one.Why.In(text.EN))
	}
	if one.HeldLong > 0 {
		r.concern("held", one.OldestHeld.Time, where, text.F("挂起超期 %d 条：banjian held list --receiver %s", "held too long %d: banjian held list --receiver %s", one.HeldLong, one.Receiver), text.Text{}).of(one.HeldLong).asOf(s.heldLong(one.Receiver, of))
	}
	if one.Diverged > 0 {
		r.concern("diverged", time.Time{}, where, text.F("不一致 %d 条，与接收方核对：banjian held list --receiver %s", "diverged %d, settle them with the receiver: banjian held list --receiver %s", one.Diverged, one.Receiver), text.Text{}).of(one.Diverged).after(one.newestDiverged)
	}
	if one.Unknown > 0 {
		r.concern("unknown", one.oldestUnknown, where, text.F("结果不明 %d 条，等人认定：banjian outcomes list --receiver %s", "outcome unknown %d, for a person: banjian outcomes list --receiver %s", one.Unknown, one.Receiver), text.Text{}).of(one.Unknown).after(one.newestUnknown)
	}
	if one.Open > 0 {
		r.concern("unanswered", one.oldestOpen, where, text.F("一天以上没有应答 %d 条：banjian outcomes list --receiver %s", "unanswered for a day %d: banjian outcomes list --receiver %s", one.Open, one.Receiver), text.Text{}).of(one.Open).after(one.newestOpen.Add(openLong))
	}
	r.uptakeConcerns(one)
}
