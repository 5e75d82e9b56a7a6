package site

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

const verifyingSite = `site: a
connections: {}
receivers: {}
verification:
  gateways:
    national: {url: "https://gw.example", rid: R1, refresh: /refresh, timeout: 5s}
  services:
    person: {gateway: national, sid: S1, app_key: {file: keys/person}, path: /p, send: {no: gmsfhm}, answer: {ok: {code: ["200"]}, match: {data.match: ["1"]}}, keep: 2h}
`

func siteOf(t *testing.T, yaml string) (*Site, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(dir)
}

func TestVerificationIsReadWithItsSecretsAsReferences(t *testing.T) {
	s, err := siteOf(t, verifyingSite)
	if err != nil {
		t.Fatal(err)
	}
	sv := s.Verification.Services["person"]
	if !filepath.IsAbs(sv.AppKey.File) || time.Duration(sv.Keep) != 2*time.Hour || time.Duration(s.Verification.Gateways["national"].Timeout) != 5*time.Second || sv.Send["no"] != "gmsfhm" {
		t.Errorf("%+v", s.Verification)
	}
}

func TestMistakesOfVerificationAreNamedWhereTheyStand(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"a literal key", "{file: keys/person}", "geheim-4711", "a secret never stands in a file"},
		{"user in the address", "https://gw.example", "https://me:geheim-4711@gw.example", "url is https://host/path"},
		{"no such gateway", "gateway: national, sid", "gateway: natonal, sid", `gateway "natonal" is not defined`},
		{"no way of secrets", ", refresh: /refresh", "", "gateway national lacks refresh"},
		{"no key", ", app_key: {file: keys/person}", "", "service person lacks app_key"},
		{"nothing is judged", `, match: {data.match: ["1"]}`, "", "does not say what makes it so"},
		{"a way of signing", "path: /p,", "path: /p, sign: hmca,", `sign "hmca" is not known`},
		{"a form of the body", "path: /p,", "path: /p, body: xml,", `body "xml" is not known`},
		{"no services", verifyingSite[strings.Index(verifyingSite, "    person:"):], "", "verification has no services"},
	} {
		yaml := strings.Replace(verifyingSite, c.old, c.new, 1)
		if yaml == verifyingSite {
			t.Fatal(c.name)
		}
		_, err := siteOf(t, yaml)
		if !fault.Is(err, fault.Config) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		said := fault.Say(err, text.EN)
		if !strings.Contains(said, c.want) || !strings.Contains(said, FileName+":") {
			t.Errorf("%s: %s", c.name, said)
		}
		for _, one := range fault.All(err) {
			if f, ok := one.(*fault.Error); strings.Contains(one.Error(), "geheim") || ok && strings.Contains(f.Line, "geheim") {
				t.Errorf("%s: the secret is told", c.name)
			}
		}
	}
}
