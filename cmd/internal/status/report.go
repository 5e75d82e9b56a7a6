package status

import (
	"context"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// Report is how a site stands at one moment.
type Report struct {
	At          Moment       `json:"at"`
	NeedsPerson bool         `json:"needs_person"`
	Totals      Totals       `json:"totals"`
	New         int          `json:"new"`     // of Trouble
	Trouble     []*Concern   `json:"trouble"` // oldest first
	Pipelines   []*Pipeline  `json:"pipelines"`
	Receivers   []*Receiver  `json:"receivers"`
	Inbox       []*Inbox     `json:"inbox,omitempty"`
	Unrouted    int64        `json:"unrouted,omitempty"` // records no route fits
	Files       []OwedFiles  `json:"files_owed,omitempty"`
	Unverified  []Unverified `json:"unverified,omitempty"`

	unroutedSince, unroutedNewest time.Time

	rejects []ledger.RejectTotal
	blocked []int64             // records that wait for the acceptances among them
	deletes []ledger.DeleteList // that wait for an approval
	silent  []silentSystem
}

// Totals are the sums of a report.
type Totals struct {
	Pipelines   int   `json:"pipelines"`
	Late        int   `json:"late"`
	Failed      int   `json:"failed"`
	OpenRejects int64 `json:"open_rejects"`
	Receivers   int   `json:"receivers"`
	Blocked     int   `json:"blocked"` // receivers that cannot be fed
	Pending     int64 `json:"pending"`
	Held        int64 `json:"held"`
	HeldLong    int64 `json:"held_long"`
	Diverged    int64 `json:"diverged"`
	Rejected    int64 `json:"rejected"`
	FilesOwed   int64 `json:"files_owed,omitempty"`
	Unverified  int64 `json:"unverified,omitempty"`
}

// Concern is one thing that needs a person.
type Concern struct {
	Since Moment `json:"since,omitzero"`
	Where Words  `json:"where"` // department / pipeline, or receiver
	What  Words  `json:"what"`
	Hint  Words  `json:"hint,omitzero"`

	New          bool         `json:"new"` // nobody acknowledged it, or it grew or changed since
	Acknowledged Acknowledged `json:"acknowledged,omitzero"`

	mark ledger.Acknowledged                             // what is kept of it once a person has seen it
	last time.Time                                       // when the newest of it came; zero = not known
	then func(context.Context, time.Time) (int64, error) // how many of it there were at a time and still are; nil = not known
}

// Acknowledged is who last said that a concern is known, and when.
type Acknowledged struct {
	At  Moment `json:"at"`
	Who string `json:"who"`
}

// In has the report's sentences be JSON in lang.
func (s *Report) In(lang text.Lang) *Report {
	for i := range s.Trouble {
		c := s.Trouble[i]
		c.Where.lang, c.What.lang, c.Hint.lang = lang, lang, lang
	}
	for _, p := range s.Pipelines {
		p.Error.lang = lang
	}
	for _, r := range s.Receivers {
		r.In(lang)
	}
	for _, x := range s.Inbox {
		x.Why.lang, x.FileWhy.lang = lang, lang
	}
	return s
}

func (s *Report) sum() {
	t := &s.Totals
	t.Pipelines, t.Receivers = len(s.Pipelines), len(s.Receivers)
	byPipeline, blocked := map[string]int64{}, map[string]int64{}
	for i, r := range s.rejects {
		t.OpenRejects += r.Open
		byPipeline[r.Pipeline] += r.Open
		blocked[r.Pipeline] += s.blocked[i]
	}
	for _, p := range s.Pipelines {
		p.OpenRejects, p.Blocked = byPipeline[p.Pipeline], blocked[p.Pipeline]
		switch p.State {
		case Late:
			t.Late++
		case Failed:
			t.Failed++
		}
	}
	for _, o := range s.Files {
		t.FilesOwed += o.Files
	}
	for _, u := range s.Unverified {
		t.Unverified += u.Records
	}
	for _, r := range s.Receivers {
		if r.InTrouble() {
			t.Blocked++
		}
		t.Pending, t.Held, t.HeldLong = t.Pending+r.Pending, t.Held+r.Held, t.HeldLong+r.HeldLong
		t.Diverged, t.Rejected = t.Diverged+r.Diverged, t.Rejected+r.Rejected
	}
}
