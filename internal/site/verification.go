package site

import (
	"maps"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// Verification (核验) is where people and licences are verified while records are collected.
type Verification struct {
	Gateways map[string]SharingGateway `yaml:"gateways"`
	Services map[string]SharingService `yaml:"services"` // by the name mappings use
}

// SharingGateway (共享网关) is where services of data sharing are called.
type SharingGateway struct {
	URL         string              `yaml:"url"`
	RID         string              `yaml:"rid"`          // what it calls us
	Families    []string            `yaml:"families"`     // signers whose names the values of a call have: gjzwfwpt (default), gjgxjhpt, both, or one of schemas/signers
	InBody      bool                `yaml:"in_body"`      // the same values stand in the body, too
	Refresh     string              `yaml:"refresh"`      // path of the call that hands out secrets
	Plain       bool                `yaml:"plain"`        // secrets are asked for with the app key itself and come in plain
	SecretLasts Duration            `yaml:"secret_lasts"` // where the gateway does not say; default 30m
	Refused     map[string][]string `yaml:"refused"`      // of an answer: key, signature or time; default {code: ["401", "403"]}
	Throttled   map[string][]string `yaml:"throttled"`    // of an answer: too many calls; default {code: ["429"]}
	Timeout     Duration            `yaml:"timeout"`      // of a call; default 10s
	Connections int                 `yaml:"connections"`  // calls under way at a time; default 4
	Rate        float64             `yaml:"rate"`         // calls begun a second; default: no limit
	CAFile      string              `yaml:"ca_file"`      // PEM; default: the system's authorities
	ServerName  string              `yaml:"server_name"`  // in its certificate; default: the host of url
}

// SharingService (共享服务) is one interface of a gateway.
type SharingService struct {
	Gateway string            `yaml:"gateway"`
	SID     string            `yaml:"sid"`
	AppKey  Secret            `yaml:"app_key"`
	Path    string            `yaml:"path"`
	Sign    string            `yaml:"sign"`    // hmac (default), or secret: the secret itself stands where a signature would
	Body    string            `yaml:"body"`    // json (default), form
	Within  string            `yaml:"within"`  // the member that holds what is asked, such as biz_content; default: the body itself
	Send    map[string]string `yaml:"send"`    // what it calls the inputs of mappings
	Beside  map[string]string `yaml:"beside"`  // sent with every question
	Answer  SharingAnswer     `yaml:"answer"`  // how answers are read
	Keep    Duration          `yaml:"keep"`    // how long a yes is remembered; default 24h
	KeepNo  Duration          `yaml:"keep_no"` // the same of a no; default 1h
	Rate    float64           `yaml:"rate"`    // calls begun a second; default: as the gateway
}

// SharingAnswer says how an answer is read. Paths lead into JSON: data.result.0.status.
type SharingAnswer struct {
	OK     map[string][]string `yaml:"ok"`     // it was answered
	None   map[string][]string `yaml:"none"`   // and there is no such person or licence
	Match  map[string][]string `yaml:"match"`  // and it is so
	Values map[string]string   `yaml:"values"` // what mappings may expect of, by their name for it
}

// resolve makes the files it refers to absolute.
func (v *Verification) resolve(s *Site) {
	for name, g := range v.Gateways {
		s.absolute([]*string{&g.CAFile})
		v.Gateways[name] = g
	}
	for name, sv := range v.Services {
		s.absolute([]*string{&sv.AppKey.File})
		v.Services[name] = sv
	}
}

// checkVerification finds what is wrong with it in the file alone.
func (s *Site) checkVerification() error {
	v := s.Verification
	if v == nil {
		return nil
	}
	var found fault.List
	for _, name := range slices.Sorted(maps.Keys(v.Gateways)) {
		found.Add(s.checkSharing(name))
	}
	for _, name := range slices.Sorted(maps.Keys(v.Services)) {
		found.Add(s.checkService(name))
	}
	if len(v.Services) == 0 {
		found.Add(s.Fault(text.T("verification 没有 services", "verification has no services"), text.T("每个服务一项：services: {名称: {gateway, sid, app_key, path, answer}}", "one for each service: services: {NAME: {gateway, sid, app_key, path, answer}}"), "verification"))
	}
	return found.Err()
}

func (s *Site) checkSharing(name string) error {
	g := s.Verification.Gateways[name]
	at := func(what, hint text.Text, key ...any) error {
		return s.Fault(what, hint, append([]any{"verification", "gateways", name}, key...)...)
	}
	u, ok := remote.Address(g.URL)
	switch {
	case !ok:
		return at(text.F("网关 %s 的 url 要写成 https://主机/路径，不带用户名和参数", "gateway %s: url is https://host/path, without user and parameters", name), text.T("例如 https://gxpt.example.cn/gateway", "such as https://gxpt.example.cn/gateway"), "url")
	case g.RID == "":
		return at(text.F("网关 %s 缺少 rid", "gateway %s lacks rid", name), text.T("rid 是网关发给我们的请求者标识", "rid is what the gateway calls us"))
	case g.Refresh == "":
		return at(text.F("网关 %s 缺少 refresh", "gateway %s lacks refresh", name), text.T("refresh 是取服务密钥的路径，如 /sysapi/auth/refreshappsecret", "refresh is the path of the call that hands out secrets, such as /sysapi/auth/refreshappsecret"))
	case g.CAFile != "" && u.Scheme != "https":
		return at(text.F("网关 %s：ca_file 只用于 https", "gateway %s: ca_file is for https", name), text.Text{}, "ca_file")
	case g.Connections < 0 || g.Connections > MostFetches:
		return at(text.F("网关 %s 的 connections 应在 1 到 %d 之间", "gateway %s: connections is between 1 and %d", name, MostFetches), text.Text{}, "connections")
	case g.Rate < 0:
		return at(text.F("网关 %s 的 rate 不能为负", "gateway %s: rate cannot be negative", name), text.T("不限就不写", "leave it out for no limit"), "rate")
	}
	return nil
}

func (s *Site) checkService(name string) error {
	sv := s.Verification.Services[name]
	at := func(what, hint text.Text, key ...any) error {
		return s.Fault(what, hint, append([]any{"verification", "services", name}, key...)...)
	}
	known := slices.Sorted(maps.Keys(s.Verification.Gateways))
	var lacks []string
	for _, p := range []struct {
		key   string
		there bool
	}{{"gateway", sv.Gateway != ""}, {"sid", sv.SID != ""}, {"app_key", !sv.AppKey.IsZero()}, {"path", sv.Path != ""}, {"answer.ok", len(sv.Answer.OK) > 0}} {
		if !p.there {
			lacks = append(lacks, p.key)
		}
	}
	switch {
	case len(lacks) > 0:
		list := strings.Join(lacks, ", ")
		return at(text.F("核验服务 %s 缺少 %s", "service %s lacks %s", name, list), text.T("写 gateway、sid、app_key: {env: 变量名}、path、answer: {ok: {code: [\"200\"]}, match: {…}}", "write gateway, sid, app_key: {env: NAME}, path, answer: {ok: {code: [\"200\"]}, match: {…}}"))
	case !slices.Contains(known, sv.Gateway):
		return at(text.F("核验服务 %s 的网关 %q 没有定义", "service %s: gateway %q is not defined", name, sv.Gateway), nearOr(sv.Gateway, known, text.T("在 verification.gateways 里加上", "add it under verification.gateways")), "gateway")
	case sv.Sign != "" && sv.Sign != "hmac" && sv.Sign != "secret":
		return at(text.F("核验服务 %s 的 sign %q 不认识", "service %s: sign %q is not known", name, sv.Sign), nearOr(sv.Sign, []string{"hmac", "secret"}, text.T("用 hmac，或 secret（密钥本身作签名，联调时确定）", "take hmac, or secret, where the secret itself is the signature: joint debugging tells which")), "sign")
	case sv.Body != "" && sv.Body != "json" && sv.Body != "form":
		return at(text.F("核验服务 %s 的 body %q 不认识", "service %s: body %q is not known", name, sv.Body), nearOr(sv.Body, []string{"json", "form"}, text.T("用 json 或 form", "take json or form")), "body")
	case sv.Rate < 0:
		return at(text.F("核验服务 %s 的 rate 不能为负", "service %s: rate cannot be negative", name), text.T("不限就不写", "leave it out for no limit"), "rate")
	case len(sv.Answer.Match) == 0 && len(sv.Answer.Values) == 0 && len(sv.Answer.None) == 0:
		return at(text.F("核验服务 %s 的 answer 没有写怎样算一致", "service %s: answer does not say what makes it so", name), text.T("写 match: {路径: [值]}，或 none、values", "write match: {path: [value]}, or none, or values"), "answer")
	}
	return nil
}
