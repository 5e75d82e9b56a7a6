package main

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/spf13/cobra"

	"banjian/connectors"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/jobs/reconcile"
	"banjian/ledger"
	"banjian/pipelines"
	"banjian/schemas"
)

// listingFlags name a file that a platform's people exported.
type listingFlags struct {
	export, subject string
	numbers, system string
	fetch           bool

	columns        []string // NAME=HEADING
	charset, sheet string
	header         int
}

func (f *listingFlags) flags(a *app, c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.export, "export", "", a.t("中台导出的清单（csv、xlsx），与上报过的逐条比对；要写 --receiver", "a list that the platform of --receiver exported (csv, xlsx), to be laid beside what was delivered"))
	flags.StringVar(&f.subject, "subject", "case/accept", a.t("--export 里是哪种记录", "which records --export lists"))
	flags.StringVar(&f.numbers, "numbers", "", a.t("中台导出的申报流水号清单，找出推送时我们没收到的", "a list of the platform's flow numbers: tells those that were announced while nobody heard it"))
	flags.StringVar(&f.system, "system", "", a.t("--numbers 是哪个审批系统的（只有一个时不用写）", "whose --numbers they are, as gateway names its systems; not needed where there is one"))
	flags.BoolVar(&f.fetch, "fetch-missing", false, a.t("把没收到的流水号记入收件日志，由 serve 去取申请和材料", "enter the numbers that did not come into the journal: serve fetches their applications and materials"))
	flags.StringArrayVar(&f.columns, "column", nil, a.t("字段=列名，如 SBLSH_SHORT=流水号；列名留空则不比这个字段；--numbers 里每行都一样的写 字段==值，如 XZQHDM==370102（可多次）", "FIELD=HEADING, such as SBLSH_SHORT=流水号; without a heading the field is not compared; of --numbers FIELD==VALUE is the same in every row, such as XZQHDM==370102 (may be repeated)"))
	flags.StringVar(&f.charset, "charset", "", a.t("csv 的字符集：utf8（默认）、gbk、gb18030、big5", "of a csv: utf8 (default), gbk, gb18030, big5"))
	flags.StringVar(&f.sheet, "sheet", "", a.t("xlsx 的工作表（默认第一张）", "sheet of an xlsx (default: the first)"))
	flags.IntVar(&f.header, "header", 0, a.t("列名在第几行（默认 1）", "row of the headings (default 1)"))
	c.MarkFlagsMutuallyExclusive("export", "numbers")
	c.MarkFlagsMutuallyExclusive("ask", "export")
	c.MarkFlagsMutuallyExclusive("source", "export")
	c.MarkFlagsMutuallyExclusive("source", "numbers")
}

// check says whether the flags go together.
func (f *reconcileFlags) check(a *app) error {
	switch {
	case f.export != "" && f.receiver == "":
		return usageError{errors.New(a.t("--export 要写 --receiver：是哪个中台导出的", "--export needs --receiver: which platform exported it"))}
	case f.fetch && f.numbers == "":
		return usageError{errors.New(a.t("--fetch-missing 要和 --numbers 同用", "--fetch-missing goes with --numbers"))}
	case f.export == "" && f.numbers == "" && len(f.columns) > 0:
		return usageError{errors.New(a.t("--column 要和 --export 或 --numbers 同用", "--column goes with --export or --numbers"))}
	}
	return nil
}

// named is the headings that somebody named, by field.
func (f *listingFlags) named(a *app) (map[string]string, error) {
	named := map[string]string{}
	for _, c := range f.columns {
		name, heading, ok := strings.Cut(c, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usageError{errors.New(a.t("--column 写成 字段=列名", "--column is FIELD=HEADING"))}
		}
		named[strings.TrimSpace(name)] = strings.TrimSpace(heading)
	}
	return named, nil
}

// constants takes the fields out of f and candidates that are the same in every row: FIELD==VALUE.
func (f *listingFlags) constants(a *app, candidates []reconcile.Candidate, same map[string]string) ([]reconcile.Candidate, error) {
	named, err := f.named(a)
	if err != nil {
		return nil, err
	}
	rest := slices.DeleteFunc(candidates, func(c reconcile.Candidate) bool {
		value, is := strings.CutPrefix(named[c.Name], "=")
		if is {
			same[c.Name] = value
		}
		return is
	})
	f.columns = slices.DeleteFunc(slices.Clone(f.columns), func(c string) bool {
		name, _, _ := strings.Cut(c, "=")
		_, is := same[strings.TrimSpace(name)]
		return is
	})
	return rest, nil
}

// listing matches the columns of a file.
func (a *app) listing(ctx context.Context, f *listingFlags, path string, candidates []reconcile.Candidate) (*reconcile.Listing, error) {
	named, err := f.named(a)
	if err != nil {
		return nil, err
	}
	file := connectors.Listing{Path: path, Charset: f.charset, Sheet: f.sheet, Header: f.header}
	headings, err := file.Headings(ctx)
	if err != nil {
		return nil, err
	}
	columns, err := reconcile.Match(file.Name(), headings, candidates, named)
	if err != nil {
		return nil, err
	}
	l := &reconcile.Listing{Name: file.Name(), Columns: columns}
	read := make([]string, len(columns))
	for i := range columns {
		read[i] = columns[i].Heading
	}
	l.Open = func(ctx context.Context) (pipelines.Source, error) {
		return file.Open(ctx, slices.Compact(slices.Sorted(slices.Values(read))))
	}
	return l, nil
}

// byListing has a platform's exported list stand for what it holds.
func (a *app) byListing(ctx context.Context, h *house, store ledger.Store, f *reconcileFlags, plan *jobs.DeliverPlan, p *reconcile.Plan) error {
	profile := h.Profile(plan.Receiver)
	if profile.Kind != pipelines.KindPlatform {
		return usageError{errors.New(a.t("--export 用于业务中台；别的接收方直接回读", "--export is for platforms: other receivers are read back"))}
	}
	var subjects []string
	at := slices.IndexFunc(plan.Subjects, func(s jobs.SubjectPlan) bool {
		subjects = append(subjects, s.Order.Subject)
		return s.Order.Subject == f.subject
	})
	if at < 0 {
		return none("种记录", "subject", f.subject, subjects, text.F("这个接收方有：%s", "the receiver has: %s", strings.Join(subjects, ", ")))
	}
	messages := h.Messages(profile.Protocol)
	in := messages.Interfaces[plan.Subjects[at].Table]
	var err error
	if p.Listing, err = a.listing(ctx, &f.listingFlags, f.export, h.exported(messages, in)); err != nil {
		return err
	}
	p.Listing.Ours = func(ctx context.Context, _ string, each func(*ledger.Projected, arrow.Record, int) error) error {
		return project(ctx, store, plan, at, each)
	}
	p.Listing.Halves, p.Listing.Elsewhere = halvesOf(in), in.Elsewhere
	p.Listing.Also = func(ctx context.Context, each func(arrow.Record, int) error) error {
		return alsoListed(ctx, store, plan, messages, in, each)
	}
	p.Holder = p.Listing
	p.Subjects = slices.DeleteFunc(p.Subjects, func(s reconcile.Subject) bool { return s.Name != f.subject })
	a.note(text.F("比对的列：%s", "columns compared: %s", compared(p.Listing)))
	return nil
}

// compared names the columns of a list that are compared.
func compared(l *reconcile.Listing) string {
	var list []string
	for i := range l.Columns {
		list = append(list, l.Columns[i].Heading)
	}
	return strings.Join(list, ", ")
}

// halvesOf says how records of an interface go as several messages, nil where they do not.
func halvesOf(in *middleplatform.Interface) *reconcile.Halves {
	if in.Halves == nil {
		return nil
	}
	halves := &reconcile.Halves{Column: in.Halves.Field, Present: map[string]string{}}
	for code, block := range in.Halves.Blocks {
		halves.Present[code] = in.KeyColumnIn(block)
	}
	return halves
}

// alsoListed gives records of other kinds that were delivered as messages of an interface.
func alsoListed(ctx context.Context, store ledger.Store, plan *jobs.DeliverPlan, messages *middleplatform.Profile, in *middleplatform.Interface, each func(arrow.Record, int) error) error {
	for at := range plan.Subjects {
		other := messages.Interfaces[plan.Subjects[at].Table]
		if other == nil || other.Instead == nil || other.Instead.Interface != in.Name {
			continue
		}
		err := project(ctx, store, plan, at, func(p *ledger.Projected, rec arrow.Record, row int) error {
			if !other.Elsewhere(rec, row) {
				return nil
			}
			sent, err := store.Sent(ctx, plan.Receiver, []int64{p.Rec})
			if err != nil || sent[0].Frozen == 0 {
				return err
			}
			return each(rec, row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// exported is what a list of the messages of an interface may show of them. Of one whose
// records go in halves the key of the first tells records apart.
func (h *house) exported(messages *middleplatform.Profile, in *middleplatform.Interface) []reconcile.Candidate {
	subject, _ := h.Schemas().Subject(messages.SubjectName(in))
	keys, halves := in.KeyColumns(), halvesOf(in)
	if halves != nil {
		first := slices.Min(slices.Collect(maps.Keys(halves.Present)))
		keys = slices.DeleteFunc(keys, func(name string) bool {
			return name == halves.Column || in.HalfOf(name) != "" && in.HalfOf(name) != first
		})
	}
	var list []reconcile.Candidate
	for i := range subject.Fields {
		f := &subject.Fields[i]
		key, half := slices.Contains(keys, f.Name), in.HalfOf(f.Name)
		if f.Type == schemas.File || in.Borrowed(f.Name) || half != "" && !key && halves.Present[half] == f.Name {
			continue
		}
		if key {
			half = ""
		}
		c := reconcile.Candidate{Title: f.Title, Asked: f.Personal && !key, Column: reconcile.Column{Name: f.Name, Key: key, Half: half, Zone: h.Zone(),
			Time: f.Type == schemas.Time || f.Type == schemas.Date, Number: f.Type == schemas.Int || f.Type == schemas.Decimal}}
		if set, ok := h.Schemas().CodeSet(f.CodeSet); ok && f.CodeSet != "region" {
			c.Codes = map[string]string{}
			for _, code := range set.Codes {
				c.Codes[code.Title.ZH], c.Codes[code.Title.EN] = code.Code, code.Code
			}
		}
		list = append(list, c)
	}
	return list
}

// reconcileNumbers lays a platform's list of flow numbers beside the journal.
func (a *app) reconcileNumbers(ctx context.Context, h *house, store ledger.Store, f *reconcileFlags, report *reconcile.Report) error {
	name, sys, err := h.systemNamed(a, f.system)
	if err != nil {
		return err
	}
	profile, intake, err := h.Intake(sys.Profile)
	if err != nil {
		return err
	}
	candidates, same := h.announced(profile, intake, f.fetch), map[string]string{}
	if candidates, err = f.constants(a, candidates, same); err != nil {
		return err
	}
	l, err := a.listing(ctx, &f.listingFlags, f.numbers, candidates)
	if err != nil {
		return err
	}
	j, done, err := h.journalToRead(ctx, f.fetch)
	if err != nil {
		return err
	}
	defer done()
	n := &reconcile.Numbers{Platform: sys.Platform(), Subject: subjectApplication, Listing: l, Known: func(ctx context.Context, numbers []string) (map[string]bool, error) {
		known := map[string]bool{}
		if j != nil {
			var err error
			if known, err = j.Known(ctx, sys.Platform(), numbers); err != nil {
				return nil, err
			}
		}
		entries, err := store.CaseMembers(ctx, ledger.Stream{Source: sys.Platform(), Subject: subjectApplication}, numbers) // of a journal that is gone
		for i := range entries {
			known[ledger.FirstOfKey(entries[i].Key)] = true
		}
		return known, err
	}}
	if f.fetch {
		system := &gateway.System{Name: name, Platform: sys.Platform(), Path: sys.Path, Profile: profile, Intake: intake}
		n.Enter = func(ctx context.Context, cells []string) error {
			m := &middleplatform.Element{Name: profile.Body.Root}
			for i, c := range l.Columns {
				if cells[i] != "" {
					m.Add(c.Name, cells[i])
				}
			}
			for _, name := range slices.Sorted(maps.Keys(same)) {
				m.Add(name, same[name])
			}
			_, err := j.Enter(ctx, system, m)
			return err
		}
	}
	return n.Run(ctx, f.named, report)
}

// journalToRead is the gateway's journal; nil where nothing has come in yet and nothing is to
// be entered.
func (h *house) journalToRead(ctx context.Context, enter bool) (j *gateway.Journal, done func(), err error) {
	if _, err := os.Stat(h.Site().Gateway.Journal); err != nil && !enter {
		return nil, func() {}, nil
	}
	return h.Journal(ctx)
}

// subjectApplication is what a flow number brings.
const subjectApplication = "case/application"

// announced is what a list of flow numbers may show of the calls that announce them.
func (h *house) announced(p *middleplatform.Profile, i *middleplatform.Intake, fetch bool) []reconcile.Candidate {
	list := i.ByNumber()
	in := list[slices.IndexFunc(list, func(in *middleplatform.Inbound) bool { return in.Number == 1 })]
	var candidates []reconcile.Candidate
	for _, b := range in.Request {
		for k := range b.Fields {
			f := &b.Fields[k]
			if b.Block != "" || f.Personal != "" {
				continue
			}
			c := reconcile.Candidate{Title: text.T(f.Title, f.EN), Column: reconcile.Column{Name: f.Name, Zone: h.Zone(), Time: f.Type == "time",
				Key: f.Name == p.Body.Case[0] || fetch && f.Required && f.Name != "EXPRESSTYPE"}} // without a type it is an application
			if set, ok := i.CodeSets[f.Codes]; ok {
				c.Codes = map[string]string{}
				for code, title := range set.Codes {
					c.Codes[title.ZH], c.Codes[title.EN] = code, code
				}
			}
			candidates = append(candidates, c)
		}
	}
	return candidates
}

// systemNamed is the approval system whose numbers are compared.
func (h *house) systemNamed(a *app, name string) (string, site.GatewaySystem, error) {
	if h.Site().Gateway == nil || len(h.Site().Gateway.Systems) == 0 {
		return "", site.GatewaySystem{}, fault.New(fault.Config, "compare numbers", h.Site().Dir, text.T("本站点没有 gateway，不收流水号", "this site has no gateway and takes no flow numbers"), text.T("见收件指南", "see the guide to the gateway"))
	}
	names := slices.Sorted(maps.Keys(h.Site().Gateway.Systems))
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	s, ok := h.Site().Gateway.Systems[name]
	if name == "" {
		return "", s, usageError{errors.New(a.t("用 --system 写明是哪个审批系统：", "name the approval system with --system: ") + strings.Join(names, a.t("、", ", ")))}
	}
	if !ok {
		return "", s, fault.New(fault.Config, "compare numbers", "--system "+name, text.T("gateway 里没有这个审批系统", "gateway has no such system"), cmp.Or(nearest.Hint(name, names), text.F("有：%s", "there are: %s", strings.Join(names, ", "))))
	}
	return name, s, nil
}

// onlyNumbers is a reconciliation of flow numbers alone.
func (a *app) onlyNumbers(ctx context.Context, h *house, store ledger.Store, f *reconcileFlags, now time.Time) error {
	report := reconcile.Empty()
	if err := a.reconcileNumbers(ctx, h, store, f, report); err != nil {
		return err
	}
	return a.endReconcile(h, report, f, now)
}
