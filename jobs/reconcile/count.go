package reconcile

import (
	"cmp"
	"slices"
	"time"

	"banjian/internal/day"
	"banjian/ledger"
)

// timelyWithin is the time an acceptance may take to be delivered.
const timelyWithin = 24 * time.Hour

// sum adds the lines to the report, by day and department.
func (w *sheet) sum() {
	timely := map[string]*Timely{}
	for i := range w.n {
		e := w.slot(i)
		line := &w.lines[e.line]
		w.count(e, line)
		if w.subject.Name == ledger.SubjectAccept {
			w.time(e, line, timely)
		}
	}
	if len(w.extra) > 0 {
		w.lines[w.line("", "")].Extra = int64(len(w.extra))
	}
	w.join()
	for _, l := range w.lines {
		if l.Extra > 0 || w.plan.has(l.Day) && (l.Collected+l.Rejected > 0 || l.Missing+l.Altered > 0 || l.AtSource.any()) {
			w.report.Lines = append(w.report.Lines, l)
		}
	}
	slices.SortStableFunc(w.report.Lines, func(a, b Line) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Source, b.Source)) })
	for _, t := range timely {
		t.Share = float64(t.Within) / float64(t.Accepts)
		w.report.Timely = append(w.report.Timely, *t)
	}
	slices.SortFunc(w.report.Timely, func(a, b Timely) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Receiver, b.Receiver))
	})
}

func (w *sheet) count(e *slot, line *Line) {
	if e.flags&deleted == 0 {
		line.Collected++
		switch {
		case e.state == held:
			line.Held++
		case e.state == rejected:
			line.Refused++
		case e.state == notApplicable:
			line.NotApplicable++
		case e.state == diverged:
			line.Diverged++
		case e.delivered >= e.version:
			line.Delivered++
		default:
			line.Pending++
		}
	}
	if e.delivered == 0 || !w.compared(e) {
		return
	}
	switch kind := e.difference(); {
	case kind == Missing:
		line.Missing++
	case kind == Altered:
		line.Altered++
	case e.flags&found == 0:
		line.Cleared++
	case e.flags&taken != 0:
		line.Acknowledged++
	}
}

// difference is how the receiver's row differs from what was delivered; empty if it does not.
func (e *slot) difference() string {
	switch {
	case e.delivered == 0:
		return ""
	case e.flags&found == 0 && e.flags&(leaves|buried) != 0:
		return "" // cleared away, or deleted as it was told
	case e.flags&found == 0:
		return Missing
	case e.flags&same == 0:
		return Altered
	}
	return ""
}

// time counts an acceptance whose 24 hours are over, or that was delivered in time.
func (w *sheet) time(e *slot, line *Line, timely map[string]*Timely) {
	if e.moment == 0 || e.state == notApplicable || e.flags&deleted != 0 || !w.plan.has(line.Day) {
		return
	}
	end := timelyUntil(e.moment)
	within := e.first != 0 && e.first <= end
	if !within && w.plan.Now.Unix() <= end {
		return
	}
	t := timely[line.Source]
	if t == nil {
		t = &Timely{Source: line.Source, Receiver: w.plan.Receiver}
		timely[line.Source] = t
	}
	t.Accepts++
	if within {
		t.Within++
	}
}

// timelyUntil is when the time of an acceptance is over; that of a bare day begins with the
// day's end, for it may have been accepted until then.
func timelyUntil(moment int64) int64 {
	end := time.Unix(moment, 0).Add(timelyWithin)
	if day.Bare(moment) {
		end = end.Add(24 * time.Hour)
	}
	return end.Unix()
}

// join adds what was found of the departments that feed the receiver.
func (w *sheet) join() {
	for _, side := range w.plan.Sides {
		o := side.origin
		if o.Stream.Subject != w.subject.Name || w.plan.From != nil && !w.plan.From(o.Pipeline) || w.plan.Source != "" && o.Stream.Source != w.plan.Source {
			continue
		}
		side.fed = true
		for day, c := range side.days {
			side.tell(&w.lines[w.line(day, o.Stream.Source)], c)
		}
	}
}

// Total adds lines up over all days; the result bears none.
func Total(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		i := slices.IndexFunc(out, func(o Line) bool {
			return o.Source == l.Source && o.Subject == l.Subject && o.Receiver == l.Receiver
		})
		if i < 0 {
			i, out = len(out), append(out, Line{Source: l.Source, Subject: l.Subject, Receiver: l.Receiver})
		}
		out[i].add(&l)
	}
	return out
}

func (s *AtSource) any() bool { return s != nil && s.Rows+s.Gone > 0 }

func (s *AtSource) add(o *AtSource) {
	s.Rows += o.Rows
	s.Known += o.Known
	s.LeftOut += o.LeftOut
	s.Refused += o.Refused
	s.Waiting += o.Waiting
	s.Uncollected += o.Uncollected
	s.Outdated += o.Outdated
	s.Gone += o.Gone
}

func (l *Line) add(o *Line) {
	if o.AtSource != nil {
		if l.AtSource == nil {
			l.AtSource = &AtSource{}
		}
		l.AtSource.add(o.AtSource)
	}
	l.Collected += o.Collected
	l.Rejected += o.Rejected
	l.Delivered += o.Delivered
	l.Acknowledged += o.Acknowledged
	l.Held += o.Held
	l.Refused += o.Refused
	l.NotApplicable += o.NotApplicable
	l.Pending += o.Pending
	l.Diverged += o.Diverged
	l.Missing += o.Missing
	l.Altered += o.Altered
	l.Cleared += o.Cleared
	l.Extra += o.Extra
}
