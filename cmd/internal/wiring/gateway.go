package wiring

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/day"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/mappings"
	"banjian/pipelines"
)

// Journal is the journal of what platforms sent, and what gives it back; that of a running
// gateway is shared.
func (h *House) Journal(ctx context.Context) (*gateway.Journal, func(), error) {
	j, own, err := h.openJournal(ctx)
	if !own || err != nil {
		return j, func() {}, err
	}
	return j, func() { _ = j.Close() }, nil // every write was waited for
}

// JournalIfAny is Journal, and nil where nothing has come in yet.
func (h *House) JournalIfAny(ctx context.Context) (*gateway.Journal, func(), error) {
	if h.site.Gateway == nil {
		return nil, func() {}, nil
	}
	if _, err := os.Stat(h.site.Gateway.Journal); errors.Is(err, fs.ErrNotExist) {
		return nil, func() {}, nil
	}
	return h.Journal(ctx)
}

func (h *House) openJournal(ctx context.Context) (j *gateway.Journal, own bool, err error) {
	if h.journal != nil {
		return h.journal, false, nil
	}
	j, err = gateway.OpenJournal(ctx, h.site.Gateway.Journal, time.Now)
	return j, true, err
}

// Intake is how a platform's messages look that come to us.
func (h *House) Intake(profile string) (*middleplatform.Profile, *middleplatform.Intake, error) {
	p, err := middleplatform.LoadProfile(cmp.Or(profile, middleplatform.DefaultProfile), h.Folder("schemas")...)
	if err != nil {
		return nil, nil, err
	}
	i, err := middleplatform.LoadIntake(p, h.Folder("schemas")...)
	return p, i, err
}

// readInbox makes a plan read what a platform sent. A pipeline's source_id is the platform.
func (h *House) readInbox(plan *jobs.CollectPlan, m *mappings.Mapping) error {
	spec := plan.Spec
	profile, err := h.inboxProfile(&spec)
	if err != nil {
		return err
	}
	p, intake, err := h.Intake(profile)
	if err != nil {
		return err
	}
	o := gateway.SourceOptions{Platform: spec.From.SourceID, Kind: spec.From.Inbox, Profile: p, Intake: intake, Columns: m.Columns(), BatchRows: spec.From.BatchRows}
	open := func(follow bool) func(context.Context, pipelines.Position) (pipelines.Source, error) {
		return func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
			o := o
			o.Follow = follow
			var own bool
			var err error
			if o.Journal, own, err = h.openJournal(ctx); err != nil {
				return nil, err
			}
			return connectors.OpenInbox(ctx, o, own, at)
		}
	}
	plan.Open = open(false)
	plan.Parts = &jobs.Parts{
		Starts: func(context.Context) (map[int]pipelines.Position, error) {
			return map[int]pipelines.Position{0: ""}, nil
		},
		Join: func(context.Context) (pipelines.Member, error) { return gateway.Sole{}, nil },
		Plan: func(_ int, follow bool) (*jobs.CollectPlan, error) {
			one, stage := *plan, &mappingStage{mapping: m, alloc: memory.DefaultAllocator, verifier: verifierIn(plan.Stage)}
			one.Parts, one.Stage, one.Open = nil, stage, open(follow)
			one.KeyOf = func(in arrow.Record) (arrow.Record, error) { return stage.keys(in, spec.From.Key) }
			return &one, nil
		},
	}
	return nil
}

// inboxProfile is the profile of the platform that a pipeline reads from.
func (h *House) inboxProfile(spec *pipelines.Spec) (string, error) {
	if h.site.Gateway == nil {
		return "", spec.Fault(text.F("管道 %s 读业务中台推来的，但 banjian.yaml 没有 gateway", "pipeline %s reads what a platform sends, but banjian.yaml has no gateway", spec.Pipeline),
			text.T("写上 gateway，见收件指南", "write gateway; see the guide to the gateway"), "from", "inbox")
	}
	var ids []string
	for _, name := range slices.Sorted(maps.Keys(h.site.Gateway.Systems)) {
		s := h.site.Gateway.Systems[name]
		if s.Platform() == spec.From.SourceID && s.Connection == spec.From.Connection {
			return s.Profile, nil
		}
		ids = append(ids, s.Platform())
	}
	return "", spec.Fault(text.F("gateway 的审批系统没有一个是平台 %[1]s、连接 %[2]s", "no system of gateway is of platform %[1]s over connection %[2]s", spec.From.SourceID, spec.From.Connection),
		cmp.Or(nearest.Hint(spec.From.SourceID, ids), text.T("source_id 写审批系统的 platform_id", "source_id is the platform_id of a system")), "from", "source_id")
}

// keysOf is what calls to an approval system come with.
func (h *House) keysOf(system string) ([]middleplatform.Keys, error) {
	s := h.site.Gateway.Systems[system]
	c := h.site.Connections[s.Connection]
	var keys []middleplatform.Keys
	var err error
	switch {
	case len(s.Keys) > 0:
		keys, err = h.allotted(s.Keys, "gateway", "systems", system, "keys")
	case c.Embedded == "":
		keys, err = h.allotted(c.Keys, "connections", s.Connection, "keys")
	default:
		return []middleplatform.Keys{simulator.TryOut}, nil
	}
	return keys, fault.About(err, text.F("审批系统 %s 的来电不收，请它稍后再来", "calls to system %s are not taken, it is told to come back", system))
}

// gatewaySystems is the approval systems of the site with their keys; shut is why some are
// without.
func (h *House) gatewaySystems() (systems []gateway.System, origins []gateway.Origin, shut fault.List, err error) {
	var found fault.List
	for _, name := range slices.Sorted(maps.Keys(h.site.Gateway.Systems)) {
		s := h.site.Gateway.Systems[name]
		p, intake, err := h.Intake(s.Profile)
		if found.Add(err) || found.Add(h.signable(name, s, p)) {
			continue
		}
		keys, err := h.keysOf(name)
		if err != nil { // the others are not kept waiting for it
			shut.Add(err)
			keys = nil
		}
		systems = append(systems, gateway.System{Name: name, Platform: s.Platform(), Path: s.Path, Profile: p, Intake: intake, Keys: keys, Shut: err != nil, Signed: s.Signed, OnlySealed: s.OnlySealed})
		origins = append(origins, gateway.Origin{Name: name, Profile: p, Intake: intake, Open: func() (*middleplatform.Asker, error) { return h.openAsker(name, s, p, intake) }})
	}
	return systems, origins, shut, found.Err()
}

// signable refuses signed: true where calls carry no signature of their own.
func (h *House) signable(name string, s site.GatewaySystem, p *middleplatform.Profile) error {
	if !s.Signed || p.Signing().Token == nil {
		return nil
	}
	return h.site.Fault(text.F("审批系统 %s：档案 %s 用访问令牌，它调用我方时没有签名可核对", "system %s: profile %s goes by access tokens, its calls to us carry no signature that could be checked", name, p.Profile),
		text.T("去掉 signed: true，由网络只放行中台；或换用带签名的档案", "drop signed: true and let the network admit the platform alone, or take a profile that signs"), "gateway", "systems", name, "signed")
}

// checkGateway judges what the site says of platforms that call it; no secret is fetched.
func (h *House) checkGateway() error {
	if h.site.Gateway == nil {
		return nil
	}
	var found fault.List
	for _, name := range slices.Sorted(maps.Keys(h.site.Gateway.Systems)) {
		s := h.site.Gateway.Systems[name]
		p, _, err := h.Intake(s.Profile)
		var f *fault.Error
		if errors.As(err, &f) && f.Where == "" {
			err = h.site.Fault(f.What, f.Hint, "gateway", "systems", name, "profile")
		}
		if !found.Add(err) {
			found.Add(h.signable(name, s, p))
		}
	}
	return found.Err()
}

// openAsker is the way to ask a system's platform. Keys are fetched anew each time.
func (h *House) openAsker(name string, s site.GatewaySystem, p *middleplatform.Profile, intake *middleplatform.Intake) (*middleplatform.Asker, error) {
	c := h.site.Connections[s.Connection]
	o := connectors.PlatformOptions{Name: name, Transport: h.options.Platforms, Profile: p, URL: c.URL, CAFile: c.CAFile, ServerName: c.ServerName, Limit: middleplatform.Limit{Connections: c.MaxConnections, PerSecond: c.Rate}}
	var err error
	if c.Embedded != "" {
		o.Embedded, o.Keys = h.site.Path(c.Embedded), []middleplatform.Keys{simulator.TryOut}
	} else if o.Keys, err = h.allotted(c.Keys, "connections", s.Connection, "keys"); err != nil {
		return nil, err
	}
	return connectors.OpenAsker(o, intake)
}

// allotted fetches the secrets of allotted keys, which stand in the site's file where path
// leads to. Its fault tells everything that is not there.
func (h *House) allotted(list []site.AccessKey, path ...any) ([]middleplatform.Keys, error) {
	var found fault.List
	out := make([]middleplatform.Keys, len(list))
	for i, k := range list {
		keys := &out[i]
		for _, part := range []struct {
			name string
			to   *string
			from site.Secret
		}{{"key", &keys.Credentials.Key, k.Key}, {"secret", &keys.Credentials.Secret, k.Secret}, {"sm4", &keys.SM4Key, k.SM4}} {
			if part.from.IsZero() {
				continue // a platform whose bodies are not sealed
			}
			value, err := h.site.Fetch(part.from, append(slices.Clone(path), i, part.name)...)
			found.Add(err)
			*part.to = value
		}
	}
	return out, found.Err()
}

// decisions is where it is looked up what became of a case.
type decisions interface {
	ledger.CaseNumbers
	ledger.LogAt
}

// decidedIn says whether a case of a flow number was decided on, at or after a time: it was
// accepted, or finished without that, as one that is refused before or never corrected.
func decidedIn(store decisions) gateway.DecidedFunc {
	return func(ctx context.Context, _, flowNo string, since time.Time) (gateway.Decision, error) {
		counts := func(at int64) bool { return since.IsZero() || notBefore(at, since) }
		cases, err := store.CasesOfFlow(ctx, flowNo)
		if err != nil {
			return gateway.Undecided, err
		}
		if slices.ContainsFunc(cases, func(c ledger.Case) bool { return !c.Deleted && counts(c.AcceptedAt) }) {
			return gateway.Accepted, nil
		}
		results, err := store.ResultsOfFlow(ctx, flowNo)
		if err != nil {
			return gateway.Undecided, err
		}
		at, err := ledger.FinishedAt(ctx, store, results, memory.DefaultAllocator)
		if err == nil && slices.ContainsFunc(at, counts) {
			return gateway.Finished, nil
		}
		return gateway.Undecided, err
	}
}

// notBefore compares a time of a department, in Unix seconds, with a moment of ours; midnight
// of UTC+8 is taken for a bare day, as in the checks, and compared by day.
func notBefore(at int64, since time.Time) bool {
	return at >= since.Unix() || day.Within(since.Unix(), at)
}

// Gateway is the running gateway of a site.
type Gateway struct {
	Journal *gateway.Journal
	Server  *gateway.Server
	Fetcher *gateway.Fetcher
	Paths   []string
	Shut    error // why systems are there whose calls are not taken
}

// OpenGateway binds the gateway's address and opens its journal; nil where the site has none.
func (h *House) OpenGateway(ctx context.Context, store ledger.Store) (*Gateway, error) {
	conf := h.site.Gateway
	if conf == nil {
		return nil, nil
	}
	systems, origins, shut, err := h.gatewaySystems()
	if err != nil {
		return nil, err
	}
	if err := store.IndexFlows(ctx); err != nil {
		return nil, err
	}
	in := &Gateway{Shut: shut.Err()}
	if in.Journal, err = gateway.OpenJournal(ctx, conf.Journal, time.Now); err != nil {
		return nil, err
	}
	kept, err := h.Objects()
	if err != nil {
		in.Close()
		return nil, err
	}
	g, err := gateway.New(gateway.Options{Journal: in.Journal, Systems: systems, Decided: decidedIn(store), Log: h.options.Log, Now: time.Now})
	if err == nil {
		in.Paths = g.Paths()
		in.Server, err = g.Listen(gateway.ListenOptions{Address: conf.Listen, Certificate: conf.Certificate, PrivateKey: conf.PrivateKey, BehindProxy: conf.BehindProxy, Bind: h.options.Bind})
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	in.Fetcher = gateway.NewFetcher(gateway.FetchOptions{Journal: in.Journal, Systems: origins, Objects: kept, MaxFile: int64(conf.MaxFile) << 20, Log: h.options.Log, Now: time.Now})
	h.journal = in.Journal
	return in, nil
}

// Prune drops from the journal what every pipeline that reads it has brought into the ledger,
// and nothing that was called within keep.
func (h *House) Prune(ctx context.Context, in *Gateway, store ledger.Collects, keep time.Duration) error {
	reached, err := h.reached(ctx, store)
	if err != nil {
		return err
	}
	return in.Journal.Prune(ctx, time.Now().Add(-keep), reached)
}

// reached is how far the pipelines have come that read what platforms send.
func (h *House) reached(ctx context.Context, store ledger.Collects) (gateway.Reached, error) {
	reached := gateway.Reached{}
	for _, spec := range h.specs {
		if spec.From.Inbox == "" {
			continue
		}
		slots, err := store.Slots(ctx, spec.Pipeline)
		if err != nil {
			return nil, err
		}
		at := pipelines.Position("")
		if len(slots) > 0 { // an inbox has one part
			at = slots[0].Position
		}
		reached.Least(spec.From.SourceID, spec.From.Inbox, at)
	}
	return reached, nil
}

func (in *Gateway) Close() {
	_ = in.Journal.Close() // every acknowledged write is durable
}
