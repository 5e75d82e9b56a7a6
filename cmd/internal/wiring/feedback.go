package wiring

import (
	"context"
	"slices"
	"time"

	"banjian/connectors"
	"banjian/connectors/exchangedb"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger/returns"
	"banjian/pipelines"
	"banjian/schemas"
)

// How far back returned rows are read again, since some are committed late.
const feedbackLookback = pipelines.Duration(time.Hour)

// FeedbackWay is how it is found out what a receiver did with what it was given.
type FeedbackWay struct {
	*jobs.FeedbackPlan
	Absent []string // tables in which rows could come back, and that are not there
	target *exchangedb.Target
}

// Close ends the way to the receiver.
func (w *FeedbackWay) Close() error { return w.target.Close() }

// Feedback says what a site wants to know of a receiver; nil = nothing.
func (h *House) Feedback(receiver string) *site.Feedback {
	if p := h.profiles[receiver]; p == nil || p.Kind != pipelines.KindExchange {
		return nil
	}
	return h.site.Receivers[receiver].Feedback
}

// returnsOf is the tables of a receiver's profile that its site reads.
func (h *House) returnsOf(receiver string) ([]pipelines.ProfileReturn, error) {
	list, f := h.profiles[receiver].Returns, h.Feedback(receiver)
	if f == nil || len(f.Tables) == 0 {
		return list, nil
	}
	var known []string
	for i := range list {
		known = append(known, list[i].Table)
	}
	for i, name := range f.Tables {
		if !slices.Contains(known, name) {
			return nil, h.site.Fault(text.F("档案 %s 里没有异常回传表 %s", "profile %s has no table %s in which rows come back", h.profiles[receiver].Profile, name), nearest.Hint(name, known), "receivers", receiver, "feedback", "tables", i)
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(r pipelines.ProfileReturn) bool { return !slices.Contains(f.Tables, r.Table) }), nil
}

// FeedbackPlan joins a receiver's tables with the ledger. Something is asked of the
// receiver: how it spells them.
func (h *House) FeedbackPlan(ctx context.Context, receiver string) (*FeedbackWay, error) {
	profile, f := h.profiles[receiver], h.Feedback(receiver)
	if profile == nil || profile.Kind != pipelines.KindExchange {
		return nil, fault.New(fault.Config, "read back", receiver, text.T("只有交换库（kind: exchange）的接收方会把行退回到表里", "only a receiver with exchange tables sends rows back in tables"),
			text.T("业务中台当场答复，见 banjian rejects list --receiver", "a middle platform answers at once: banjian rejects list --receiver"))
	}
	if f == nil {
		f = &site.Feedback{}
	}
	returns, err := h.returnsOf(receiver)
	if err != nil {
		return nil, err
	}
	target, err := h.exchange(receiver, profile)
	if err != nil {
		return nil, err
	}
	w := &FeedbackWay{target: target, FeedbackPlan: &jobs.FeedbackPlan{Receiver: receiver, Purge: f.PurgeAge(), Subjects: profile.SubjectsOf}}
	if f.Watches() {
		w.Watch = target
	}
	for i := range returns {
		there, err := h.addReturn(ctx, w, &returns[i])
		if err != nil {
			target.Close()
			return nil, err
		}
		if !there {
			w.Absent = append(w.Absent, returns[i].Table)
		}
	}
	return w, nil
}

// purgeAge is from what age on a receiver may have cleaned up what it took.
func (h *House) purgeAge(receiver string) time.Duration {
	f := h.Feedback(receiver)
	if f == nil {
		f = &site.Feedback{}
	}
	return f.PurgeAge()
}

// addReturn adds the way to one table, unless it is not there.
func (h *House) addReturn(ctx context.Context, w *FeedbackWay, r *pipelines.ProfileReturn) (bool, error) {
	spelled, there, err := w.target.Spell(ctx, r.Table, r.Columns())
	if err != nil || !there {
		return there, err
	}
	name := func(logical string) string { return spelled.Columns[logical] }
	names := func(logical []string) []string {
		var list []string
		for _, c := range logical {
			if name(c) != "" {
				list = append(list, name(c))
			}
		}
		return list
	}
	for _, must := range append([]string{r.Row, r.Batch, r.Time}, r.ID...) {
		if name(must) == "" {
			return true, fault.New(fault.Config, "read back", w.Receiver+"/"+spelled.Table, text.F("表 %s 缺列 %s", "table %s lacks column %s", spelled.Table, must),
				text.F("用 banjian schema ddl %s 打印标准表结构，与接收方核对", "print the standard table with banjian schema ddl %s and compare it with the receiver's", r.Table))
		}
	}
	connection := h.site.Receivers[w.Receiver].Connection
	db, err := h.database(connection, h.site.Connections[connection])
	if err != nil {
		return true, err
	}
	var settle pipelines.Duration // none: what is committed late is within lookback
	o := connectors.SourceOptions{DB: db, Columns: names(r.Columns()), Key: names(r.ID), Most: h.site.Connections[connection].MaxConnections, Guard: h.guard, Zone: h.zone,
		From: pipelines.From{Table: spelled.Table, Cursor: name(r.Time), Mode: "incremental", Lookback: feedbackLookback, Settle: &settle}}
	w.Tables = append(w.Tables, jobs.FeedbackTable{Name: r.Table,
		Open: func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
			return connectors.OpenSource(ctx, o, at)
		},
		Reader: returns.Reader{From: r.Table, Of: r.Of, Logical: w.target.Logical, Zone: h.zone, Names: name(r.Names), Row: name(r.Row), Batch: name(r.Batch),
			Kind: name(r.Kind), Said: name(r.Words), Time: name(r.Time), ID: names(r.ID),
			Words: func(said string) string { return exchangedb.Words(said, h.columnTitle) }}})
	return true, nil
}

// columnTitle says whether something is the title of a column of a national table.
func (h *House) columnTitle(title string) bool {
	return slices.ContainsFunc(h.schemas.Tables(), func(t *schemas.Table) bool {
		return slices.ContainsFunc(t.Columns, func(c schemas.Column) bool { return c.Title.ZH == title })
	})
}
