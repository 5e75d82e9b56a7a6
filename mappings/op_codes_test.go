package mappings

import "testing"

func TestCodesAreNeverPassedThrough(t *testing.T) {
	runOps(t, []opCase{
		{"member", `kind: {from: v, codes: kind}`, "1", "1"},
		{"no member", `kind: {from: v, codes: kind}`, "7", "reject bad_code [kind 7]"},
		{"no member, unsaid", `kind: v`, "7", "reject bad_code [kind 7]"},
		{"no member, blank", `kind: {from: v, else: blank}`, "7", "NULL + blank bad_code [kind 7]"},
		{"mapped", `kind: {from: v, codes: kind, map: {个人: "1", 单位: "2"}}`, "单位", "2"},
		{"unmapped", `kind: {from: v, codes: kind, map: {个人: "1"}}`, "单位", "reject unmapped_code [kind 单位]"},
		{"a code is not its own mapping", `kind: {from: v, map: {个人: "1"}}`, "1", "reject unmapped_code [kind 1]"},
		{"unmapped, blank", `kind: {from: v, map: {个人: "1"}, else: blank}`, "x", "NULL + blank unmapped_code [kind x]"},
		{"unmapped, const", `kind: {from: v, map: {个人: "1"}, else: {const: "2"}}`, "x", "2 + warn unmapped_code [kind x]"},
		{"NULL is not unmapped", `kind: {from: v, map: {个人: "1"}}`, null, "NULL"},
		{"mapped to nothing", `kind: {from: v, map: {未知: null, 个人: "1"}}`, "未知", "NULL"},
		{"a personal value is not shown", `id_no: {from: v, map: {a: b}}`, "440", "reject unmapped_code [id_no ***]"},
	})
}

func TestACodeMayBecomeItsName(t *testing.T) {
	runOps(t, []opCase{
		{"of a set", `note: {from: v, name_of: kind}`, "1", "一"},
		{"no member", `note: {from: v, name_of: kind}`, "7", "reject bad_code [kind 7]"},
		{"no member, blank", `note: {from: v, name_of: kind, else: blank}`, "7", "NULL + blank bad_code [kind 7]"},
		{"a division with those above it", `note: {from: v, name_of: region}`, "440103000000", "广东省广州市荔湾区"},
		{"six digits", `note: {from: v, name_of: region}`, "370100", "山东省济南市"},
		{"a township has its county's", `note: {from: v, name_of: region}`, "440103001000", "广东省广州市荔湾区"},
		{"one that was abolished", `note: {from: v, name_of: region}`, "370124", "山东省济南市平阴县"},
		{"never a division", `note: {from: v, name_of: region}`, "990103000000", "reject bad_code [region 990103000000]"},
		{"NULL", `note: {from: v, name_of: region}`, null, "NULL"},
	})
}

func TestEachOfSeveralValuesIsMapped(t *testing.T) {
	each := `note: {from: v, map_each: {at: ",", map: {"5": "6", "6": "5", "9": "6", x: null}}}`
	runOps(t, []opCase{
		{"each", each, "5,6", "6,5"},
		{"the same code once", each, "9,5", "6"},
		{"one to nothing", each, "x, 6", "5"},
		{"all to nothing", each, "x", "NULL"},
		{"one not listed", each, "5,7", "reject unmapped_code [note 7]"},
		{"NULL", each, null, "NULL"},
	})
}

func TestItemCodeLooksUpTheCrosswalk(t *testing.T) {
	runOps(t, []opCase{
		{"task code", `task_code: {item_code: {from: v, crosswalk: test/items}}`, "A1", "11440000MB2C70271K4442117010000"},
		{"named like the field", `item_name: {item_code: {from: v, crosswalk: test/items}}`, "A2", "事项乙"},
		{"take", `note: {item_code: {from: v, crosswalk: test/items, take: item_name}}`, "A1", "事项甲"},
		{"operations follow", `note: {item_code: {from: v, crosswalk: test/items, take: item_name}, replace: {事项甲: 甲}}`, "A1", "甲"},
		{"no row", `task_code: {item_code: {from: v, crosswalk: test/items}}`, "A3", "reject no_crosswalk [test/items]"},
		{"no row, blank", `task_code: {item_code: {from: v, crosswalk: test/items}, else: blank}`, "A3", "NULL + blank no_crosswalk [test/items]"},
		{"the code is checked", `task_code: {item_code: {from: v, crosswalk: test/items}}`, "A2", "reject item_code [length  ]"},
	})
}

func TestCheckKeepsTheValue(t *testing.T) {
	runOps(t, []opCase{
		{"good", `id_no: {from: v, check: zip}`, "510000", "510000"},
		{"bad", `id_no: {from: v, check: zip}`, "51000", "reject check_zip [length  ]"},
		{"bad, blank", `id_no: {from: v, check: zip, else: blank}`, "51000", "NULL + blank check_zip [length  ]"},
	})
}
