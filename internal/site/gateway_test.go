package site_test

import (
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/site"
)

func TestAGatewayForOtherMachinesNeedsACertificate(t *testing.T) {
	for lines, says := range map[string]string{
		"listen: 127.0.0.1:8443":                                     "",
		"listen: localhost:8443":                                     "",
		"listen: '[::1]:8443'":                                       "",
		"listen: 0.0.0.0:8443, behind_proxy: true":                   "",
		"listen: 0.0.0.0:8443":                                       "needs a certificate",
		"listen: ':8443'":                                            "needs a certificate",
		"listen: 10.0.0.5:8443, certificate: s.pem":                  "both certificate and private_key",
		"listen: 10.0.0.5, certificate: s.pem":                       "not host:port",
		"listen: 10.0.0.5:1, certificate: s.pem, private_key: s.key": "",
	} {
		_, err := site.Load(write(t, "site: t\nconnections:\n  p: {kind: platform, embedded: p.jsonl}\ngateway: {"+lines+", systems: {gjj: {connection: p}}}\n"))
		if says == "" && err != nil || says != "" && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "banjian.yaml:4:")) {
			t.Errorf("%s: got %v", lines, err)
		}
	}
}
