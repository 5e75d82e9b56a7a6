package middleplatform_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/connectors/middleplatform"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/schemas"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Canonical records as a delivery hands them to a mapping: with what they inherit from
// their case.
var (
	canonicalAccept = map[string]string{
		"flow_no": "2407010000001", "item_code": "GJJ-0302", "decision": "accept", "accepted_at": "2024-07-01T01:00:00Z", "accept_user": "张三", "accept_user_no": "A01",
		"accept_region": "370102000000", "accept_region_name": "历下区", "dept_code": "11370000MB284651XX", "dept_name": "某公积金中心",
	}
	canonicalStep = map[string]string{
		"flow_no": "2407010000001", "item_code": "GJJ-0302", "case_accepted_at": "2024-07-01T01:00:00Z", "step_code": "20", "step_name": "审核", "step_state": "done",
		"action": "pass", "opinion": "同意", "user": "李四", "user_post": "科长", "dept_code": "11370000MB284651XX", "dept_name": "某公积金中心", "region": "370102000000",
		"started_at": "2024-07-01T02:00:00Z", "ended_at": "2024-07-01T03:00:00Z",
	}
	canonicalResult = map[string]string{
		"flow_no": "2407010000001", "item_code": "GJJ-0302", "case_accepted_at": "2024-07-01T01:00:00Z", "result_code": "issued", "result_text": "准予提取", "user": "王五",
		"finished_at": "2024-07-02T01:00:00Z", "dept_code": "11370000MB284651XX", "dept_name": "某公积金中心", "region": "370102000000",
		"licence_name": "提取通知书|结清证明", "licence_no": "TQ1|JQ2", "licence_valid": "长期", "licence_issuer": "某公积金中心", "fee": "12.50",
	}
)

// mapped runs a shipped mapping over canonical records.
func mapped(t *testing.T, p *middleplatform.Profile, name string, rows ...map[string]string) *mappings.Result {
	t.Helper()
	cat := catalogOf(t, p)
	data, file, err := mappings.Load("sd-ywzt-2024/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := mappings.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mappings.Compile(f, cat, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "sd-ywzt-2024/"+name || m.Subjects()[0] != "platform/sd-ywzt-2024/"+name {
		t.Errorf("%s is %s and fills %v", file, f.Name, m.Subjects())
	}
	from, _ := cat.Subject(f.From)
	fields := from.Arrow().Fields()
	for name, typ := range map[string]schemas.Type{"case_accepted_at": schemas.Time, "item_code": schemas.Text} {
		if from.Field(name) == nil {
			field := schemas.Field{Name: name, Type: typ}
			fields = append(fields, arrow.Field{Name: name, Type: field.ArrowType(), Nullable: true})
		}
	}
	rec := recordOf(t, arrow.NewSchema(fields, nil), rows...)
	prog, err := m.Bind(rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	res, err := prog.Apply(memory.DefaultAllocator, rec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(res.Release)
	return res
}

// dump is what a mapping made, as messages, and its issues.
func dump(t *testing.T, p *middleplatform.Profile, name string, res *mappings.Result) string {
	t.Helper()
	var b strings.Builder
	in := p.Interfaces[name]
	for _, o := range res.Outputs {
		for i, from := range o.Rows {
			m, err := p.Message(in, o.Record, i)
			if err != nil {
				t.Fatal(err)
			}
			written, err := middleplatform.EncodeXML(m)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%d: %s\n", from, written)
			for _, x := range p.Check(in, m) {
				fmt.Fprintf(&b, "%d: check: %s %s\n", from, x.Field, x.Rule)
			}
		}
	}
	for _, is := range res.Issues {
		fmt.Fprintf(&b, "%d: %s: %s %s %v\n", is.Row, is.Severity, is.Field, is.Rule, is.Args)
	}
	return b.String()
}

func TestDeliveryMappingsMakeTheMessagesOfThePlatform(t *testing.T) {
	p := profileOf(t)
	for name, rows := range map[string][]map[string]string{
		"accept": {
			canonicalAccept,
			with(canonicalAccept, "decision", "refuse", "accept_opinion", "不属于本中心职权范围"),
			with(canonicalAccept, "decision", "not_competent"),
			with(canonicalAccept, "flow_no", ""),
			with(canonicalAccept, "flow_no", "", "accept_region_name", ""),
			with(canonicalAccept, "secrecy", "classified"),
			with(canonicalAccept, "accept_region_name", ""),
			with(canonicalAccept, "item_code", strings.Repeat("9", 37)),
			with(canonicalAccept, "pre_at", "2024-06-30T01:00:00Z", "pre_user", "赵六", "pre_state", "pass", "pre_region", "370102000000"),
			with(canonicalAccept, "pre_opinion", "材料齐全", "pre_state", "fail"),
		},
		"course": {
			canonicalStep,
			with(canonicalStep, "step_code", "", "opinion", "", "action", "return"),
			with(canonicalStep, "opinion", "", "action", "other"),
			with(canonicalStep, "opinion", ""),
			with(canonicalStep, "step_state", "pending", "action", "", "ended_at", "", "opinion", ""),
			with(canonicalStep, "flow_no", ""),
			with(canonicalStep, "flow_no", "", "step_state", "pending"),
			with(canonicalStep, "step_code", "", "step_name", strings.Repeat("长", 101)),
			with(canonicalStep, "ended_at", "2024-07-01T01:59:59Z"),
			with(canonicalStep, "item_code", ""),
		},
		"finish": {
			canonicalResult,
			with(canonicalResult, "licence_no", ""),
			with(canonicalResult, "result_code", "done_other", "licence_no", "", "licence_name", "", "fee", ""),
			with(canonicalResult, "result_code", "withdrawn", "failure_reason", "申请人撤回"),
			with(canonicalResult, "result_code", "forwarded"),
			with(canonicalResult, "result_code", "not_accepted", "failure_reason", "不符合受理条件"),
			with(canonicalResult, "finished_at", "2024-07-01T00:59:59Z"),
			with(canonicalResult, "case_accepted_at", "", "result_code", "lapsed", "failure_reason", "逾期未补正"),
			with(canonicalResult, "fee_currency", "USD"),
			with(canonicalResult, "fee", "", "fee_currency", "CNY"),
			with(canonicalResult, "licence_valid", strings.Repeat("长", 31)),
			with(canonicalResult, "flow_no", ""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := dump(t, p, name, mapped(t, p, name, rows...))
			golden := filepath.Join("testdata", name+".messages.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%s differs (run with -update to accept): %v\n%s", golden, err, got)
			}
		})
	}
}

// Every canonical code has one of the platform, so that no code a department may
// deliver is refused for want of a mapping.
func TestEveryCanonicalCodeIsOneOfThePlatform(t *testing.T) {
	p := profileOf(t)
	cat := catalogOf(t, p)
	for _, c := range []struct {
		name, field, set, column string
		row                      map[string]string
		want                     string
	}{
		{"accept", "decision", "accept_decision", "SHOULI_YWSLZT", with(canonicalAccept, "accept_opinion", "原因"), "accept=1 not_competent=0 refuse=0"},
		{"accept", "pre_state", "pre_state", "YUSHEN_YWYSZT", canonicalAccept, "fail=0 pass=1"},
		{"course", "action", "action", "GDBSSPCL_SPHJZTDM", canonicalStep, "other=9 pass=1 return=2"},
		{"finish", "result_code", "result", "SPBANJIE_BJJGDM", with(canonicalResult, "failure_reason", "原因"),
			"deleted=3 done_other=6 forwarded=4 granted=6 issued=0 lapsed=5 not_accepted=told_by_accept refused=7 returned=1 void=2 withdrawn=3"},
	} {
		set, _ := cat.CodeSet(c.set)
		var got []string
		for _, v := range set.Codes {
			res := mapped(t, p, c.name, with(c.row, c.field, v.Code))
			to := ""
			if len(res.Outputs) > 0 && len(res.Outputs[0].Rows) > 0 {
				rec := res.Outputs[0].Record
				to = rec.Column(rec.Schema().FieldIndices(c.column)[0]).ValueStr(0)
			} else if len(res.Issues) > 0 {
				to = res.Issues[0].Rule
			}
			got = append(got, v.Code+"="+to)
		}
		if slices.Sort(got); strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v", c.set, got)
		}
	}
}

func TestMappedCaseIsTakenByThePlatform(t *testing.T) {
	p := profileOf(t)
	e := newPeer(t, "", nil)
	target := open(t, e.base, nil)
	for _, c := range []struct {
		name string
		row  map[string]string
	}{{"accept", canonicalAccept}, {"course", canonicalStep}, {"finish", canonicalResult}} {
		res := mapped(t, p, c.name, c.row)
		if len(res.Outputs) != 1 || res.Outputs[0].Record.NumRows() != 1 {
			t.Fatalf("%s: %+v", c.name, res.Issues)
		}
		is, err := target.Call(t.Context(), &pipelines.Delivery{Table: c.name, Record: res.Outputs[0].Record}, 0)
		if is != nil || err != nil {
			t.Errorf("%s: %+v, %v", c.name, is, err)
		}
	}
	if n := len(e.Effects()); n != 3 {
		t.Errorf("%d effects", n)
	}
}

func TestReceiversListTheInterfacesOfTheirProfileParentsFirst(t *testing.T) {
	for _, name := range middleplatform.Profiles() {
		p, err := middleplatform.LoadProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := pipelines.LoadProfile(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Protocol != p.Profile || r.Kind != pipelines.KindPlatform || r.Title != p.Title {
			t.Errorf("%+v", r)
		}
		for i, s := range r.Subjects {
			in := p.Interfaces[s.Interface]
			if in == nil {
				t.Errorf("%s: there is no interface %s", name, s.Interface)
				continue
			}
			waits := s.Waits || s.One.Subject != ""
			if waits != (len(in.After) > 0) || waits && i == 0 {
				t.Errorf("%s: %s waits: %t, its interface comes after %v", name, s.Subject, s.Waits, in.After)
			}
			if data, _, err := mappings.Load(s.Mapping); err != nil || !strings.Contains(string(data), "from: "+s.Subject+"\n") {
				t.Errorf("%s: %s: %v", name, s.Mapping, err)
			}
		}
		if len(r.Subjects) != len(p.Interfaces) {
			t.Errorf("%s: %d subjects for %d interfaces", name, len(r.Subjects), len(p.Interfaces))
		}
	}
}
