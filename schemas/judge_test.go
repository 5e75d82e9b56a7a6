package schemas_test

import (
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/schemas"
)

func TestJudgementsOfItemCodes(t *testing.T) {
	for _, c := range []struct{ code, kind, verdict, en, zh string }{
		{"000104002000", "basic", "ok", "", ""},
		{"00010400200Y", "basic", "ok", "", ""},
		{"11440000006939756B2440101007000", "implementation", "ok", "", ""},
		{"11440000006940116U244010200300103", "handling", "ok", "", ""},
		{"TE440000GD030003VV2442199678000", "implementation", "warn", "TE code", "TE 临时编码"},
		{"511A0138000000-511602000000-000-115113010833722043-1-00", "local", "reject", "crosswalk needed", "对照表"},
		{"11450721MB155808114000104002000001", "unknown", "reject", "material code", "材料编码"},
		{"11450721MB155808124000104002000", "implementation", "reject", "character 18 should be 1", "第 18 位应为 1"},
		{"11450721MB155808114990104002000", "implementation", "reject", "division at character 20", "第 20 位起的行政区划"},
		{" 11450721MB155808114000104002000 ", "implementation", "reject", "valid as 11450721MB155808114000104002000", "应写作 11450721MB155808114000104002000"},
		{"11450721mb155808114000104002000", "implementation", "reject", "valid as 11450721MB155808114000104002000", "应写作"},
		{"０００１０４００２０００", "basic", "reject", "valid as 000104002000", "应写作 000104002000"},
		{"TE440000gd030003VV2442199678000", "implementation", "reject", "valid as TE440000GD030003VV2442199678000", "应写作"},
		{"0001040020", "unknown", "reject", "wrong length", "位数不对"},
		{"", "unknown", "reject", "no code", "没有编码"},
	} {
		v := schemas.JudgeItem(c.code)
		if v.Kind != c.kind || v.Verdict != c.verdict {
			t.Errorf("%q: %s %s, want %s %s", c.code, v.Kind, v.Verdict, c.kind, c.verdict)
		}
		if v.Reason.IsZero() != (c.en == "") || !strings.Contains(v.Reason.EN, c.en) || !strings.Contains(v.Reason.ZH, c.zh) {
			t.Errorf("%q: %s / %s", c.code, v.Reason.ZH, v.Reason.EN)
		}
	}
}

func TestJudgementNamesEveryBrokenSegment(t *testing.T) {
	v := schemas.JudgeItem("11450721MB15580812" + "9" + "99" + "00" + "0I002" + "00Y" + "00")
	for _, want := range []string{"check digit, character 18 should be 1", "level", "division", "item type", "main item", "00Y", "handling item"} {
		if !strings.Contains(v.Reason.EN, want) {
			t.Errorf("%q is not in %s", want, v.Reason.EN)
		}
	}
}

func TestJudgementsOfIdentityNumbers(t *testing.T) {
	for _, c := range []struct{ kind, number, verdict, en string }{
		{"resident_id", "440308199901101512", "ok", ""},
		{"resident_id", "44040119580101000x", "ok", ""},
		{"resident_id", "610104620927690", "ok", ""},
		{"resident_id", "440308199901101513", "reject", "should be 2"},
		{"resident_id", "440308 19990110 1512", "reject", "valid as 440308199901101512"},
		{"resident_id", "990426199112010074", "reject", "no province"},
		{"resident_id", "440199199001010009", "reject", "never were a division"},
		{"resident_id_form", "440199199001010009", "ok", ""},
		{"resident_id", "500154199301135886", "ok", ""},
		{"resident_id_strict", "500154199301135886", "reject", "no division at the birth"},
		{"residence_permit", "810000199408230021", "ok", ""},
		{"residence_permit", "810000199408230022", "reject", "should be 1"},
		{"passport_cn", "EA1234567", "ok", ""},
		{"passport_cn", "ea1234567", "reject", "valid as EA1234567"},
		{"hk_macao_permit", "H1234567", "reject", "H or M"},
		{"division", "440104001002", "ok", ""},
		{"division", "110103", "ok", ""},
		{"division", "440199000000", "reject", "never were a division"},
		{"division", "440104000002", "reject", "level by level"},
		{"uscc", "11440000006939756B", "ok", ""},
		{"uscc", "11511301452259996u", "reject", "valid as 11511301452259996U"},
		{"uscc", "11440000006939756b", "reject", "valid as 11440000006939756B"},
		{"uscc", "TE440000GD030003VV", "reject", "stand-in"},
		{"uscc", "083372204", "reject", "organisation code"},
		{"org_code", "00877868-5", "ok", ""},
		{"org_code", "76726532x", "reject", "valid as 76726532X"},
		{"licence_id", "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9", "ok", ""},
		{"licence_id", "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.8", "reject", "should be 9"},
	} {
		v, err := schemas.JudgeID(c.kind, c.number)
		if err != nil || v.Kind != c.kind || v.Verdict != c.verdict || !strings.Contains(v.Reason.EN, c.en) || v.Reason.IsZero() != (c.en == "") {
			t.Errorf("%s %q: %+v, %v", c.kind, c.number, v, err)
		}
	}
	if _, err := schemas.JudgeID("driving_licence", "E12345678"); !fault.Is(err, fault.Config) || !strings.Contains(fault.HintOf(err).EN, "resident_id") {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestValueChecksHaveThreeOutcomes(t *testing.T) {
	for _, c := range []struct {
		check, value string
		want         schemas.Finding
	}{
		{"resident_id", "440308199901101512", schemas.Finding{OK: true}},
		{"resident_id", "440308199901101513", schemas.Finding{Rule: "check_resident_id", Args: []string{"check_digit", "2", "18"}}},
		{"resident_id", "44030819990110", schemas.Finding{Rule: "check_resident_id", Args: []string{"length", "", ""}}},
		{"uscc", "11511301452259996u", schemas.Finding{Rule: "check_uscc", Args: []string{"alphabet", "", "18"}}},
		{"org_code", "083372204", schemas.Finding{OK: true}},
		{"mobile", "0777-6428820", schemas.Finding{Rule: "check_mobile", Args: []string{"length", "", ""}}},
		{"zip", "51000", schemas.Finding{Rule: "check_zip", Args: []string{"length", "", ""}}},
		{"email", "nobody", schemas.Finding{Rule: "check_email", Args: []string{"format", "", "1"}}},
		{"item_code", "000104002000", schemas.Finding{OK: true}},
		{"item_code", "TE440000GD030003VV2442199678000", schemas.Finding{Warn: true, Rule: "item_te_unit", Args: []string{"te_unit", "", "1"}}},
		{"item_code", "TE440000GD030003VV9442199678000", schemas.Finding{Rule: "item_code", Args: []string{"level", "", "19"}}},
		{"item_code", "11450721MB155808124000104002000", schemas.Finding{Rule: "item_code", Args: []string{"check_digit", "1", "18"}}},
	} {
		check, ok := schemas.ValueCheck(c.check)
		if !ok {
			t.Fatalf("no check %s", c.check)
		}
		got := check(c.value)
		if got.OK != c.want.OK || got.Warn != c.want.Warn || got.Rule != c.want.Rule || strings.Join(got.Args, ",") != strings.Join(c.want.Args, ",") {
			t.Errorf("%s %q: %+v, want %+v", c.check, c.value, got, c.want)
		}
	}
	if _, ok := schemas.ValueCheck("driving_licence"); ok {
		t.Error("an unknown check is found")
	}
	for _, name := range schemas.ValueChecks() {
		check, _ := schemas.ValueCheck(name)
		if f := check(""); f.OK || f.Warn {
			t.Errorf("%s accepts nothing at all", name)
		}
	}
}

func TestGoodValuesOfChecksAllocateNothing(t *testing.T) {
	check, _ := schemas.ValueCheck("resident_id")
	item, _ := schemas.ValueCheck("item_code")
	if n := testing.AllocsPerRun(100, func() { check("440308199901101512"); item("11440000006939756B2440101007000") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// rules of the engine: every id that any room may report.
const rules = `required too_long too_long_bytes not_in_charset substituted bad_code unmapped_code no_word_for_code ambiguous_code code_not_in_force code_replaced bad_time time_gap bad_int bad_decimal bad_bool bad_text bad_bytes lost_char value_too_big bad_region bad_amount too_early
	row_ragged row_quote row_too_long row_json cell_error file_reference file_size file_type file_digest file_too_large_to_send file_checksum file_empty file_broken file_too_large file_charset
	bad_message key_null duplicate_key check_resident_id check_uscc check_org_code check_licence_id check_mobile check_zip check_email
	check_division check_residence_permit check_passport check_passport_cn check_hk_macao_permit check_taiwan_permit check_hk_macao_travel check_taiwan_travel check_foreigner_permit
	item_unknown item_not_in_force item_before_list item_paused item_cancelled item_name_differs item_version_differs
	item_code item_te_unit no_crosswalk no_lookup no_lookup_then no_crosswalk_then bad_unit inexact_unit bad_form unknown_form explode_uneven
	deadline_computed deadline_open no_calendar applied_after_accepted accepted_after_finished step_end_before_start waits_parent
	restricted classified parent_not_applicable deleted_before_delivery filtered receiver_refused receiver_returned message_too_large
	not_delivered before_start waits_outcome outcome_given_up update_skipped update_not_taken delete_not_taken waits_delete
	verify_mismatch verify_none verify_differs verify_unknown waits_verification verification_failed
	waits_all waits_one not_due waits_application other_department no_route waits_route waits_round earlier_round compared told_elsewhere alias_conflict waits_earlier`

func TestEveryRuleHasASentenceInBothLanguages(t *testing.T) {
	for _, id := range strings.Fields(rules) {
		got := schemas.RuleText(id, []string{"a", "b", "c"})
		if got.ZH == id || got.EN == id || !chinese(got.ZH) || chinese(got.EN) {
			t.Errorf("%s: %s / %s", id, got.ZH, got.EN)
		}
	}
	if n := len(schemas.Rules()); n != len(strings.Fields(rules)) {
		t.Errorf("%d rules have a sentence, %d are known", n, len(strings.Fields(rules)))
	}
}

func TestSentencesAreFilledAndUnknownRulesAreTheirOwn(t *testing.T) {
	for _, c := range []struct {
		rule string
		args []string
		zh   string
	}{
		{"too_long", []string{"100", "101"}, "内容超长：最多 100 个字符，实际 101 个，请缩短或改填到合适的字段"},
		{"bad_code", []string{"channel", "fax"}, "值 fax 不在代码集 channel 中，请改为其中的代码"},
		{"check_resident_id", []string{"check_digit", "X", "18"}, "公民身份号码校验位不符：末位应为 X，多半有一位录错，请与证件核对"},
		{"check_mobile", []string{"length", "", ""}, "手机号码应为 11 位数字、以 13 至 19 开头，固定电话请填联系电话"},
		{"receiver_refused", []string{"该办件已办结 {1}"}, "接收方拒收：该办件已办结 —"},
		{"receiver_refused", []string{"duplicate"}, "接收方拒收：duplicate"},
		{"receiver_refused", []string{"duplicate", "1062"}, "接收方数据库中已有同一标识的记录（错误号 1062），请联系运维人员核对"},
		{"receiver_refused", []string{"other"}, "接收方拒收该记录，没有说明原因，请联系运维人员"},
		{"too_long", nil, "内容超长：最多 — 个字符，实际 — 个，请缩短或改填到合适的字段"},
		{"receiver_refused", []string{"check", "3819"}, "接收方数据库拒收该记录（错误号 3819），请联系运维人员"},
		{"promise_after_accept", nil, "promise_after_accept"},
	} {
		if got := schemas.RuleText(c.rule, c.args); got.ZH != c.zh {
			t.Errorf("%s: %s", c.rule, got.ZH)
		}
	}
}

// TestNoFindingLeavesAGapInItsSentence judges many broken values and looks for
// placeholders that were not filled.
func TestNoFindingLeavesAGapInItsSentence(t *testing.T) {
	values := []string{
		"", "1", "某", "440308199901101513", "440308199902301512", "T60426199101010078", "990426199112010074", "11440000006939756A",
		"1144000000693975IB", "114400A000693975XB", "TE440000GD030003VV", "083372205", "0833722a4", "1.2.156.3005.2.1.2.3.4.5",
		"1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.8", "1.2.156.3005.2.11100000MB03271699022..1.001.8",
		"1.2.156.3005.2.11100000MB03271699022.1.1.1.8", "1.2.156.3005.2.", "a@b", "12800000000", "51000a",
		"11450721MB155808124000104002000", "11450721MB155808110000104002000", "1145072AMB155808114000104002000",
		"11450721MB15580811400010400I000", "11450721MB15580811400010400200Y", "11450721MB15580811400010400200000",
		"511A0138000000-511602000000-000-115113010833722043-1-00", "11450721MB155808114000104002000001",
	}
	for _, name := range schemas.ValueChecks() {
		check, _ := schemas.ValueCheck(name)
		for _, v := range values {
			f := check(v)
			if f.OK {
				continue
			}
			got := schemas.RuleText(f.Rule, f.Args)
			for _, s := range []string{got.ZH, got.EN} {
				if s == "" || strings.ContainsAny(s, "{}") || strings.Contains(s, "  ") || strings.Contains(s, "第  位") || v != "" && len(v) > 4 && strings.Contains(s, v) {
					t.Errorf("%s %q (%v): %s", name, v, f.Args, s)
				}
			}
		}
	}
}

func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF })
}
