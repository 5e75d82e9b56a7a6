package site

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"banjian/internal/text"
)

// SASLMechanisms are the ways to sign in to Kafka.
var SASLMechanisms = []string{"plain", "scram-sha-256", "scram-sha-512"}

// wrongKafka is what is wrong with what only the brokers of a Kafka have, and at which key.
func (c *Connection) wrongKafka(name string) (what text.Text, key string) {
	if c.Kind != "kafka" {
		for _, k := range []struct {
			key   string
			there bool
		}{{"brokers", len(c.Brokers) > 0}, {"sasl", c.SASL != ""}, {"registry", c.Registry != ""}, {"registry_user", c.RegistryUser != ""}, {"registry_password", !c.RegistryPassword.IsZero()}, {"group", c.Group != ""}} {
			if k.there {
				return text.F("连接 %[1]s 不是 kafka，不写 %[2]s", "connection %[1]s is no kafka: %[2]s does not belong there", name, k.key), k.key
			}
		}
		return text.Text{}, ""
	}
	if len(c.Brokers) == 0 {
		return text.F("连接 %s 缺少 brokers", "connection %s lacks brokers", name), "kind"
	}
	for _, b := range c.Brokers {
		host, port, err := net.SplitHostPort(b)
		if n, bad := strconv.Atoi(port); err != nil || bad != nil || host == "" || n < 1 || n > 65535 {
			return text.F("连接 %s 的 brokers 里 %q 不是 主机:端口", "connection %s: %q under brokers is not host:port", name, b), "brokers"
		}
	}
	switch {
	case c.SASL != "" && !slices.Contains(SASLMechanisms, c.SASL):
		return text.F("连接 %s 的 sasl %q 不认识，可用 %s", "connection %s: sasl %q is not known; there are %s", name, c.SASL, strings.Join(SASLMechanisms, ", ")), "sasl"
	case (c.SASL != "") != (c.User != "" && !c.Password.IsZero()) || (c.SASL == "") != (c.User == ""):
		return text.F("连接 %s 的 sasl、user、password 要么都写，要么都不写", "connection %s has all of sasl, user and password, or none", name), "kind"
	case c.SASL == "plain" && !c.TLS:
		return text.F("连接 %s：sasl: plain 把口令明文交给服务器，要有 tls: true", "connection %s: sasl: plain hands the password over in the clear and needs tls: true", name), "sasl"
	case !webAddress(c.Registry):
		return text.F("连接 %s 的 registry 不是网址", "connection %s: registry is no URL", name), "registry"
	case (c.RegistryUser != "") == c.RegistryPassword.IsZero() || c.RegistryUser != "" && c.Registry == "":
		return text.F("连接 %s 的 registry_user、registry_password 要么都写（并写 registry），要么都不写", "connection %s has both of registry_user and registry_password, beside registry, or none", name), "kind"
	case c.RegistryUser != "" && !strings.HasPrefix(c.Registry, "https:"):
		return text.F("连接 %s：registry_password 会明文送出，registry 要用 https", "connection %s: registry_password would go in the clear, registry needs https", name), "registry"
	}
	return text.Text{}, ""
}

// webAddress says whether s, if there is one, is a URL that can be asked.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.Contains(u.Host, "@")
}
