package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"banjian/connectors/sharing/simulator"
	"banjian/deploy/demo"
)

const verificationSite = `
verification:
  gateways:
    national: {url: "URL", rid: RID1, refresh: /sysapi/auth/refreshappsecret, timeout: 2s, rate: 500}
  services:
    person-id:
      gateway: national
      sid: SID1
      app_key: {env: BANJIAN_TEST_APP_KEY}
      path: /sysapi/service/SID1
      send: {name: xm, id_no: gmsfhm}
      answer: {ok: {code: ["200"]}, none: {data.found: ["0"]}, match: {data.match: ["1"]}, values: {status: data.status}}
`

// verifying is a demo site whose applicants are verified with a simulated gateway.
func verifyingSite(t *testing.T) (*world, *simulator.Gateway) {
	t.Helper()
	w := embedded(t)
	w.flags = append(w.flags, "--cases", "30", "--seed", "3")
	w.demo()
	w.attach()
	people := map[string]simulator.Person{}
	rows, err := w.source.QueryContext(t.Context(), "SELECT zjhm, sqr FROM v_gjj_accept WHERE zjlx = '身份证'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var no, name string
		if err := rows.Scan(&no, &name); err != nil {
			t.Fatal(err)
		}
		people[strings.ToUpper(strings.TrimSpace(no))] = simulator.Person{Name: strings.TrimSpace(name), Status: "正常"}
	}
	t.Setenv("BANJIAN_TEST_APP_KEY", "0123456789abcdef0123456789abcdef")
	g := simulator.New(simulator.Options{RID: "RID1", Services: map[string]simulator.Service{"SID1": {AppKey: os.Getenv("BANJIAN_TEST_APP_KEY"), Known: people}}})
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	w.append(demo.SiteFile, strings.ReplaceAll(verificationSite, "URL", server.URL))
	w.verifyIn("person-id")
	return w, g
}

func (w *world) append(name, text string) {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Fatal(err)
	}
	w.file(name, string(data)+text)
}

// verifyIn lays the shipped mapping of acceptances into the site, its applicants verified.
func (w *world) verifyIn(service string) {
	w.t.Helper()
	data, err := os.ReadFile("../../mappings/catalog/provident-fund/accept.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	const field = `check: resident_id, when: "applicant_id_type == '111'"}`
	text := strings.Replace(string(data), field, strings.TrimSuffix(field, "}")+", verify: {service: "+service+", with: {name: applicant_name, id_no: applicant_id_no}}}", 1)
	if text == string(data) {
		w.t.Fatalf("the mapping does not say %s", field)
	}
	w.file("mappings/provident-fund/accept.yaml", text)
}

// touch changes rows of people so that the next run reads them.
func (w *world) touch(n int) {
	w.t.Helper()
	if _, err := w.source.ExecContext(w.t.Context(), "UPDATE gjj_ywsl SET bz = coalesce(bz, '') || '改', gxsj = "+w.settled+" WHERE slbh IN (SELECT slbh FROM v_gjj_accept WHERE zjlx = '身份证' AND length(zjhm) = 18 ORDER BY slbh LIMIT ?)", n); err != nil {
		w.t.Fatal(err)
	}
}

func TestApplicantsAreVerifiedWhileCollectingAndHeldWhileTheGatewayIsAway(t *testing.T) {
	w, g := verifyingSite(t)
	g.Break("SID1", simulator.Out)
	w.touch(4)
	run := []string{"run", "provident-fund-accept", "--site", w.dir, "--json"}
	_, sums := w.exec(run...)
	s := sums["provident-fund-accept"]
	if s.Collected != 4 || s.Unverified < 4 || s.Rejected != 0 || s.Receivers["national"].Held != 4 {
		t.Errorf("%+v", s)
	}
	var out, errOut bytes.Buffer
	if execute(context.Background(), []string{"held", "list", "--site", w.dir, "--lang", "zh", "--rule", "waits_verification"}, &out, &errOut); strings.Count(out.String(), "核验服务 person-id 还没有给出结果，答复一致后自动上报，无需处理") < 4 {
		t.Errorf("held list:\n%s%s", &out, &errOut)
	}
	out.Reset()
	if execute(context.Background(), []string{"verification", "list", "--site", w.dir, "--pipeline", "provident-fund-accept", "--json"}, &out, &errOut); strings.Count(out.String(), `"service":"person-id"`) != int(s.Unverified) {
		t.Errorf("verification list:\n%s%s", &out, &errOut)
	}
	out.Reset()
	if execute(context.Background(), []string{"status", "--site", w.dir, "--lang", "zh"}, &out, &errOut); !strings.Contains(out.String(), fmt.Sprint("待核验 ", s.Unverified)) {
		t.Errorf("status:\n%s%s", &out, &errOut)
	}
	g.Break("SID1", simulator.Healthy)
	w.file("question.json", `{"name": "谁也不是", "id_no": "11010519491231002X"}`)
	out.Reset()
	if execute(context.Background(), []string{"verification", "ask", "person-id", "--with", filepath.Join(w.dir, "question.json"), "--site", w.dir, "--lang", "zh"}, &out, &errOut); !strings.Contains(out.String(), "查无此人") || !strings.Contains(out.String(), "data.found") {
		t.Errorf("verification ask:\n%s%s", &out, &errOut)
	}
	_, sums = w.exec(run...)
	now := sums["provident-fund-accept"]
	if now.Collected != 0 || now.Verified != s.Unverified || now.Receivers["national"].Released != 4 {
		t.Errorf("%+v", now)
	}
	if asked, _, renewed := g.Counts("SID1"); int64(asked) > s.Unverified+1 || renewed != 3 { // a secret for each process
		t.Errorf("asked %d, secrets %d", asked, renewed)
	}
}

func TestValidateNamesServicesThatAreNotDeclaredAndPreviewAsksNobody(t *testing.T) {
	w, g := verifyingSite(t)
	g.Break("SID1", simulator.Out)
	for service, wants := range map[string][]string{
		"persn-id":                          {"accept.yaml:29:", "站点没有声明核验服务 persn-id", "person-id"},
		"person-id, expect: {level: \"1\"}": {"核验服务 person-id 的答复里没有 level", "answer.values"},
	} {
		w.verifyIn(service)
		var out, errOut bytes.Buffer
		code := execute(context.Background(), []string{"validate", "--site", w.dir, "--lang", "zh"}, &out, &errOut)
		for _, want := range wants {
			if told := out.String() + errOut.String(); code == exitDone || !strings.Contains(told, want) {
				t.Errorf("%s: exit %d, no %q in\n%s", service, code, want, told)
			}
		}
	}
	w.verifyIn("person-id")
	var out, errOut bytes.Buffer
	if code := execute(context.Background(), []string{"preview", "provident-fund-accept", "--site", w.dir, "--rows", "3"}, &out, &errOut); code != exitDone {
		t.Errorf("preview exits %d\n%s", code, &errOut)
	}
	if _, refused, renewed := g.Counts("SID1"); refused+renewed != 0 {
		t.Error("a preview asked the gateway")
	}
	out.Reset()
	g.Break("SID1", simulator.Healthy)
	if execute(context.Background(), []string{"doctor", "--site", w.dir, "--lang", "zh"}, &out, &errOut); !strings.Contains(out.String(), "取到服务密钥") {
		t.Errorf("doctor:\n%s%s", &out, &errOut)
	}
}
