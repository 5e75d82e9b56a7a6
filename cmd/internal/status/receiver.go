package status

import (
	"context"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// What a receiver can be in, besides Paused.
const (
	Ready       = "ready"
	Maintenance = "maintenance" // 维护
	Blocked     = "blocked"     // 被拒: it refuses us, or its description does not fit
	LeftAlone   = "left_alone"  // 断路: it failed too often in a row; it is tried by itself
	Failing     = "failing"     // 失败: the last delivery did not end well
	Unused      = "unused"      // 未用: no pipeline delivers to it
)

// Receiver is a receiver as a thing: how it is, and what waits for it.
type Receiver struct {
	Receiver    string `json:"receiver"`
	System      string `json:"system,omitempty"`
	Environment string `json:"environment,omitempty"`
	Kind        string `json:"kind"`
	Profile     string `json:"profile"`
	State       string `json:"state"`
	Since       Moment `json:"since,omitzero"` // paused, blocked, left alone or failing
	Until       Moment `json:"until,omitzero"` // in maintenance, or not tried before
	Why         Words  `json:"why,omitzero"`
	Hint        Words  `json:"hint,omitzero"`
	LastGood    Moment `json:"last_good,omitzero"`
	LastTried   Moment `json:"last_tried,omitzero"`

	Pending       int64  `json:"pending"`
	Held          int64  `json:"held"`
	HeldLong      int64  `json:"held_long"` // longer than alert_held_after
	Diverged      int64  `json:"diverged"`
	Rejected      int64  `json:"rejected"`
	NotApplicable int64  `json:"not_applicable"`
	Compared      int64  `json:"compared,omitempty"`        // of NotApplicable: another system's word counts
	Unknown       int64  `json:"outcome_unknown,omitempty"` // of Pending: nobody knows whether they arrived, and a person must settle it
	Open          int64  `json:"outcome_open,omitempty"`    // of Pending: given up for a day and more, though tried again by itself
	OldestPending Moment `json:"oldest_pending,omitzero"`
	OldestHeld    Moment `json:"oldest_held,omitzero"`
	ClockMS       *int64 `json:"clock_offset_ms"` // its clock less ours; null: not known

	Uptake *Uptake `json:"uptake,omitempty"` // where the site looks

	oldestUnknown, oldestOpen, newestUnknown, newestOpen, newestDiverged time.Time
}

// In has the receiver's sentences be JSON in lang.
func (r *Receiver) In(lang text.Lang) *Receiver {
	r.Why.lang, r.Hint.lang = lang, lang
	return r
}

// Receivers is every receiver of the site, or the one in scope, with the records of one
// department or of all.
func (s *Site) Receivers(ctx context.Context, of Scope) ([]*Receiver, error) {
	states, err := States(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	var list []*Receiver
	for _, name := range s.House.Receivers() {
		if of.Receiver != "" && name != of.Receiver {
			continue
		}
		conf := s.House.Site().Receivers[name]
		r := &Receiver{Receiver: name, System: conf.System, Environment: conf.Environment, Kind: conf.Kind, Profile: conf.Profile}
		list = append(list, r)
		if !s.House.Fed(name) {
			r.State = Unused
			continue
		}
		if err := s.receiver(ctx, r, states[name], of.Department, conf.HeldLimit()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// receiver looks at one that is fed; what is held longer than limit is held long.
func (s *Site) receiver(ctx context.Context, r *Receiver, st ledger.ReceiverState, department string, limit time.Duration) error {
	rest, err := Resting(s.House, st, r.Receiver, s.Now)
	if err != nil {
		return err
	}
	r.judge(st, rest)
	if r.Uptake, err = s.uptake(ctx, r.Receiver); err != nil {
		return err
	}
	if err := r.outcomes(ctx, s.Store, department, s.Now); err != nil {
		return err
	}
	sums, err := s.Store.Standings(ctx, r.Receiver, s.Now.Add(-limit))
	for _, sum := range sums {
		if s.House.Takes(r.Receiver, sum.Stream.Subject) && (department == "" || sum.Stream.Source == department) {
			r.add(sum)
		}
	}
	if err != nil || r.Diverged == 0 {
		return err
	}
	list, err := s.Store.Exceptions(ctx, ledger.ExceptionQuery{Receiver: r.Receiver, State: ledger.Diverged})
	for i := range list {
		if department == "" || list[i].Stream.Source == department {
			r.newestDiverged = latest(r.newestDiverged, list[i].Since)
		}
	}
	return err
}

// judge says how the receiver is. A pause goes before a window, that before a refusal.
func (r *Receiver) judge(st ledger.ReceiverState, rest *Rest) {
	if st.Clock != nil {
		ms := st.Clock.Milliseconds()
		r.ClockMS = &ms
	}
	r.LastGood, r.LastTried = Moment{st.GoodAt}, Moment{st.TriedAt}
	switch {
	case rest != nil && !rest.Since.IsZero():
		r.State, r.Since, r.Why.Text = Paused, Moment{rest.Since}, same(rest.Why)
	case rest != nil && rest.Broken.IsZero():
		r.State, r.Until, r.Why.Text = Maintenance, Moment{rest.Until}, same(rest.Why)
	case !st.BlockedAt.IsZero() && st.FailedWhy == st.BlockedWhy: // it is still what keeps us
		r.State, r.Since, r.Why.Text, r.Hint.Text = Blocked, Moment{st.BlockedAt}, st.BlockedWhy.What, st.BlockedWhy.Hint
	case !st.Break.At.IsZero():
		r.State, r.Since, r.Until, r.Why.Text, r.Hint.Text = LeftAlone, Moment{st.Break.At}, Moment{st.Break.Until}, st.Break.Why.What, st.Break.Why.Hint
	case !st.FailedAt.IsZero():
		r.State, r.Since, r.Why.Text, r.Hint.Text = Failing, Moment{st.FailedAt}, st.FailedWhy.What, st.FailedWhy.Hint
	default:
		r.State = Ready
	}
}

// openLong is how long an outcome may stay open before somebody should look.
const openLong = 24 * time.Hour

// outcomeStore is what is known of calls whose outcome is not.
type outcomeStore interface {
	Outcomes(ctx context.Context, q ledger.OutcomeQuery) ([]ledger.Outcome, error)
}

// outcomes counts the calls that a person should settle.
func (r *Receiver) outcomes(ctx context.Context, store outcomeStore, department string, now time.Time) error {
	list, err := store.Outcomes(ctx, ledger.OutcomeQuery{Receiver: r.Receiver})
	for i := range list {
		switch o := &list[i]; {
		case department != "" && o.Stream.Source != department:
		case o.State == ledger.OutcomeUnknown:
			r.Unknown++
			r.oldestUnknown, r.newestUnknown = Earliest(r.oldestUnknown, o.Since), latest(r.newestUnknown, o.Since)
		case o.State == ledger.OutcomeOpen && now.Sub(o.Since) > openLong:
			r.Open++
			r.oldestOpen, r.newestOpen = Earliest(r.oldestOpen, o.Since), latest(r.newestOpen, o.Since)
		}
	}
	return err
}

// InTrouble says that it cannot be fed, for reasons that nobody meant.
func (r *Receiver) InTrouble() bool {
	return r.State == Blocked || r.State == LeftAlone || r.State == Failing
}

func (r *Receiver) add(sum ledger.Standing) {
	r.Pending += sum.Pending
	r.Held += sum.Held
	r.HeldLong += sum.HeldLong
	r.Diverged += sum.Diverged
	r.Rejected += sum.Rejected
	r.NotApplicable += sum.NotApplicable
	r.Compared += sum.Compared
	r.OldestPending, r.OldestHeld = r.OldestPending.earliest(sum.OldestPending), r.OldestHeld.earliest(sum.OldestHeld)
}

// Stance is how a receiver is, in words and without the reason: paused since when.
func (r *Receiver) Stance(zone *time.Location) text.Text {
	since, until := ShortTime(r.Since.Time, zone), ShortTime(r.Until.Time, zone)
	switch r.State {
	case Ready:
		return text.T("就绪", "ready")
	case Unused:
		return text.T("没有管道报给它", "no pipeline delivers to it")
	case Maintenance:
		return text.T("维护到 "+until, "in maintenance until "+until)
	case Paused:
		return text.T("暂停，自 "+since, "paused since "+since)
	case Blocked:
		return text.T("被拒，自 "+since, "blocked since "+since)
	case LeftAlone:
		return text.F("断路，自 %s，%s 再试", "left alone since %s, tried again %s", since, until)
	}
	return text.T("失败，最近 "+since, "failing, last "+since)
}

// StateText is its stance, and why.
func (r *Receiver) StateText(zone *time.Location) text.Text {
	said := r.Stance(zone)
	if r.Why.IsZero() || r.State == Ready || r.State == Unused {
		return said
	}
	return text.T(said.ZH+"："+r.Why.In(text.ZH), said.EN+": "+r.Why.In(text.EN))
}
