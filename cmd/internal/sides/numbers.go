package sides

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs/reconcile"
	"banjian/ledger"
)

// subjectApplication is what a flow number brings.
const subjectApplication = "case/application"

// Numbers lays a platform's list of the flow numbers of an approval system beside the
// gateway's journal. With enter those that never came are entered into it; a field that is
// named "=VALUE" is the same in every row then.
func (s *Site) Numbers(ctx context.Context, name string, sys site.GatewaySystem, list *List, enter bool, named int) (*reconcile.Report, error) {
	report := reconcile.Empty()
	profile, intake, err := s.House.Intake(sys.Profile)
	if err != nil {
		return nil, err
	}
	candidates, same := list.constants(s.announced(profile, intake, enter))
	l, err := list.match(ctx, candidates)
	if err != nil {
		return nil, err
	}
	j, done, err := s.journal(ctx, enter)
	if err != nil {
		return nil, err
	}
	defer done()
	system := &gateway.System{Name: name, Platform: sys.Platform(), Path: sys.Path, Profile: profile, Intake: intake}
	message := func(cells []string) *middleplatform.Element {
		m := &middleplatform.Element{Name: profile.Body.Root}
		for i, c := range l.Columns {
			if cells[i] != "" {
				m.Add(c.Name, cells[i])
			}
		}
		for _, name := range slices.Sorted(maps.Keys(same)) {
			m.Add(name, same[name])
		}
		return m
	}
	n := &reconcile.Numbers{Platform: sys.Platform(), Subject: subjectApplication, Listing: l,
		Known: func(ctx context.Context, rows [][]string) ([]bool, error) {
			calls := make([]gateway.Call, len(rows))
			for i := range rows {
				calls[i] = gateway.CallOf(system, message(rows[i]))
			}
			return s.heard(ctx, j, sys.Platform(), calls)
		},
		Call: func(cells []string) string {
			c := gateway.CallOf(system, message(cells))
			return c.FlowNo + "\x00" + c.Kind + "\x00" + c.Replied
		}}
	if enter {
		n.Enter = func(ctx context.Context, cells []string) error {
			_, err := j.Enter(ctx, system, message(cells))
			return err
		}
	}
	return report, n.Run(ctx, named, report)
}

// constants takes the fields out of candidates that are the same in every row.
func (l *List) constants(candidates []reconcile.Candidate) (rest []reconcile.Candidate, same map[string]string) {
	same = map[string]string{}
	rest = slices.DeleteFunc(candidates, func(c reconcile.Candidate) bool {
		value, is := strings.CutPrefix(l.Named[c.Name], "=")
		if is {
			same[c.Name] = value
		}
		return is
	})
	l.Named = maps.Clone(l.Named)
	maps.DeleteFunc(l.Named, func(name, _ string) bool { _, is := same[name]; return is })
	return rest, same
}

// heard is which of the calls came, by the journal, or by the ledger where the journal is gone.
func (s *Site) heard(ctx context.Context, j *gateway.Journal, platform string, calls []gateway.Call) ([]bool, error) {
	heard := make([]bool, len(calls))
	if j != nil {
		var err error
		if heard, err = j.Heard(ctx, platform, calls); err != nil {
			return nil, err
		}
	}
	var open []string
	for i, c := range calls {
		if !heard[i] {
			open = append(open, c.FlowNo)
		}
	}
	entries, err := s.Store.CaseMembers(ctx, ledger.Stream{Source: platform, Subject: subjectApplication}, open)
	if err != nil || len(entries) == 0 {
		return heard, err
	}
	values, err := ledger.Values(ctx, s.Store, entries, []string{"express_type", "reply_at"}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	came := map[string][]gateway.Call{}
	for k := range entries {
		c := s.callOf(&entries[k], values[k][0], values[k][1])
		came[c.FlowNo] = append(came[c.FlowNo], c)
	}
	for i, c := range calls {
		heard[i] = heard[i] || slices.ContainsFunc(came[c.FlowNo], c.Is)
	}
	return heard, nil
}

// callOf is the call that an application in the ledger came with.
func (s *Site) callOf(e *ledger.Entry, express, replied string) gateway.Call {
	c := gateway.Call{FlowNo: ledger.FirstOfKey(e.Key)}
	if ledger.NumberOfKey(e.Key) == 0 {
		return c
	}
	c.Kind = express
	if at, err := time.Parse("2006-01-02 15:04:05Z07:00", replied); err == nil {
		c.Replied = at.In(s.House.Zone()).Format(time.DateTime)
	}
	return c
}

// journal is the gateway's journal; nil where nothing has come in yet and nothing is to be
// entered.
func (s *Site) journal(ctx context.Context, enter bool) (j *gateway.Journal, done func(), err error) {
	if enter {
		return s.House.Journal(ctx)
	}
	return s.House.JournalIfAny(ctx)
}

// announced is what a list of flow numbers may show of the calls that announce them.
func (s *Site) announced(p *middleplatform.Profile, i *middleplatform.Intake, fetch bool) []reconcile.Candidate {
	list := i.ByNumber()
	in := list[slices.IndexFunc(list, func(in *middleplatform.Inbound) bool { return in.Number == 1 })]
	var candidates []reconcile.Candidate
	for _, b := range in.Request {
		for k := range b.Fields {
			f := &b.Fields[k]
			if b.Block != "" || f.Personal != "" && !fetch { // what is fetched is entered as it was announced
				continue
			}
			c := reconcile.Candidate{Title: text.T(f.Title, f.EN), Column: reconcile.Column{Name: f.Name, Zone: s.House.Zone(), Time: f.Type == "time",
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
