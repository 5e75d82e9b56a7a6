package main

import (
	"context"
	"fmt"
	"time"

	"banjian/ledger"
)

// uptakeStand is what an exchange database did with what it was given, as far as it shows
// it: rows, repeated versions included.
type uptakeStand struct {
	Sent          int64  `json:"sent"`
	Taken         int64  `json:"taken"`        // is_sync = 1, or cleaned up since
	Waiting       int64  `json:"waiting"`      // not taken over yet
	WaitingLong   int64  `json:"waiting_long"` // longer than alert_waiting_after
	Missing       int64  `json:"missing"`      // gone before they can have been cleaned up
	OldestWaiting string `json:"oldest_waiting,omitempty"`
	Looked        string `json:"looked,omitempty"`
	Returned      int64  `json:"returned"` // rows sent back, ever
	Open          int64  `json:"open"`     // of these, findings that wait to be mended
	Unmatched     int64  `json:"unmatched"`

	oldest, looked time.Time
}

// uptake is what is known of it in the ledger; nil where the site does not look.
func (h *house) uptake(ctx context.Context, store ledger.Store, receiver string, now time.Time) (*uptakeStand, error) {
	f := h.Feedback(receiver)
	if f == nil {
		return nil, nil
	}
	w, err := store.WatchTotals(ctx, receiver, now.Add(-f.WaitLimit()))
	if err != nil {
		return nil, err
	}
	r, err := store.ReturnTotals(ctx, receiver)
	s := &uptakeStand{Sent: w.Sent, Taken: w.Taken, Waiting: w.Waiting, WaitingLong: w.Late, Missing: w.Missing, OldestWaiting: rfc3339(w.Oldest), Looked: rfc3339(w.Looked),
		Returned: r.All, Open: r.Open, Unmatched: r.Unknown + r.Other, oldest: w.Oldest, looked: w.Looked}
	if !f.Watches() {
		s.Waiting, s.WaitingLong, s.Taken, s.OldestWaiting, s.oldest = 0, 0, 0, "", time.Time{}
	}
	return s, err
}

// uptakeText is the same on one line.
func (a *app) uptakeText(u *uptakeStand, now time.Time) string {
	waiting := count(u.Waiting)
	if u.Waiting > 0 && !u.oldest.IsZero() {
		waiting += a.t("（最早 ", " (oldest ") + a.since(u.oldest, now) + a.t("）", ")")
	}
	said := fmt.Sprintf(a.t("发出 %d 行 · 已消费 %d · 待消费 %s · 退回未决 %d", "rows sent %d · taken over %d · waiting %s · sent back, open %d"), u.Sent, u.Taken, waiting, u.Open)
	if u.Missing > 0 {
		said += fmt.Sprintf(a.t(" · 不见 %d", " · missing %d"), u.Missing)
	}
	if u.Unmatched > 0 {
		said += fmt.Sprintf(a.t(" · 对不上 %d", " · unmatched %d"), u.Unmatched)
	}
	return said
}

// concerns is what of it needs a person.
func (a *app) uptakeConcerns(r *receiverStand, add func(since time.Time, where, what, hint string)) {
	u := r.Uptake
	if u == nil {
		return
	}
	if u.WaitingLong > 0 {
		add(u.oldest, r.Receiver, fmt.Sprintf(a.t("%d 行久未消费（is_sync 仍为 0）", "%d rows not taken over for long (is_sync still 0)"), u.WaitingLong), a.t("问接收方的读取程序是否在运行", "ask whether the receiver's program is running"))
	}
	if u.Missing > 0 {
		add(time.Time{}, r.Receiver, fmt.Sprintf(a.t("%d 行在接收方的表里不见了", "%d rows are gone from its tables"), u.Missing), a.t("与接收方核对后，用 banjian receivers rewind 补报", "settle it with the receiver, then push them again with banjian receivers rewind"))
	}
	if u.Unmatched > 0 {
		add(time.Time{}, r.Receiver, fmt.Sprintf(a.t("退回的 %d 行对不上台账：banjian receivers returns %s --state unknown", "%d rows sent back are none the ledger knows: banjian receivers returns %s --state unknown"), u.Unmatched, r.Receiver), "")
	}
}
