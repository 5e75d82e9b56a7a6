package site

import (
	"cmp"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Gateway (入口) is where middle platforms call us.
type Gateway struct {
	Listen      string                   `yaml:"listen"`       // host:port
	Certificate string                   `yaml:"certificate"`  // PEM file; with private_key, calls come over TLS
	PrivateKey  string                   `yaml:"private_key"`  // PEM file
	BehindProxy bool                     `yaml:"behind_proxy"` // a proxy in front ends TLS
	Journal     string                   `yaml:"journal"`      // what came in; default data/inbox.db
	MaxFile     int                      `yaml:"max_file"`     // MiB of a file; default 512
	Systems     map[string]GatewaySystem `yaml:"systems"`
}

// GatewaySystem is one approval system as a platform knows it: its path of ours, and the
// connection with the keys the platform allotted to it.
type GatewaySystem struct {
	Path       string      `yaml:"path"`        // before those of the interfaces; default /NAME
	Connection string      `yaml:"connection"`  // a platform: what it announced is asked for there
	Profile    string      `yaml:"profile"`     // of its messages; default sd-ywzt-2024
	PlatformID string      `yaml:"platform_id"` // which platform and environment, the source_id of its records; default: the connection's name
	Keys       []AccessKey `yaml:"keys"`        // of calls to us; default those of the connection
	Signed     bool        `yaml:"signed"`      // calls without a right signature are refused
	OnlySealed bool        `yaml:"only_sealed"` // messages that are not encrypted are refused
}

// Platform is the system's platform_id.
func (g GatewaySystem) Platform() string { return cmp.Or(g.PlatformID, g.Connection) }

// resolve makes files absolute and fills defaults.
func (g *Gateway) resolve(s *Site) {
	g.Journal = s.Path(cmp.Or(g.Journal, "data/inbox.db"))
	for _, p := range []*string{&g.Certificate, &g.PrivateKey} {
		if *p != "" {
			*p = s.Path(*p)
		}
	}
	for name, sys := range g.Systems {
		sys.Path = cmp.Or(strings.TrimRight(sys.Path, "/"), "/"+name)
		for i := range sys.Keys {
			for _, file := range []*string{&sys.Keys[i].Key.File, &sys.Keys[i].Secret.File, &sys.Keys[i].SM4.File} {
				if *file != "" {
					*file = s.Path(*file)
				}
			}
		}
		g.Systems[name] = sys
	}
}

var gatewayPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// checkGateway finds what is wrong with it in the file alone.
func (s *Site) checkGateway() error {
	g := s.Gateway
	if g == nil {
		return nil
	}
	var found fault.List
	bad := func(what, hint text.Text, key ...any) {
		found.Add(s.Fault(what, hint, append([]any{"gateway"}, key...)...))
	}
	switch host, _, err := net.SplitHostPort(g.Listen); {
	case err == nil && g.Certificate == "" && g.PrivateKey == "" && !g.BehindProxy && host != "localhost" && !net.ParseIP(host).IsLoopback():
		bad(text.F("gateway 的 listen %q 要有证书：没有证书只能监听本机地址", "listen %q of gateway needs a certificate: without one it is this machine's own address", g.Listen),
			text.T("写上 certificate 和 private_key；前面有代理负责 TLS 的写 behind_proxy: true；只试用写 127.0.0.1", "write certificate and private_key; behind_proxy: true where a proxy in front ends TLS; 127.0.0.1 to try it out"), "listen")
	case err != nil:
		bad(text.F("gateway 的 listen %q 不是 主机:端口", "listen %q of gateway is not host:port", g.Listen), text.T("例如 127.0.0.1:8443", "such as 127.0.0.1:8443"), "listen")
	}
	if (g.Certificate == "") != (g.PrivateKey == "") {
		bad(text.T("gateway 的 certificate 和 private_key 要么都写，要么都不写", "gateway has both certificate and private_key, or neither"), text.Text{}, "certificate")
	}
	if g.MaxFile < 0 {
		bad(text.T("gateway 的 max_file 是 MiB 数", "max_file of gateway is a number of MiB"), text.Text{}, "max_file")
	}
	if len(g.Systems) == 0 {
		bad(text.T("gateway 没有 systems", "gateway has no systems"), text.T("每个审批系统一项：systems: {名称: {connection: …}}", "one for each approval system: systems: {NAME: {connection: …}}"))
	}
	for _, name := range slices.Sorted(maps.Keys(g.Systems)) {
		sys := g.Systems[name]
		c, ok := s.Connections[sys.Connection]
		switch {
		case !ok:
			bad(text.F("审批系统 %s 的连接 %q 没有定义", "system %s: connection %q is not defined", name, sys.Connection),
				nearOr(sys.Connection, slices.Sorted(maps.Keys(s.Connections)), text.T("在 connections 里加上", "add it under connections")), "systems", name, "connection")
		case c.Kind != "platform":
			bad(text.F("审批系统 %s 的连接 %s 不是 platform", "system %s: connection %s is no platform", name, sys.Connection), text.T("用业务中台的连接", "take the connection of a middle platform"), "systems", name, "connection")
		}
		if !gatewayPath.MatchString(sys.Path) {
			bad(text.F("审批系统 %s 的 path %q 不是路径", "system %s: %q is no path", name, sys.Path), text.T("例如 /ywzt/gjj", "such as /ywzt/gjj"), "systems", name)
		}
		for i := range sys.Keys {
			if len(sys.Keys) > 2 || sys.Keys[i].Key.IsZero() || sys.Keys[i].Secret.IsZero() {
				bad(text.F("审批系统 %s 的 keys 是一到两组，要有 key 和 secret", "system %s: keys are one or two sets of key and secret", name), text.Text{}, "systems", name, "keys")
				break
			}
		}
	}
	return found.Err()
}
