package wiring

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/connectors/sharing"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/signing"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/mappings"
	"banjian/pipelines"
)

// How long answers are remembered where the site does not say.
const (
	keepYes = 24 * time.Hour
	keepNo  = time.Hour
)

// verifying is the client of the site's services, made when first used; there is one to a
// process, so that its rates and what it remembers hold for all pipelines.
type verifying struct {
	mu     sync.Mutex
	client *sharing.Client
}

// verifier asks the site's services for mappings; nobody in a run that only looks.
type verifier struct {
	client *sharing.Client
	dry    func() bool
}

// Verify asks as mappings do.
func (v verifier) Verify(ctx context.Context, questions []mappings.Question) ([]mappings.Answer, error) {
	if v.dry() {
		return mappings.NotAsked(len(questions)), nil
	}
	asked := make([]sharing.Question, len(questions))
	for i, q := range questions {
		asked[i] = sharing.Question{Service: q.Service, With: make([]sharing.Input, len(q.With))}
		for j, in := range q.With {
			asked[i].With[j] = sharing.Input(in)
		}
	}
	answers, err := v.client.Verify(ctx, asked)
	if err != nil {
		return nil, err
	}
	out := make([]mappings.Answer, len(answers))
	for i, a := range answers {
		out[i] = mappings.Answer{Verdict: verdicts[a.Verdict], Values: a.Values, Why: a.Why}
	}
	return out, nil
}

var verdicts = map[sharing.Verdict]mappings.Verdict{sharing.Unknown: mappings.Unknown, sharing.Yes: mappings.Confirms, sharing.No: mappings.Denies, sharing.None: mappings.HasNone}

// realClock is the time of this machine.
type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Sharing is the client of the services that the site declares.
func (h *House) Sharing() (*sharing.Client, error) {
	h.verifying.mu.Lock()
	defer h.verifying.mu.Unlock()
	if h.verifying.client != nil {
		return h.verifying.client, nil
	}
	var gateways []sharing.Gateway
	var services []sharing.Service
	if v := h.site.Verification; v != nil {
		for _, name := range slices.Sorted(maps.Keys(v.Gateways)) {
			g := gatewayOf(name, v.Gateways[name])
			g.Signers = h.Folder("schemas")
			gateways = append(gateways, g)
		}
		for _, name := range slices.Sorted(maps.Keys(v.Services)) {
			services = append(services, serviceOf(name, v.Services[name]))
		}
	}
	var err error
	h.verifying.client, err = sharing.New(gateways, services, realClock{}, h.options.Log)
	return h.verifying.client, err
}

// checkSharing finds what is wrong with the site's gateways beyond its file.
func (h *House) checkSharing() error {
	if h.site.Verification == nil {
		return nil
	}
	var found fault.List
	for _, name := range slices.Sorted(maps.Keys(h.site.Verification.Gateways)) {
		for i, family := range h.site.Verification.Gateways[name].Families {
			if _, err := signing.Load(family, h.Folder("schemas")...); err != nil {
				found.Add(h.site.Fault(text.T("网关 "+name+"："+fault.Say(err, text.ZH), "gateway "+name+": "+fault.Say(err, text.EN)), fault.HintOf(err), "verification", "gateways", name, "families", i))
			}
		}
	}
	if found.Len() == 0 {
		_, err := h.Sharing()
		found.Add(err)
	}
	return found.Err()
}

func gatewayOf(name string, g site.SharingGateway) sharing.Gateway {
	return sharing.Gateway{Name: name, URL: g.URL, RID: g.RID, Families: g.Families, InBody: g.InBody, Refresh: g.Refresh, Plain: g.Plain, Lasts: time.Duration(g.SecretLasts),
		Refused: g.Refused, Throttled: g.Throttled, Timeout: time.Duration(g.Timeout), Most: g.Connections, PerSecond: g.Rate, CAFile: g.CAFile, ServerName: g.ServerName}
}

func serviceOf(name string, s site.SharingService) sharing.Service {
	return sharing.Service{Name: name, Gateway: s.Gateway, SID: s.SID, AppKey: s.AppKey.Value, Path: s.Path, Direct: s.Sign == "secret", Form: s.Body == "form", Within: s.Within,
		Send: s.Send, Beside: s.Beside, PerSecond: s.Rate, Keep: cmp.Or(time.Duration(s.Keep), keepYes), KeepNo: cmp.Or(time.Duration(s.KeepNo), keepNo),
		Answer: sharing.AnswerForm{OK: s.Answer.OK, None: s.Answer.None, Match: s.Answer.Match, Values: s.Answer.Values}}
}

// close gives the client's connections back.
func (v *verifying) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client != nil {
		v.client.Close()
		v.client = nil
	}
}

// verifies has a plan's stage ask the services that its mapping names.
func (h *House) verifies(plan *jobs.CollectPlan, stage *mappingStage, m *mappings.Mapping) error {
	plan.Recheck = stage
	list := m.Verifications()
	if len(list) == 0 {
		return nil
	}
	if err := h.CheckVerifications(list); err != nil {
		return err
	}
	client, err := h.Sharing()
	if err != nil {
		return err
	}
	stage.verifier, plan.Verified = verifier{client, func() bool { return plan.Dry }}, map[string][]string{}
	for _, v := range list {
		if of := plan.Verified[v.Subject]; !slices.Contains(of, v.Field) {
			plan.Verified[v.Subject] = append(of, v.Field)
		}
	}
	return nil
}

// CheckVerifications refuses services that the site does not declare, inputs that a service
// does not take, and expectations of what it does not tell.
func (h *House) CheckVerifications(list []mappings.Verification) error {
	var found fault.List
	declared := map[string]site.SharingService{}
	if h.site.Verification != nil {
		declared = h.site.Verification.Services
	}
	for i := range list {
		v := &list[i]
		s, there := declared[v.Service]
		if !there {
			hint := nearest.Hint(v.Service, slices.Sorted(maps.Keys(declared)))
			if hint.IsZero() {
				hint = text.F("在 banjian.yaml 的 verification.services 里写上 %s，见核验指南", "declare %s under verification.services of banjian.yaml; see the guide to verifying", v.Service)
			}
			found.Add(v.Fault(text.F("站点没有声明核验服务 %s", "the site declares no service %s to verify with", v.Service), hint))
			continue
		}
		for _, in := range v.Inputs {
			if known := slices.Sorted(maps.Keys(s.Send)); len(known) > 0 && !slices.Contains(known, in) {
				found.Add(v.Fault(text.F("核验服务 %s 没有输入 %s", "service %s has no input %s", v.Service, in), cmp.Or(nearest.Hint(in, known), text.F("它的 send 里有：%s", "its send has: %s", strings.Join(known, ", ")))))
			}
		}
		for in := range s.Send {
			if !slices.Contains(v.Inputs, in) {
				found.Add(v.Fault(text.F("核验服务 %s 还要输入 %s", "service %s needs input %s as well", v.Service, in), text.F("写在 with 里：%s: 字段", "write it into with: %s: FIELD", in)))
			}
		}
		for _, e := range v.Expects {
			if known := slices.Sorted(maps.Keys(s.Answer.Values)); !slices.Contains(known, e) {
				found.Add(v.Fault(text.F("核验服务 %s 的答复里没有 %s", "service %s tells no %s", v.Service, e), cmp.Or(nearest.Hint(e, known), text.F("写在它的 answer.values 里：%s: 路径", "write it into its answer.values: %s: PATH", e))))
			}
		}
	}
	return found.Err()
}

// Recheck verifies records again that were collected and could not be, or were not so.
func (s *mappingStage) Recheck(ctx context.Context, subject string, rec arrow.Record, fields []string) ([]pipelines.Rechecked, error) {
	found, err := s.mapping.Recheck(ctx, subject, rec, fields, s.verifier)
	if err != nil {
		return nil, err
	}
	out := make([]pipelines.Rechecked, len(found))
	for i, is := range found {
		out[i] = pipelines.Rechecked{Issue: pipelines.Issue{Row: is.Row, Field: is.Field, Rule: is.Rule, Args: is.Args, Severity: severities[is.Severity]}, Unknown: is.Rule == mappings.RuleUnknown}
	}
	return out, nil
}

// verifierIn is what the mapping within a stage asks, nil for none.
func verifierIn(s pipelines.Stage) mappings.Verifier {
	if m, ok := innerMapping(s); ok {
		return m.verifier
	}
	return nil
}
