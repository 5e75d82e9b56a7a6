package demo

import (
	"math/rand/v2"
	"strings"
	"time"
)

// Outcomes of a row that is not simply collected and delivered.
const (
	Mended        = "mended"         // collected, the mapping put it right without a word
	Blanked       = "blanked"        // collected without one optional value, counted
	Warned        = "warned"         // collected, noted and counted
	Rejected      = "rejected"       // at collect, or at the receiver named
	Held          = "held"           // at the receiver named
	NotApplicable = "not_applicable" // at the receiver named
	Filtered      = "filtered"       // left out by the mapping's where:
)

// Dirts that are more than a changed cell.
const (
	duplicateKey  = "duplicate_key"
	missingParent = "missing_parent"
)

// dirt is one kind of mistake and its consequence: at collecting, or at receivers, or,
// where a blanked value is missed only there, both.
type dirt struct {
	name    string
	table   int
	weight  int // how often it falls, against the others
	wish    wish
	outcome string // at collecting; empty: collected without a word
	rule    string // empty: none is recorded
	field   string // canonical
	far     []far
	// spoil writes the mistake into the department's row. What it changes in the case is
	// what remains true after collecting: an optional value that is given up.
	spoil func(c *theCase, r *rand.Rand, set func(column string, value any))
}

// far is a consequence at a receiver; any other takes the row.
type far struct {
	receiver, outcome, rule string
	field                   string // of the rule, or the receiver's own
}

type setter = func(column string, value any)

var dirts = []dirt{
	{name: "full_width_id", table: tabAccept, weight: 3, wish: wish{person: true}, outcome: Mended, field: "applicant_id_no",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("zjhm", fullWidth(c.user.idNo)) }},
	{name: "full_width_mobile", table: tabAccept, weight: 3, outcome: Mended, field: "contact_mobile",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("lxdh", fullWidth(c.user.phone)) }},
	{name: "lower_case_x", table: tabAccept, weight: 2, wish: wish{person: true, idEndsX: true}, outcome: Mended, field: "applicant_id_no",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("zjhm", strings.ToLower(c.user.idNo)) }},
	{name: "blanks_around", table: tabAccept, weight: 3, outcome: Mended, field: "applicant_name",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("sqr", "  "+c.user.name+"\u3000") }},
	{name: "placeholder_text", table: tabAccept, weight: 4, outcome: Mended, field: "address",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			c.user.address = ""
			set("txdz", pick(r, []string{"无", "null", "-"}))
		}},
	{name: "bad_id_digit", table: tabAccept, weight: 2, wish: wish{person: true}, outcome: Rejected, rule: "check_resident_id", field: "applicant_id_no",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("zjhm", spoil(c.user.idNo, "0123456789X")) }},
	{name: "bad_credit_digit", table: tabAccept, weight: 1, outcome: Rejected, rule: "check_uscc", field: "dept_code",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("jgbh", mistypedBranch.code) }},
	{name: "unknown_applicant_type", table: tabAccept, weight: 1, outcome: Rejected, rule: "unmapped_code", field: "applicant_type",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqrlx", "其它") }},
	{name: "impossible_date", table: tabAccept, weight: 1, outcome: Rejected, rule: "bad_time", field: "accepted_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("slsj", "2024-02-30 09:15:00") }},
	{name: "zero_date", table: tabAccept, weight: 1, outcome: Rejected, rule: "bad_time", field: "applied_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqsj", "0000-00-00 00:00:00") }},
	{name: duplicateKey, table: tabAccept, weight: 1, outcome: Rejected, rule: "duplicate_key",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			set("blr", pick(r, clerks).name+"（补录）")
			set("gxsj", c.acceptStamp.Add(time.Second).Format(stamp))
		}},
	{name: missingParent, table: tabAccept, weight: 1},
	{name: "applied_after_accepted", table: tabAccept, weight: 1, outcome: Rejected, rule: "applied_after_accepted", field: "applied_at",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("sqsj", c.acceptedAt.AddDate(0, 0, 1).Format(stamp))
		}},
	{name: "promise_before_accept", table: tabAccept, weight: 1, wish: wish{stages: true}, outcome: Rejected, rule: "promise_after_accept",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("cnbjsj", c.acceptedAt.AddDate(0, 0, -1).Format(time.DateOnly))
		}},
	{name: "no_name", table: tabAccept, weight: 1, outcome: Rejected, rule: "required", field: "applicant_name",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqr", nil) }},
	{name: "unknown_item", table: tabAccept, weight: 1, outcome: Rejected, rule: "no_crosswalk", field: "task_code",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sxbm", "GJJ-9999") }},
	{name: "stand_in_unit", table: tabAccept, weight: 2, wish: wish{item: standInItem}, outcome: Warned, rule: "item_te_unit", field: "task_code"},
	{name: "long_remark", table: tabAccept, weight: 2, outcome: Blanked, rule: "too_long", field: "remark",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.remark = ""
			set("bz", strings.Repeat("详见纸质档案。", 160))
		}},
	{name: "landline", table: tabAccept, weight: 3, outcome: Blanked, rule: "check_mobile", field: "contact_mobile",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			c.user.phone = ""
			set("lxdh", landline(r))
		}},
	{name: "bad_zip", table: tabAccept, weight: 2, outcome: Blanked, rule: "check_zip", field: "zip_code",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			c.user.zip = ""
			set("yzbm", zipCode(r)[:5])
		}},
	{name: "unnamed_division", table: tabAccept, weight: 2, wish: wish{flow: true}, outcome: Blanked, rule: "unmapped_code", field: "accept_region_name",
		far: []far{{Platform, Rejected, "required", "SHOULI_YWSLQHMC"}},
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.branch = unnamedBranch
			set("jgbh", c.branch.code)
		}},
	{name: "unknown_channel", table: tabAccept, weight: 2, outcome: Warned, rule: "unmapped_code", field: "channel",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.channel = "other"
			set("sqqd", "其他渠道")
		}},

	{name: "step_without_action", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "required", field: "action",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("dz", nil) }},
	{name: "long_opinion", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "too_long", field: "opinion",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) {
			set("blyj", strings.Repeat("经审核情况属实同意", 230))
		}},
	{name: "step_ends_before_start", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "step_end_before_start", field: "started_at",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("kssj", c.steps[1].end.Add(time.Hour).Format(stamp))
		}},
	{name: "impossible_month", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "bad_time", field: "started_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("kssj", "2025-13-01 10:00:00") }},
	{name: "control_in_opinion", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Mended, field: "opinion",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("blyj", "\u200b"+c.steps[1].opinion+"\u0001\u0002") }},
	{name: "control_in_code", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "bad_text", field: "step_code",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("hjdm", c.steps[1].code+"\u001a") }},
	{name: "blanks_around_user", table: tabStep, weight: 3, wish: wish{stages: true}, outcome: Mended, field: "user",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("blr", " "+c.steps[1].clerk.name+" ") }},

	{name: "step_before_acceptance", table: tabStep, weight: 2, wish: wish{stages: true, flow: true}, far: []far{{National, Rejected, "step_end_before_accept", ""}},
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			s := &c.steps[1]
			s.start, s.end = c.acceptedAt.Add(-3*time.Hour), c.acceptedAt.Add(-2*time.Hour)
			set("kssj", s.start.Format(stamp))
			set("jssj", s.end.Format(stamp))
		}},

	{name: "count_in_words", table: tabMaterial, weight: 3, outcome: Blanked, rule: "bad_int", field: "get_num",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.materials[0].count = 0
			set("fs", "两份")
		}},
	{name: "material_without_name", table: tabMaterial, weight: 2, outcome: Rejected, rule: "required", field: "material_name",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("clmc", "") }},
	{name: "unknown_way", table: tabMaterial, weight: 2, outcome: Rejected, rule: "unmapped_code", field: "get_type",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqfs", "传真") }},

	{name: "finished_before_accepted", table: tabResult, weight: 2, wish: wish{result: true, stages: true},
		far: []far{{National, Rejected, "accepted_after_finished", "finished_at"}, {Platform, Rejected, "accepted_after_finished", "finished_at"}},
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("bjsj", c.acceptedAt.AddDate(0, 0, -1).Format(stamp))
		}},
	{name: "long_licence_no", table: tabResult, weight: 2, wish: wish{result: true, issued: true, flow: true, item: proofItem}, far: []far{{Platform, Rejected, "too_long", "SPBANJIE_ZJBH"}},
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.result.proofNo += "（住房公积金缴存使用证明专用编号，补打第一份，原件存第一管理部档案室）"
			set("zzbh", c.result.proofNo)
		}},
	{name: "unknown_result", table: tabResult, weight: 2, wish: wish{result: true}, outcome: Rejected, rule: "unmapped_code", field: "result_code",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("bjjg", "7") }},
	{name: "zero_finish", table: tabResult, weight: 2, wish: wish{result: true}, outcome: Rejected, rule: "bad_time", field: "finished_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("bjsj", "0000-00-00 00:00:00") }},
	{name: "bad_satisfaction", table: tabResult, weight: 2, wish: wish{result: true}, outcome: Blanked, rule: "bad_code", field: "satisfaction",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.result.satisfaction = ""
			set("myd", "0")
		}},
}
