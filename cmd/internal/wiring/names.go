package wiring

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"banjian/connectors/kafka"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/pipelines"
)

// Pipelines is the site's pipelines: its own, and the shipped ones whose connection
// it has. Names select; none = all.
func (h *House) Pipelines(names []string) ([]pipelines.Spec, error) {
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
			return nil, h.NoPipeline(n)
		}
		list = append(list, s)
	}
	return list, nil
}

// NoPipeline says that there is none of that name, and which was meant.
func (h *House) NoPipeline(name string) error {
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

// NoPipelines says that there is nothing to do, and what would change that.
func (h *House) NoPipelines() error {
	return fault.New(fault.Config, "find pipelines", filepath.Join(h.site.Dir, site.FileName), text.T("本站点还没有管道", "this site has no pipelines yet"),
		text.T("在 connections 里写上部门的库，在 pipelines/ 里放管道文件", "define the department's database under connections and put pipeline files into pipelines/"))
}

// CheckNames refuses a pipeline whose connection or receivers the site does not have.
func (h *House) CheckNames(spec *pipelines.Spec) error {
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
			if strings.HasPrefix(spec.File, "catalog:") {
				hint = text.F("这条管道随程序带，因为站点有连接 %s 才生效：在 banjian.yaml 的 receivers 里加上 %s；不要它，就给连接换个名字，或在站点的 pipelines 里写一条同名的",
					"this pipeline ships, and counts because the site has a connection %s: add %s under receivers in banjian.yaml; if you do not want it, name the connection otherwise, or write one of this name in the site's pipelines", spec.From.Connection, r)
			}
			found.Add(spec.Fault(text.F("管道 %s 的接收方 %q 没有定义", "pipeline %s: receiver %q is not defined", spec.Pipeline, r), hint, "deliver", i))
		}
	}
	return found.Err()
}

// Check finds what is wrong with the platforms that call the site, and with the services it
// verifies with, beyond what their place in its file tells. No secret is fetched.
func (h *House) Check() error {
	var found fault.List
	found.Add(h.checkGateway())
	found.Add(h.checkSharing())
	return found.Err()
}

// CheckAllNames refuses pipelines whose connection or receivers the site does not have.
func (h *House) CheckAllNames() error {
	specs, err := h.Pipelines(nil)
	if err != nil {
		return err
	}
	var found fault.List
	for i := range specs {
		found.Add(h.CheckNames(&specs[i]))
	}
	return found.Err()
}
