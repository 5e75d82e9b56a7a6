package status

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// Inbox is how what one approval system was told of stands.
type Inbox struct {
	System      string `json:"system"`
	Announced   int64  `json:"announced"` // flow numbers, each submission once
	Fetched     int64  `json:"fetched"`
	Waiting     int64  `json:"waiting"` // to be fetched
	Oldest      Moment `json:"oldest_waiting,omitzero"`
	Nothing     int64  `json:"nothing_given"` // of those that wait: the platform gives nothing for them
	Files       int64  `json:"files_waiting"`
	FilesFailed int64  `json:"files_failed"`
	Withdrawn   int64  `json:"withdrawn"`
	Refused     int64  `json:"withdrawals_refused"`
	Unknown     int64  `json:"withdrawals_unknown"`
	Outage      Moment `json:"outage_since,omitzero"`
	Why         Words  `json:"outage,omitzero"`
	FileSince   Moment `json:"file_failed_since,omitzero"` // the oldest failed file: since when,
	FileOf      string `json:"file_failed_flow_no,omitempty"`
	FileName    string `json:"file_failed_material,omitempty"` // whose it is,
	FileWhy     Words  `json:"file_failed,omitzero"`           // and why

	nothing text.Text
}

// waitsRoute is the rule of a record that no route fits.
const waitsRoute = "waits_route"

// inbox gathers what platforms sent, and what no route fits.
func (s *Site) inbox(ctx context.Context, of Scope, r *Report) error {
	conf := s.House.Site().Gateway
	if conf == nil || of.Receiver != "" {
		return nil
	}
	unrouted, err := s.Store.Exceptions(ctx, ledger.ExceptionQuery{Rule: waitsRoute, State: ledger.Held})
	if err != nil {
		return err
	}
	r.Unrouted = int64(len(unrouted))
	for i := range unrouted {
		r.unroutedSince, r.unroutedNewest = Earliest(r.unroutedSince, unrouted[i].Since), latest(r.unroutedNewest, unrouted[i].Since)
	}
	j, done, err := s.House.JournalIfAny(ctx)
	if err != nil || j == nil {
		return err
	}
	defer done()
	list, err := j.Stands(ctx, slices.Sorted(maps.Keys(conf.Systems)))
	for _, x := range list {
		r.Inbox = append(r.Inbox, &Inbox{System: x.System, Announced: x.Announced, Fetched: x.Fetched, Waiting: x.Waiting, Oldest: Moment{x.Oldest}, Nothing: x.Refused, Files: x.Files, FilesFailed: x.Failed,
			Withdrawn: x.Withdrawn, Refused: x.WithdrawRefused, Unknown: x.WithdrawUnknown, Outage: Moment{x.Outage}, Why: Words{Text: x.OutageWhy}, nothing: x.Why,
			FileSince: Moment{x.Lacking.Since}, FileOf: x.Lacking.FlowNo, FileName: cmp.Or(x.Lacking.Material, x.Lacking.Seq), FileWhy: Words{Text: x.Lacking.Why}})
	}
	return err
}

// When what comes in needs a person: a platform that cannot be asked, and a number it gives
// nothing for, so long.
const (
	outageLong = 10 * time.Minute
	givenLong  = time.Hour
)

func (r *Report) inboxConcerns() {
	if r.Unrouted > 0 {
		r.concern("unrouted", r.unroutedSince, text.T("路由", "routes"), text.F("不知归哪个部门 %d 条：banjian held list --rule waits_route", "nobody's by the table of routes %d: banjian held list --rule waits_route", r.Unrouted),
			text.T("在 routes.yaml 里补上", "add routes to routes.yaml")).of(r.Unrouted).after(r.unroutedNewest)
	}
	for _, x := range r.Inbox {
		where := text.T("收件 / "+x.System, "inbox / "+x.System)
		if !x.Outage.IsZero() && r.At.Sub(x.Outage.Time) > outageLong {
			r.concern("outage", x.Outage.Time, where, text.F("问不到中台，%[1]d 个流水号在等：%[2]s", "the platform cannot be asked, %[1]d flow numbers wait: %[3]s", x.Waiting, x.Why.In(text.ZH), x.Why.In(text.EN)), text.Text{}).after(x.Outage.Time)
		}
		if x.Nothing > 0 && r.At.Sub(x.Oldest.Time) > givenLong {
			r.concern("nothing given", x.Oldest.Time, where, text.F("中台没有给出 %[1]d 个流水号的内容：%[2]s", "the platform gives nothing for %[1]d flow numbers: %[3]s", x.Nothing, x.nothing.In(text.ZH), x.nothing.In(text.EN)), text.Text{}).of(x.Nothing)
		}
		if x.FilesFailed > 0 {
			r.concern("files", x.FileSince.Time, where, text.F("%[1]d 个附件取不到或与说明不符，会再取；最早的是流水号 %[2]s 的材料 %[3]s：%[4]s",
				"%[1]d files are not given or not what they should be, and are asked for again; the oldest is of flow number %[2]s, material %[3]s: %[5]s", x.FilesFailed, x.FileOf, x.FileName, x.FileWhy.In(text.ZH), x.FileWhy.In(text.EN)),
				text.F("banjian case show %s 列出缺哪些", "banjian case show %s lists what is lacking", x.FileOf)).of(x.FilesFailed)
		}
	}
}
