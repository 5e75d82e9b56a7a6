package schemas_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

var goodApplication = row{
	"flow_no": "440120250704000001", "submission": 0, "express_type": "0", "item_code": "GJJ-0101", "item_name": "提取", "item_region": "440100000000",
	"case_title": "提取", "channel": "web", "applied_at": day, "applicant_type": "1", "applicant_name": "欧阳测试", "applicant_id_type": "111", "applicant_id_no": "440308199901101512",
}

var goodCorrection = row{
	"local_no": "SL1", "correction_id": "1", "notified_at": day, "notifier": "苏宏杰", "reason": "缺一份", "material_names": []string{"身份证", "合同"},
	"material_codes": []string{"M1", "M2"}, "limit": 5, "limit_unit": "workday", "region": "440100000000",
}

var goodSpecial = row{
	"local_no": "SL1", "special_no": "1", "special_type": "other", "special_name": "专家评审", "started_at": day + 100, "approver": "苏宏杰", "reason": "依法评审",
	"content": "暂停计时", "limit": 30, "limit_unit": "workday", "region": "440100000000",
}

var goodMaterial = row{"local_no": "SL1", "material_id": "1", "material_name": "身份证", "got": true, "get_type": "paper"}

var goodApplicationMaterial = row{
	"flow_no": "440120250704000001", "submission": 0, "seq": "1", "material_code": "M1", "material_name": "身份证", "file_kind": "paper", "copy_kind": "original", "count": 1,
}

var goodNationalAccept = row{
	"project_no": "C1", "catalog_code": "442111662003", "task_code": "11440000553612461J2442111662003", "task_name": "提取", "task_version": 1, "applyer_name": "欧阳测试",
	"applyer_type": "1", "applyer_page_type": "111", "applyer_page_code": "440308199901101512", "apply_date": day, "apply_type": "1", "org_name": "中心",
	"org_code": "11440000MB2C70271K", "accept_date": day + 100, "project_type": "1",
}

var goodNationalResult = row{"project_no": "C1", "result_date": day, "result_type": "6", "is_delivery_results": "0"}

const goodUSCC, wrongUSCC = "11440000MB2C70271K", "11440000MB2C70272K"

// Each rule with a row that keeps it, one that breaks it, and one in which what it asks
// about is not there; found is what the broken row shows, the rule's id unless a check
// of a value speaks for itself.
var ruleCases = map[string]struct {
	subject    string
	base       row
	pass, fail row
	null       row
	found      string
}{
	"applicant_document": {"case/accept", goodAccept, row{"applicant_type": "2", "legal_rep": "钱", "applicant_id_type": "001", "applicant_id_no": goodUSCC},
		row{"applicant_type": "2", "legal_rep": "钱", "applicant_id_type": "001", "applicant_id_no": wrongUSCC}, row{"applicant_id_type": "113", "applicant_id_no": "7"}, "applicant_id_no check_uscc reject check_digit,N,18"},
	"contact_document": {"case/accept", goodAccept, row{"contact_id_type": "111", "contact_id_no": "440308199901101512"}, row{"contact_id_type": "111", "contact_id_no": "440308199901101513"},
		row{"contact_id_no": "440308199901101513"}, "contact_id_no check_resident_id warn check_digit,2,18"},
	"agent_document": {"case/accept", goodAccept, row{"agent_name": "钱", "agent_id_type": "001", "agent_id_no": goodUSCC}, row{"agent_name": "钱", "agent_id_type": "001", "agent_id_no": wrongUSCC},
		row{"agent_id_type": "111"}, "agent_id_no check_uscc warn check_digit,N,18"},
	"legal_person_document": {"case/accept", goodAccept, row{"applicant_type": "3", "legal_rep": "钱", "applicant_id_type": "001", "applicant_id_no": goodUSCC},
		row{"applicant_type": "3", "legal_rep": "钱"}, row{"applicant_type": "3", "legal_rep": "钱", "applicant_id_type": "990", "applicant_id_no": nil}, "applicant_id_type legal_person_document reject"},
	"legal_representative_missing": {"case/accept", with(goodAccept, row{"applicant_type": "2", "applicant_id_type": "001", "applicant_id_no": goodUSCC}), row{"legal_rep": "钱"}, row{"legal_rep": ""},
		row{"applicant_type": "9"}, "legal_rep legal_representative_missing warn"},
	"guardian_as_agent":            {"case/accept", with(goodAccept, row{"applicant_id_type": "990"}), row{"applicant_id_no": nil, "agent_name": "钱"}, row{"applicant_id_no": nil}, row{"applicant_id_no": "出生证 7"}, "agent_name guardian_as_agent warn"},
	"agent_named":                  {"case/accept", goodAccept, row{"has_agent": true, "agent_name": "钱"}, row{"has_agent": true}, row{"has_agent": false}, "agent_name agent_named warn"},
	"contact_mobile_form":          {"case/accept", goodAccept, row{"contact_mobile": "13800138000"}, row{"contact_mobile": "02088888888"}, row{"contact_mobile": nil}, "contact_mobile check_mobile warn format,,1"},
	"promise_after_accept":         {"case/accept", goodAccept, row{"promised_at": day}, row{"promised_at": day - 86400}, row{"promised_at": nil}, "promised_at promise_after_accept reject; promised_at instant_same_day warn"},
	"instant_same_day":             {"case/accept", goodAccept, row{"promised_at": day + 86399}, row{"promised_at": day + 86400}, row{"promised_at": nil}, "promised_at instant_same_day warn"},
	"joint_case_numbered":          {"case/accept", with(goodAccept, row{"handling_type": "joint"}), row{"group_no": "L1"}, row{}, row{"handling_type": "other"}, "group_no joint_case_numbered warn"},
	"promise_unit_given":           {"case/accept", goodAccept, row{"promise_limit": 5, "promise_unit": "workday"}, row{"promise_limit": 5}, row{"promise_limit": nil}, "promise_unit promise_unit_given warn"},
	"legal_person_org_code":        {"case/application", with(goodApplication, row{"applicant_type": "2", "legal_rep": "钱", "applicant_id_type": "001", "applicant_id_no": goodUSCC}), row{"org_code": goodUSCC}, row{}, row{"applicant_id_type": "990", "applicant_id_no": nil}, "org_code legal_person_org_code warn"},
	"material_count_positive":      {"case/application_material", goodApplicationMaterial, row{}, row{"count": 0}, row{}, "count material_count_positive warn"},
	"pending_step_ended":           {"case/step", goodStep, row{}, row{"ended_at": day + 200}, row{"step_state": "done", "action": "pass", "ended_at": day + 200}, "ended_at pending_step_ended warn"},
	"correction_lists_differ":      {"case/correction", goodCorrection, row{}, row{"material_codes": []string{"M1"}}, row{}, "material_codes correction_lists_differ reject"},
	"correction_limit_negative":    {"case/correction", goodCorrection, row{"limit": 0}, row{"limit": -1}, row{}, "limit correction_limit_negative reject"},
	"correction_replied_first":     {"case/correction", goodCorrection, row{"replied_at": day}, row{"replied_at": day - 1}, row{"replied_at": nil}, "replied_at correction_replied_first reject"},
	"correction_reply_time":        {"case/correction", goodCorrection, row{"outcome": "complete", "replied_at": day + 1}, row{"outcome": "complete"}, row{"outcome": nil}, "replied_at correction_reply_time warn"},
	"special_end_before_start":     {"case/special", with(goodSpecial, row{"result": "通过", "result_at": day + 300}), row{"ended_at": day + 300}, row{"ended_at": day + 99}, row{"result": nil}, "ended_at special_end_before_start reject"},
	"special_result_before_start":  {"case/special", with(goodSpecial, row{"result": "通过", "ended_at": day + 300}), row{"result_at": day + 100}, row{"result_at": day + 99}, row{"result_at": nil, "ended_at": nil, "result": nil}, "result_at special_result_before_start reject"},
	"special_ended_without_result": {"case/special", goodSpecial, row{"ended_at": day + 300, "result": "通过", "result_at": day + 300}, row{"ended_at": day + 300, "result": "通过"}, row{}, "result special_ended_without_result reject"},
	"special_result_without_end":   {"case/special", goodSpecial, row{"ended_at": day + 300, "result": "通过", "result_at": day + 300}, row{"result": "通过"}, row{}, "ended_at special_result_without_end warn"},
	"extension_limit":              {"case/special", with(goodSpecial, row{"special_type": "extend"}), row{"limit": 10}, row{"limit": 16}, row{"limit": 30, "limit_unit": "day"}, "limit extension_limit warn"},
	"special_limit_negative":       {"case/special", goodSpecial, row{"limit": 0}, row{"limit": -3}, row{}, "limit special_limit_negative reject"},
	"licence_lists_differ": {"case/result", with(goodResult, row{"result_code": "issued"}), row{"licence_name": []string{"证"}, "licence_no": []string{"粤1"}},
		row{"licence_name": []string{"证"}, "licence_no": []string{"粤1", "粤2"}}, row{"result_code": "granted"}, "licence_no licence_lists_differ warn"},
	"pickup_before_finished":         {"case/result", goodResult, row{"pickup_at": day}, row{"finished_at": day + 5, "pickup_at": day + 4}, row{"pickup_at": nil}, "pickup_at pickup_before_finished warn"},
	"pickup_document":                {"case/result", goodResult, row{"pickup_id_type": "111", "pickup_id_no": "440308199901101512"}, row{"pickup_id_type": "111", "pickup_id_no": "44"}, row{"pickup_id_type": "111"}, "pickup_id_no check_resident_id warn length,,"},
	"fee_missing":                    {"case/result", goodResult, row{"is_charged": true}, row{"is_charged": true, "fee": nil}, row{"fee": nil}, "fee fee_missing warn"},
	"owed_material_received":         {"case/material", goodMaterial, row{"got_at": day}, row{"got": false, "got_at": day}, row{"got": nil, "got_at": day}, "got_at owed_material_received warn"},
	"national_applicant_document":    {"national/up_pro_accept", goodNationalAccept, row{"applyer_page_type": "001", "applyer_page_code": goodUSCC}, row{"applyer_page_code": "44"}, row{"applyer_page_type": "113", "applyer_page_code": "7"}, "applyer_page_code check_resident_id reject length,,"},
	"national_promise_before_accept": {"national/up_pro_accept", goodNationalAccept, row{"promise_date": day + 100}, row{"promise_date": day + 99}, row{"promise_date": nil}, "promise_date national_promise_before_accept reject"},
	"national_promise_missing":       {"national/up_pro_accept", with(goodNationalAccept, row{"project_type": "2"}), row{"promise_date": day + 100}, row{}, row{"project_type": "9"}, "promise_date national_promise_missing warn"},
	"national_licence_number":        {"national/up_pro_result", with(goodNationalResult, row{"result_type": "0"}), row{"result_cetr_no": "粤1"}, row{}, row{"result_type": "6"}, "result_cetr_no national_licence_number reject"},
}

func TestEveryRecordRulePassesFailsAndKeepsStillWithoutAValue(t *testing.T) {
	cat := load(t)
	for _, r := range cat.RecordRules() {
		c, ok := ruleCases[r.ID]
		if !ok {
			t.Errorf("rule %s has no test", r.ID)
			continue
		}
		if !slices.Contains(subject(t, c.subject).Rules, r) {
			t.Errorf("rule %s is not of %s", r.ID, c.subject)
		}
		for _, part := range []struct {
			what string
			row  row
			want string
		}{{"pass", c.pass, ""}, {"fail", c.fail, c.found}, {"null", c.null, ""}} {
			if got := strings.Join(check(t, c.subject, []row{with(c.base, part.row)}), "; "); got != part.want {
				t.Errorf("%s, %s: got %q, want %q", r.ID, part.what, got, part.want)
			}
		}
	}
	if len(ruleCases) != len(cat.RecordRules()) {
		t.Errorf("%d rules have tests, there are %d", len(ruleCases), len(cat.RecordRules()))
	}
}

func TestARuleSaysItselfInBothLanguagesAndNamesItsSource(t *testing.T) {
	cat := load(t)
	for _, r := range cat.RecordRules() {
		if said := cat.RuleText(r.ID, nil); said != r.Say || said.ZH == "" || said.EN == "" || r.Source == "" || r.Demand() == "" || !strings.Contains(r.Digest(), r.ID) {
			t.Errorf("%s: %+v", r.ID, r)
		}
	}
	if got := cat.RuleText("required", nil); got != schemas.RuleText("required", nil) {
		t.Errorf("a rule of single values says %s", got.EN)
	}
}

func TestAWrongRuleIsRefusedAtItsLine(t *testing.T) {
	const said = "say: {zh: 一, en: one}, source: 一}\n"
	for name, c := range map[string]struct{ rules, says string }{
		"two demands":      {"  - {id: a, severity: warn, field: user, present: [user], check: mobile, " + said, "more than one thing"},
		"no severity":      {"  - {id: a, field: user, present: [user], " + said, "incomplete"},
		"a stranger":       {"  - {id: a, severity: warn, field: nobody, present: [user], " + said, "no field nobody"},
		"another type":     {"  - {id: a, severity: warn, field: user, order: {before: user, after: ended_at}, " + said, "of another type"},
		"an unknown check": {"  - {id: a, severity: warn, field: user, check: shoe_size, " + said, "no check shoe_size"},
		"a wild condition": {"  - {id: a, severity: warn, field: user, when: ['user =~ x'], present: [user], " + said, "cannot read"},
		"a text as truth":  {"  - {id: a, severity: warn, field: user, when: ['user == true'], present: [user], " + said, "no bool"},
		"one of two":       {"  - {id: a, severity: warn, field: user, same_day: [ended_at], " + said, "two fields"},
		"an id twice":      {strings.Repeat("  - {id: a, severity: warn, field: user, present: [user], "+said, 2), "there twice"},
	} {
		_, err := schemas.Load(fstest.MapFS{"rules/case/step.yaml": {Data: []byte("rules:\n" + c.rules)}})
		wantRefused(t, name, err, "schemas/rules/case/step.yaml:", c.says)
	}
	_, err := schemas.Load(fstest.MapFS{"rules/case/stop.yaml": {Data: []byte("rules: []\n")}})
	wantRefused(t, "no such subject", err, "schemas/rules/case/stop.yaml:", "no subject case/stop")
	_, err = schemas.Load(fstest.MapFS{"rules/case/step.yaml": {Data: []byte("blocks: [nobody]\nrules: []\n")}})
	wantRefused(t, "no such block", err, "schemas/rules/case/step.yaml:1:", "no rules/blocks/nobody.yaml")
}

func wantRefused(t *testing.T, name string, err error, where, says string) {
	t.Helper()
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != fault.Config || !strings.Contains(f.What.In(text.EN), says) || !strings.HasPrefix(f.Where, where) {
		t.Errorf("%s: %v", name, err)
	}
}
