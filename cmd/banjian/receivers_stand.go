package main

import (
	"context"
	"fmt"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// What a receiver can be in.
const (
	receiverReady       = "ready"
	receiverPaused      = "paused"      // 暂停, by a person
	receiverMaintenance = "maintenance" // 维护
	receiverBlocked     = "blocked"     // 被拒: it refuses us, or its description does not fit
	receiverBroken      = "left_alone"  // 断路: it failed too often in a row; it is tried by itself
	receiverFailing     = "failing"     // 失败: the last delivery did not end well
	receiverUnused      = "unused"      // 未用: no pipeline delivers to it
)

// receiverStand is a receiver as a thing: how it is, and what waits for it.
type receiverStand struct {
	Receiver    string `json:"receiver"`
	System      string `json:"system,omitempty"`
	Environment string `json:"environment,omitempty"`
	Kind        string `json:"kind"`
	Profile     string `json:"profile"`
	State       string `json:"state"`
	Since       string `json:"since,omitempty"` // paused, blocked, left alone or failing
	Until       string `json:"until,omitempty"` // in maintenance, or not tried before
	Why         string `json:"why,omitempty"`
	Hint        string `json:"hint,omitempty"`
	LastGood    string `json:"last_good,omitempty"`
	LastTried   string `json:"last_tried,omitempty"`

	Pending       int64  `json:"pending"`
	Held          int64  `json:"held"`
	HeldLong      int64  `json:"held_long"` // longer than alert_held_after
	Diverged      int64  `json:"diverged"`
	Rejected      int64  `json:"rejected"`
	NotApplicable int64  `json:"not_applicable"`
	Compared      int64  `json:"compared,omitempty"`        // of NotApplicable: another system's word counts
	Unknown       int64  `json:"outcome_unknown,omitempty"` // of Pending: nobody knows whether they arrived, and a person must settle it
	Open          int64  `json:"outcome_open,omitempty"`    // of Pending: given up for a day and more, though tried again by itself
	OldestPending string `json:"oldest_pending,omitempty"`
	OldestHeld    string `json:"oldest_held,omitempty"`
	ClockMS       *int64 `json:"clock_offset_ms"` // its clock less ours; null: not known

	Uptake *uptakeStand `json:"uptake,omitempty"` // where the site looks

	since, until, good, oldestPending, oldestHeld, oldestUnknown, oldestOpen time.Time
	why, hint                                                                text.Text
}

// stands is every receiver of the site, or the named one, with the records of one
// department or of all.
func (h *house) stands(ctx context.Context, store ledger.Store, only, department string, now time.Time) ([]*receiverStand, error) {
	states, err := stateOfEach(ctx, store)
	if err != nil {
		return nil, err
	}
	var list []*receiverStand
	for _, name := range h.Receivers() {
		if only != "" && name != only {
			continue
		}
		r := h.Site().Receivers[name]
		s := &receiverStand{Receiver: name, System: r.System, Environment: r.Environment, Kind: r.Kind, Profile: r.Profile}
		list = append(list, s)
		if !h.Fed(name) {
			s.State = receiverUnused
			continue
		}
		if err := s.judge(h, states[name], now); err != nil {
			return nil, err
		}
		if s.Uptake, err = h.uptake(ctx, store, name, now); err != nil {
			return nil, err
		}
		if err := s.lookOutcomes(ctx, store, department, now); err != nil {
			return nil, err
		}
		sums, err := store.Standings(ctx, name, now.Add(-r.HeldLimit()))
		if err != nil {
			return nil, err
		}
		for _, sum := range sums {
			if h.Takes(name, sum.Stream.Subject) && (department == "" || sum.Stream.Source == department) {
				s.add(sum)
			}
		}
	}
	return list, nil
}

// judge says how the receiver is. A pause goes before a window, that before a refusal.
func (s *receiverStand) judge(h *house, st ledger.ReceiverState, now time.Time) error {
	s.good = st.GoodAt
	if st.Clock != nil {
		ms := st.Clock.Milliseconds()
		s.ClockMS = &ms
	}
	s.LastGood, s.LastTried = rfc3339(st.GoodAt), rfc3339(st.TriedAt)
	why, err := h.resting(st, s.Receiver, now)
	if err != nil {
		return err
	}
	switch {
	case why != nil && !why.since.IsZero():
		s.State, s.since, s.why = receiverPaused, why.since, text.T(why.why, why.why)
	case why != nil && why.broken.IsZero():
		s.State, s.until, s.why = receiverMaintenance, why.until, text.T(why.why, why.why)
	case !st.BlockedAt.IsZero() && st.FailedWhy == st.BlockedWhy: // it is still what keeps us
		s.State, s.since, s.why, s.hint = receiverBlocked, st.BlockedAt, st.BlockedWhy.What, st.BlockedWhy.Hint
	case !st.Break.At.IsZero():
		s.State, s.since, s.until, s.why, s.hint = receiverBroken, st.Break.At, st.Break.Until, st.Break.Why.What, st.Break.Why.Hint
	case !st.FailedAt.IsZero():
		s.State, s.since, s.why, s.hint = receiverFailing, st.FailedAt, st.FailedWhy.What, st.FailedWhy.Hint
	default:
		s.State = receiverReady
	}
	return nil
}

// openLong is how long an outcome may stay open before somebody should look.
const openLong = 24 * time.Hour

// lookOutcomes counts the calls that a person should settle.
func (s *receiverStand) lookOutcomes(ctx context.Context, store ledger.Outcomes, department string, now time.Time) error {
	list, err := store.Outcomes(ctx, ledger.OutcomeQuery{Receiver: s.Receiver})
	for i := range list {
		switch o := &list[i]; {
		case department != "" && o.Stream.Source != department:
		case o.State == ledger.OutcomeUnknown:
			s.Unknown++
			s.oldestUnknown = earliestOf(s.oldestUnknown, o.Since)
		case o.State == ledger.OutcomeOpen && now.Sub(o.Since) > openLong:
			s.Open++
			s.oldestOpen = earliestOf(s.oldestOpen, o.Since)
		}
	}
	return err
}

// inTrouble says that it cannot be fed, for reasons that nobody meant.
func (s *receiverStand) inTrouble() bool {
	return s.State == receiverBlocked || s.State == receiverBroken || s.State == receiverFailing
}

func (s *receiverStand) add(sum ledger.Standing) {
	s.Pending += sum.Pending
	s.Held += sum.Held
	s.HeldLong += sum.HeldLong
	s.Diverged += sum.Diverged
	s.Rejected += sum.Rejected
	s.NotApplicable += sum.NotApplicable
	s.Compared += sum.Compared
	s.oldestPending, s.oldestHeld = earliestOf(s.oldestPending, sum.OldestPending), earliestOf(s.oldestHeld, sum.OldestHeld)
}

// say fills in what scripts read.
func (s *receiverStand) say(lang text.Lang) *receiverStand {
	s.Since, s.Until, s.OldestPending, s.OldestHeld = rfc3339(s.since), rfc3339(s.until), rfc3339(s.oldestPending), rfc3339(s.oldestHeld)
	s.Why, s.Hint = s.why.In(lang), s.hint.In(lang)
	return s
}

// earliestOf is the earlier of two times, of which a zero one is none.
func earliestOf(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// stateText is how a receiver is, in words: paused since and why.
func (a *app) stateText(s *receiverStand, zone *time.Location) string {
	var said string
	switch s.State {
	case receiverReady:
		return a.t("就绪", "ready")
	case receiverUnused:
		return a.t("没有管道报给它", "no pipeline delivers to it")
	case receiverMaintenance:
		said = a.t("维护到 ", "in maintenance until ") + shortTime(s.until, zone)
	case receiverPaused:
		said = a.t("暂停，自 ", "paused since ") + shortTime(s.since, zone)
	case receiverBlocked:
		said = a.t("被拒，自 ", "blocked since ") + shortTime(s.since, zone)
	case receiverBroken:
		said = fmt.Sprintf(a.t("断路，自 %s，%s 再试", "left alone since %s, tried again %s"), shortTime(s.since, zone), shortTime(s.until, zone))
	case receiverFailing:
		said = a.t("失败，最近 ", "failing, last ") + shortTime(s.since, zone)
	}
	if why := s.why.In(a.lang); why != "" {
		said += a.t("：", ": ") + why
	}
	return said
}
