package main

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors"
	"banjian/connectors/kafka"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/connectors/sqlview"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/ledger"
	"banjian/ledger/sqlite"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/pipelines/precedence"
	"banjian/pipelines/routing"
	"banjian/schemas"
)

// house is a site with its rooms joined: this file alone knows them all.
type house struct {
	site     *site.Site
	schemas  *schemas.Catalog
	specs    []pipelines.Spec
	partial  bool                               // specs lacks some that are wrong
	profiles map[string]*pipelines.Profile      // by receiver
	messages map[string]*middleplatform.Profile // by protocol
	zone     *time.Location
	guard    *sqlview.Guard
	said     map[string]*mappings.Mapping // by name, for the sentences of their rules
	files    files
	journal  *gateway.Journal  // of the gateway that runs in this process; nil = none does
	routes   *routing.Live     // whose what a platform sends is
	ranks    *precedence.Table // which of several systems counts; nil: no two report the same cases
	log      *slog.Logger      // nil: nobody reads it
	reach    reach

	verifying verifying
}

// reach is how a site reaches platforms and is reached by them; its zero is the network.
type reach struct {
	platforms http.RoundTripper
	bind      func(network, address string) (net.Listener, error)
}

// build reads everything a site is made of; nothing is connected. With an error, which
// tells all mistakes of all files, it gives the house of what is whole, without schemas
// if these are wrong.
func build(s *site.Site) (*house, error) {
	h := &house{site: s, profiles: map[string]*pipelines.Profile{}, guard: sqlview.NewGuard(), said: map[string]*mappings.Mapping{}}
	var found fault.List
	var err error
	if h.zone, err = sqldialect.ZoneOf(s.Zone); err != nil { // told by the site
		h.zone = time.FixedZone("+08:00", 8*3600)
	}
	h.schemas, err = schemas.Load(h.folder("schemas")...)
	found.Add(err)
	h.specs, err = pipelines.LoadSpecs(s.Folder("pipelines"))
	h.partial = found.Add(err)
	found.Add(h.readReceivers())
	found.Add(h.readPrecedence())
	h.routes, err = routing.Open(os.DirFS(s.Dir), slices.Sorted(maps.Keys(s.Receivers)), h.zone)
	found.Add(err)
	return h, found.Err()
}

// pipelinesOf is the site's pipelines: its own, and the shipped ones whose connection
// it has. Names select; none = all.
func (h *house) pipelinesOf(names []string) ([]pipelines.Spec, error) {
	byName := map[string]pipelines.Spec{}
	var all []pipelines.Spec
	for _, s := range h.specs {
		byName[s.Pipeline] = s
		if _, ok := h.site.Connections[s.From.Connection]; ok || !strings.HasPrefix(s.File, "catalog:") {
			all = append(all, s)
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	var list []pipelines.Spec
	for _, n := range names {
		s, ok := byName[n]
		if !ok {
			return nil, h.noPipeline(n)
		}
		list = append(list, s)
	}
	return list, nil
}

// noPipeline says that there is none of that name, and which was meant.
func (h *house) noPipeline(name string) error {
	var known []string
	for _, s := range h.specs {
		known = append(known, s.Pipeline)
	}
	hint := nearest.Hint(name, known)
	if hint.IsZero() {
		hint = text.T("banjian validate 列出本站点的管道", "banjian validate lists the pipelines of this site")
	}
	return fault.New(fault.Config, "find pipeline", name, text.T("没有这个管道", "there is no such pipeline"), hint)
}

// noPipelines says that there is nothing to do, and what would change that.
func (h *house) noPipelines() error {
	return fault.New(fault.Config, "find pipelines", filepath.Join(h.site.Dir, site.FileName), text.T("本站点还没有管道", "this site has no pipelines yet"),
		text.T("在 connections 里写上部门的库，在 pipelines/ 里放管道文件", "define the department's database under connections and put pipeline files into pipelines/"))
}

// mapping compiles a mapping by name; from is nil for a department's view.
func (h *house) mapping(name string, from *schemas.Subject) (*mappings.Mapping, error) {
	return h.mappingIn(h.schemas, name, from)
}

// mappingIn compiles against the catalog of a receiver, which counts widths its own way.
func (h *house) mappingIn(cat *schemas.Catalog, name string, from *schemas.Subject) (*mappings.Mapping, error) {
	data, path, err := mappings.Load(name, h.folder("mappings")...)
	if err != nil {
		return nil, err
	}
	return mappings.Read(path, data, cat, from)
}

// named refuses a pipeline whose connection or receivers the site does not have.
func (h *house) named(spec *pipelines.Spec) error {
	var found fault.List
	conn, ok := h.site.Connections[spec.From.Connection]
	if ok && (conn.Kind == "platform") != (spec.From.Inbox != "") {
		found.Add(spec.Fault(text.F("管道 %s 与连接 %s 对不上：inbox 用 platform 连接，别的不用", "pipeline %s and connection %s do not go together: inbox takes a platform, nothing else does", spec.Pipeline, spec.From.Connection),
			text.T("改 connection 或 inbox", "change connection or inbox"), "from", "connection"))
	}
	if ok && conn.Drop() != (spec.From.Files != "") {
		found.Add(spec.Fault(text.F("管道 %s 与连接 %s 对不上：files 用 folder 或 sftp 连接，视图用数据库连接", "pipeline %s and connection %s do not go together: files take a folder or an sftp, views a database", spec.Pipeline, spec.From.Connection),
			text.T("改 connection，或改读 files、view", "change connection, or read files or a view instead"), "from", "connection"))
	}
	if !ok {
		hint := nearest.Hint(spec.From.Connection, slices.Sorted(maps.Keys(h.site.Connections)))
		if hint.IsZero() {
			hint = text.T("在 banjian.yaml 的 connections 里加上", "add it under connections in banjian.yaml")
		}
		found.Add(spec.Fault(text.F("管道 %s 的连接 %q 没有定义", "pipeline %s: connection %q is not defined", spec.Pipeline, spec.From.Connection), hint, "from", "connection"))
	}
	if c, ok := h.site.Connections[spec.From.Connection]; ok && (c.Kind == "kafka") != spec.Stream() {
		found.Add(spec.Fault(text.F("管道 %s 与连接 %s 对不上：kafka 连接读 topic，别的连接读视图", "pipeline %s does not go with connection %s: a kafka connection is read by topic, others by view", spec.Pipeline, spec.From.Connection),
			text.T("换一个连接，或改写 topic 与 view", "take another connection, or change topic and view"), "from", "connection"))
	}
	if spec.From.Format == kafka.Avro && ok && conn.Kind == "kafka" && conn.Registry == "" {
		found.Add(spec.Fault(text.F("管道 %s 读 Avro，连接 %s 没有写注册中心", "pipeline %s reads Avro, and connection %s names no registry", spec.Pipeline, spec.From.Connection),
			text.T("在该连接里写 registry: https://…；消息的模式从那里取", "write registry: https://… into that connection: the schemas of messages come from there"), "from", "format"))
	}
	for i, r := range spec.Deliver {
		if _, ok := h.site.Receivers[r]; !ok {
			hint := nearest.Hint(r, slices.Sorted(maps.Keys(h.site.Receivers)))
			if hint.IsZero() {
				hint = text.T("在 banjian.yaml 的 receivers 里加上，或从 deliver 里去掉", "add it under receivers in banjian.yaml, or drop it from deliver")
			}
			found.Add(spec.Fault(text.F("管道 %s 的接收方 %q 没有定义", "pipeline %s: receiver %q is not defined", spec.Pipeline, r), hint, "deliver", i))
		}
	}
	return found.Err()
}

// collectPlan joins a pipeline's view, mapping and keys.
func (h *house) collectPlan(spec pipelines.Spec) (*jobs.CollectPlan, error) {
	if err := h.named(&spec); err != nil {
		return nil, err
	}
	m, err := h.mapping(spec.Mapping, nil)
	if err != nil {
		return nil, err
	}
	if err := spec.CheckNumbering(); err != nil {
		return nil, err
	}
	stage := &mappingStage{mapping: m, alloc: memory.DefaultAllocator, left: &leftOut{}}
	plan := &jobs.CollectPlan{Spec: spec, Primary: m.Subjects()[0], Keys: map[string][]string{}, Mapping: m.Version(), Stage: stage, Fuse: ledger.ChangeFuse{Max: spec.Changes.Most()}}
	if err := h.verifies(plan, stage, m); err != nil {
		return nil, err
	}
	if err := h.nameRows(&spec, m); err != nil {
		return nil, err
	}
	for i, name := range m.Subjects() {
		subject, _ := h.schemas.Subject(name)
		plan.Keys[name] = subject.Key
		if i == 0 {
			plan.Keys[name] = spec.From.Key
		}
	}
	sourceKey, err := m.KeyColumns(plan.Primary, spec.From.Key)
	if err != nil {
		return nil, spec.Fault(text.F("管道 %s 的 key 里有映射 %s 没有的字段：%s", "pipeline %s: key has a field that mapping %s does not fill: %s", spec.Pipeline, spec.Mapping, strings.Join(unmapped(m, spec.From.Key), ", ")), fault.HintOf(err), "from", "key")
	}
	if spec.From.Absent == pipelines.AbsentDelete && m.Repeats(plan.Primary) {
		return nil, spec.Fault(text.F("管道 %s：映射 %s 一行可成多条 %s，消失的行说不清是哪几条，不能 absent: delete", "pipeline %s: mapping %s may make several %s of a row, so absence does not tell which of them is gone: absent: delete does not go with it", spec.Pipeline, spec.Mapping, plan.Primary),
			text.T("用 absent: keep，或让视图一行只出一条主记录", "use absent: keep, or let a row of the view make one record of the first subject"), "from", "absent")
	}
	plan.KeyOf = func(in arrow.Record) (arrow.Record, error) { return stage.keys(in, spec.From.Key) }
	plan.Fresh = func() (pipelines.Stage, func(arrow.Record) (arrow.Record, error), error) {
		m, err := h.mapping(spec.Mapping, nil)
		if err != nil {
			return nil, nil, err
		}
		one := &mappingStage{mapping: m, alloc: memory.DefaultAllocator, left: stage.left, verifier: stage.verifier}
		return one, func(in arrow.Record) (arrow.Record, error) { return one.keys(in, spec.From.Key) }, nil
	}
	if err := readColumns(&spec, readBy(&spec, m)); err != nil {
		return nil, err
	}
	if err := h.withFiles(plan, m); err != nil {
		return nil, err
	}
	most, ratio, few, err := spec.Deletes.Bounds()
	if err != nil {
		return nil, err
	}
	plan.Deletes, plan.Zone = ledger.DeleteFuse{Max: most, Ratio: ratio, Few: few}, h.zone
	if spec.Stream() {
		return plan, h.readTopic(plan, m, sourceKey)
	}
	if spec.From.Inbox != "" {
		return plan, h.readInbox(plan, m)
	}
	opts, err := h.sourceOptions(plan.Spec, m, sourceKey)
	if err != nil {
		return nil, err
	}
	plan.Open = func(ctx context.Context, at pipelines.Position) (pipelines.Source, error) {
		o := opts
		o.Placed, o.From.Mode, o.Keep = plan.Placed, plan.Spec.From.Mode, h.keeper(plan)
		return connectors.OpenSource(ctx, o, at)
	}
	return plan, nil
}

// readColumns refuses words about columns that are not read.
func readColumns(spec *pipelines.Spec, read []string) error {
	for _, name := range slices.Sorted(maps.Keys(spec.From.Columns)) {
		if !slices.Contains(read, name) {
			return spec.Fault(text.F("管道 %s 的 columns 里有映射 %s 不读的列：%s", "pipeline %s: columns has one that mapping %s does not read: %s", spec.Pipeline, spec.Mapping, name), nearest.Hint(name, read), "from", "columns", name)
		}
	}
	return nil
}

// withMark is columns with the one that marks deleted rows, which a mapping need not read.
func withMark(columns []string, d *pipelines.SoftDelete) []string {
	if d == nil || slices.Contains(columns, d.Column) {
		return columns
	}
	return append(columns, d.Column)
}

// readBy is the source columns that a pipeline reads: those of its mapping, the one that
// marks deleted rows, what names rows that are marked as taken, and what rows say of their
// files.
func readBy(spec *pipelines.Spec, m *mappings.Mapping) []string {
	columns := withMark(m.Columns(), spec.From.Deleted)
	for _, c := range append(spec.From.Flag.Columns(), spec.Attachments.Columns()...) {
		if !slices.Contains(columns, c) {
			columns = append(columns[:len(columns):len(columns)], c)
		}
	}
	return columns
}

// unmapped is the key fields that the first subject of a mapping has no column for.
func unmapped(m *mappings.Mapping, key []string) []string {
	var out []string
	for _, name := range key {
		if _, err := m.KeyColumns(m.Subjects()[0], []string{name}); err != nil {
			out = append(out, name)
		}
	}
	return out
}

// database is a connection of the site as the dialects take it. Secrets are fetched
// when the database is dialled, not before.
func (h *house) database(name string, c site.Connection) (sqldialect.Config, error) {
	if !c.DSN.IsZero() {
		dsn, err := c.DSN.Value()
		if err != nil {
			return sqldialect.Config{}, err
		}
		cfg, err := sqldialect.ParseDSN(dsn)
		cfg.Name, cfg.Zone = name, h.site.Zone
		return cfg, err
	}
	cfg := sqldialect.Config{Name: name, Kind: c.Kind, Host: c.Host, Port: c.Port, User: c.User, Database: c.Database, Zone: h.site.Zone,
		TLS: c.TLS, CAFile: c.CAFile, ServerName: c.ServerName}
	if c.Kind == "sqlite" {
		cfg.Path = h.site.Path(c.Path)
	}
	cfg.Password = func(context.Context) (string, error) { return c.Password.Value() }
	return cfg, nil
}

// openLedger opens the site's ledger, creating its folder.
func (h *house) openLedger(ctx context.Context) (ledger.Store, error) {
	path := h.site.Path(h.site.Ledger.Path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Config, "open ledger", path, text.T("建不了台账文件夹", "cannot create the ledger's folder"), text.Text{})
	}
	return sqlite.Open(ctx, path)
}
