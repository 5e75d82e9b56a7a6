package wiring

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"golang.org/x/time/rate"

	"banjian/connectors"
	"banjian/connectors/exchangedb"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/outbox"
	"banjian/pipelines"
	"banjian/schemas"
)

// readReceivers loads the receivers' profiles, and the messages of those that are called.
func (h *House) readReceivers() error {
	var found fault.List
	folder := h.site.Folder("pipelines")
	for _, name := range slices.Sorted(maps.Keys(h.site.Receivers)) {
		r := h.site.Receivers[name]
		if r.Profile == "" {
			continue // told by the site
		}
		if !slices.Contains(pipelines.Profiles(folder), r.Profile) {
			_, err := pipelines.LoadProfile(r.Profile, folder)
			found.Add(h.site.Fault(text.F("没有接收方档案 %s", "there is no receiver profile %s", r.Profile), fault.HintOf(err), "receivers", name, "profile"))
			continue
		}
		p, err := pipelines.LoadProfile(r.Profile, folder)
		if found.Add(err) {
			continue
		}
		if p.Kind != r.Kind {
			found.Add(h.site.Fault(text.F("接收方 %[1]s 是 %[2]s，档案 %[3]s 却是给 %[4]s 的", "receiver %[1]s is of kind %[2]s, but profile %[3]s is for %[4]s", name, r.Kind, r.Profile, p.Kind),
				text.T("改 kind 或 profile", "change kind or profile"), "receivers", name, "profile"))
			continue
		}
		h.profiles[name] = p
		_, err = h.Windows(name)
		found.Add(err)
		_, err = h.startOf(name)
		found.Add(err)
		if p.Kind == pipelines.KindExchange {
			_, err = h.returnsOf(name)
			found.Add(err)
		}
	}
	if h.schemas == nil {
		return found.Err()
	}
	var protocols []string
	for _, p := range h.profiles {
		if p.Protocol != "" {
			protocols = append(protocols, p.Protocol)
		}
	}
	cat, messages, err := withMessages(h.schemas, protocols, h.Folder("schemas")...)
	if !found.Add(err) {
		h.schemas, h.messages = cat, messages
	}
	return found.Err()
}

// deliverWorkers is how many batches of a receiver are under way together: two being
// written and one whose receipt is being stored.
const deliverWorkers = 3

// DeliverPlan joins a receiver, its profile and its mappings.
func (h *House) DeliverPlan(receiver string) (*jobs.DeliverPlan, error) {
	profile := h.profiles[receiver]
	r := h.site.Receivers[receiver]
	plan := &jobs.DeliverPlan{Receiver: receiver, Identity: r.System + "/" + r.Environment, Workers: deliverWorkers}
	if b := r.Backlog; b != nil {
		plan.Backlog = jobs.BacklogSpec{Over: int64(b.Over), Share: b.Share}
	}
	if b := r.Breaker; b != nil {
		plan.Breaker = outbox.BreakerSpec{Failures: b.Failures, Wait: time.Duration(b.Wait), Most: time.Duration(b.Most)}
	}
	since, err := h.startOf(receiver)
	if err != nil {
		return nil, err
	}
	if plan.Pace, err = h.paceOf(receiver, time.Now()); err != nil {
		return nil, err
	}
	unit, err := schemas.UnitOf(r.Widths, r.Charset)
	if err != nil {
		return nil, err
	}
	cat, err := h.schemas.Counting(unit).Substituting(r.Substitute)
	if err != nil {
		return nil, h.site.Fault(text.T(fault.Say(err, text.ZH), fault.Say(err, text.EN)), fault.HintOf(err), "receivers", receiver, "substitute")
	}
	plan.From = func(pipeline string) bool { return h.deliversTo(pipeline, receiver) }
	plan.Fed = ledger.NewFed(h.notTo(receiver))
	plan.Routing, plan.Precedence = h.routingOf(receiver), h.precedenceOf(receiver)
	var found fault.List
	for i, ps := range profile.Subjects {
		from, ok := h.schemas.Subject(ps.Subject)
		if !ok {
			found.Add(profile.Fault(text.F("没有主题 %s", "there is no subject %s", ps.Subject), nearest.Hint(ps.Subject, h.schemas.SubjectNames()), "subjects", i, "subject"))
			continue
		}
		columns, stage, err := h.stageOf(cat, ps, from)
		if found.Add(err) {
			continue
		}
		plan.Subjects = append(plan.Subjects, jobs.SubjectPlan{Table: ps.Table, Columns: columns, Stage: stage,
			Order: ledger.Order{Receiver: receiver, Subject: ps.Subject, Parent: ps.Waits, PartOf: ps.PartOf, Refers: refsOf(ps.Refers), Unless: ledger.Unless(ps.Unless), Since: since,
				Route: routeOf(plan.Routing, ps.Subject), Precedence: plan.Precedence, Needs: ps.Needs, InOrder: ps.InOrder, All: ledger.WaitAll(ps.All), One: ledger.WaitOne(ps.One),
				AskDeletes: profile.AsksDeletes()}})
	}
	if found.Len() > 0 {
		return nil, found.Err()
	}
	switch profile.Kind {
	case pipelines.KindPlatform:
		return plan, h.joinPlatform(plan, profile)
	case pipelines.KindTopic:
		return plan, h.joinTopics(plan, profile)
	case pipelines.KindTable:
		return plan, h.joinTables(plan, profile)
	case pipelines.KindFile:
		return plan, h.joinFiles(plan, profile)
	default:
		return plan, h.joinExchange(plan, profile)
	}
}

func refsOf(list []pipelines.ProfileRef) []ledger.Ref {
	refs := make([]ledger.Ref, len(list))
	for i := range list {
		refs[i] = ledger.Ref(list[i])
	}
	return refs
}

// stageOf is what makes a receiver's rows of canonical records, and the columns it reads.
func (h *House) stageOf(cat *schemas.Catalog, ps pipelines.ProfileSubject, from *schemas.Subject) ([]string, pipelines.Stage, error) {
	if ps.Mapping == "" {
		return nil, recordStage{from.Arrow(), memory.DefaultAllocator}, nil
	}
	m, err := h.mappingIn(cat, ps.Mapping, from)
	if err != nil {
		return nil, nil, err
	}
	columns := slices.Clone(m.Columns())
	for _, r := range ps.Refers {
		for _, name := range r.Key {
			if !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	return columns, &mappingStage{mapping: m, alloc: memory.DefaultAllocator}, nil
}

// deliversTo says whether a pipeline names a receiver. What a pipeline collected that is
// not there any more goes where it was meant to go.
func (h *House) deliversTo(pipeline, receiver string) bool {
	for _, s := range h.specs {
		if s.Pipeline == pipeline {
			return slices.Contains(s.Deliver, receiver)
		}
	}
	return true
}

// notTo is the pipelines that do not deliver to a receiver.
func (h *House) notTo(receiver string) []string {
	var names []string
	for _, s := range h.specs {
		if !slices.Contains(s.Deliver, receiver) {
			names = append(names, s.Pipeline)
		}
	}
	return names
}

// startOf is the receiver's start point; zero = it has none.
func (h *House) startOf(receiver string) (time.Time, error) {
	r := h.site.Receivers[receiver]
	if r.Start == "" {
		return time.Time{}, nil
	}
	t, err := jobs.ParseTime(r.Start, h.zone)
	if err != nil {
		return t, h.site.Fault(text.F("接收方的 start %q 不是时间", "start %q of a receiver is no time", r.Start), text.T("例如 2026-01-01", "for instance 2026-01-01"), "receivers", receiver, "start")
	}
	return t, nil
}

// paceOf spreads out what gathered in a maintenance window, for as long as the receiver
// is catching up; nil = it takes what it can.
func (h *House) paceOf(receiver string, now time.Time) (func(context.Context, int) error, error) {
	perSecond := h.site.Receivers[receiver].CatchUp
	w, err := h.Windows(receiver)
	if err != nil || perSecond <= 0 || !w.CatchingUp(now) {
		return nil, err
	}
	limit := rate.NewLimiter(rate.Limit(perSecond), max(perSecond, pipelines.DefaultBatchRows))
	return func(ctx context.Context, records int) error { // which may be more than a limiter gives at once
		for ; records > 0; records -= limit.Burst() {
			if err := limit.WaitN(ctx, min(records, limit.Burst())); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// joinExchange adds the way to exchange tables.
func (h *House) joinExchange(plan *jobs.DeliverPlan, profile *pipelines.Profile) error {
	target, err := h.exchange(plan.Receiver, profile)
	if err != nil {
		return err
	}
	plan.Target, plan.Purge = target, h.purgeAge(plan.Receiver)
	plan.Ready = func(ctx context.Context) (map[string]error, error) {
		notes, shut, err := h.checkExchange(ctx, plan, target)
		for _, n := range notes {
			h.options.Log.Info("receiver differs from the standard", "receiver", plan.Receiver, "what", n.String())
		}
		return shut, err
	}
	return nil
}

// Ready asks whoever a plan delivers to whether it is as it must be, without effect there.
// It gives what a person should know though it will do, and the subjects it has no table
// for, each with what is lost by that, or nil if nothing is sent there.
func (h *House) Ready(ctx context.Context, plan *jobs.DeliverPlan) (notes []text.Text, shut map[string]error, err error) {
	if target, ok := plan.Target.(*exchangedb.Target); ok {
		return h.checkExchange(ctx, plan, target)
	}
	if plan.Ready != nil {
		shut, err = plan.Ready(ctx)
	}
	return nil, shut, err
}

func (h *House) checkExchange(ctx context.Context, plan *jobs.DeliverPlan, target *exchangedb.Target) ([]text.Text, map[string]error, error) {
	r := h.site.Receivers[plan.Receiver]
	db, err := h.database(r.Connection, h.site.Connections[r.Connection])
	if err != nil {
		return nil, nil, err
	}
	var report exchangedb.Report
	if err = h.careful(db, func() (err error) { report, err = target.Check(ctx); return err }); err != nil {
		return report.Warnings, nil, err
	}
	shut, err := h.shut(plan, report.Absent)
	return report.Warnings, shut, err
}

// exchange is the way to the exchange tables of a receiver; nothing is dialled yet.
func (h *House) exchange(receiver string, profile *pipelines.Profile) (*exchangedb.Target, error) {
	r := h.site.Receivers[receiver]
	db, err := h.database(r.Connection, h.site.Connections[r.Connection])
	if err != nil {
		return nil, err
	}
	o := connectors.ExchangeOptions{Name: receiver, DB: db, DataSource: r.DataSource, Zone: h.zone, Most: h.site.Connections[r.Connection].MaxConnections,
		Layout: r.Layout, Suffix: r.Suffix, Suffixes: r.Suffixes, Names: r.Tables}
	for _, ps := range profile.Subjects {
		if t, ok := h.schemas.Table(ps.Table); ok {
			o.Layouts = append(o.Layouts, t)
		}
	}
	for i := range profile.Returns {
		if t, ok := h.schemas.Table(profile.Returns[i].Table); ok {
			o.Feedback = append(o.Feedback, t)
		}
	}
	return connectors.OpenExchange(o)
}

// joinPlatform adds the way to a middle platform.
func (h *House) joinPlatform(plan *jobs.DeliverPlan, profile *pipelines.Profile) error {
	messages := h.messages[profile.Protocol]
	for i := range plan.Subjects {
		name := profile.Subjects[i].Interface
		in := messages.Interfaces[name]
		if in == nil {
			return profile.Fault(text.F("中台档案 %s 没有接口 %s", "platform profile %s has no interface %s", profile.Protocol, name),
				nearest.Hint(name, slices.Sorted(maps.Keys(messages.Interfaces))), "subjects", i, "interface")
		}
		s := &plan.Subjects[i]
		s.Table = name
		s.Order.OnUpdate, s.Order.NoDelete = ledger.OnUpdate(in.OnUpdate), true
		s.Order.After = notAfter(messages, profile, i)
		s.Order.OneFlow = s.Order.Subject == ledger.SubjectAccept
		if subject, ok := h.schemas.Subject(s.Order.Subject); ok {
			s.Order.Rounds = slices.Contains(subject.Key, "round")
		}
	}
	caller, err := h.openPlatform(plan.Receiver, messages)
	if err != nil {
		return err
	}
	plan.Caller, plan.Clock = caller, caller.Clock
	for i := range plan.Subjects {
		plan.Subjects[i].Calls = caller.Connections(plan.Subjects[i].Table)
	}
	return nil
}

// notAfter is the subjects of which nothing is taken behind a record of subject i, less those
// it waits for anyway.
func notAfter(messages *middleplatform.Profile, profile *pipelines.Profile, i int) (list []string) {
	of := &profile.Subjects[i]
	for j := range profile.Subjects {
		before, subject := messages.Interfaces[profile.Subjects[j].Interface], profile.Subjects[j].Subject
		if before != nil && slices.Contains(before.NotAfter, of.Interface) && subject != ledger.SubjectAccept && subject != of.All.Subject {
			list = append(list, subject)
		}
	}
	return list
}

// openPlatform is the way to the platform of a receiver; nothing is called yet.
func (h *House) openPlatform(receiver string, messages *middleplatform.Profile) (*connectors.Platform, error) {
	c := h.site.Connections[h.site.Receivers[receiver].Connection]
	o := connectors.PlatformOptions{Name: receiver, Transport: h.options.Platforms, Files: h.content, Profile: messages, URL: c.URL, CAFile: c.CAFile, ServerName: c.ServerName,
		Limit: middleplatform.Limit{Connections: c.MaxConnections, PerSecond: c.Rate}}
	limits, err := h.limitsOf(receiver, messages)
	if err != nil {
		return nil, err
	}
	o.Limits = limits
	if to := h.site.Receivers[receiver].Attachments; to != nil {
		o.FileBase = to.Base
	}
	if c.Embedded != "" {
		o.Embedded, o.Keys = h.site.Path(c.Embedded), []middleplatform.Keys{simulator.TryOut}
		return connectors.OpenPlatform(o)
	}
	if o.Keys, err = h.allotted(c.Keys, "connections", h.site.Receivers[receiver].Connection, "keys"); err != nil {
		return nil, err
	}
	return connectors.OpenPlatform(o)
}

// limitsOf is how gently the site has single interfaces called.
func (h *House) limitsOf(receiver string, messages *middleplatform.Profile) (map[string]middleplatform.Limit, error) {
	limits := map[string]middleplatform.Limit{}
	for name, l := range h.site.Receivers[receiver].Limits {
		if messages.Interfaces[name] == nil {
			return nil, h.site.Fault(text.F("接收方 %[1]s 的 limits 里没有 %[2]s 这个接口", "receiver %[1]s: limits name %[2]s, which is no interface of its platform", receiver, name),
				nearest.Hint(name, slices.Sorted(maps.Keys(messages.Interfaces))), "receivers", receiver, "limits", name)
		}
		limits[name] = middleplatform.Limit{Connections: l.Connections, PerSecond: l.Rate, Timeout: time.Duration(l.Timeout)}
	}
	return limits, nil
}
