package status

import (
	"context"
	"time"

	"banjian/internal/text"
)

// Uptake is what an exchange database did with what it was given, as far as it shows it:
// rows, repeated versions included.
type Uptake struct {
	Sent          int64  `json:"sent"`
	Taken         int64  `json:"taken"`        // is_sync = 1, or cleaned up since
	Waiting       int64  `json:"waiting"`      // not taken over yet
	WaitingLong   int64  `json:"waiting_long"` // longer than alert_waiting_after
	Missing       int64  `json:"missing"`      // gone before they can have been cleaned up
	OldestWaiting Moment `json:"oldest_waiting,omitzero"`
	Looked        Moment `json:"looked,omitzero"`
	Returned      int64  `json:"returned"` // rows sent back, ever
	Open          int64  `json:"open"`     // of these, findings that wait to be mended
	Unmatched     int64  `json:"unmatched"`
}

// uptake is what is known of it in the ledger; nil where the site does not look.
func (s *Site) uptake(ctx context.Context, receiver string) (*Uptake, error) {
	f := s.House.Feedback(receiver)
	if f == nil {
		return nil, nil
	}
	w, err := s.Store.WatchTotals(ctx, receiver, s.Now.Add(-f.WaitLimit()))
	if err != nil {
		return nil, err
	}
	back, err := s.Store.ReturnTotals(ctx, receiver)
	u := &Uptake{Sent: w.Sent, Taken: w.Taken, Waiting: w.Waiting, WaitingLong: w.Late, Missing: w.Missing, OldestWaiting: Moment{w.Oldest}, Looked: Moment{w.Looked},
		Returned: back.All, Open: back.Open, Unmatched: back.Unknown + back.Other}
	if !f.Watches() {
		u.Waiting, u.WaitingLong, u.Taken, u.OldestWaiting = 0, 0, 0, Moment{}
	}
	return u, err
}

// uptakeConcerns is what of it needs a person.
func (r *Report) uptakeConcerns(one *Receiver) {
	u, where := one.Uptake, same(one.Receiver)
	if u == nil {
		return
	}
	if u.WaitingLong > 0 {
		r.concern("waiting", u.OldestWaiting.Time, where, text.F("%d 行久未消费（is_sync 仍为 0）", "%d rows not taken over for long (is_sync still 0)", u.WaitingLong),
			text.T("问接收方的读取程序是否在运行", "ask whether the receiver's program is running")).of(u.WaitingLong)
	}
	if u.Missing > 0 {
		r.concern("missing", time.Time{}, where, text.F("%d 行在接收方的表里不见了", "%d rows are gone from its tables", u.Missing),
			text.T("与接收方核对后，用 banjian receivers rewind 补报", "settle it with the receiver, then push them again with banjian receivers rewind")).of(u.Missing)
	}
	if u.Unmatched > 0 {
		r.concern("unmatched", time.Time{}, where, text.F("退回的 %d 行对不上台账：banjian receivers returns %s --state unknown", "%d rows sent back are none the ledger knows: banjian receivers returns %s --state unknown", u.Unmatched, one.Receiver), text.Text{}).of(u.Unmatched)
	}
}
